"""Segments made of the slots of others, without reading a text again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.index.codes import quantise
from retrieval.index.segment import Segment, from_keys, posting_keys
from retrieval.index.storage import load, new_array, new_folder, seal

_CODES = ("codes", "scales", "errors")
_PER_ROW = ("vectors", *_CODES, "chunk_ids", "lengths")
_CHUNK_ROWS = 16_384
_CHUNK_POSTINGS = 4_000_000

Allocate = Callable[[str, tuple[int, ...], "np.dtype[Any]"], NDArray[Any]]


def merge(name: str, pieces: Sequence[tuple[Segment, int]], root: Path | None = None) -> Segment:
    """A segment of the given slots (segment, slot number) in the given order, at least one.

    With a `root` it is written to `root/<name>` as it is made, so that memory stays bounded, and mapped from there;
    without one it is made in memory. Slots left out are gone, and so are terms that only they held. Raises `DiskFull`.
    """
    if root is None:
        return Segment(name=name, **_merged(pieces, lambda _, shape, dtype: np.empty(shape, dtype)))
    with new_folder(root, name) as folder:
        shape = _merged(pieces, partial(new_array, folder))["vectors"].shape
        seal(folder, *shape)
    return load(root, name)


def _merged(pieces: Sequence[tuple[Segment, int]], allocate: Allocate) -> dict[str, Any]:
    sources = list({id(segment): segment for segment, _ in pieces}.values())
    numbers = {id(segment): at for at, segment in enumerate(sources)}
    which = np.array([numbers[id(segment)] for segment, _ in pieces], np.int64)
    slots = np.array([slot for _, slot in pieces], np.int64)
    counts = np.empty(len(pieces), np.int64)
    for at, segment in enumerate(sources):
        counts[which == at] = np.diff(segment.slot_starts)[slots[which == at]]
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    arrays = {"slot_starts": allocate("slot_starts", starts.shape, starts.dtype)}
    arrays["slot_starts"][:] = starts
    for array in ("slot_keys", "slot_terms"):
        arrays[array] = allocate(array, slots.shape, getattr(sources[0], array).dtype)
        for at, segment in enumerate(sources):
            arrays[array][which == at] = getattr(segment, array)[slots[which == at]]
    for array in _PER_ROW:
        like = getattr(sources[0], array)
        arrays[array] = allocate(array, (int(starts[-1]), *like.shape[1:]), like.dtype)
    targets = []
    for at, segment in enumerate(sources):
        old, new = _places(segment, slots[which == at], starts[:-1][which == at], counts[which == at])
        target = np.full(len(segment), -1, np.int32)
        target[old] = new
        targets.append(target)
        for array in _PER_ROW:
            if segment.turned or array not in _CODES:
                _copy(getattr(segment, array), old, arrays[array], new)
        if not segment.turned:
            _quantise(segment.vectors, old, [arrays[array] for array in _CODES], new)
    return arrays | _postings(sources, targets, int(starts[-1]), allocate)


def _places(
    segment: Segment, slots: NDArray[np.int64], starts: NDArray[np.int64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of the slots in the old segment, and in the new one, where the slots begin at `starts`."""
    inside = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(segment.slot_starts[slots], counts) + inside, np.repeat(starts, counts) + inside


def _copy(source: NDArray[Any], old: NDArray[np.int64], target: NDArray[Any], new: NDArray[np.int64]) -> None:
    for first in range(0, len(old), _CHUNK_ROWS):
        chunk = slice(first, first + _CHUNK_ROWS)
        target[new[chunk]] = source[old[chunk]]


def _quantise(
    vectors: NDArray[np.float32], old: NDArray[np.int64], targets: Sequence[NDArray[Any]], new: NDArray[np.int64]
) -> None:
    for first in range(0, len(old), _CHUNK_ROWS):
        chunk = slice(first, first + _CHUNK_ROWS)
        for target, made in zip(targets, quantise(vectors[old[chunk]]), strict=True):
            target[new[chunk]] = made


def _postings(
    sources: Sequence[Segment], targets: Sequence[NDArray[np.int32]], row_count: int, allocate: Allocate
) -> dict[str, NDArray[Any]]:
    """Vocabulary and postings of the rows that have a target (not -1), some millions of postings at a time."""
    living = [_living(segment, target) for segment, target in zip(sources, targets, strict=True)]
    held = [segment.vocabulary[counts > 0] for segment, counts in zip(sources, living, strict=True)]
    vocabulary = np.unique(np.concatenate(held))
    counts = np.zeros(len(vocabulary), np.int64)
    terms = []  # new number of each source's terms; of those without postings left, that of some neighbour
    for segment, alive in zip(sources, living, strict=True):
        numbers = np.searchsorted(vocabulary, segment.vocabulary)
        counts[numbers[alive > 0]] += alive[alive > 0]
        terms.append(numbers)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    result = {
        "vocabulary": allocate("vocabulary", vocabulary.shape, vocabulary.dtype),
        "offsets": allocate("offsets", offsets.shape, offsets.dtype),
        "rows": allocate("rows", (int(offsets[-1]),), sources[0].rows.dtype),
        "frequencies": allocate("frequencies", (int(offsets[-1]),), sources[0].frequencies.dtype),
    }
    result["vocabulary"][:], result["offsets"][:] = vocabulary, offsets
    bits = row_count.bit_length()
    for first, last in _chunks(offsets):
        keys = [
            _keys(segment, target, numbers, first, last, bits)
            for segment, target, numbers in zip(sources, targets, terms, strict=True)
        ]
        _, rows, frequencies = from_keys(np.concatenate(keys), last - first, bits)
        span = slice(int(offsets[first]), int(offsets[last]))
        result["rows"][span], result["frequencies"][span] = rows, frequencies
    return result


def _living(segment: Segment, target: NDArray[np.int32]) -> NDArray[np.int64]:
    """(t,) postings of each term whose rows have a target."""
    alive = np.zeros(len(segment.vocabulary), np.int64)
    for first, last in _chunks(segment.offsets):
        kept = target[segment.rows[segment.offsets[first] : segment.offsets[last]]] >= 0
        sums = np.concatenate([[0], np.cumsum(kept, dtype=np.int64)])
        alive[first:last] = np.diff(sums[segment.offsets[first : last + 1] - segment.offsets[first]])
    return alive


def _chunks(offsets: NDArray[np.int64]) -> Sequence[tuple[int, int]]:
    """Cuts terms into spans [first, last) of about a chunk of postings; one term is never cut."""
    wanted = np.arange(0, int(offsets[-1]), _CHUNK_POSTINGS)
    cuts = np.unique([0, *np.searchsorted(offsets, wanted), len(offsets) - 1])
    return list(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True))


def _keys(
    segment: Segment, target: NDArray[np.int32], numbers: NDArray[np.int64], first: int, last: int, bits: int
) -> NDArray[np.uint64]:
    """The segment's living postings of the new terms [first, last), packed, terms counted from `first`."""
    low, high = np.searchsorted(numbers, (first, last))
    span = slice(int(segment.offsets[low]), int(segment.offsets[high]))
    rows = target[segment.rows[span]]
    terms = np.repeat(numbers[low:high] - first, np.diff(segment.offsets[low : high + 1]))
    kept = rows >= 0
    return posting_keys(terms[kept], rows[kept], segment.frequencies[span][kept], bits)
