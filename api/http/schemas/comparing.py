"""Two versions compared."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.http.compared import Compared
from api.http.schemas.values import MAX_NUMBER, NUMBER, AskedVersion, whole
from api.http.stored import VersionView
from retrieval.comparing.types import Change, Comparison, Difference, Kind, Span
from retrieval.types import Numbering

MOST_AT_ONCE = 1000
Only = Literal[
    "changed", "added", "removed", "moved", "renumbered",
    "amount", "date", "number", "party", "modal", "negation", "reference", "name", "wording", "punctuation",
]  # fmt: skip
_MANY = {
    Kind.CHANGED: "changed", Kind.ADDED: "added", Kind.REMOVED: "removed", Kind.MOVED: "moved",
    Kind.RENUMBERED: "renumbered",
}  # fmt: skip


class ComparedVersion(BaseModel):
    """A version of a document by its number or `version_id`; the current one if none is named."""

    model_config = ConfigDict(extra="forbid")

    document_id: Annotated[str, Field(max_length=100)]
    version: AskedVersion = None


class CompareRequest(BaseModel):
    """`only` narrows what is listed to these kinds of differences and of changes; `offset` and `limit` say which part
    of it is wanted. Counts are of all differences."""

    model_config = ConfigDict(extra="forbid")

    old: ComparedVersion
    new: ComparedVersion
    only: Annotated[list[Only], Field(max_length=20)] = []
    offset: Annotated[int, Field(ge=0, le=MAX_NUMBER), NUMBER] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_AT_ONCE), NUMBER] = 200

    @model_validator(mode="before")
    @classmethod
    def _whole(cls, asked: Any) -> Any:
        return whole(asked)


class PlaceOut(BaseModel):
    """A quote in a version: `quote` is characters [start, end) of its canonical text. `section`: the headings above,
    outermost first; `clause`: the number that is printed before it, "" without one; `page_label`: what is printed on
    the page, or its number."""

    document_id: str
    version: int
    version_id: str
    page: int | None
    page_label: str
    section: list[str]
    clause: str
    start: int
    end: int
    quote: str


class SpanOut(BaseModel):
    """Characters [start, end) of the version's text; empty where nothing stands there."""

    start: int
    end: int
    quote: str


class WordsOut(BaseModel):
    """Words that changed, within the places of their difference, and what kind of change that is."""

    old: SpanOut
    new: SpanOut
    changes: list[Change]


class DifferenceOut(BaseModel):
    """`old` and `new`: sentences, table rows or whole clauses, one side empty where something was added or removed.
    `changes`: every kind of change in it, the most telling first; of what was changed alone."""

    kind: Kind
    changes: list[Change]
    old: list[PlaceOut]
    new: list[PlaceOut]
    words: list[WordsOut]


class ComparedOut(BaseModel):
    document_id: str
    version: int
    version_id: str
    title: str


class CompareOut(BaseModel):
    """`counts` and `changes` count all differences, by kind and by kind of change; `total` those that were asked for
    with `only`; `next`: the `offset` of the rest of these, null where there is none. `alike`: which share of the words
    of both stands in sentences and rows that are the same. `notes`: what was not compared, or not as surely."""

    old: ComparedOut
    new: ComparedOut
    summary: str
    alike: float
    counts: dict[str, int]
    changes: dict[str, int]
    total: int
    next: int | None
    notes: list[str]
    differences: list[DifferenceOut]

    @classmethod
    def of(cls, found: Compared, seen: Numbering, *, only: Sequence[str] = (), offset: int = 0, limit: int) -> Self:
        asked = [one for one in found.comparison.differences if not only or {one.kind, *one.changes} & set(only)]
        old, new = _Side(found.old, seen), _Side(found.new, seen)
        end = offset + limit
        return cls(
            old=old.named(),
            new=new.named(),
            summary=summary(found.comparison),
            alike=round(found.comparison.alike, 4),
            counts=_counted(found.comparison.counts),
            changes=_counted(found.comparison.change_counts),
            total=len(asked),
            next=end if end < len(asked) else None,
            notes=list(found.notes),
            differences=[_difference(one, old, new) for one in asked[offset:end]],
        )


def summary(comparison: Comparison) -> str:
    """One line for a person."""
    told = [f"{count} {_MANY[kind]}" for kind, count in comparison.counts.items() if count]
    if not told:
        return "No differences."
    return f"{', '.join(told)}. {comparison.alike:.0%} of the words stand unchanged."


def _counted(counts: Mapping[Any, int]) -> dict[str, int]:
    return {str(kind): count for kind, count in counts.items() if count}


def _difference(one: Difference, old: _Side, new: _Side) -> DifferenceOut:
    return DifferenceOut(
        kind=one.kind,
        changes=list(one.changes),
        old=list(old.places(one.old, one.section_old, one.clause_old)),
        new=list(new.places(one.new, one.section_new, one.clause_new)),
        words=[
            WordsOut(old=old.span(words.old), new=new.span(words.new), changes=list(words.changes))
            for words in one.words
        ],
    )


class _Side:
    """One version, as its reader counts versions."""

    def __init__(self, view: VersionView, seen: Numbering) -> None:
        self._view = view
        self._number = seen.number(view.document_id, view.version)
        self._id = seen.id(view.document_id, view.version)
        self._pages = sorted((page.start, page.page) for page in view.pages)
        self._labels = {page.number: page.label for page in view.page_infos}

    def named(self) -> ComparedOut:
        view = self._view
        return ComparedOut(document_id=view.document_id, version=self._number, version_id=self._id, title=view.title)

    def span(self, one: Span) -> SpanOut:
        return SpanOut(start=one.start, end=one.end, quote=self._view.text[one.start : one.end])

    def places(self, spans: Sequence[Span], section: Sequence[str], clause: str) -> Iterator[PlaceOut]:
        for span in spans:
            page = self._page(span.start)
            yield PlaceOut(
                document_id=self._view.document_id,
                version=self._number,
                version_id=self._id,
                page=page,
                page_label=(self._labels.get(page, "") or str(page)) if page else "",
                section=list(section),
                clause=clause,
                start=span.start,
                end=span.end,
                quote=self._view.text[span.start : span.end],
            )

    def _page(self, at: int) -> int | None:
        found = bisect_right(self._pages, at, key=lambda page: page[0])
        return self._pages[found - 1][1] if found else None
