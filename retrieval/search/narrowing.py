"""A view narrowed to what a filter lets through, as if the index held nothing else."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ingest.types import FactKind
from retrieval.index.view import View
from retrieval.search.names import NameIndex, Record, plain_words
from retrieval.types import DOCUMENT, FORMATS, Filter

_EPOCH = date(1970, 1, 1)
_EVER = (date.min - _EPOCH).days  # since when a first version without a day holds


def narrowed(view: View, only: Filter, names: NameIndex | None) -> View:
    """The part of the view whose documents pass; of `Filter.groups`, which are about labels, the view knows already.

    Kinds and days are known by name: of a document that nobody has looked at yet neither is, and it does not pass.
    """
    if only.documents is not None:
        view = view.within(_cells(only.documents))
    if only.kinds is None and not only.dated:
        return view
    found = names.of(view).records() if names else ()
    records = [record for record in found if _fits(record, only.kinds)]
    if only.dated:
        cells = (cell.ljust(DOCUMENT.itemsize, b"\0") for cell in view.documents.tolist())
        held = dict(zip(cells, view.days.tolist(), strict=True))
        since, until = only.since or date.min, only.until or date.max
        records = [record for record in records if (day := _day(record, held)) and since <= day <= until]
    return view.within(_cells(record.document for record in records))


def _day(record: Record, held: Mapping[bytes, int]) -> date | None:
    """From which day the document is in force, or of which day it is, by what it says; else the day from which its
    version holds; None where that is since ever."""
    said = record.facts.get(FactKind.EFFECTIVE_DATE) or record.facts.get(FactKind.AGREEMENT_DATE)
    if said:
        return date.fromisoformat(said)
    days = held.get(uuid.UUID(record.document).bytes, _EVER)
    return _EPOCH + timedelta(days) if days > _EVER else None


def _fits(record: Record, kinds: Iterable[str] | None) -> bool:
    return kinds is None or any(_kind(kind).fits(record) for kind in kinds)


@lru_cache(maxsize=1000)
def _kind(kind: str) -> _Kind:
    return _Kind(kind)


class _Kind:
    """One kind that is asked for: a format, a media type, or words of what the document is."""

    def __init__(self, kind: str) -> None:
        spelled = " ".join(kind.casefold().split())
        self._format = re.compile(FORMATS.get(spelled, re.escape(spelled)))
        self._words = frozenset(plain_words(spelled))

    def fits(self, record: Record) -> bool:
        by_words = bool(self._words) and self._words <= record.of_kind
        return by_words or self._format.fullmatch(record.media_type) is not None


def _cells(documents: Iterable[str]) -> NDArray[np.bytes_]:
    """(n,) DOCUMENT; what is no UUID is no document."""
    return np.array([cell for document in documents if (cell := _cell(document)) is not None], DOCUMENT)


def _cell(document: str) -> bytes | None:
    try:
        return uuid.UUID(document).bytes
    except ValueError:
        return None
