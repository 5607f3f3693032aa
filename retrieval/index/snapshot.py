"""The index at one generation of the catalog: its versions, the segments that hold their rows, and its views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.types import admits
from retrieval.index.places import Part, Places
from retrieval.index.recent import Recent
from retrieval.index.segment import documents_of
from retrieval.index.versions import NOTHING, ChangingTable, VersionTable, ranges
from retrieval.index.view import View, content_digest, view_of

_VIEWS_KEPT = 128
_DOCUMENTS_KEPT = 8_000_000  # of all views together, 28 bytes each
_MOST = 4  # from every fourth version on it is cheaper to look at all of them than at those of each label
_EPOCH = date(1970, 1, 1)

# The tokens of a principal, the day as of which they ask, and those of their tokens that labels have to name.
Asker = tuple[frozenset[str], date | None, frozenset[str] | None]


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


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Never changes, but for the views that it keeps. `parts`: the published ones, which `places` knows, come first.
    `damaged` names published segments that cannot be opened."""

    generation: int = -1
    table: ChangingTable = field(default_factory=lambda: ChangingTable.of(VersionTable.empty()))
    labels: Labels = field(default_factory=lambda: Labels.of({}))
    parts: tuple[Part, ...] = ()
    damaged: tuple[str, ...] = ()
    key_count: int = 0
    places: Places = field(default_factory=lambda: Places.of(()))
    _views: Recent[Asker, View] = field(default_factory=lambda: Recent(_VIEWS_KEPT, _DOCUMENTS_KEPT))

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
        return self._views.get(asker, lambda: self.view_of(self.visible(*asker)), lambda view: len(view.documents))

    def visible(self, tokens: frozenset[str], as_of: date | None, named: frozenset[str] | None = None) -> Visible:
        """Of each document the current version or, with a day, the newest that the bearer may read among those that
        held by then. Both labels of a version must let them in."""
        admitted = self.labels.admitting(tokens)
        wanted = admitted if named is None else self.labels.admitting(tokens & named)
        base, fresh = self.table.base, self.table.fresh
        own = base.seen.get(
            (base.known(admitted).tobytes(), base.known(wanted).tobytes(), as_of),
            lambda: _seen(base.table, self._labelled(wanted), admitted, wanted, as_of).astype(np.int32),
            len,
        )
        new = _seen(fresh, np.arange(len(fresh)), admitted, wanted, as_of)
        return Visible.of(base.table, self.table.left(own)).joined(Visible.of(fresh, new))

    def _labelled(self, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of the base, ascending, at least those whose label is one of the wanted."""
        base = self.table.base
        rows, starts = base.by_label
        known = base.known(wanted)
        first, counts = starts[known], starts[known + 1] - starts[known]
        if _MOST * int(counts.sum()) > len(rows):
            return np.arange(len(rows))
        return np.sort(rows[ranges(first, counts)]).astype(np.int64)

    def living_slots(self) -> list[NDArray[np.bool_]]:
        """Which slots of each part hold a version that there still is; a key that two parts hold counts once."""
        left = self.table.living(self.key_count)
        slots = []
        for part in self.parts:
            held = left[part.key_numbers]
            left[part.key_numbers[held]] = False
            slots.append(held)
        return slots

    @cached_property
    def memory_slots(self) -> list[NDArray[np.bool_]]:
        """`living_slots` of the parts in memory alone."""
        slots, before = [], np.zeros(0, np.int32)
        for part in self.parts[len(self.places.parts) :]:
            numbers = part.key_numbers
            slots.append(self.table.lives(numbers) & ~self.places.holds(numbers) & ~np.isin(numbers, before))
            before = np.concatenate([before, numbers])
        return slots

    @cached_property
    def living_rows(self) -> list[int]:
        """How many rows of each part are of versions that there still are."""
        gone, new = self.table.changed_keys
        published = self.table.base.rows_in(self.places) - self.places.rows(gone) + self.places.rows(new)
        memory = [
            int(np.diff(part.segment.slot_starts)[slots].sum())
            for part, slots in zip(self.parts[len(published) :], self.memory_slots, strict=True)
        ]
        return [*published.tolist(), *memory]

    def status(self) -> IndexStatus:
        segments = [
            SegmentStatus(part.segment.name, len(part.segment), living)
            for part, living in zip(self.parts, self.living_rows, strict=True)
            if part.published
        ]
        return IndexStatus(
            generation=self.generation,
            documents=self.table.document_count,
            versions=len(self.table),
            segments=(*segments, *(SegmentStatus(name, 0, 0, damaged=True) for name in self.damaged)),
            memory_rows=self.memory_rows,
            memory_segments=sum(not part.published for part in self.parts),
        )

    def view_of(self, visible: Visible) -> View:
        """Over these versions, one of a document at most, so that keys ascend. The digest names the content and nothing
        else."""
        visible = visible.with_rows()
        slots = self.places.slots(visible.numbers)
        left = slots.pop()
        for part in self.parts[len(self.places.parts) :]:
            held = np.isin(part.key_numbers, left)
            slots.append(np.flatnonzero(held))
            left = np.setdiff1d(left, part.key_numbers[held])
        segments = [part.segment for part in self.parts]
        return view_of(segments, slots, content_digest(visible.keys), visible.documents, visible.days)


@dataclass(frozen=True, slots=True, eq=False)
class Visible:
    """Versions that somebody may see, one of a document at most, ascending: (n,) KEY, the keys' numbers, days, and
    documents, DOCUMENT."""

    keys: NDArray[np.bytes_]
    numbers: NDArray[np.int32]
    days: NDArray[np.int32]
    documents: NDArray[np.bytes_]

    @staticmethod
    def of(table: VersionTable, rows: NDArray[Any]) -> Visible:
        keys = table.columns.keys[rows]
        return Visible(keys, table.key_numbers[rows], table.columns.days[rows], documents_of(keys).copy())

    def joined(self, others: Visible) -> Visible:
        """With versions of other documents."""
        at = np.searchsorted(self.documents, others.documents)
        pairs = zip(self._columns(), others._columns(), strict=True)
        return Visible(*(np.insert(own, at, new) if len(at) else own for own, new in pairs))

    def with_rows(self) -> Visible:
        """Without versions that have no text."""
        filled = self.numbers != NOTHING
        return self if filled.all() else Visible(*(column[filled] for column in self._columns()))

    def _columns(self) -> tuple[NDArray[Any], ...]:
        return self.keys, self.numbers, self.days, self.documents


@dataclass(frozen=True, eq=False)
class Labels:
    """What each label names, by its number, and which labels name somebody. A label keeps its number for ever."""

    names: Mapping[int, frozenset[str]]
    naming: Mapping[str, tuple[int, ...]]

    @staticmethod
    def of(names: Mapping[int, frozenset[str]]) -> Labels:
        return Labels({}, {}).joined(names)

    def joined(self, others: Mapping[int, frozenset[str]]) -> Labels:
        new = {number: label for number, label in others.items() if self.names.get(number) != label}
        if not new:
            return self
        if not self.names.keys().isdisjoint(new):
            return Labels.of({**self.names, **new})
        naming: dict[str, list[int]] = {}
        for number, label in new.items():
            for name in label:
                naming.setdefault(name, []).append(number)
        all_naming = {name: (*self.naming.get(name, ()), *numbers) for name, numbers in naming.items()}
        return Labels({**self.names, **new}, {**self.naming, **all_naming})

    def admitting(self, tokens: frozenset[str]) -> NDArray[np.int64]:
        """The numbers, ascending, of the labels that let the bearer of the tokens in."""
        named = {number for token in tokens for number in self.naming.get(token, ())}
        return np.array(sorted(number for number in named if admits(self.names[number], tokens)), np.int64)


def _seen(
    table: VersionTable,
    rows: NDArray[np.int64],
    admitted: NDArray[np.int64],
    wanted: NDArray[np.int64],
    as_of: date | None,
) -> NDArray[np.int64]:
    """Those of the rows, ascending, that are to be seen, see `Snapshot.visible`; the numbers of the labels that let the
    bearer in, and of those under which documents are asked for."""
    columns, labels, own_labels = table.columns, table.columns.labels[rows], table.columns.own_labels[rows]
    count = int(max(labels.max(initial=-1), own_labels.max(initial=-1))) + 1
    lets_in = _among(admitted, count)
    seen = lets_in[labels] & lets_in[own_labels] & _among(wanted, count)[labels]
    if as_of is None:
        return rows[seen & columns.current[rows]]
    return table.newest(rows[seen & (columns.days[rows] <= (as_of - _EPOCH).days)])


def _among(numbers: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """(count,) True at each of the numbers."""
    found = np.zeros(count, np.bool_)
    found[numbers[numbers < count]] = True
    return found
