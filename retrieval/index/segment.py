"""An immutable index segment: vectors, codes and postings of the rows of some versions."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import IndexUnavailable
from retrieval.index.codes import quantise
from retrieval.text.terms import MAX_TERM_BYTES, TAGS, terms
from retrieval.types import DOCUMENT, KEY, IndexRow

_LOOK = 1 << 16  # postings that are looked at together
TERM = np.dtype(f"S{MAX_TERM_BYTES}")
MAX_FREQUENCY = 2**16 - 1
_COUNT_BITS = 16


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Segment:
    """Rows 0..n-1, those of one version (a slot) side by side. All arrays are read-only.

    vectors (n, d) float32 · codes (n, d) int8, scales and errors (n,) float32: see `codes.quantise` ·
    chunk_ids (n,) S32 · lengths (n,) int32, in terms · slot_keys (v,) KEY in row order · slot_starts (v+1,) int64 ·
    slot_terms (v,) int64, sum of a slot's lengths · vocabulary (t,) TERM, ascending · offsets (t+1,) int64 into
    rows (p,) int32 and frequencies (p,) uint16: the postings of each term, rows ascending.
    """

    name: str
    vectors: NDArray[np.float32]
    codes: NDArray[np.int8]
    scales: NDArray[np.float32]
    errors: NDArray[np.float32]
    chunk_ids: NDArray[np.bytes_]
    lengths: NDArray[np.int32]
    slot_keys: NDArray[np.bytes_]
    slot_starts: NDArray[np.int64]
    slot_terms: NDArray[np.int64]
    vocabulary: NDArray[np.bytes_]
    offsets: NDArray[np.int64]
    rows: NDArray[np.int32]
    frequencies: NDArray[np.uint16]
    published: bool = False  # on a disk under its name, for others to open
    turned: bool = True  # codes are of vectors as `codes.spread` gives them; those written before are not

    def __post_init__(self) -> None:
        for name in ARRAYS:  # one type for the kernels, whether the arrays are mapped or in memory
            getattr(self, name).flags.writeable = False

    def __len__(self) -> int:
        return len(self.chunk_ids)

    @property
    def slot_documents(self) -> NDArray[np.bytes_]:
        """(v,) DOCUMENT of each slot."""
        return documents_of(self.slot_keys)

    def documents_at(self, rows: NDArray[np.int64]) -> NDArray[np.bytes_]:
        """(len(rows),) DOCUMENT of each row."""
        return documents_of(self.slot_keys[np.searchsorted(self.slot_starts, rows, side="right") - 1])

    def spans(self, query_terms: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First posting and the one after the last of each term; both (len(query_terms),)."""
        if not len(self.vocabulary) or not query_terms:
            return np.zeros((2, len(query_terms)), np.int64)[0], np.zeros(len(query_terms), np.int64)
        keys = np.array([term.encode() for term in query_terms], np.bytes_)
        at = np.searchsorted(self.vocabulary, keys.astype(TERM))
        known = self.vocabulary[np.minimum(at, len(self.vocabulary) - 1)] == keys
        first = np.where(known, at, 0)
        starts: NDArray[np.int64] = self.offsets[first]
        return starts, np.where(known, self.offsets[first + 1], starts)

    def languages(self, visible: NDArray[np.bool_]) -> frozenset[str]:
        """The `TAGS` that terms of its visible rows begin with; `visible`: (n,) of its rows."""
        if not len(self.vocabulary):
            return frozenset()
        marks = np.array([tag.encode() for tag in TAGS.values()], TERM)
        ends = np.array([tag[:-1].encode() + b"\x7f" for tag in TAGS.values()], TERM)  # what comes after "~"
        first, last = (self.offsets[np.searchsorted(self.vocabulary, edge)].tolist() for edge in (marks, ends))
        return frozenset(
            language
            for language, start, stop in zip(TAGS, first, last, strict=True)
            if any(visible[self.rows[at : min(at + _LOOK, stop)]].any() for at in range(start, stop, _LOOK))
        )


ARRAYS = tuple(field.name for field in fields(Segment) if field.name not in {"name", "published", "turned"})


def documents_of(keys: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """(n,) DOCUMENT: the first bytes of each KEY."""
    cells: NDArray[np.bytes_] = np.ascontiguousarray(keys).view(DOCUMENT)
    return cells.reshape(len(keys), KEY.itemsize // DOCUMENT.itemsize)[:, 0]


def build(name: str, rows: Iterable[tuple[IndexRow, NDArray[np.float32]]], dimension: int) -> Segment:
    """Builds a segment in memory. Rows of one version must come side by side, else `ValueError`."""
    store = _Rows()
    for row, vector in rows:
        if vector.shape != (dimension,):
            raise IndexUnavailable(
                f"The index holds vectors of {vector.shape[0]} dimensions but the embedder makes {dimension}: "
                "ingest the documents again with this embedder, or configure the one they were ingested with."
            )
        store.add(row, vector)
    vectors = np.frombuffer(store.vectors, np.float32).reshape(-1, dimension)
    codes, scales, errors = quantise(vectors)
    lengths = np.frombuffer(store.lengths, np.int32)
    starts = np.array([*store.slots.values(), len(lengths)], np.int64)
    sums = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    vocabulary, offsets, posting_rows, frequencies = store.postings()
    return Segment(
        name=name,
        vectors=vectors,
        codes=codes,
        scales=scales,
        errors=errors,
        chunk_ids=np.frombuffer(store.ids, "S32"),
        lengths=lengths,
        slot_keys=np.array(list(store.slots), KEY),
        slot_starts=starts,
        slot_terms=np.diff(sums[starts]),
        vocabulary=vocabulary,
        offsets=offsets,
        rows=posting_rows,
        frequencies=frequencies,
    )


def from_keys(keys: NDArray[np.uint64], term_count: int, row_bits: int) -> tuple[NDArray[Any], ...]:
    """Sorts postings, each packed by `posting_keys`: (counts of each term (term_count,), rows, frequencies)."""
    keys.sort()
    counts = np.bincount((keys >> np.uint64(row_bits + _COUNT_BITS)).astype(np.int64), minlength=term_count)
    rows = ((keys >> np.uint64(_COUNT_BITS)) & np.uint64((1 << row_bits) - 1)).astype(np.int32)
    return counts, rows, (keys & np.uint64(MAX_FREQUENCY)).astype(np.uint16)


def posting_keys(
    term_numbers: NDArray[Any], rows: NDArray[Any], frequencies: NDArray[Any], row_bits: int
) -> NDArray[np.uint64]:
    """One integer a posting, ordered by term, then row; the count rides along. Raises `ValueError` if too large."""
    if len(term_numbers) and int(term_numbers.max()).bit_length() + row_bits + _COUNT_BITS > 64:
        raise ValueError("too many rows and terms for one segment")
    keys = term_numbers.astype(np.uint64)
    keys <<= np.uint64(row_bits)
    keys |= rows.astype(np.uint64)
    keys <<= np.uint64(_COUNT_BITS)
    keys |= frequencies.astype(np.uint64)
    return keys


class _Rows:
    """Rows as they come in: flat typed arrays, so that a row costs its bytes and little more."""

    def __init__(self) -> None:
        self.vectors = bytearray()
        self.ids = bytearray()
        self.lengths = array("i")
        self.slots: dict[bytes, int] = {}  # key: first row
        self._last = b""
        self._numbers: dict[str, int] = {}
        self._distinct = array("i")  # of each row
        self._terms = array("i")
        self._counts = array("H")

    def add(self, row: IndexRow, vector: NDArray[np.float32]) -> None:
        if row.version_key != self._last or not self.slots:
            if row.version_key in self.slots:
                raise ValueError("rows of one version must come side by side")
            self.slots[row.version_key] = len(self.lengths)
            self._last = row.version_key
        self.vectors += vector.astype(np.float32, copy=False).tobytes()
        self.ids += row.chunk_id.encode().ljust(32, b"\0")
        words = terms(row.indexed_text, row.language)
        self.lengths.append(len(words))
        counted = Counter(words)
        numbers = self._numbers
        self._distinct.append(len(counted))
        self._terms.extend([numbers.setdefault(word, len(numbers)) for word in counted])
        self._counts.extend([min(count, MAX_FREQUENCY) for count in counted.values()])

    def postings(self) -> tuple[NDArray[np.bytes_], NDArray[np.int64], NDArray[np.int32], NDArray[np.uint16]]:
        """Vocabulary, offsets, rows, frequencies."""
        words = np.array([word.encode() for word in self._numbers], TERM)
        order = np.argsort(words)
        rank = np.empty(len(words), np.int32)
        rank[order] = np.arange(len(words), dtype=np.int32)
        row_numbers = np.repeat(np.arange(len(self.lengths), dtype=np.int32), np.frombuffer(self._distinct, np.int32))
        bits = len(self.lengths).bit_length()
        term_numbers = rank[np.frombuffer(self._terms, np.int32)]
        keys = posting_keys(term_numbers, row_numbers, np.frombuffer(self._counts, np.uint16), bits)
        counts, rows, frequencies = from_keys(keys, len(words), bits)
        return words[order], np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), rows, frequencies
