"""What is asked of the language model while it may change: each request ends with the one that it began with.

While a release is tried, some people are answered by the candidate (`Answers.stream`). Where that fails before anything
of its answer has left, what answers everybody answers in its place."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date

from api.wiring.admitting import Again
from api.wiring.in_use import Answering, InUse
from api.wiring.language import HYDE_SLOT, Language
from api.wiring.trials.course import Course
from api.wiring.trials.keeping import Keeping
from api.wiring.trials.running import SHADOW, Running, Trials
from api.wiring.trials.shadowing import Nowhere, Question, Shadowing
from generation.answering.service import AnswerService
from generation.errors import GenerationError
from generation.llm.hypothesis import HypothesisWriter
from generation.llm.rewriting import PROMPT as FOLLOW_UP
from generation.llm.rewriting import QuestionRewriter
from generation.prompts import load_prompt
from generation.types import Answer, Event, FinalEvent, FollowUp, StatusEvent
from retrieval.types import EVERYTHING, Filter, Principal
from retrieval.understanding.follow_ups import carried_on, in_full
from retrieval.understanding.rewritings import is_own


@dataclass(frozen=True, slots=True)
class Trying:
    """How a candidate is tried beside what answers everybody."""

    trials: Trials
    keeping: Keeping
    shadowing: Shadowing


class Answers:
    """Asks the `AnswerService` that is in use when a question comes, or for those who are drawn to be answered by a
    candidate that one's."""

    def __init__(self, in_use: InUse, trying: Trying | None = None) -> None:
        self._in_use, self._trying = in_use, trying

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
        """The whole answer at once."""
        asking = self.stream(question, principal, as_of, only, earlier=earlier, again=again, strict=strict)
        async with aclosing(asking) as events:
            async for event in events:
                if isinstance(event, FinalEvent):
                    return event.answer
        raise AssertionError("the stream ended without a final event")

    async def answer_again(
        self,
        question: str,
        principal: Principal,
        as_of: date | None,
        only: Filter,
        follow_up: FollowUp | None,
        of: str,
        strict: bool = False,
    ) -> Answer:
        """As it was asked before, in the place of the answer `of`; never by a candidate."""
        with self._in_use.held() as answering:
            service = answering.service.strictly() if strict else answering.service
            return await service.answer(question, principal, as_of, only, follow_up=follow_up, asked_again=of)

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
        """Its events, as `AnswerService.stream` gives them, of the question as it is to be asked after the `earlier`
        ones of the same asker, oldest first; the first and the last event tell how. Those of a candidate that failed
        come before those of the answer in its place. `again`: nothing waits here; a shadow asks it. `strict`: as
        `AnswerService.strictly`."""
        asked = _Asked(question, principal, as_of, only, earlier, again, strict)
        if self._trying is None:
            async with aclosing(self._by_current(asked)) as events:
                async for event in events:
                    yield event
            return
        with self._trying.trials.held(principal.user) as candidate:
            asking = (
                self._by_candidate(self._trying, candidate, asked) if candidate else self._beside(self._trying, asked)
            )
            async with aclosing(asking) as events:
                async for event in events:
                    yield event

    async def _by_current(self, asked: _Asked) -> AsyncGenerator[Event, None]:
        with self._in_use.held() as answering:
            async with aclosing(_events(answering, asked)) as events:
                async for event in events:
                    yield event

    async def _beside(self, trying: Trying, asked: _Asked) -> AsyncGenerator[Event, None]:
        """By what answers everybody; of a shadow the candidate answers it, too, afterwards."""
        running, course = trying.trials.now, Course()
        try:
            async with aclosing(course.of(self._by_current(asked))) as events:
                async for event in events:
                    yield event
        finally:
            if running is not None:
                trying.keeping.seen(running, "current", asked.principal.user, course)
                if running.trial.mode == SHADOW and course.answer and asked.again:
                    number = running.trial.number
                    trying.shadowing.offer(
                        Question(
                            asked.question,
                            asked.principal,
                            asked.as_of,
                            asked.only,
                            asked.earlier,
                            asked.again,
                            number,
                            course.answer,
                            asked.strict,
                        )
                    )

    async def _by_candidate(self, trying: Trying, running: Running, asked: _Asked) -> AsyncGenerator[Event, None]:
        """By the candidate. Whatever it fails with, what answers everybody is asked then, and tells whether it was the
        candidate's fault."""
        course, instead = Course(), Course()
        try:
            try:
                async with aclosing(course.of(_events(running.answering, asked))) as events:
                    async for event in events:
                        yield event
                return
            except Exception:
                if course.shown:
                    raise
            async with aclosing(instead.of(self._by_current(asked))) as events:
                async for event in events:
                    yield event
        finally:
            alone = instead.answer is not None
            if not (course if course.shown or not course.error else instead).left:
                trying.trials.ended(running, alone=alone)
            trying.keeping.seen(running, "candidate", asked.principal.user, course, alone=alone)


@dataclass(frozen=True, slots=True)
class _Asked:
    question: str
    principal: Principal
    as_of: date | None
    only: Filter
    earlier: Sequence[str]
    again: Again | None
    strict: bool = False


async def shadowed(answering: Answering, question: Question) -> AsyncGenerator[Event, None]:
    """What it would answer now; of this nothing gets into the trail."""
    service = answering.service.recorded_in(Nowhere())
    of = _Asked(
        question.typed, question.principal, question.as_of, question.only, question.earlier, None, question.strict
    )
    async with aclosing(_events(answering, of, service)) as events:
        async for event in events:
            yield event


async def _events(
    answering: Answering, asked: _Asked, service: AnswerService | None = None
) -> AsyncGenerator[Event, None]:
    """`service`: in the place of its own."""
    salt = _salt(asked.principal)
    follow_up = await continued(asked.question, asked.earlier, rewriter_of(answering.language), salt=salt)
    question = follow_up.asked if follow_up else asked.question
    asking = service or answering.service
    asking = asking.strictly() if asked.strict else asking
    stream = asking.stream(question, asked.principal, asked.as_of, asked.only, follow_up=follow_up)
    async with aclosing(stream) as events:
        async for event in events:
            yield _told(event, follow_up) if follow_up else event


def _told(event: Event, follow_up: FollowUp) -> Event:
    if isinstance(event, FinalEvent):
        return FinalEvent(replace(event.answer, follow_up=follow_up))
    if isinstance(event, StatusEvent) and event.stage == "searching":
        return replace(event, question=follow_up.asked)
    return event


async def continued(question: str, earlier: Sequence[str], rewriter: QuestionRewriter, *, salt: str) -> FollowUp | None:
    """How it is to be asked; None where it stands alone. The model is asked where the rule can only name what the
    question is about, and what it writes counts if the asker's words are all that is in it."""
    asked, carried = carried_on(question, earlier)
    if not carried:
        return None
    if not in_full(question, carried):
        written = await rewriter.write(question, carried, cache_salt=salt)
        if is_own(written, question, carried):
            return FollowUp(question, carried, written, "model")
    return FollowUp(question, carried, asked)


def _salt(principal: Principal) -> str:
    """So that no server reuses for one person, and by its time tells, what another has asked."""
    return hashlib.sha256(f"follow-up of {principal.user}".encode()).hexdigest()


def rewriter_of(language: Language) -> QuestionRewriter:
    return QuestionRewriter(lambda: language.base(HYDE_SLOT), load_prompt(FOLLOW_UP))


def hypotheses_of(language: Language) -> HypothesisWriter:
    """Those of an answer, which keeps its language model, whatever is in use by now."""
    return HypothesisWriter(lambda: language.base(HYDE_SLOT), load_prompt("hyde"))


class Hypotheses:
    """Implements `retrieval.protocols.PassageWriter` with the base model that is in use, asked for at each passage: a
    search that writes none starts none."""

    def __init__(self, in_use: InUse) -> None:
        self._in_use = in_use

    async def write(self, question: str, *, cache_salt: str) -> str:
        """As `HypothesisWriter.write`."""
        try:
            await asyncio.to_thread(self._in_use.now)  # which may have to start it
        except GenerationError:
            return ""
        with self._in_use.held() as answering:
            return await hypotheses_of(answering.language).write(question, cache_salt=cache_salt)
