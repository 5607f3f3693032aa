"""What is asked of the language model while it may change: each request ends with the one that it began with."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date

from api.wiring.in_use import InUse
from api.wiring.language import HYDE_SLOT, Language
from generation.errors import GenerationError
from generation.llm.hypothesis import HypothesisWriter
from generation.llm.rewriting import PROMPT as FOLLOW_UP
from generation.llm.rewriting import QuestionRewriter
from generation.prompts import load_prompt
from generation.types import Answer, Event, FinalEvent, FollowUp, StatusEvent
from retrieval.types import EVERYTHING, Filter, Principal
from retrieval.understanding.follow_ups import carried_on, in_full
from retrieval.understanding.rewritings import is_own


class Answers:
    """Asks the `AnswerService` that is in use when a question comes."""

    def __init__(self, in_use: InUse) -> None:
        self._in_use = in_use

    async def answer(
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        earlier: Sequence[str] = (),
        again: object = None,
    ) -> Answer:
        """The whole answer at once. Nothing waits here, so that `again` is never asked."""
        async with aclosing(self.stream(question, principal, as_of, only, earlier=earlier)) as events:
            async for event in events:
                if isinstance(event, FinalEvent):
                    return event.answer
        raise AssertionError("the stream ended without a final event")

    async def answer_again(
        self, question: str, principal: Principal, as_of: date | None, only: Filter, follow_up: FollowUp | None, of: str
    ) -> Answer:
        """As it was asked before, in the place of the answer `of`."""
        with self._in_use.held() as answering:
            return await answering.service.answer(question, principal, as_of, only, follow_up=follow_up, asked_again=of)

    async def stream(
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        earlier: Sequence[str] = (),
        again: object = None,
    ) -> AsyncGenerator[Event, None]:
        """Its events, as `AnswerService.stream` gives them, of the question as it is to be asked after the `earlier`
        ones of the same asker, oldest first; the first and the last event tell how."""
        with self._in_use.held() as answering:
            follow_up = await continued(question, earlier, rewriter_of(answering.language), salt=_salt(principal))
            asked = follow_up.asked if follow_up else question
            asking = answering.service.stream(asked, principal, as_of, only, follow_up=follow_up)
            async with aclosing(asking) as events:
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
