"""Proofs of absence as the routes give them: by the numbers that their reader counts, as one object or as events."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import date
from typing import Protocol

from fastapi.concurrency import run_in_threadpool

from api.http.numbers import numbered
from api.http.stored import Numbers
from generation.absence.types import Absence, AbsenceEvent, DocumentAbsence, LookedEvent
from generation.types import StatusEvent
from retrieval.types import EVERYTHING, Filter, Numbering, Principal

AbsenceEvents = StatusEvent | LookedEvent | AbsenceEvent


class Absences(Protocol):
    """Events in this order: StatusEvent("waiting")*, LookedEvent+, AbsenceEvent."""

    def stream(
        self, question: str, principal: Principal, as_of: date | None = None, only: Filter = EVERYTHING
    ) -> AsyncGenerator[AbsenceEvents, None]: ...


class NumberedAbsences:
    """Versions as whoever asks counts them."""

    def __init__(self, absences: Absences, numbers: Numbers) -> None:
        self._absences, self._numbers = absences, numbers

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
    ) -> AsyncGenerator[AbsenceEvents, None]:
        async with aclosing(self._absences.stream(question, principal, as_of, only)) as events:
            async for event in events:
                if isinstance(event, AbsenceEvent):
                    ids = {one.document_id for one in event.absence.documents}
                    seen = await run_in_threadpool(self._numbers.of, principal, ids)
                    event = AbsenceEvent(_counted(event.absence, seen))
                yield event


def _counted(absence: Absence, seen: Numbering) -> Absence:
    return replace(absence, documents=tuple(_document(one, seen) for one in absence.documents))


def _document(one: DocumentAbsence, seen: Numbering) -> DocumentAbsence:
    nearest = tuple(replace(near, citation=numbered(near.citation, seen)) for near in one.nearest)
    number, id_ = seen.number(one.document_id, one.version), seen.id(one.document_id, one.version)
    return replace(one, version=number, version_id=id_, nearest=nearest)
