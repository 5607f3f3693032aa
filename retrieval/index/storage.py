"""Segments on disk: one folder of memory-mapped arrays each, written whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ingest.errors import DiskFull
from retrieval.errors import IndexUnavailable
from retrieval.index.segment import ARRAYS, Segment

FORMAT = 3
_UNTURNED = 2  # its codes are of vectors as they come; still read
_META = "segment.json"
_BUILDING = ".building-"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_NOT_SUPPORTED = {errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}
_ZEROS = bytes(1 << 20)


def save(segment: Segment, root: Path) -> None:
    """Writes the segment to `root/<name>`: complete and flushed, or not at all. Raises `DiskFull` or `OSError`, and
    `ValueError` for one that was read in an older format: `merge` it."""
    if not segment.turned:
        raise ValueError(f"segment {segment.name} is of an older format")
    with new_folder(root, segment.name) as folder:
        for array in ARRAYS:
            held = getattr(segment, array)
            new_array(folder, array, held.shape, held.dtype)[...] = held
        seal(folder, *segment.vectors.shape)


def load(root: Path, name: str) -> Segment:
    """Maps a saved segment; raises `IndexUnavailable` if it is absent, incomplete or of another format."""
    folder = root / name
    try:
        meta = _meta(folder, name)
        for file, entry in meta["files"].items():
            if (folder / file).stat().st_size != entry["size"]:
                raise IndexUnavailable(f"Index segment {name} is damaged: {file} has another size than when written.")
        arrays = {array: _map(folder / f"{array}.npy") for array in ARRAYS}
        segment = Segment(name=name, published=True, turned=meta["format"] == FORMAT, **arrays)
        if segment.vectors.shape != (meta["rows"], meta["dimension"]):
            raise IndexUnavailable(f"Index segment {name} is damaged: its list and its vectors differ in size.")
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexUnavailable(f"Index segment {name} cannot be opened: {error}.") from error
    return segment


def verify(root: Path, name: str) -> None:
    """Reads every byte of a saved segment; raises `IndexUnavailable` if one is not as it was written."""
    load(root, name)
    folder = root / name
    for file, entry in _meta(folder, name)["files"].items():
        if _sha256(folder / file) != entry["sha256"]:
            raise IndexUnavailable(f"Index segment {name} is damaged: the content of {file} has changed on disk.")


@contextmanager
def new_folder(root: Path, name: str) -> Iterator[Path]:
    """A folder to fill and `seal`; it becomes `root/<name>` at the end, or is gone if anything failed.

    Raises `DiskFull`; other errors of the operating system come as `OSError`.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=root))
        try:
            with _locked(folder):
                yield folder
                folder.rename(root / name)
                _flush(root)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise DiskFull(
            f"The disk of {root} is full, so the index cannot be written.",
            hint="Nothing is lost, and searches go on. Free some space: the index is then written by itself.",
        ) from error


def new_array(folder: Path, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """A new file `<name>.npy`, mapped for writing, with the disk space that it needs: where there is none, that is an
    `OSError` now, and not the end of the process when the map is written to."""
    path = folder / f"{name}.npy"
    described = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, described)
        _reserve(file, math.prod(shape) * dtype.itemsize)
    if 0 in shape:  # nothing to map
        return np.zeros(shape, dtype)
    return np.lib.format.open_memmap(path, mode="r+")


def discard_unfinished(root: Path) -> None:
    """Removes folders that were being filled when their process was killed."""
    for folder in root.glob(f"{_BUILDING}*"):
        try:
            with _locked(folder):
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # somebody is at it, or it is gone
            continue


def seal(folder: Path, rows: int, dimension: int) -> None:
    """Writes the list of files, with size and digest of each, and flushes everything to the disk."""
    files = {file.name: {"size": file.stat().st_size, "sha256": _sha256(file)} for file in sorted(folder.iterdir())}
    meta = {"format": FORMAT, "rows": rows, "dimension": dimension, "files": files}
    (folder / _META).write_text(json.dumps(meta, indent=1), encoding="utf-8")
    for file in folder.iterdir():
        _flush(file)
    _flush(folder)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Marks a folder as in use for as long as this process lives; `BlockingIOError` if another one has."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _reserve(file: BinaryIO, size: int) -> None:
    """Makes the file longer by `size` bytes of zeros that have their place on the disk."""
    file.flush()
    if hasattr(os, "posix_fallocate") and size:  # macOS has none
        try:
            os.posix_fallocate(file.fileno(), file.tell(), size)
        except OSError as error:
            if error.errno not in _NOT_SUPPORTED:
                raise
        else:
            return
    for first in range(0, size, len(_ZEROS)):
        file.write(_ZEROS[: size - first])


def _meta(folder: Path, name: str) -> dict[str, Any]:
    meta: dict[str, Any] = json.loads((folder / _META).read_text(encoding="utf-8"))
    if meta["format"] not in {_UNTURNED, FORMAT}:
        raise IndexUnavailable(f"Index segment {name} has format {meta['format']}, this version reads {FORMAT}.")
    if set(meta["files"]) != {f"{array}.npy" for array in ARRAYS}:
        raise IndexUnavailable(f"Index segment {name} is damaged: its list of files is incomplete.")
    return meta


def _map(path: Path) -> NDArray[Any]:
    mapped: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return mapped.view(np.ndarray)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
