"""Files on their way to and from the service."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from footnote.client import ChangedMeanwhile, File
from footnote.client.files import OpenedLater, content, named


def test_a_folder_is_its_files_by_name_without_hidden_ones(tmp_path: Path) -> None:
    top = tmp_path / "contracts"
    for name in ("b.txt", "2024/a.txt", ".hidden", ".git/config"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(name)
    single = tmp_path / "single.txt"
    single.write_text("one")
    assert [name for name, _ in named([top, str(single), ("x/y.txt", b"y")])] == [
        "contracts/2024/a.txt", "contracts/b.txt", "single.txt", "x/y.txt",
    ]  # fmt: skip
    assert named(str(single)) == named(single) == named((single,)) == [("single.txt", single)]
    assert named(("a.txt", b"a")) == [("a.txt", b"a")]
    with pytest.raises(FileNotFoundError):
        named(tmp_path / "nowhere")


def test_a_thousand_files_are_not_open_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"0123456789")
    opened = content(tmp_path / "a.bin")
    assert isinstance(opened, OpenedLater)
    assert opened.seek(0, os.SEEK_END) == 10
    assert opened._file is None
    opened.seek(0)
    assert [opened.read(4), opened.read(4), opened.read(4), opened.read(4)] == [b"0123", b"4567", b"89", b""]
    assert opened._file is None
    opened.seek(0)
    assert opened.read() == b"0123456789"


def test_of_a_folder_nothing_is_sent_that_lies_outside(tmp_path: Path) -> None:
    top = tmp_path / "contracts"
    top.mkdir()
    (tmp_path / "outside.txt").write_text("secret")
    (top / "a.txt").write_text("a")
    (top / "again.txt").symlink_to(top / "a.txt")
    (top / "link.txt").symlink_to(tmp_path / "outside.txt")
    assert [name for name, _ in named(top)] == ["contracts/a.txt", "contracts/again.txt"]


def test_a_file_that_changes_while_it_is_sent_is_sent_as_long_as_was_told_or_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"0123456789")
    opened = OpenedLater(path)
    path.write_bytes(b"0123456789and more")
    assert (opened.read(6), opened.read(), opened.read()) == (b"012345", b"6789", b"")
    path.write_bytes(b"0123")
    opened.seek(0)
    assert opened.read(6) == b"0123"
    with pytest.raises(ChangedMeanwhile, match="shorter"):
        opened.read(6)


@pytest.mark.parametrize(
    ("name", "saved"),
    [("lease.txt", "lease.txt"), ("../../etc/x", "x"), ("C:\\a\\b.txt", "b.txt"), ("", "original"), ("..", "original")],
)
def test_a_file_is_saved_in_the_folder_and_nowhere_else(tmp_path: Path, name: str, saved: str) -> None:
    path = File(name, "text/plain", b"words").save(tmp_path)
    assert path == tmp_path / saved
    assert path.read_bytes() == b"words"
