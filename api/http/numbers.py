"""Where stored numbers of versions become those by which a reader counts, and back.

Inside, in the trail too, versions have the numbers that are stored. Whatever leaves for a reader counts those alone
that they may read (docs/adr/0013-version-numbers.md).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi.concurrency import run_in_threadpool

from api.http.problems import NotFound
from api.http.stored import Numbers
from generation.people import Changed
from generation.types import Answer, Assumed, Citation, CitationEvent, Event, FinalEvent, RetrievalEvent, SourceVersion
from ingest.types import DocumentFacts, KnownFact
from retrieval.types import EVERYTHING, Filter, Numbering, Principal

if TYPE_CHECKING:
    from api.http.parts import Again, Answers

One = TypeVar("One", Citation, Assumed, SourceVersion)


def stored_number(numbers: Numbers, principal: Principal, document_id: str, asked: int | str | None) -> int | None:
    """Of what the principal calls by number or id. None for the current version; raises `NotFound` where they may read
    no such version."""
    if asked is None:
        return None
    found = numbers.of(principal, [document_id]).stored(document_id, asked)
    if found is None:
        raise NotFound
    return found


def numbered_answer(answer: Answer, seen: Numbering) -> Answer:
    abstention = answer.abstention
    if abstention is not None:
        abstention = replace(abstention, nearest=tuple(numbered(one, seen) for one in abstention.nearest))
    return replace(
        answer,
        citations=tuple(numbered(one, seen) for one in answer.citations),
        assumed=tuple(numbered(one, seen) for one in answer.assumed),
        abstention=abstention,
    )


def numbered(one: One, seen: Numbering) -> One:
    number, id_ = seen.number(one.document_id, one.version), seen.id(one.document_id, one.version)
    return replace(one, version=number, version_id=id_)


def numbered_change(one: Changed, seen: Numbering | None) -> Changed:
    """`seen` None: as it is stored."""
    if seen is None:
        return one
    by = None if one.by is None else seen.number(one.document_id, one.by)
    told = replace(one, version=seen.number(one.document_id, one.version), by=by)
    ids = [seen.id(one.document_id, version) if version else "" for version in (one.version, one.by)]
    return replace(told, version_id=ids[0], by_id=ids[1])


def identified_change(one: Changed, ids: Numbering) -> Changed:
    """With ids, and the numbers that are stored."""
    by_id = "" if one.by is None else ids.id(one.document_id, one.by)
    return replace(one, version_id=ids.id(one.document_id, one.version), by_id=by_id)


def versions_of(one: Changed) -> Iterator[tuple[str, int]]:
    yield one.document_id, one.version
    if one.by is not None:
        yield one.document_id, one.by


def documents_of(answer: Answer) -> set[str]:
    cited = (*answer.citations, *(answer.abstention.nearest if answer.abstention else ()))
    return {one.document_id for one in cited} | {one.document_id for one in answer.assumed}


def numbered_facts(known: DocumentFacts, seen: Numbering) -> DocumentFacts:
    facts = tuple(_numbered_fact(known.document_id, one, seen) for one in known.facts)
    return replace(known, version=seen.number(known.document_id, known.version), facts=facts)


def _numbered_fact(document_id: str, fact: KnownFact, seen: Numbering) -> KnownFact:
    if fact.version is None:
        return fact
    number, id_ = seen.number(document_id, fact.version), seen.id(document_id, fact.version)
    return replace(fact, version=number, version_id=id_)


def numbered_report(report: Mapping[str, Any], seen: Numbering | None) -> dict[str, Any]:
    """What became of a file, and of those in it. 0 for a version that whoever asks cannot read, or not any more.
    `seen` None: as it is stored, for the operator."""
    place = report["document_id"], report["version"]
    children = [numbered_report(child, seen) for child in report.get("children", ())]
    if seen is None:
        return {**report, "version_id": "", "children": children}
    number = seen.number(*place) if seen.knows(*place) else 0
    return {**report, "version": number, "version_id": seen.id(*place), "children": children}


def documents_of_reports(reports: Iterable[Mapping[str, Any] | None]) -> Iterator[str]:
    for report in reports:
        if report is not None:
            yield report["document_id"]
            yield from documents_of_reports(report.get("children", ()))


@dataclass
class _Counting:
    """One reader's count, the same from the first event of an answer to its last."""

    numbers: Numbers
    principal: Principal
    seen: dict[str, Mapping[int, str]] = field(default_factory=dict)

    async def of(self, document_ids: set[str]) -> Numbering:
        if unknown := document_ids - self.seen.keys():
            read = await run_in_threadpool(self.numbers.of, self.principal, unknown)
            self.seen |= read.versions
        return Numbering(self.seen)

    async def event(self, event: Event) -> Event:
        if isinstance(event, CitationEvent):
            seen = await self.of({event.citation.document_id})
            return CitationEvent(numbered(event.citation, seen))
        if isinstance(event, RetrievalEvent):
            seen = await self.of({one.document_id for one in event.sources})
            return replace(event, sources=tuple(numbered(one, seen) for one in event.sources))
        if isinstance(event, FinalEvent):
            return FinalEvent(numbered_answer(event.answer, await self.of(documents_of(event.answer))))
        return event


class NumberedAnswers:
    """Answers as whoever asks counts versions; as `api.http.parts.Answers`."""

    def __init__(self, answers: Answers, numbers: Numbers) -> None:
        self._answers, self._numbers = answers, numbers

    async def answer(
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        earlier: Sequence[str] = (),
        again: Again | None = None,
        strict: bool = False,
    ) -> Answer:
        answer = await self._answers.answer(
            question, principal, as_of, only, earlier=earlier, again=again, strict=strict
        )
        return numbered_answer(answer, await _Counting(self._numbers, principal).of(documents_of(answer)))

    async def stream(
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        earlier: Sequence[str] = (),
        again: Again | None = None,
        strict: bool = False,
    ) -> AsyncGenerator[Event, None]:
        counting = _Counting(self._numbers, principal)
        asking = self._answers.stream(question, principal, as_of, only, earlier=earlier, again=again, strict=strict)
        async with aclosing(asking) as events:
            async for event in events:
                yield await counting.event(event)
