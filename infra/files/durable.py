"""Files that are there whole, or not at all, whatever is killed when."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ingest.errors import DiskFull

UNFINISHED = ".new-"  # what a kill in the middle leaves behind begins with this
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def replacing(path: Path, staged: Path | None = None) -> Iterator[BinaryIO]:
    """A file to write that is put at `path` in the end: synced, renamed, the folder synced. If anything fails it is
    gone, and what was at `path` is there still.

    It is written at `staged`, which a kill leaves behind and the next writer begins anew; by default under a name of
    its own, open to its owner only. Raises `OSError`.
    """
    with staged.open("wb") if staged else _private(path.parent) as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


def write_durably(path: Path, data: bytes) -> None:
    """Puts `data` at `path`, open to its owner only, as `replacing` does.

    Raises `DiskFull`; other errors of the operating system come as `OSError`.
    """
    try:
        with replacing(path) as file:
            file.write(data)
    except OSError as error:
        raise _clear(error, path.parent) from error


def make_folder(folder: Path) -> None:
    """Creates the folder and its missing parents durably, open to their owner only. Raises as `write_durably`."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)
    except OSError as error:
        raise _clear(error, folder.parent) from error


def sync_folder(folder: Path) -> None:
    """Makes the names in the folder durable, as after a rename. Raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _private(folder: Path) -> BinaryIO:
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=UNFINISHED)
    return open(name, "wb", opener=lambda *_: descriptor)


def _clear(error: OSError, folder: Path) -> Exception:
    if error.errno in _NO_ROOM:
        return DiskFull(f"The disk of {folder} is full.", hint="Free some space and try again.")
    return error
