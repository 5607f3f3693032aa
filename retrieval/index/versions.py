"""The versions of all documents as sorted columns that follow the catalog change by change."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.index.segment import documents_of
from retrieval.types import DOCUMENT, KEY, VersionColumns

NOTHING = -1  # the number of a key that names no rows: its digest is zero


class KeyNumbers:
    """A number for every KEY that it was ever asked for, so that a set of keys is an array of bool.

    Numbers never change; who holds some from before may go on using them.
    """

    def __init__(self) -> None:
        self._keys = np.zeros(0, KEY)
        self._numbers = np.zeros(0, np.int32)

    def __len__(self) -> int:
        return len(self._keys)

    def of(self, keys: NDArray[np.bytes_]) -> NDArray[np.int32]:
        """(n,) the numbers of the keys; a new key gets the next one, a key of no rows `NOTHING`."""
        unknown = np.unique(keys[~is_in(keys, self._keys)])
        if len(unknown):
            places = np.searchsorted(self._keys, unknown)
            fresh = np.arange(len(self), len(self) + len(unknown), dtype=np.int32)
            self._keys = np.insert(self._keys, places, unknown)
            self._numbers = np.insert(self._numbers, places, fresh)
        numbers = self._numbers[np.searchsorted(self._keys, keys)]
        numbers[keys == documents_of(keys).astype(KEY)] = NOTHING
        return numbers


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
        gone = np.unique(documents)
        edges = np.zeros(len(self) + 1, np.int32)
        np.add.at(edges, np.searchsorted(self.documents, gone, "left"), 1)
        np.add.at(edges, np.searchsorted(self.documents, gone, "right"), -1)
        kept = np.cumsum(edges[:-1]) == 0
        fresh = VersionTable.of(versions, numbers)
        own_documents = self.documents[kept]
        places = np.searchsorted(own_documents, fresh.documents)
        merged = (
            np.insert(own[kept], places, new)
            for own, new in zip(_columns(self.columns), _columns(fresh.columns), strict=True)
        )
        return VersionTable(
            VersionColumns(*merged),
            np.insert(own_documents, places, fresh.documents),
            np.insert(self.key_numbers[kept], places, fresh.key_numbers),
        )

    def newest(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Of the given rows, which ascend, the last one of each document."""
        documents = self.documents[rows]
        last = np.ones(len(rows), np.bool_)
        last[:-1] = documents[1:] != documents[:-1]
        return rows[last]


def is_in(cells: NDArray[np.bytes_], among: NDArray[np.bytes_]) -> NDArray[np.bool_]:
    """(n,) True where a cell is one of `among`, which ascends."""
    if not len(among):
        return np.zeros(len(cells), np.bool_)
    places = np.minimum(np.searchsorted(among, cells), len(among) - 1)
    return np.asarray(among[places] == cells, np.bool_)


def _columns(versions: VersionColumns) -> list[NDArray[Any]]:
    return [getattr(versions, field.name) for field in fields(versions)]
