"""Proof of absence: the parts of one process put together, and its line."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from typing import Protocol

from api.wiring.line import Bounds, Line
from api.wiring.spending import Spending
from api.wiring.weights import Pinned
from generation.absence.looking import OPTIONS, READ, SELECTED, Looking
from generation.absence.protocols import Search, Wholes
from generation.absence.service import AbsenceService, Event
from generation.absence.weighing import load_limits
from generation.errors import NotMeasured
from generation.protocols import AuditLog, EvidenceScorer, Selector
from generation.types import StatusEvent, Usage
from infra.postgres.chunks import PostgresVersionText
from infra.postgres.pool import Pool
from infra.settings import Settings
from retrieval.types import EVERYTHING, Filter, Principal


def bounds(settings: Settings) -> Bounds:
    """Of one service: one at a time, which reads for minutes; who waits is bounded as for answers."""
    return Bounds(1, settings.answers_waiting, settings.answers_waiting_each, "proofs of absence")


def absence_service(
    settings: Settings,
    *,
    search: Search,
    scorer: EvidenceScorer,
    selector: Selector | None,
    wholes: Wholes,
    pool: Pool,
    audit: AuditLog,
    pinned: Pinned,
) -> AbsenceService:
    """Raises `NotMeasured` with other models than those that the bounds were chosen for."""
    if selector is None:
        raise NotMeasured("Absence needs the selector, and this service has none: its operator sets FOOTNOTE_SELECTOR.")
    limits = load_limits(pinned(settings.reranker), pinned(settings.selector))
    models = {name: pinned(getattr(settings, name)) for name in ("embedder", "reranker", "selector")}
    return AbsenceService(
        search=search,
        looking=Looking(search, scorer, selector, limits.weights),
        wholes=wholes,
        versions=PostgresVersionText(pool),
        audit=audit,
        limits=limits,
        recipe={
            "footnote": version("footnote"),
            "models": models,
            "search": asdict(OPTIONS),
            "read": READ,
            "selected": SELECTED,
            "weights": asdict(limits.weights),
        },
    )


class Absences(Protocol):
    """What looks for absence: `generation.absence.service.AbsenceService`."""

    def stream(
        self, question: str, principal: Principal, as_of: date | None, only: Filter
    ) -> AsyncGenerator[Event, None]: ...


@dataclass(frozen=True, slots=True)
class AdmittedAbsence:
    """Implements `api.http.absences.Absences`, by what `absences` gives when it is asked. A place in line is had, and
    the question counted, before anything is looked at; whoever leaves gives the place up. Raises what `Line.place` and
    `Spending.question` raise."""

    absences: Callable[[], Absences]
    line: Line
    spending: Spending

    async def stream(
        self, question: str, principal: Principal, as_of: date | None = None, only: Filter = EVERYTHING
    ) -> AsyncGenerator[Event, None]:
        """Its events; before them, where it has to wait, its place in line whenever that changes."""
        with self.line.place(principal.user) as ticket:
            async with self.spending.question(principal) as counted:
                place = ticket.place
                while place:
                    yield StatusEvent("waiting", place)
                    place = await ticket.moved(place)
                counted.begun, counted.usage = True, Usage()  # no language model is asked
                async with aclosing(self.absences().stream(question, principal, as_of, only)) as events:
                    async for event in events:
                        yield event
