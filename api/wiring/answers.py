"""Answers while the language model may change: each ends with the one that it began with."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, aclosing
from datetime import date

from generation.answering.service import AnswerService
from generation.types import Answer, Event
from retrieval.types import Principal


class Answers:
    """Asks the `AnswerService` that is in use when a question comes.

    `in_use` gives that service, and keeps its language model until the answer has ended.
    """

    def __init__(self, in_use: Callable[[], AbstractContextManager[AnswerService]]) -> None:
        self._in_use = in_use

    async def answer(self, question: str, principal: Principal, as_of: date | None = None) -> Answer:
        """The whole answer at once."""
        with self._in_use() as service:
            return await service.answer(question, principal, as_of)

    async def stream(
        self, question: str, principal: Principal, as_of: date | None = None
    ) -> AsyncGenerator[Event, None]:
        """Its events, as `AnswerService.stream` gives them."""
        with self._in_use() as service:
            async with aclosing(service.stream(question, principal, as_of)) as events:
                async for event in events:
                    yield event
