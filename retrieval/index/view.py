"""What one principal may see of the index: row ranges of each segment, and the statistics over just those."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from retrieval.index.segment import Segment
from retrieval.types import DOCUMENT, KEY


@dataclass(frozen=True, eq=False)
class SegmentView:
    """The visible rows of one segment: disjoint, ascending, non-empty ranges starts[i]..stops[i] - 1.

    chosen (c,) int64: the visible slots, ascending · starts, stops (r,) int64.
    """

    segment: Segment
    chosen: NDArray[np.int64]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]

    @cached_property
    def slots(self) -> NDArray[np.bool_]:
        """(v,) True at each visible slot."""
        slots = np.zeros(len(self.segment.slot_keys), np.bool_)
        slots[self.chosen] = True
        return slots

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """(n,) True where a row is visible."""
        return np.repeat(self.slots, np.diff(self.segment.slot_starts))

    @cached_property
    def packed(self) -> bytes:
        """The slots, a bit each."""
        return np.packbits(self.slots).tobytes()

    @cached_property
    def mark(self) -> bytes:
        """A digest of the slots: with the segment's name it says which rows these are."""
        return hashlib.sha256(self.packed).digest()

    @cached_property
    def row_count(self) -> int:
        return int((self.stops - self.starts).sum())

    @cached_property
    def term_count(self) -> int:
        return int(self.segment.slot_terms[self.chosen].sum())


@dataclass(frozen=True, eq=False)
class View:
    """A principal's whole index. `digest` names its content and nothing else: equal views, equal digests.

    documents (d,) DOCUMENT, ascending, days (d,) int32: from which day, since 1970-01-01, the version of each holds.
    """

    segments: tuple[SegmentView, ...]
    digest: str
    documents: NDArray[np.bytes_] = field(default_factory=lambda: np.zeros(0, DOCUMENT))
    days: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))

    @cached_property
    def row_count(self) -> int:
        return sum(part.row_count for part in self.segments)

    @cached_property
    def mean_length(self) -> float:
        """Mean length of the visible rows, in terms."""
        return sum(part.term_count for part in self.segments) / max(self.row_count, 1)

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages besides English that a question is to be asked in: those of terms in its visible
        rows. Those of hidden ones would tell of them: "1.250,50", asked in German, is a number of English rows too."""
        return frozenset().union(*(part.segment.languages(part.mask) for part in self.segments))

    def within(self, documents: NDArray[np.bytes_]) -> View:
        """The view over those of the `documents` (DOCUMENT) that are visible here, with its own statistics: equal to
        that of an index which holds nothing else."""
        wanted = np.unique(documents.astype(DOCUMENT))
        slots = [part.slots & _is_in(part.segment.slot_documents, wanted) for part in self.segments]
        found = [part.segment.slot_keys[chosen] for part, chosen in zip(self.segments, slots, strict=True)]
        if all((chosen == part.slots).all() for part, chosen in zip(self.segments, slots, strict=True)):
            return self
        digest = content_digest(np.sort(np.concatenate([np.zeros(0, KEY), *found])))
        kept = _is_in(self.documents, wanted)
        own = self.documents[kept], self.days[kept]
        return make_view([part.segment for part in self.segments], slots, digest, *own)


def content_digest(keys: NDArray[np.bytes_]) -> str:
    """The digest of a view: of the KEYs of its versions, ascending."""
    return hashlib.sha256(keys.astype(KEY).tobytes()).hexdigest()


def make_view(
    segments: Sequence[Segment],
    slots: Sequence[NDArray[np.bool_]],
    digest: str,
    documents: NDArray[np.bytes_] | None = None,
    days: NDArray[np.int32] | None = None,
) -> View:
    """The view over the versions that `slots`, one (v,) array per segment, marks as visible."""
    return view_of(segments, [np.flatnonzero(chosen) for chosen in slots], digest, documents, days)


def view_of(
    segments: Sequence[Segment],
    slots: Sequence[NDArray[np.int64]],
    digest: str,
    documents: NDArray[np.bytes_] | None = None,
    days: NDArray[np.int32] | None = None,
) -> View:
    """The view over the versions in these slots, ascending numbers for each segment."""
    parts = []
    for segment, chosen in zip(segments, slots, strict=True):
        if not len(chosen):
            continue
        breaks = np.flatnonzero(np.diff(chosen) != 1)
        starts = segment.slot_starts[chosen[np.concatenate([[0], breaks + 1])]]
        stops = segment.slot_starts[chosen[np.append(breaks, len(chosen) - 1)] + 1]
        filled = stops > starts
        if filled.any():
            parts.append(SegmentView(segment, chosen, starts[filled], stops[filled]))
    if documents is None or days is None:
        return View(tuple(parts), digest)
    return View(tuple(parts), digest, documents, days)


def _is_in(names: NDArray[np.bytes_], wanted: NDArray[np.bytes_]) -> NDArray[np.bool_]:
    """(v,) True where a name is among `wanted`, which is sorted."""
    if not len(wanted):
        return np.zeros(len(names), np.bool_)
    at = np.minimum(np.searchsorted(wanted, names), len(wanted) - 1)
    return np.asarray(wanted[at] == names, np.bool_)
