"""Files that are handed in, and files that come."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeAlias, TypeGuard, cast

from footnote.client.errors import ChangedMeanwhile

# A path, or the name under which the bytes are handed in.
Upload: TypeAlias = "str | os.PathLike[str] | tuple[str, bytes]"


@dataclass(frozen=True, slots=True)
class File:
    """A file as the service has it; `name` is empty where it told none."""

    name: str
    media_type: str
    data: bytes

    def save(self, folder: str | os.PathLike[str] = ".") -> Path:
        """Writes it under its own name, without any folder that the name might have; gives the path."""
        name = self.name.replace("\\", "/").rpartition("/")[2]
        path = Path(folder) / (name if name.strip(".") else "original")
        path.write_bytes(self.data)
        return path


class OpenedLater:
    """A file on disk, opened when its turn to be sent comes and closed behind its last byte, so that a thousand may
    be sent at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = path.stat().st_size
        self._place = 0
        self._file: IO[bytes] | None = None

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._place = offset + (0, self._place, self._size)[whence]
        self._close_file()
        return self._place

    def tell(self) -> int:
        return self._place

    def read(self, size: int = -1) -> bytes:
        if self._file is None:
            self._file = self._path.open("rb")
            self._file.seek(self._place)
        left = self._size - self._place  # what has grown since is not sent: its length was told
        part = self._file.read(left if size < 0 else min(size, left))
        if not part and left:
            self._close_file()
            raise ChangedMeanwhile(f"{self._path} became shorter while it was sent: send it again.")
        self._place += len(part)
        if not part:
            self._close_file()
        return part

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def named(uploads: Upload | Iterable[Upload]) -> list[tuple[str, bytes | Path]]:
    """Each with its name. A folder is all the files in it, under its name; hidden ones are left out, and links out of
    it."""
    each = [uploads] if _is_one(uploads) else list(cast("Iterable[Upload]", uploads))
    return [one for upload in each for one in _named(upload)]


def content(data: bytes | Path) -> bytes | OpenedLater:
    return OpenedLater(data) if isinstance(data, Path) else data


def _is_one(uploads: Upload | Iterable[Upload]) -> TypeGuard[Upload]:
    if isinstance(uploads, tuple):
        return len(uploads) == 2 and isinstance(uploads[1], (bytes, bytearray))
    return isinstance(uploads, (str, os.PathLike))


def _named(upload: Upload) -> Iterator[tuple[str, bytes | Path]]:
    if isinstance(upload, tuple):
        yield upload[0], bytes(upload[1])
        return
    path = Path(upload).expanduser()
    if not path.is_dir():
        path.stat()  # raises what the system says of it
        yield path.name, path
        return
    top = path.resolve()
    for file in sorted(top.rglob("*")):
        inside = file.relative_to(top)
        hidden = any(step.startswith(".") for step in inside.parts)
        if not hidden and file.is_file() and file.resolve().is_relative_to(top):
            yield f"{top.name}/{inside.as_posix()}", file
