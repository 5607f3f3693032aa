"""Files that are there whole, or not at all, whatever is killed when."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from infra.files.errors import DiskFull

UNFINISHED = ".new-"  # what a kill in the middle leaves behind begins with this
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


def write_durably(path: Path, data: bytes) -> None:
    """Puts `data` at `path`: written beside it, synced, renamed, the folder synced.

    Raises `DiskFull`; other errors of the operating system come as `OSError`.
    """
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=UNFINISHED)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync(path.parent)
    except OSError as error:
        raise _clear(error, path.parent) from error


def make_folder(folder: Path) -> None:
    """Creates the folder and its missing parents durably, open to their owner only. Raises as `write_durably`."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync(folder.parent)
    except OSError as error:
        raise _clear(error, folder.parent) from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _clear(error: OSError, folder: Path) -> Exception:
    if error.errno in _NO_ROOM:
        return DiskFull(f"The disk of {folder} is full.", hint="Free some space and try again.")
    return error
