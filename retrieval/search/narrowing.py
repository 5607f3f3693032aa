"""A view narrowed to what a filter lets through, as if the index held nothing else."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from retrieval.index.view import View
from retrieval.search.names import EVER, NameIndex, Record, day_number, plain_words
from retrieval.types import DOCUMENT, FORMATS, Filter

Cells = NDArray[np.bytes_]


def narrowed(view: View, only: Filter, names: NameIndex | None) -> View:
    """The part of the view whose documents pass; of `Filter.groups`, which are about labels, the view knows already.

    Kinds and days are known by name: of a document that nobody has looked at yet neither is, and it does not pass.
    """
    if only.documents is not None:
        view = view.within(_cells(only.documents))
    if only.kinds is None and not only.dated:
        return view
    if names is None:
        return view.within(_cells(()))
    known = names.of(view)
    asked = only.kinds, only.since, only.until, view.days.tobytes() if only.dated else b""
    return view.within(known.kept(asked, lambda: _passing(view, known.records(), only)))


def _passing(view: View, found: Iterable[Record], only: Filter) -> Cells:
    records = list(found)
    passes = np.ones(len(records), np.bool_)
    cells = np.array([record.cell for record in records], DOCUMENT)
    if only.dated:
        days = _days(view, records, cells)
        since, until = day_number(only.since or date.min), day_number(only.until or date.max)
        passes &= (days > EVER) & (since <= days) & (days <= until)
    if only.kinds is not None:
        kinds, memory = [_Kind(kind) for kind in sorted(only.kinds)], dict[tuple[frozenset[str], str], bool]()
        for at, record in enumerate(records):
            what = record.of_kind, record.media_type
            if what not in memory:
                memory[what] = any(kind.fits(*what) for kind in kinds)
            passes[at] &= memory[what]
    return cells[passes]


def _days(view: View, records: Sequence[Record], cells: Cells) -> NDArray[np.int64]:
    """Of each document from which day it is in force, or of which day it is, by what it says; else the day from which
    its version holds, `EVER` where that is since ever."""
    said = np.array([record.day for record in records], np.int64)
    held = np.full(len(cells), EVER, np.int64)
    if len(view.documents):
        at = np.minimum(np.searchsorted(view.documents, cells), len(view.documents) - 1)
        there = view.documents[at] == cells
        held[there] = view.days[at[there]]
    return np.where(said > EVER, said, held)


class _Kind:
    """One kind that is asked for: a format, a media type, or words of what the document is."""

    def __init__(self, kind: str) -> None:
        spelled = " ".join(kind.casefold().split())
        self._format = re.compile(FORMATS.get(spelled, re.escape(spelled)))
        self._words = frozenset(plain_words(spelled))

    def fits(self, of_kind: frozenset[str], media_type: str) -> bool:
        by_words = bool(self._words) and self._words <= of_kind
        return by_words or self._format.fullmatch(media_type) is not None


def _cells(documents: Iterable[str]) -> Cells:
    """(n,) DOCUMENT; what is no UUID is no document."""
    return np.array([cell for document in documents if (cell := _cell(document)) is not None], DOCUMENT)


def _cell(document: str) -> bytes | None:
    try:
        return uuid.UUID(document).bytes
    except ValueError:
        return None
