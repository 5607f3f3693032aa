"""A folder of immutable files named by the SHA-256 of their content."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from infra.files.durable import UNFINISHED, make_folder, write_durably
from infra.files.errors import BlobDamaged, BlobMissing

_REPAIR = "Restore it from a backup, or delete the document and ingest it again."
_UNFINISHED_S = 3600.0
_HASH = re.compile(r"[0-9a-f]{64}")


class BlobStore:
    """Files at `root/ab/cd/abcd...`, readable by their owner only. Safe for several processes.

    Raises `DiskFull` when there is no room; other errors of the operating system come as `OSError`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, data: bytes) -> str:
        """Stores the bytes durably and returns their SHA-256; what is there already is left alone."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256)
        if not path.exists():
            make_folder(path.parent)
            write_durably(path, data)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes, checked; raises `BlobMissing` or `BlobDamaged`."""
        try:
            data = self.path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise BlobMissing(f"The original {sha256} is gone from the folder of originals.", hint=_REPAIR) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise BlobDamaged(f"The original {sha256} is damaged.", hint=_REPAIR)
        return data

    def delete(self, sha256: str) -> None:
        """Removes the file; nothing happens if it is not there."""
        self.path(sha256).unlink(missing_ok=True)

    def delete_unfinished(self, sha256: str) -> None:
        """Removes what a killed writer has left of this content, which lies beside where it would be."""
        for path in self.path(sha256).parent.glob(f"{UNFINISHED}*"):
            path.unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Where the file with this hash lies, whether it is there or not."""
        if not _HASH.fullmatch(sha256):
            raise ValueError(f"{sha256!r} is not a SHA-256 in hexadecimal")
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def hashes(self) -> Iterator[str]:
        """The hashes of all stored files, in no order."""
        return (path.name for path in self._root.glob("??/??/*") if _HASH.fullmatch(path.name))

    def discard_unfinished(self) -> None:
        """Removes what killed writers left behind an hour ago or more: no file is written for so long."""
        for path in self._root.glob(f"??/??/{UNFINISHED}*"):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _UNFINISHED_S:
                    path.unlink()
