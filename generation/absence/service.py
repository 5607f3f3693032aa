"""Whether documents hold what is asked for, each looked through as a whole, and what of it was read.

Read `AbsenceService.stream` first. Absence is told only of words that were read: see `accounting`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date

from generation.absence.accounting import gaps_of, pages_of
from generation.absence.looking import Looking, Scored
from generation.absence.protocols import Search, Wholes
from generation.absence.recording import absence_record
from generation.absence.types import (
    Absence,
    AbsenceBounds,
    AbsenceEvent,
    DocumentAbsence,
    GapKind,
    LookedEvent,
    NearPassage,
    Presence,
    ReadingGap,
)
from generation.absence.weighing import Limits
from generation.absence.wording import overall, reasons, statement
from generation.errors import TooManyDocuments, UnresolvedCitation
from generation.gate.citations import resolve
from generation.protocols import AuditLog, VersionText
from generation.types import Evidence, SourceText, StatusEvent
from ingest.languages import foreign, named_language
from retrieval.text.queries import clean_query
from retrieval.types import EVERYTHING, Filter, Passage, Principal

MOST_DOCUMENTS = 1000
NEAREST = 3
Event = StatusEvent | LookedEvent | AbsenceEvent


@dataclass(frozen=True, slots=True)
class _Asked:
    question: str
    principal: Principal
    as_of: date | None
    only: Filter
    documents: tuple[str, ...]
    snapshot: str


class AbsenceService:
    """`recipe`: models and settings, for the record."""

    def __init__(
        self,
        *,
        search: Search,
        looking: Looking,
        wholes: Wholes,
        versions: VersionText,
        audit: AuditLog,
        limits: Limits,
        recipe: Mapping[str, object] | None = None,
    ) -> None:
        self._search, self._looking = search, looking
        self._wholes, self._versions = wholes, versions
        self._audit, self._limits = audit, limits
        self._recipe = dict(recipe or {})

    @property
    def bounds(self) -> AbsenceBounds:
        return self._limits.bounds

    async def check(
        self, question: str, principal: Principal, as_of: date | None = None, only: Filter = EVERYTHING
    ) -> Absence:
        """All at once."""
        async with aclosing(self.stream(question, principal, as_of, only)) as events:
            async for event in events:
                if isinstance(event, AbsenceEvent):
                    return event.absence
        raise AssertionError("the stream ended without its last event")

    async def stream(
        self, question: str, principal: Principal, as_of: date | None = None, only: Filter = EVERYTHING
    ) -> AsyncGenerator[Event, None]:
        """A `LookedEvent` for each document, then all that was found, once it is recorded; nothing is told before. One
        that is not there any more when its turn comes is left out. Raises `TooManyDocuments`, `InvalidQuery` and
        `AuditUnavailable`."""
        asked = await asyncio.to_thread(self._asked, clean_query(question), principal, as_of, only)
        found: list[DocumentAbsence] = []
        yield LookedEvent(0, len(asked.documents))
        for number, document_id in enumerate(asked.documents, 1):
            one = await self._document(asked, document_id)
            found += [one] if one else []
            yield LookedEvent(number, len(asked.documents))
        absence = self._told(asked, found)
        record = absence_record(absence, principal, as_of, only, self._recipe)
        yield AbsenceEvent(replace(absence, audit_id=await asyncio.shield(self._audit.append(record))))

    def _asked(self, question: str, principal: Principal, as_of: date | None, only: Filter) -> _Asked:
        scope = self._search.scope(principal, as_of=as_of, only=only)
        ids = {*scope.documents, *self._textless(principal, as_of, only)}
        if len(ids) > MOST_DOCUMENTS:
            raise TooManyDocuments(
                f"{len(ids):,} documents would have to be looked through, and one call looks through "
                f"{MOST_DOCUMENTS:,} at most. Narrow it by documents, kinds, groups or dates."
            )
        return _Asked(question, principal, as_of, only, tuple(sorted(ids)), scope.snapshot)

    def _textless(self, principal: Principal, as_of: date | None, only: Filter) -> Collection[str]:
        """Those without any text, which only ids name: nothing is known of their kind or day."""
        if only.kinds is not None or only.groups is not None or only.dated:
            return ()
        ids = set(self._wholes.without_text(principal, as_of))
        return ids if only.documents is None else ids & {one.lower() for one in only.documents}

    async def _document(self, asked: _Asked, document_id: str) -> DocumentAbsence | None:
        looked = await asyncio.to_thread(self._looking.look, asked.question, document_id, asked.principal, asked.as_of)
        version = looked.passages[0].chunk.version if looked.passages else None
        whole = await asyncio.to_thread(
            self._wholes.read, document_id, asked.principal, version=version, as_of=asked.as_of
        )
        source = await self._versions.text(document_id, whole.version, asked.principal) if whole else None
        if whole is None or source is None:
            return None
        pages = pages_of(whole, source, self.bounds.ocr)
        gaps = (*gaps_of(whole, source, pages, asked.documents), *_language(asked.question))
        status = self._limits.presence(looked.score)
        if status is Presence.ABSENT and gaps:
            status = Presence.UNSURE
        return DocumentAbsence(
            document_id=document_id,
            version=whole.version,
            version_id=whole.version_id,
            title=whole.title,
            source=whole.source,
            content_sha256=whole.content_sha256,
            status=status,
            score=round(looked.score, 4),
            near=looked.score >= self.bounds.absent_below,
            nearest=_nearest(looked.passages, source),
            pages=pages,
            gaps=gaps,
            passages=whole.passages,
            passages_read=looked.read,
        )

    def _told(self, asked: _Asked, found: list[DocumentAbsence]) -> Absence:
        named = asked.only.documents
        missing = 0 if named is None else len({one.lower() for one in named} - {one.document_id for one in found})
        return Absence(
            question=asked.question,
            status=overall(found, missing),
            statement=statement(found, missing),
            reasons=reasons(found, missing),
            documents=tuple(found),
            missing=missing,
            bounds=self.bounds,
            snapshot=asked.snapshot,
        )


def _language(question: str) -> tuple[ReadingGap, ...]:
    language = foreign(question)
    words = f"The question is in {named_language(language)}: in that language nothing was measured."
    return (ReadingGap(GapKind.LANGUAGE, words),) if language else ()


def _nearest(passages: tuple[Scored, ...], source: SourceText) -> tuple[NearPassage, ...]:
    """The best passages in their own words, as far as they resolve."""
    nearest: list[NearPassage] = []
    for one in passages:
        chunk = one.chunk
        evidence = Evidence(Passage(1, chunk, chunk.text, chunk.start, chunk.end), chunk.start, chunk.end, one.score)
        try:
            citation = resolve(evidence, len(nearest) + 1, source)
        except UnresolvedCitation:
            continue
        nearest.append(NearPassage(citation, round(one.score, 4), round(one.relevance, 3), round(one.answers, 4)))
        if len(nearest) == NEAREST:
            break
    return tuple(nearest)
