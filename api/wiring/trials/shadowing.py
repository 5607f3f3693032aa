"""The candidate answers in the background what the current release has answered: nothing of it is shipped or recorded
but an observation, it counts against no budget, and everybody who waits goes first."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from anyio import to_thread

from api.wiring.in_use import Answering
from api.wiring.line import Line
from api.wiring.observing import Telemetry
from api.wiring.trials.course import Course
from api.wiring.trials.keeping import Keeping
from api.wiring.trials.running import SHADOW, Running, Trials
from generation.types import Answer, Event
from ingest.errors import FootnoteError
from retrieval.types import Filter, Principal

log = logging.getLogger("footnote")

MOST_WAITING = 8
Again = Callable[[], Principal]
FULL, RIGHTS, TRIAL = "full", "rights", "trial"


@dataclass(frozen=True, slots=True)
class Question:
    """As it was typed, by whom, and how it was answered. `again`: who asks, by the credential as it is now; raises a
    `FootnoteError` where that opens nothing any more."""

    typed: str
    principal: Principal
    as_of: date | None
    only: Filter
    earlier: Sequence[str]
    again: Again
    trial: int
    answer: Answer
    strict: bool = False


Ask = Callable[[Answering, Question], AsyncGenerator[Event, None]]
"""The events of a question that this answers and leaves no record of."""


class Shadowing:
    """In the event loop that answers."""

    def __init__(
        self, trials: Trials, keeping: Keeping, ask: Ask, line: Callable[[], Line], telemetry: Telemetry
    ) -> None:
        self._trials, self._keeping, self._ask, self._line = trials, keeping, ask, line
        self._telemetry = telemetry
        self._waiting: deque[Question] = deque()
        self._come = asyncio.Event()

    def offer(self, question: Question) -> None:
        """Returns at once; one too many is dropped and counted."""
        if len(self._waiting) >= MOST_WAITING:
            self._drop(FULL)
            return
        self._waiting.append(question)
        self._come.set()

    async def run(self) -> None:
        """Answers what is offered, one after the other, until it is cancelled."""
        while True:
            await self._come.wait()
            self._come.clear()
            while self._waiting:
                try:
                    await self._one()
                except Exception:
                    log.exception("A shadow answer was left out.")  # nobody else would hear of it in this task

    async def _one(self) -> None:
        """Keeps its place in the queue until its turn has come."""
        with self._line().place(self._waiting[0].principal.user, behind=True) as ticket:
            await ticket.turn()
            question = self._waiting.popleft()
            with self._trials.shadow() as running:
                if running is None or running.trial.number != question.trial:
                    self._drop(TRIAL)
                elif not await self._may(question):
                    self._drop(RIGHTS)
                else:
                    await self._answered(running, question)

    async def _may(self, question: Question) -> bool:
        """Whether who asked may read now exactly what they might then: else the answers are not comparable, and after
        a revocation nothing is read in their name."""
        try:
            return await to_thread.run_sync(question.again) == question.principal
        except FootnoteError:
            return False

    async def _answered(self, running: Running, question: Question) -> None:
        course = Course()
        with suppress(Exception):  # which counts against it
            async with aclosing(course.of(self._ask(running.answering, question))) as events:
                async for _ in events:
                    pass
        self._keeping.seen(running, SHADOW, question.principal.user, course, beside=question.answer)

    def _drop(self, why: str) -> None:
        self._telemetry.metrics.shadows_dropped.labels(why).inc()


class Nowhere:
    """Implements `AuditLog`: of a shadow nothing gets into the trail."""

    async def append(self, record: Mapping[str, Any]) -> str:
        return "shadow"
