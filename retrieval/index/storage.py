"""Segments on disk: one folder of memory-mapped arrays each, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import IndexUnavailable
from retrieval.index.segment import ARRAYS, Segment

FORMAT = 2
_META = "segment.json"


def save(segment: Segment, root: Path) -> None:
    """Writes the segment to `root/<name>`: complete and flushed, or not at all."""
    with new_folder(root, segment.name) as folder:
        for array in ARRAYS:
            np.save(folder / f"{array}.npy", getattr(segment, array), allow_pickle=False)
        seal(folder, *segment.vectors.shape)


def load(root: Path, name: str) -> Segment:
    """Maps a saved segment; raises `IndexUnavailable` if it is absent, incomplete or of another format."""
    folder = root / name
    try:
        meta = _meta(folder, name)
        for file, entry in meta["files"].items():
            if (folder / file).stat().st_size != entry["size"]:
                raise IndexUnavailable(f"Index segment {name} is damaged: {file} has another size than when written.")
        segment = Segment(name=name, **{array: _map(folder / f"{array}.npy") for array in ARRAYS})
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
    """A folder to fill and `seal`; it becomes `root/<name>` at the end, or is gone if anything failed."""
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".building-", dir=root))
    try:
        yield folder
        folder.rename(root / name)
        _flush(root)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def seal(folder: Path, rows: int, dimension: int) -> None:
    """Writes the list of files, with size and digest of each, and flushes everything to the disk."""
    files = {file.name: {"size": file.stat().st_size, "sha256": _sha256(file)} for file in sorted(folder.iterdir())}
    meta = {"format": FORMAT, "rows": rows, "dimension": dimension, "files": files}
    (folder / _META).write_text(json.dumps(meta, indent=1), encoding="utf-8")
    for file in folder.iterdir():
        _flush(file)
    _flush(folder)


def _meta(folder: Path, name: str) -> dict[str, Any]:
    meta: dict[str, Any] = json.loads((folder / _META).read_text(encoding="utf-8"))
    if meta["format"] != FORMAT:
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
