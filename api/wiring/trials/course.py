"""What becomes of one answer, told by its events while they pass."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from generation.types import Answer, CitationEvent, Event, FinalEvent, SentenceEvent
from ingest.errors import FootnoteError

ERROR, LEFT = "error", "left"


@dataclass
class Course:
    """`shown`: something of it has left, so that nothing else can answer in its place."""

    answer: Answer | None = None
    error: str = ""
    shown: bool = False
    first_seconds: float | None = None
    seconds: float = 0.0
    _began: float = field(default_factory=time.monotonic)

    async def of(self, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
        """These events, heard on their way."""
        try:
            async with aclosing(events) as told:
                async for event in told:
                    self.heard(event)
                    yield event
        except Exception as error:
            self.failed(error)
            raise
        finally:
            if self.left:
                self.seconds = time.monotonic() - self._began

    def heard(self, event: Event) -> None:
        if isinstance(event, CitationEvent | SentenceEvent):
            self.shown = True
        if isinstance(event, SentenceEvent) and self.first_seconds is None:
            self.first_seconds = time.monotonic() - self._began
        if isinstance(event, FinalEvent):
            self.answer = event.answer
            self.seconds = time.monotonic() - self._began

    def failed(self, error: Exception) -> None:
        self.error = error.code if isinstance(error, FootnoteError) else type(error).__qualname__
        self.seconds = time.monotonic() - self._began

    @property
    def left(self) -> bool:
        """The asker has left before its end. That counts against it, also where something had been shown: how much of
        it they saw is not known here, and whoever is slow enough to be left must not be the better for it."""
        return self.answer is None and not self.error

    @property
    def status(self) -> str:
        return str(self.answer.status) if self.answer is not None else ERROR

    @property
    def code(self) -> str:
        return LEFT if self.left else self.error


def overlap(one: Answer, other: Answer) -> float:
    """Share of the documents that either cites which both cite; 1 where neither cites any."""
    cited = [{citation.document_id for citation in answer.citations} for answer in (one, other)]
    return len(cited[0] & cited[1]) / len(cited[0] | cited[1]) if cited[0] | cited[1] else 1.0
