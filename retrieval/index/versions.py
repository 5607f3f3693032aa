"""The versions of all documents as sorted columns that follow the catalog change by change."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.index.places import Places
from retrieval.index.recent import Recent
from retrieval.index.segment import documents_of
from retrieval.types import DOCUMENT, KEY, VersionColumns

NOTHING = -1  # the number of a key that names no rows: its digest is zero
_FEW = 4096  # rows, or keys, that are kept beside many sorted ones, at least; and at most one for so many of those:
_TO_ONE = 100
_SEEN_KEPT, _ROWS_KEPT = 128, 16_000_000  # choices of rows that a base keeps, and rows of them all, 4 bytes each


class KeyNumbers:
    """A number for every KEY that it was ever asked for, so that a set of keys is an array of bool.

    Numbers never change; who holds some from before may go on using them.
    """

    def __init__(self) -> None:
        self._many, self._few = _Numbered.none(), _Numbered.none()  # to put one among millions is to copy them

    def __len__(self) -> int:
        return len(self._many.keys) + len(self._few.keys)

    def of(self, keys: NDArray[np.bytes_]) -> NDArray[np.int32]:
        """(n,) the numbers of the keys; a new key gets the next one, a key of no rows `NOTHING`."""
        numbers = self._many.of(keys)
        left = numbers == NOTHING
        if left.any():
            numbers[left] = self._few.of(keys[left])
            unknown = np.sort(keys[numbers == NOTHING])  # mostly in order already: faster than hashing them
            if len(unknown):
                unknown = unknown[np.append(True, unknown[1:] != unknown[:-1])]
                fresh = np.arange(len(self), len(self) + len(unknown), dtype=np.int32)
                self._few = self._few.joined(_Numbered(unknown, fresh))
                left = numbers == NOTHING
                numbers[left] = self._few.of(keys[left])
            if len(self._few.keys) > _room(len(self._many.keys)):
                self._many, self._few = self._many.joined(self._few), _Numbered.none()
        numbers[keys == documents_of(keys).astype(KEY)] = NOTHING
        return numbers


@dataclass(frozen=True, slots=True, eq=False)
class _Numbered:
    """keys (n,) KEY, ascending · numbers (n,) int32."""

    keys: NDArray[np.bytes_]
    numbers: NDArray[np.int32]

    @staticmethod
    def none() -> _Numbered:
        return _Numbered(np.zeros(0, KEY), np.zeros(0, np.int32))

    def of(self, keys: NDArray[np.bytes_]) -> NDArray[np.int32]:
        """(n,) their numbers, `NOTHING` for those that are not here."""
        if not len(self.keys):
            return np.full(len(keys), NOTHING, np.int32)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, self.numbers[at], np.int32(NOTHING))

    def joined(self, others: _Numbered) -> _Numbered:
        """With others that are not here yet."""
        at = np.searchsorted(self.keys, others.keys)
        return _Numbered(np.insert(self.keys, at, others.keys), np.insert(self.numbers, at, others.numbers))


@dataclass(frozen=True, slots=True, eq=False)
class VersionTable:
    """Versions by document, then by number. documents (n,) DOCUMENT · key_numbers (n,) int32 by `KeyNumbers`."""

    columns: VersionColumns
    documents: NDArray[np.bytes_]
    key_numbers: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.columns)

    @staticmethod
    def empty() -> VersionTable:
        none = np.zeros(0, np.int32)
        columns = VersionColumns(np.zeros(0, KEY), none, none, none, none, np.zeros(0, np.bool_))
        return VersionTable(columns, np.zeros(0, DOCUMENT), none)

    @staticmethod
    def of(versions: VersionColumns, numbers: KeyNumbers) -> VersionTable:
        """The table of just these versions, which may come in any order."""
        documents = documents_of(versions.keys)
        order = np.lexsort((versions.numbers, documents))
        columns = VersionColumns(*(column[order] for column in _columns(versions)))
        return VersionTable(columns, documents[order], numbers.of(columns.keys))

    def replaced(self, documents: NDArray[np.bytes_], versions: VersionColumns, numbers: KeyNumbers) -> VersionTable:
        """The table with `versions` in the place of all versions of the `documents`; they are of those only."""
        return self.taken(np.delete(np.arange(len(self)), self.rows_of(documents))).joined(
            VersionTable.of(versions, numbers)
        )

    def rows_of(self, documents: NDArray[np.bytes_]) -> NDArray[np.int64]:
        """The rows of all versions of the documents, ascending."""
        wanted = np.unique(documents)
        first = np.searchsorted(self.documents, wanted, "left")
        counts = np.searchsorted(self.documents, wanted, "right") - first
        return ranges(first, counts)

    def taken(self, rows: NDArray[np.int64]) -> VersionTable:
        """The table of these rows, which ascend."""
        columns = VersionColumns(*(column[rows] for column in _columns(self.columns)))
        return VersionTable(columns, self.documents[rows], self.key_numbers[rows])

    def joined(self, others: VersionTable) -> VersionTable:
        """With the rows of other documents."""
        places = np.searchsorted(self.documents, others.documents)
        pairs = zip(_columns(self.columns), _columns(others.columns), strict=True)
        return VersionTable(
            VersionColumns(*(np.insert(own, places, new) for own, new in pairs)),
            np.insert(self.documents, places, others.documents),
            np.insert(self.key_numbers, places, others.key_numbers),
        )

    def with_keys(self, wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The first row with each of the wanted keys, by key number."""
        rows = np.flatnonzero(wanted[self.key_numbers])
        _, first = np.unique(self.key_numbers[rows], return_index=True)
        return rows[first]

    def newest(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Of the given rows, which ascend, the last one of each document."""
        documents = self.documents[rows]
        last = np.ones(len(rows), np.bool_)
        last[:-1] = documents[1:] != documents[:-1]
        return rows[last]


class Base:
    """A table that stays, with what is found of it once: it may have millions of rows. `seen`: rows chosen before."""

    def __init__(self, table: VersionTable) -> None:
        self.table = table
        self._rows: tuple[Places | None, NDArray[np.int64]] = None, np.zeros(0, np.int64)
        self.seen: Recent[Hashable, NDArray[np.int32]] = Recent(_SEEN_KEPT, _ROWS_KEPT)

    @cached_property
    def by_label(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The rows by label, ascending within each, and where those of each label begin, and the end."""
        labels = self.table.columns.labels
        counts = np.bincount(
            labels, minlength=int(max(labels.max(initial=0), self.table.columns.own_labels.max(initial=0))) + 1
        )
        return np.argsort(labels, kind="stable").astype(np.int32), np.concatenate([[0], np.cumsum(counts)])

    @cached_property
    def document_count(self) -> int:
        return int(np.count_nonzero(self.table.columns.current))

    def rows_in(self, places: Places) -> NDArray[np.int64]:
        """`Places.rows` of all keys; remembered for the places asked about last."""
        last, rows = self._rows
        if last is not places:
            rows = places.rows(np.flatnonzero(self.living).astype(np.int32))
            self._rows = places, rows
        return rows

    def known(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of the labels, by number, that rows may have, as their own or their document's."""
        return labels[labels < len(self.by_label[1]) - 1]

    @cached_property
    def living(self) -> NDArray[np.bool_]:
        """True at the number of each key."""
        return as_set(self.table.key_numbers, int(self.table.key_numbers.max(initial=NOTHING)) + 1)[:-1]


@dataclass(frozen=True, eq=False)
class ChangingTable:
    """A `VersionTable` of which few rows change at a time: a base without the rows in `gone`, which ascend, and `fresh`
    rows, of other documents than those that the base has left. A change costs what changed, not what there is."""

    base: Base
    gone: NDArray[np.int64]
    fresh: VersionTable

    def __len__(self) -> int:
        return len(self.base.table) - len(self.gone) + len(self.fresh)

    @staticmethod
    def of(table: VersionTable) -> ChangingTable:
        return ChangingTable(Base(table), np.zeros(0, np.int64), VersionTable.empty())

    @property
    def document_count(self) -> int:
        """Documents, those in the recycle bin left out: each has one current version."""
        gone = np.count_nonzero(self.base.table.columns.current[self.gone])
        return int(self.base.document_count - gone + np.count_nonzero(self.fresh.columns.current))

    @property
    def changed_keys(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The numbers of keys of which the base has versions and that are gone, and of those that came."""
        gone, new = np.unique(self.base.table.key_numbers[self.gone]), np.unique(self.fresh.key_numbers)
        came, left = np.setdiff1d(new, gone), np.setdiff1d(gone, new)
        return left[left != NOTHING], came[came != NOTHING]

    @cached_property
    def whole(self) -> VersionTable:
        """All rows in their order: costs what there is."""
        if not len(self.gone) and not len(self.fresh):
            return self.base.table
        return self.base.table.taken(np.delete(np.arange(len(self.base.table)), self.gone)).joined(self.fresh)

    def replaced(self, documents: NDArray[np.bytes_], versions: VersionColumns, numbers: KeyNumbers) -> ChangingTable:
        """`VersionTable.replaced`."""
        gone = np.union1d(self.gone, self.base.table.rows_of(documents))
        changed = ChangingTable(self.base, gone, self.fresh.replaced(documents, versions, numbers))
        few = len(gone) + len(changed.fresh) <= _room(len(self.base.table))
        return changed if few else ChangingTable.of(changed.whole)

    def left(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Those of the base's rows, ascending, that are not gone."""
        if not len(self.gone) or not len(rows):
            return rows
        at = np.minimum(np.searchsorted(rows, self.gone), len(rows) - 1)
        return np.delete(rows, at[rows[at] == self.gone])

    def living(self, count: int) -> NDArray[np.bool_]:
        """(count + 1,) `as_set` of all key numbers. A key belongs to one document, and goes with it."""
        living = np.zeros(count + 1, np.bool_)
        living[: len(self.base.living)] = self.base.living
        living[self.base.table.key_numbers[self.gone]] = False
        living[self.fresh.key_numbers] = True
        living[NOTHING] = False
        return living

    def lives(self, numbers: NDArray[np.int32]) -> NDArray[np.bool_]:
        """(n,) whether these key numbers, none of them `NOTHING`, are of versions that there are: `living` for few."""
        living = self.base.living
        known = np.minimum(numbers, len(living) - 1)
        before = (living[known] if len(living) else False) & (known == numbers)
        gone = np.isin(numbers, self.base.table.key_numbers[self.gone])
        return np.asarray((before & ~gone) | np.isin(numbers, self.fresh.key_numbers))

    def rows_with(self, wanted: NDArray[np.bool_]) -> tuple[VersionTable, NDArray[np.int64]]:
        """One row for each of the wanted keys, which are living: they, and the table that they are of."""
        rows = self.fresh.with_keys(wanted)
        if len(rows) == np.count_nonzero(wanted):
            return self.fresh, rows
        return self.whole, self.whole.with_keys(wanted)


def as_set(key_numbers: NDArray[np.int32], count: int) -> NDArray[np.bool_]:
    """(count + 1,) True at these key numbers; the last cell, which `NOTHING` points at, is False."""
    wanted = np.zeros(count + 1, np.bool_)
    wanted[key_numbers] = True
    wanted[NOTHING] = False
    return wanted


def ranges(first: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """first[0], first[0] + 1, ... `counts[0]` of them, then those of the next range."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    places: NDArray[np.int64] = np.arange(total) + np.repeat(first - (ends - counts), counts)
    return places


def _room(many: int) -> int:
    return max(_FEW, many // _TO_ONE)


def _columns(versions: VersionColumns) -> list[NDArray[Any]]:
    return [getattr(versions, field.name) for field in fields(versions)]
