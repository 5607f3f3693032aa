"""The index at one generation of the catalog: its versions, the segments that hold their rows, and its views."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ingest.types import admits
from retrieval.index.segment import Segment
from retrieval.index.versions import NOTHING, VersionTable
from retrieval.index.view import View, content_digest, make_view

_VIEWS_KEPT = 128
_EPOCH = date(1970, 1, 1)

# The tokens of a principal, the day as of which they ask, and those of their tokens that labels have to name.
Asker = tuple[frozenset[str], date | None, frozenset[str] | None]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A segment with the number of each slot's key, published or in this process's memory only."""

    segment: Segment
    key_numbers: NDArray[np.int32]
    published: bool


@dataclass(frozen=True, slots=True)
class SegmentStatus:
    """A published segment: its rows and how many of them are in use; of a damaged one neither is known."""

    name: str
    rows: int
    living: int
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The index as one process has it. `memory_rows` are in no published segment yet."""

    generation: int
    documents: int
    versions: int
    segments: tuple[SegmentStatus, ...]
    memory_rows: int
    memory_segments: int


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Never changes, but for the views that it keeps. `damaged` names published segments that cannot be opened."""

    generation: int = -1
    table: VersionTable = field(default_factory=VersionTable.empty)
    labels: Mapping[int, frozenset[str]] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    damaged: tuple[str, ...] = ()
    key_count: int = 0
    _views: OrderedDict[Asker, View] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def listed(self) -> set[str]:
        """The list of segments that this is made of."""
        return {part.segment.name for part in self.parts if part.published}.union(self.damaged)

    @property
    def memory_rows(self) -> int:
        return sum(len(part.segment) for part in self.parts if not part.published)

    def view(self, tokens: frozenset[str], as_of: date | None, named: frozenset[str] | None = None) -> View:
        """What the bearer of the tokens may search: current versions, or those in force on a day; with `named`, of
        documents whose label names one of these of their tokens."""
        asker = tokens, as_of, named
        with self._lock:
            view = self._views.get(asker)
            if view is not None:
                self._views.move_to_end(asker)
                return view
        view = self._view(self.visible(*asker))
        with self._lock:
            self._views[asker] = view
            if len(self._views) > _VIEWS_KEPT:
                self._views.popitem(last=False)
        return view

    def visible(
        self, tokens: frozenset[str], as_of: date | None, named: frozenset[str] | None = None
    ) -> NDArray[np.int64]:
        """Rows of the table: of each document the current version or, with a day, the newest that the bearer may read
        among those that held by then. Both labels of a version must let them in."""
        columns = self.table.columns
        admitted = self._admitted(tokens)
        seen = admitted[columns.labels] & admitted[columns.own_labels]
        if named is not None:
            seen &= self._admitted(tokens & named)[columns.labels]
        if as_of is None:
            return np.flatnonzero(seen & columns.current)
        return self.table.newest(np.flatnonzero(seen & (columns.days <= (as_of - _EPOCH).days)))

    def held_slots(self, wanted: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
        """Which slots of each part hold the wanted keys, `as_set`; a key that two parts hold counts once."""
        left = wanted.copy()
        slots = []
        for part in self.parts:
            held = left[part.key_numbers]
            left[part.key_numbers[held]] = False
            slots.append(held)
        return slots

    def living_slots(self) -> list[NDArray[np.bool_]]:
        """Which slots of each part hold a version that there still is."""
        return self.held_slots(as_set(self.table.key_numbers, self.key_count))

    def living_rows(self) -> list[int]:
        """How many rows of each part these are."""
        return [
            int(np.diff(part.segment.slot_starts)[slots].sum())
            for part, slots in zip(self.parts, self.living_slots(), strict=True)
        ]

    def status(self) -> IndexStatus:
        segments = [
            SegmentStatus(part.segment.name, len(part.segment), living)
            for part, living in zip(self.parts, self.living_rows(), strict=True)
            if part.published
        ]
        return IndexStatus(
            generation=self.generation,
            documents=int(self.table.columns.current.sum()),
            versions=len(self.table),
            segments=(*segments, *(SegmentStatus(name, 0, 0, damaged=True) for name in self.damaged)),
            memory_rows=self.memory_rows,
            memory_segments=sum(not part.published for part in self.parts),
        )

    def _view(self, rows: NDArray[np.int64]) -> View:
        """The digest names the content and nothing else. A document has one version at most here: keys ascend."""
        rows = rows[self.table.key_numbers[rows] != NOTHING]
        digest = content_digest(self.table.columns.keys[rows])
        slots = self.held_slots(as_set(self.table.key_numbers[rows], self.key_count))
        days = self.table.columns.days[rows]
        return make_view([part.segment for part in self.parts], slots, digest, self.table.documents[rows], days)

    def _admitted(self, tokens: frozenset[str]) -> NDArray[np.bool_]:
        """True at the number of each label that lets the bearer of the tokens in."""
        admitted = np.zeros(max(self.labels, default=-1) + 1, np.bool_)
        admitted[[number for number, label in self.labels.items() if admits(label, tokens)]] = True
        return admitted


def as_set(key_numbers: NDArray[np.int32], count: int) -> NDArray[np.bool_]:
    """(count + 1,) True at these key numbers; the last cell, which `NOTHING` points at, is False."""
    wanted = np.zeros(count + 1, np.bool_)
    wanted[key_numbers] = True
    wanted[NOTHING] = False
    return wanted


def unheld(table: VersionTable, parts: Iterable[Part], key_count: int) -> NDArray[np.int64]:
    """Rows of the table whose keys no part holds, one for each key."""
    wanted = as_set(table.key_numbers, key_count)
    for part in parts:
        wanted[part.key_numbers] = False
    rows = np.flatnonzero(wanted[table.key_numbers])
    _, first = np.unique(table.key_numbers[rows], return_index=True)
    return rows[first]
