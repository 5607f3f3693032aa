"""What is asked of the language model while it may change: each request ends with the one that it began with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import date

from api.wiring.in_use import InUse
from api.wiring.language import HYDE_SLOT, Language
from generation.errors import GenerationError
from generation.llm.hypothesis import HypothesisWriter
from generation.prompts import load_prompt
from generation.types import Answer, Event, FollowUp
from retrieval.types import EVERYTHING, Filter, Principal
from retrieval.understanding.follow_ups import carried_on


class Answers:
    """Asks the `AnswerService` that is in use when a question comes."""

    def __init__(self, in_use: InUse) -> None:
        self._in_use = in_use

    def continued(self, question: str, earlier: Sequence[str]) -> tuple[str, FollowUp | None]:
        """The question as it is to be asked after the earlier ones of the same asker, oldest first."""
        asked, carried = carried_on(question, earlier)
        return asked, FollowUp(question, carried) if carried else None

    async def answer(
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        follow_up: FollowUp | None = None,
        asked_again: str = "",
    ) -> Answer:
        """The whole answer at once. `asked_again`: the earlier one that it is to take the place of."""
        with self._in_use.held() as answering:
            return await answering.service.answer(
                question, principal, as_of, only, follow_up=follow_up, asked_again=asked_again
            )

    async def stream(
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        follow_up: FollowUp | None = None,
    ) -> AsyncGenerator[Event, None]:
        """Its events, as `AnswerService.stream` gives them."""
        with self._in_use.held() as answering:
            asking = answering.service.stream(question, principal, as_of, only, follow_up=follow_up)
            async with aclosing(asking) as events:
                async for event in events:
                    yield event


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
