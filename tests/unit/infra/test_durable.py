"""A file is put in its place whole, or what was there stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.files.durable import replacing


@pytest.mark.parametrize("staged", [None, "b.tmp"])
def test_the_old_content_stays_until_the_new_is_whole(tmp_path: Path, staged: str | None) -> None:
    path, beside = tmp_path / "a", tmp_path / staged if staged else None
    path.write_bytes(b"old")
    if beside:
        beside.write_bytes(b"left by a kill, and longer")
    with replacing(path, beside) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("staged", [None, "b.tmp"])
def test_a_failure_leaves_nothing_but_the_old_content(tmp_path: Path, staged: str | None) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail() -> None:
        with replacing(path, tmp_path / staged if staged else None) as file:
            file.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [path]
