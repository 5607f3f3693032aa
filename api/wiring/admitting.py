"""Answers and searches of a service, each in its line: what is under way at once is bounded, and what waits."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from anyio import to_thread

from api.wiring.comparing import StageReport
from api.wiring.line import Bounds, Line
from api.wiring.replica_settings import servers
from api.wiring.spending import Spending
from generation.people import KeptAnswer
from generation.types import Answer, Event, FinalEvent, StatusEvent, Version
from infra.settings import Settings
from retrieval.types import EVERYTHING, Filter, Principal, SearchOptions, SearchResult

_CHARS_A_TOKEN = 4
Again = Callable[[], Principal]
"""Who asks, by the credential as it is now; raises a `FootnoteError` where it opens nothing any more."""


def answers(settings: Settings) -> Bounds:
    """Of one service: an engine of ours writes one answer at a time; with vLLM two for each of its servers, or, where
    that is more, one for two processors, which the search and the checks of each answer need."""
    elsewhere = bool(settings.llm_url) or settings.engine == "vllm"
    at_once = settings.answers_at_once or (max(2 * servers(settings), settings.threads // 2) if elsewhere else 1)
    return Bounds(at_once, settings.answers_waiting, settings.answers_waiting_each, "questions")


def searches(settings: Settings) -> Bounds:
    """Of one service: by themselves as many at once as there are cores."""
    at_once = settings.searches_at_once or settings.threads
    return Bounds(at_once, settings.searches_waiting, settings.searches_waiting_each, "searches")


def comparisons(settings: Settings) -> Bounds:
    """Of one service: each keeps a core busy for seconds."""
    return Bounds(
        max(1, settings.threads // 2), settings.searches_waiting, settings.searches_waiting_each, "comparisons"
    )


def broken_off(settings: Settings) -> int:
    """Tokens that an answer counts which was not heard to its end: about as many as it can take."""
    return settings.budget_chars // _CHARS_A_TOKEN + settings.max_tokens


class Answers(Protocol):
    """What gives answers: `api.wiring.answers.Answers`."""

    def stream(
        self,
        question: str,
        principal: Principal,
        as_of: date | None,
        only: Filter,
        *,
        earlier: Sequence[str],
        again: Again | None,
        strict: bool,
    ) -> AsyncGenerator[Event, None]: ...


class Search(Protocol):
    """What searches: `retrieval.search.hybrid.HybridSearch`."""

    options: SearchOptions

    async def search(
        self,
        query: str,
        principal: Principal,
        top_k: int,
        *,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        options: SearchOptions | None = None,
    ) -> SearchResult: ...


@dataclass(frozen=True, slots=True)
class AdmittedAnswers:
    """Implements `api.http.parts.Answers`. A place in line is had, and the question counted, before anything is told;
    whoever leaves gives the place up. `behind`: nobody waits for them, so they wait for everybody. Raises what
    `Line.place` and `Spending.question` raise."""

    answers: Answers
    line: Line
    spending: Spending
    behind: bool = False

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
        """Its events; before them, where it has to wait, its place in line whenever that changes. Raises what `again`
        raises, too, which is asked when it is the turn of a question that has waited."""
        with self.line.place(principal.user, behind=self.behind) as ticket:
            async with self.spending.question(principal) as counted:
                place = ticket.place
                waited = place > 0
                while place:
                    yield StatusEvent("waiting", place)
                    place = await ticket.moved(place)
                if waited and again is not None:  # rights may have been taken away meanwhile
                    principal = await to_thread.run_sync(again)
                counted.begun = True
                asking = self.answers.stream(
                    question, principal, as_of, only, earlier=earlier, again=again, strict=strict
                )
                async with aclosing(asking) as events:
                    async for event in events:
                        if isinstance(event, FinalEvent):
                            counted.usage = event.answer.usage
                        yield event


class Kept(Protocol):
    """`api.wiring.kept.KeptAnswers`."""

    def open(self, audit_id: str, principal: Principal) -> KeptAnswer | None: ...


class Replays(Protocol):
    """`api.wiring.replaying.Replaying`."""

    async def replay(self, audit_id: str) -> tuple[StageReport, ...] | None: ...


@dataclass(frozen=True, slots=True)
class AdmittedReplays:
    """Implements `api.http.parts.Replays`: one at a time, in the line of the answers and behind all of them, since it
    takes as long as an answer and nobody reads along. Raises what `Line.place` and `again` raise."""

    kept: Kept
    replays: Replays
    line: Line

    async def replay(
        self, audit_id: str, principal: Principal, again: Again
    ) -> tuple[Sequence[StageReport], Sequence[Version]] | None:
        """None where the principal may not read all that the answer rests on, or there is none."""
        if await to_thread.run_sync(self.kept.open, audit_id, principal) is None:
            return None
        with self.line.place(principal.user, behind=True) as ticket:
            await ticket.turn()
            now = await to_thread.run_sync(again)  # rights may have been taken away meanwhile
            kept = await to_thread.run_sync(self.kept.open, audit_id, now)
            stages = await self.replays.replay(kept.audit_id) if kept else None
        return (stages, sorted(kept.rests_on)) if kept and stages else None


@dataclass(frozen=True, slots=True)
class AdmittedSearch:
    """Implements `api.http.parts.Search`, by what `searching` gives when it is asked. Raises what `Line.place`
    raises."""

    searching: Callable[[], Search]
    line: Line

    @property
    def options(self) -> SearchOptions:
        return self.searching().options

    async def search(
        self,
        query: str,
        principal: Principal,
        top_k: int,
        *,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        options: SearchOptions | None = None,
    ) -> SearchResult:
        with self.line.place(principal.user) as ticket:
            await ticket.turn()
            return await self.searching().search(query, principal, top_k, as_of=as_of, only=only, options=options)
