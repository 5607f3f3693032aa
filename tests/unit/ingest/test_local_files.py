"""Files of this machine: found without links out of the folder, and read through none that was put there later."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.errors import FileTooLarge, UnreadableFile
from ingest.local_files import MOST_DEEP, SourceFile, read_file, source_files


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "a").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "root" / "a" / "x.txt").write_text("inside")
    (tmp_path / "outside" / "x.txt").write_text("secret")
    return tmp_path / "root"


def test_a_file_that_was_swapped_for_a_link_is_not_read(root: Path) -> None:
    (file,) = source_files([root])
    assert read_file(file) == b"inside"
    (root / "a" / "x.txt").unlink()
    (root / "a" / "x.txt").symlink_to(root.parent / "outside" / "x.txt")
    with pytest.raises(UnreadableFile, match="link"):
        read_file(file)


@pytest.mark.parametrize("swapped", ["root/a", "root"])
def test_a_folder_that_was_swapped_for_a_link_is_not_gone_through(root: Path, swapped: str) -> None:
    (file,) = source_files([root])
    folder, outside = root.parent / swapped, root.parent / "outside"
    folder.rename(root.parent / "away")
    (outside / "a").mkdir()
    (outside / "a" / "x.txt").write_text("secret")
    folder.symlink_to(outside)
    with pytest.raises(UnreadableFile, match="link"):
        read_file(file)


def test_a_file_that_is_named_may_be_a_link_and_so_may_one_that_stays_inside(root: Path) -> None:
    (root.parent / "named.txt").symlink_to(root.parent / "outside" / "x.txt")
    assert [read_file(file) for file in source_files([root.parent / "named.txt"])] == [b"secret"]
    (root / "also.txt").symlink_to(root / "a" / "x.txt")
    (root / "round.txt").symlink_to(root / "round.txt")
    found = source_files([root], prefix="r")
    assert [(file.source, read_file(file)) for file in found] == [("r/a/x.txt", b"inside"), ("r/also.txt", b"inside")]


def test_what_is_nested_too_deeply_is_told_and_the_rest_is_read(root: Path) -> None:
    deep = os.open(root, os.O_RDONLY)
    for _ in range(MOST_DEEP + 2):
        os.mkdir("d", dir_fd=deep)
        inner = os.open("d", os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = inner
    os.close(deep)
    good, bad = source_files([root])
    assert read_file(good) == b"inside"
    with pytest.raises(UnreadableFile, match=f"more than {MOST_DEEP} folders deep"):
        read_file(bad)


def test_a_folder_that_cannot_be_listed_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "b").mkdir()
    shut = (root / "b").stat().st_ino
    scandir = os.scandir

    def refused(folder: int) -> object:
        if os.fstat(folder).st_ino == shut:
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refused)
    _, bad = source_files([root])
    with pytest.raises(UnreadableFile, match="b cannot be listed: Permission denied"):
        read_file(bad)
    (root / "b").rmdir()
    shut = root.stat().st_ino
    with pytest.raises(UnreadableFile, match="root cannot be listed"):
        source_files([root])


def test_a_file_that_is_too_large_is_not_read(root: Path) -> None:
    with pytest.raises(FileTooLarge):
        read_file(SourceFile(root / "a" / "x.txt", "x"), most=5)
