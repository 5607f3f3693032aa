"""What one principal may see of the index: row ranges of each segment, and the statistics over just those."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from retrieval.index.segment import Segment


@dataclass(frozen=True)
class SegmentView:
    """The visible rows of one segment: `ranges` are disjoint, ascending [first, last) pairs."""

    segment: Segment
    ranges: tuple[tuple[int, int], ...]

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """(n,) True where a row is visible."""
        mask = np.zeros(len(self.segment), np.bool_)
        for first, last in self.ranges:
            mask[first:last] = True
        return mask

    @property
    def row_count(self) -> int:
        return sum(last - first for first, last in self.ranges)

    @property
    def term_count(self) -> int:
        return sum(int(self.segment.lengths[first:last].sum(dtype=np.int64)) for first, last in self.ranges)


@dataclass(frozen=True)
class View:
    """A principal's whole index. `digest` names its content and nothing else: equal views, equal digests."""

    segments: tuple[SegmentView, ...]
    digest: str

    @cached_property
    def row_count(self) -> int:
        return sum(part.row_count for part in self.segments)

    @cached_property
    def mean_length(self) -> float:
        """Mean length of the visible rows, in terms."""
        return sum(part.term_count for part in self.segments) / max(self.row_count, 1)


def make_view(segments: Sequence[Segment], keys: Iterable[str]) -> View:
    """The view over the versions named by `keys`. A version that two segments hold counts once."""
    wanted = set(keys)
    digest = hashlib.sha256("\n".join(sorted(wanted)).encode()).hexdigest()
    parts = []
    for segment in segments:
        held = wanted & segment.spans.keys()
        wanted -= held
        if held:
            parts.append(SegmentView(segment, tuple(_merged(sorted(segment.spans[key] for key in held)))))
    return View(tuple(parts), digest)


def _merged(spans: Sequence[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    first, last = spans[0]
    for start, end in spans[1:]:
        if start > last:
            yield first, last
            first = start
        last = end
    yield first, last
