"""An immutable index segment: vectors, postings and row names of some versions, memory-mapped from a folder."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import IndexUnavailable
from retrieval.index.tokens import MAX_TERM_BYTES, terms
from retrieval.types import IndexRow

FORMAT = 1
_ARRAYS = ("vectors", "chunk_ids", "lengths", "vocabulary", "offsets", "rows", "frequencies")


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows 0..n-1, those of one version side by side.

    vectors (n, d) float32 · chunk_ids (n,) S32 · lengths (n,) int32, in terms · vocabulary (t,) sorted bytes ·
    offsets (t+1,) int64 into rows and frequencies (p,) int32, the postings of each term by ascending row ·
    spans: version key -> [first row, last row + 1).
    """

    name: str
    vectors: NDArray[np.float32]
    chunk_ids: NDArray[np.bytes_]
    lengths: NDArray[np.int32]
    vocabulary: NDArray[np.bytes_]
    offsets: NDArray[np.int64]
    rows: NDArray[np.int32]
    frequencies: NDArray[np.int32]
    spans: Mapping[str, tuple[int, int]]

    def __len__(self) -> int:
        return len(self.chunk_ids)

    def postings(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Rows that hold the term, ascending, and how often; both (m,)."""
        key = np.bytes_(term.encode())
        at = int(np.searchsorted(self.vocabulary, key))
        if at == len(self.vocabulary) or self.vocabulary[at] != key:
            return self.rows[:0], self.frequencies[:0]
        span = slice(int(self.offsets[at]), int(self.offsets[at + 1]))
        return self.rows[span], self.frequencies[span]


def build(name: str, rows: Iterable[tuple[IndexRow, NDArray[np.float32]]], dimension: int) -> Segment:
    """Builds a segment in memory. Rows of one version must come side by side."""
    vectors: list[NDArray[np.float32]] = []
    ids: list[bytes] = []
    lengths: list[int] = []
    spans: dict[str, tuple[int, int]] = {}
    entries: dict[str, list[tuple[int, int]]] = {}
    for position, (row, vector) in enumerate(rows):
        if vector.shape != (dimension,):
            raise IndexUnavailable(
                f"The index holds vectors of {vector.shape[0]} dimensions but the embedder makes {dimension}: "
                "ingest the documents again with this embedder, or configure the one they were ingested with."
            )
        first = spans.get(row.version_key, (position, position))[0]
        spans[row.version_key] = (first, position + 1)
        vectors.append(vector)
        ids.append(row.chunk_id.encode())
        words = terms(row.indexed_text)
        lengths.append(len(words))
        for term, count in Counter(words).items():
            entries.setdefault(term, []).append((position, count))
    vocabulary = sorted(entries, key=str.encode)
    postings = np.array([pair for term in vocabulary for pair in entries[term]], np.int32).reshape(-1, 2)
    return Segment(
        name=name,
        vectors=np.stack(vectors) if vectors else np.zeros((0, dimension), np.float32),
        chunk_ids=np.array(ids, "S32"),
        lengths=np.array(lengths, np.int32),
        vocabulary=np.array([term.encode() for term in vocabulary], f"S{MAX_TERM_BYTES}"),
        offsets=np.cumsum([0, *(len(entries[term]) for term in vocabulary)], dtype=np.int64),
        rows=np.ascontiguousarray(postings[:, 0]),
        frequencies=np.ascontiguousarray(postings[:, 1]),
        spans=spans,
    )


def save(segment: Segment, root: Path) -> None:
    """Writes the segment to `root/<name>`: complete and flushed, or not at all."""
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".building-", dir=root))
    try:
        for array in _ARRAYS:
            np.save(folder / f"{array}.npy", getattr(segment, array), allow_pickle=False)
        meta = {"format": FORMAT, "spans": segment.spans}
        (folder / "segment.json").write_text(json.dumps(meta), encoding="utf-8")
        for file in folder.iterdir():
            _flush(file)
        _flush(folder)
        folder.rename(root / segment.name)
        _flush(root)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def load(root: Path, name: str) -> Segment:
    """Maps a saved segment; raises `IndexUnavailable` if it is absent, incomplete or of another format."""
    folder = root / name
    try:
        meta = json.loads((folder / "segment.json").read_text(encoding="utf-8"))
        if meta["format"] != FORMAT:
            raise IndexUnavailable(f"Index segment {name} has format {meta['format']}, this version reads {FORMAT}.")
        arrays = {array: _map(folder / f"{array}.npy") for array in _ARRAYS}
        spans = {key: (int(first), int(last)) for key, (first, last) in meta["spans"].items()}
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexUnavailable(f"Index segment {name} cannot be opened: {error}.") from error
    return Segment(name=name, spans=spans, **arrays)


def _map(path: Path) -> NDArray[Any]:
    array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return array


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
