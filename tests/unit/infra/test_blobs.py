"""The blob folder: content-addressed, durable, clear about a full disk."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from pathlib import Path

import pytest

from infra.files.blobs import BlobStore
from infra.files.errors import BlobDamaged, BlobMissing
from ingest.errors import DiskFull


def test_put_get_delete(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path / "blobs")
    sha256 = blobs.put(b"contract")
    assert sha256 == hashlib.sha256(b"contract").hexdigest()
    assert blobs.get(sha256) == b"contract"
    assert blobs.path(sha256).relative_to(tmp_path / "blobs").parts == (sha256[:2], sha256[2:4], sha256)
    blobs.delete(sha256)
    blobs.delete(sha256)
    with pytest.raises(BlobMissing, match="delete the document and ingest it again"):
        blobs.get(sha256)


def test_put_again_leaves_the_file_alone(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    path = blobs.path(blobs.put(b"same"))
    before = path.stat()
    assert blobs.put(b"same") == path.name
    assert path.stat().st_ino == before.st_ino
    assert list(blobs.hashes()) == [path.name]


def test_only_the_owner_can_read(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path / "blobs")
    path = blobs.path(blobs.put(b"secret"))
    assert path.stat().st_mode & 0o077 == 0
    assert all(folder.stat().st_mode & 0o077 == 0 for folder in (path.parent, path.parent.parent, tmp_path / "blobs"))


def test_damage_is_noticed(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    path = blobs.path(blobs.put(b"as signed"))
    path.write_bytes(b"as forged")
    with pytest.raises(BlobDamaged):
        blobs.get(path.name)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "a" * 63])
def test_only_hashes_are_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        BlobStore(tmp_path).get(name)


def test_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sync fails as it does on a full disk: the caller hears so, and no half file stays."""

    def no_room(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    blobs = BlobStore(tmp_path)
    folder = blobs.path(hashlib.sha256(b"big").hexdigest()).parent
    folder.mkdir(parents=True)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_room)
        with pytest.raises(DiskFull, match="Free some space"):
            blobs.put(b"big")
    assert list(folder.iterdir()) == []
    assert blobs.get(blobs.put(b"big")) == b"big"


def test_leftovers_of_a_kill_are_discarded(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    path = blobs.path(blobs.put(b"whole"))
    half, being_written = path.parent / ".new-half", path.parent / ".new-now"
    for file in (half, being_written):
        file.write_bytes(b"ha")
    os.utime(half, (time.time() - 7200,) * 2)
    assert list(blobs.hashes()) == [path.name]
    blobs.discard_unfinished()
    assert {p.name for p in path.parent.iterdir()} == {path.name, being_written.name}
