"""Answers and searches of a service in their lines."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from api.wiring.admitting import AdmittedAnswers, AdmittedSearch, answers, searches
from api.wiring.line import Bounds, Line, ServiceBusy
from api.wiring.spending import Counted
from generation.types import Event, StatusEvent
from infra.postgres.errors import BudgetSpent
from infra.settings import load_settings
from ingest.errors import NotAuthenticated
from retrieval.search.hybrid import HybridSearch
from retrieval.types import Principal, SearchOptions, SearchResult

ANA, BEN = Principal("ana"), Principal("ben")


class Slow:
    """Answers that end when they are told to."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.running = 0

    async def stream(self, *_: Any, **__: Any) -> AsyncGenerator[Event, None]:
        self.running += 1
        try:
            yield StatusEvent("searching")
            await self.go_on.wait()
            yield StatusEvent("writing")
        finally:
            self.running -= 1


class Counting:
    """In the place of `Spending`."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.seen: list[Counted] = []

    @asynccontextmanager
    async def question(self, principal: Principal) -> AsyncIterator[Counted]:
        if self.error:
            raise self.error
        self.seen.append(Counted())
        yield self.seen[-1]


def admitted(answers: Slow, bounds: Bounds, spending: Counting | None = None) -> AdmittedAnswers:
    return AdmittedAnswers(answers, Line(bounds), spending or Counting())  # type: ignore[arg-type]


async def test_a_stream_tells_its_place_until_it_is_its_turn() -> None:
    slow = Slow()
    service = admitted(slow, Bounds(1, 8, 8))
    first, second = service.stream("a", ANA), service.stream("b", BEN)
    assert await anext(first) == StatusEvent("searching")
    assert await anext(second) == StatusEvent("waiting", 1)
    third = service.stream("c", Principal("cleo"))
    assert await anext(third) == StatusEvent("waiting", 2)
    assert slow.running == 1
    await first.aclose()
    assert await anext(second) == StatusEvent("searching")
    assert await anext(third) == StatusEvent("waiting", 1)
    await second.aclose()
    await third.aclose()
    assert (service.line.waiting, service.line.running, slow.running) == (0, 0, 0)


async def test_a_reader_who_leaves_while_waiting_frees_the_place_and_was_never_begun_on() -> None:
    spending, slow = Counting(), Slow()
    service = admitted(slow, Bounds(1, 1, 1), spending)
    first, second = service.stream("a", ANA), service.stream("b", BEN)
    await anext(first)
    await anext(second)
    with pytest.raises(ServiceBusy):
        await anext(service.stream("c", Principal("cleo")))
    await second.aclose()
    third = service.stream("c", Principal("cleo"))
    assert await anext(third) == StatusEvent("waiting", 1)
    assert [one.begun for one in spending.seen] == [True, False, False]
    await first.aclose()
    await third.aclose()


async def test_no_more_than_so_many_answers_are_under_way() -> None:
    slow = Slow()
    service = admitted(slow, Bounds(2, 40, 40))
    most = 0

    async def hear() -> None:
        nonlocal most
        async for _ in service.stream("a", ANA):
            most = max(most, slow.running)

    heard = [asyncio.create_task(hear()) for _ in range(20)]
    await asyncio.sleep(0)
    slow.go_on.set()
    await asyncio.gather(*heard)
    assert most == 2


async def test_whose_budget_is_spent_keeps_no_place() -> None:
    service = admitted(Slow(), Bounds(1, 1, 1), Counting(BudgetSpent("spent", 60)))
    with pytest.raises(BudgetSpent):
        await anext(service.stream("a", ANA))
    assert (service.line.waiting, service.line.running) == (0, 0)


async def test_who_has_waited_is_asked_for_anew_and_whoever_may_not_read_any_more_is_not_answered() -> None:
    asked: list[Principal] = []

    class Noting(Slow):
        async def stream(self, question: str, principal: Principal, *_: Any, **__: Any) -> AsyncGenerator[Event, None]:
            asked.append(principal)
            yield StatusEvent("searching")

    def deactivated() -> Principal:
        raise NotAuthenticated("This person has been deactivated.")

    spending = Counting()
    service = admitted(Noting(), Bounds(1, 8, 8), spending)
    at_once = service.stream("a", ANA, again=deactivated)  # was asked a moment ago
    assert await anext(at_once) == StatusEvent("searching")
    moved, gone = (
        service.stream("b", BEN, again=lambda: Principal("benedict")),
        service.stream("c", BEN, again=deactivated),
    )
    assert [await anext(one) for one in (moved, gone)] == [StatusEvent("waiting", 1), StatusEvent("waiting", 2)]
    await at_once.aclose()
    assert await anext(moved) == StatusEvent("searching")
    await moved.aclose()
    with pytest.raises(NotAuthenticated):
        _ = [event async for event in gone]
    assert asked == [ANA, Principal("benedict")]
    assert [one.begun for one in spending.seen] == [True, True, False]
    assert (service.line.waiting, service.line.running) == (0, 0)


class Scripted(HybridSearch):
    """A search that says in which thread it ran."""

    def __init__(self) -> None:
        super().__init__(None, None, None, None)  # type: ignore[arg-type]

    def search_now(self, query: str, *_: Any, **__: Any) -> SearchResult:
        return SearchResult(threading.current_thread().name, (), "s")


async def test_a_search_does_not_wait_for_the_threads_that_answers_use() -> None:
    """All threads of the event loop are busy, as with generation under way, and the search is done all the same."""
    loop, release = asyncio.get_running_loop(), threading.Event()
    everything = ThreadPoolExecutor(2)
    loop.set_default_executor(everything)
    busy = [asyncio.create_task(asyncio.to_thread(release.wait)) for _ in range(4)]
    with ThreadPoolExecutor(1, thread_name_prefix="search") as own:
        service = AdmittedSearch(lambda: Scripted().in_threads(own), Line(Bounds(1, 1, 1)))
        try:
            found = await asyncio.wait_for(service.search("rent", ANA, 3), 10)
        finally:
            release.set()
            await asyncio.gather(*busy)
    assert found.query.startswith("search")


async def test_searches_are_bounded_as_well() -> None:
    blocked = asyncio.Event()

    class Blocked:
        options = SearchOptions()

        async def search(self, *_: Any, **__: Any) -> SearchResult:
            await blocked.wait()
            return SearchResult("q", (), "s")

    service = AdmittedSearch(Blocked, Line(Bounds(1, 1, 1)))  # type: ignore[arg-type]
    asked = [asyncio.create_task(service.search("q", person, 1)) for person in (ANA, BEN)]
    await asyncio.sleep(0)
    with pytest.raises(ServiceBusy):
        await service.search("q", Principal("cleo"), 1)
    blocked.set()
    await asyncio.gather(*asked)
    assert (service.line.waiting, service.line.running) == (0, 0)


def test_by_themselves_as_many_answers_are_given_at_once_as_the_generator_and_the_processor_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("FOOTNOTE_")]:
        monkeypatch.delenv(name)
    own = load_settings(home=tmp_path, threads=8)
    elsewhere = load_settings(home=tmp_path, threads=8, llm_url="http://gpu.test/v1", llm_model="m")
    chosen = load_settings(home=tmp_path, threads=8, answers_at_once=3, searches_at_once=5)
    assert [answers(one).at_once for one in (own, elsewhere, chosen)] == [1, 4, 3]
    assert [searches(one).at_once for one in (own, elsewhere, chosen)] == [8, 8, 5]
