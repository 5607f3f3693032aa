"""Answers that go on without a reader: who asked may leave, and join them again from anywhere.

What is told of an answer is kept as it comes, in a `Store`; whoever follows reads it there, with the rights that they
have when it is sent (api/http/running_events.py). The answer itself is one task of the process that was asked.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from api.http.stopping import stopped
from api.http.streaming import failure, named
from generation.types import Citation, CitationEvent, Event, FinalEvent, RetrievalEvent, StatusEvent
from ingest.errors import FootnoteError, NotNow

_SECRET_BYTES = 18  # of an id, which nobody can guess


class AnswerStopped(FootnoteError):
    """Its asker has stopped it, from this page or another one."""

    code = "answer_stopped"


class AnswerClosed(FootnoteError):
    """Who asked may not read all that it rests on any more."""

    code = "answer_closed"


class TooManyRunning(NotNow):
    """One person has as many that go on as one person may."""

    code = "too_many_running"


class NoRoomToRun(NotNow):
    """As much is kept of answers that go on as may be."""

    code = "no_room_to_run"


class State(StrEnum):
    """`STOPPED`: by who asked; `FAILED`: for any other reason, which its events tell."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it is sent, without its number, and what it names: document id and version id each."""

    kind: str
    data: Mapping[str, Any]
    versions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RunningAnswer:
    """An answer that goes on without a reader, or ended a while ago.

    `owner`: as `Principal.owner`; `question` as it was typed; `conversation`: its id, or "new" until there is one;
    `turn`: its number there, once it is kept. `stage` and `place`: as in `StatusEvent`.
    """

    id: str
    owner: str
    question: str
    conversation: str
    started_at: datetime
    ended_at: datetime | None = None
    state: State = State.RUNNING
    stage: str = "waiting"
    place: int = 0
    turn: int | None = None

    @property
    def seconds(self) -> float:
        """That it has taken, or took."""
        return round(((self.ended_at or datetime.now(UTC)) - self.started_at).total_seconds(), 1)

    def after(self, event: Event) -> RunningAnswer:
        if isinstance(event, StatusEvent):
            return replace(self, stage=event.stage, place=event.place)
        if isinstance(event, FinalEvent) and (kept := event.answer.conversation):
            return replace(self, conversation=kept.id, turn=kept.number)
        return self


class Store(Protocol):
    """Where running answers are kept, with their events; each event has a number, from 1. One that processes share has
    the same methods as the memory of one (api/http/running_memory.py)."""

    async def add(self, answer: RunningAnswer) -> None:
        """Raises `TooManyRunning` and `NoRoomToRun`."""
        ...

    async def tell(self, answer: RunningAnswer, events: Sequence[Told]) -> None:
        """Puts the events at the end; the answer stands as it is given. Raises `NoRoomToRun` while it goes on."""
        ...

    async def of(self, owner: str) -> Sequence[RunningAnswer]:
        """Newest first."""
        ...

    async def find(self, id_: str, owner: str) -> RunningAnswer | None: ...

    async def told(self, id_: str, after: int = 0) -> Sequence[Told]:
        """The events with higher numbers."""
        ...

    async def changed(self, id_: str, after: int) -> None:
        """Returns once there are events with higher numbers, or the answer has ended or is gone."""
        ...

    async def remove(self, id_: str) -> None: ...

    async def ask_to_stop(self, id_: str) -> None: ...

    async def asked_to_stop(self, id_: str) -> None:
        """Returns once somebody has."""
        ...


class Running:
    """Starts them, lists, finds and stops them. Of one event loop."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, owner: str, question: str, conversation: str, events: AsyncGenerator[Event, None]) -> str:
        """The id of the answer whose events these are, once there is the first one. Raises what they raise before it,
        and what `Store.add` raises."""
        answer = RunningAnswer(secrets.token_urlsafe(_SECRET_BYTES), owner, question, conversation, datetime.now(UTC))
        try:
            await self.store.add(answer)
        except NotNow:
            await events.aclose()
            raise
        first = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._run(answer, events, first))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await first
        return answer.id

    async def stop(self, id_: str, owner: str) -> bool:
        """Breaks it off, and returns once that is recorded; one that has ended is forgotten. False: none of theirs."""
        found = await self.store.find(id_, owner)
        if found is None:
            return False
        if found.state is not State.RUNNING:
            await self.store.remove(id_)
            return True
        await self.store.ask_to_stop(id_)
        told = 0
        while found is not None and found.state is State.RUNNING:
            await self.store.changed(id_, told)
            told, found = len(await self.store.told(id_)), await self.store.find(id_, owner)
        return True

    async def run(self) -> None:
        """Until it is cancelled, when the service stops: what goes on then is broken off, and recorded so."""
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(
        self, answer: RunningAnswer, events: AsyncGenerator[Event, None], first: asyncio.Future[None]
    ) -> None:
        work = _Work(self.store, answer, events, first)
        telling = asyncio.create_task(work.tell())
        stopping = asyncio.create_task(self.store.asked_to_stop(answer.id))
        why: tuple[State, FootnoteError] = State.FAILED, stopped()
        try:
            await asyncio.wait({telling, stopping}, return_when=asyncio.FIRST_COMPLETED)
            why = State.STOPPED, AnswerStopped("The answer was stopped by who asked. Ask again if you want it.")
        finally:
            for task in (telling, stopping):
                task.cancel()
            await asyncio.gather(telling, stopping, return_exceptions=True)  # its record is closed then
            if not work.ended:
                await work.end(*why)


class _Work:
    """One answer, told to the store."""

    def __init__(
        self, store: Store, answer: RunningAnswer, events: AsyncGenerator[Event, None], first: asyncio.Future[None]
    ) -> None:
        self._store, self._answer, self._events, self._first = store, answer, events, first
        self._begun = self.ended = False

    async def tell(self) -> None:
        try:
            async with aclosing(self._events) as events:
                async for event in events:
                    await self._tell(event)
        except Exception as error:  # noqa: BLE001 - whatever happens, who follows is told in the stream's own form
            await self.end(State.FAILED, error)
        else:
            await self.end(State.DONE)

    async def _tell(self, event: Event) -> None:
        if not self._begun and isinstance(event, StatusEvent):
            event = replace(event, running=self._answer.id)
        self._answer = self._answer.after(event)
        await self._store.tell(self._answer, [told(event)])
        self._begun = True
        if not self._first.done():
            self._first.set_result(None)

    async def end(self, state: State, error: Exception | None = None) -> None:
        """Of one that ended before anything of it was told nothing is kept: who waits for it is told."""
        self._answer = replace(self._answer, state=state, ended_at=datetime.now(UTC), stage="", place=0)
        if error is not None and not self._begun:
            await self._store.remove(self._answer.id)
            self.ended = True
            if not self._first.done():
                self._first.set_exception(error)
            return
        last = [Told("error", failure(error))] if error is not None else []
        await self._store.tell(self._answer, [*last, Told("done", {})])
        self.ended = True
        if not self._first.done():  # it has ended without an event
            self._first.set_result(None)


def told(event: Event) -> Told:
    return Told(*named(event), tuple(dict.fromkeys(_versions(event))))


def _versions(event: Event) -> Iterator[tuple[str, str]]:
    if isinstance(event, RetrievalEvent):
        yield from ((one.document_id, one.version_id) for one in event.sources)
    elif isinstance(event, CitationEvent):
        yield from _cited([event.citation])
    elif isinstance(event, FinalEvent):
        answer = event.answer
        yield from _cited([*answer.citations, *(answer.abstention.nearest if answer.abstention else ())])
        yield from ((one.document_id, one.version_id) for one in answer.assumed)


def _cited(citations: Sequence[Citation]) -> Iterator[tuple[str, str]]:
    return ((one.document_id, one.version_id) for one in citations)
