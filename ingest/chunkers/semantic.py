"""Chunks that end where the next sentences are about something else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.chunkers.pieces import Cutter, Piece, chunk, runs
from ingest.chunkers.sentences import sentences
from ingest.protocols import Vectors
from ingest.types import Chunk, Document

_MOST = 2_000  # texts that are embedded for one document; beyond, several sentences are one
_PERCENTILE = 80  # of all steps between sentences: larger ones end a chunk
_WINDOW = 2  # sentences on each side of a step
_LEAST = 150  # characters of a chunk, if it can be helped


class SemanticChunker:
    """Percentile breakpoints (G. Kamradt, "5 Levels of Text Splitting", 2024): a step from one sentence to the next is
    as large as the cosine distance of the two sentences before it from the two after it. Within a section only; what
    is over `max_chars` is cut at its largest step. Same text and embedder, same chunks."""

    def __init__(self, *, max_chars: int = 1200) -> None:
        self._cutter = Cutter(max_chars * 2 // 3, max_chars)

    def chunks(self, document: Document, embedded: Vectors) -> tuple[Chunk, ...]:
        found = list(runs(self._sentences(document)))
        steps = _steps(document.text, found, embedded)
        limit = float(np.percentile(np.concatenate([*steps, np.zeros(1)]), _PERCENTILE))
        groups = (group for run, own in zip(found, steps, strict=True) for group in self._cut(run, own, limit))
        return tuple(chunk(document, ordinal, group) for ordinal, group in enumerate(groups))

    def _sentences(self, document: Document) -> Iterator[Piece]:
        for piece in self._cutter.pieces(document):
            if piece.is_heading or piece.is_table:
                yield piece
                continue
            for start, end in sentences(document.text[piece.start : piece.end]):
                yield replace(piece, start=piece.start + start, end=piece.start + end)

    def _cut(self, run: Sequence[Piece], steps: NDArray[np.float64], least: float) -> Iterator[Sequence[Piece]]:
        """The run in parts, each cut at its largest step as long as it is too long or that is over `least`."""
        starts = np.array([piece.start for piece in run])
        ends = np.array([piece.end for piece in run])
        apart = np.array([piece.is_heading for piece in run[:-1]], np.bool_)  # a heading stays with what follows
        waiting = [(0, len(run))]
        while waiting:
            first, last = waiting.pop()
            at = self._where(
                starts[first:last], int(ends[last - 1]), steps[first : last - 1], ~apart[first : last - 1], least
            )
            if at is None:
                yield run[first:last]
            else:
                waiting += [(first + at, last), (first, first + at)]  # the left one is next

    def _where(
        self, starts: NDArray[np.int64], end: int, steps: NDArray[np.float64], fit: NDArray[np.bool_], least: float
    ) -> int | None:
        """Before which of the pieces that begin at `starts` and end at `end` to cut; the best `fit` for it."""
        start, cuts = int(starts[0]), starts[1:]
        far = (cuts - start >= _LEAST) & (end - cuts >= _LEAST)
        if end - start > self._cutter.limit:
            choices = [far & fit, far, np.ones(len(cuts), np.bool_)]
        else:
            choices = [far & fit & (steps > least)]
        places = next((np.flatnonzero(choice) for choice in choices if choice.any()), None)
        if places is None:
            return None
        largest = places[steps[places] == steps[places].max()]
        middle = np.abs(cuts[largest] - (start + end) / 2).argmin()
        return int(largest[middle]) + 1


def _steps(text: str, found: Sequence[Sequence[Piece]], embedded: Vectors) -> list[NDArray[np.float64]]:
    """For each run how far apart its neighbours are, 0 to 2: one number fewer than there are pieces."""
    share = -(-sum(map(len, found)) // _MOST)
    blocks = [[run[at : at + share] for at in range(0, len(run), share)] for run in found if len(run) > 1]
    vectors = embedded([text[block[0].start : block[-1].end] for run in blocks for block in run])
    steps, used = [], 0
    for run in found:
        count = -(-len(run) // share) if len(run) > 1 else 0
        steps.append(_between(vectors[used : used + count], len(run), share))
        used += count
    return steps


def _between(vectors: NDArray[np.float32], pieces: int, share: int) -> NDArray[np.float64]:
    """The steps of a run whose `vectors` are (blocks, dimension), `share` pieces a block; 0 within a block."""
    steps = np.zeros(max(0, pieces - 1))
    for before, after in pairwise(range(len(vectors))):
        left = vectors[max(0, after - _WINDOW) : after].astype(np.float64).sum(axis=0)
        right = vectors[after : after + _WINDOW].astype(np.float64).sum(axis=0)
        size = float(np.linalg.norm(left) * np.linalg.norm(right))
        if size:
            steps[(before + 1) * share - 1] = round(1 - float(left @ right) / size, 6)
    return steps
