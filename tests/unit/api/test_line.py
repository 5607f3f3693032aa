"""The line: fair shares, places that are told, bounds, and places that are given up."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import Any

import pytest

from api.wiring.line import Bounds, Line, ServiceBusy, Ticket, TooManyWaiting

WIDE = Bounds(1, 100, 100)


class Visit:
    """A place that is left on demand."""

    def __init__(self, line: Line, user: str) -> None:
        self._stack = ExitStack()
        self.user = user
        self.ticket: Ticket = self._stack.enter_context(line.place(user))

    @property
    def place(self) -> int:
        return self.ticket.place

    def leave(self) -> None:
        self._stack.close()


def served(line: Line, visits: list[Visit]) -> list[str]:
    """Who has a turn, one after the other, each leaving at once."""
    order = []
    waiting = list(visits)
    while waiting:
        first = next(visit for visit in waiting if visit.place == 0)
        order.append(first.user)
        waiting.remove(first)
        first.leave()
    return order


def test_whoever_comes_first_goes_first_where_each_asks_once() -> None:
    line = Line(WIDE)
    visits = [Visit(line, user) for user in "abc"]
    assert [visit.place for visit in visits] == [0, 1, 2]
    assert served(line, visits) == ["a", "b", "c"]


def test_persons_take_turns_however_much_one_of_them_has_waiting() -> None:
    line = Line(WIDE)
    visits = [Visit(line, user) for user in "aaaabbc"]
    assert served(line, visits) == ["a", "b", "c", "a", "b", "a", "a"]


def test_what_is_under_way_counts_so_that_a_newcomer_goes_before_a_second_request() -> None:
    line = Line(Bounds(2, 100, 100))
    visits = [Visit(line, user) for user in "aaa"]
    newcomer = Visit(line, "b")
    assert [visit.place for visit in visits] == [0, 0, 2]
    assert newcomer.place == 1
    visits[0].leave()
    assert (newcomer.place, visits[2].place) == (0, 1)


def test_whoever_has_less_under_way_is_next_even_if_served_last() -> None:
    line = Line(Bounds(3, 100, 100))
    visits = [Visit(line, user) for user in "aab"]
    much, little = Visit(line, "a"), Visit(line, "b")
    assert [visit.place for visit in visits] == [0, 0, 0]
    assert (little.place, much.place) == (1, 2)


def test_one_person_s_requests_keep_their_order() -> None:
    line = Line(WIDE)
    first, second, third = (Visit(line, "a") for _ in range(3))
    first.leave()
    assert (second.place, third.place) == (0, 1)


async def test_the_place_is_told_whenever_it_changes() -> None:
    line = Line(WIDE)
    ahead = [Visit(line, user) for user in "ab"]
    with line.place("c") as ticket:
        told = [ticket.place]

        async def listening() -> None:
            while place := await ticket.moved(told[-1]):
                told.append(place)

        heard = asyncio.create_task(listening())
        for visit in ahead:
            await asyncio.sleep(0)
            visit.leave()
        await asyncio.wait_for(heard, 5)
    assert told == [2, 1]


def test_whoever_gives_up_a_place_moves_the_others_at_once() -> None:
    line = Line(WIDE)
    first, left, last = (Visit(line, user) for user in "abc")
    left.leave()
    assert last.place == 1
    assert line.waiting == 1
    first.leave()
    assert last.place == 0
    last.leave()
    assert (line.waiting, line.running) == (0, 0)


async def test_a_wait_that_is_cancelled_leaves_no_place_behind() -> None:
    line = Line(WIDE)
    first = Visit(line, "a")

    async def waiting() -> None:
        with line.place("b") as ticket:
            await ticket.turn()

    task = asyncio.create_task(waiting())
    await asyncio.sleep(0)
    assert line.waiting == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert line.waiting == 0
    first.leave()
    assert line.running == 0


def test_beyond_the_bound_the_service_is_busy_and_beyond_the_share_the_person_waits() -> None:
    line = Line(Bounds(1, 3, 2, "questions"))
    visits = [Visit(line, user) for user in "aaa"]
    with (
        pytest.raises(TooManyWaiting, match=r"as many questions waiting as one person may \(2\)"),
        line.place("a"),
    ):
        pass
    visits.append(Visit(line, "b"))
    with pytest.raises(ServiceBusy, match=r"line for questions is full \(3\)"), line.place("c"):
        pass
    visits[0].leave()
    with line.place("c"):
        pass


def test_how_long_to_wait_comes_from_what_the_latest_took() -> None:
    now = [0.0]
    line = Line(Bounds(2, 1, 1), clock=lambda: now[0])
    for _ in range(4):
        visit = Visit(line, "a")
        now[0] += 30.0
        visit.leave()
    held: list[Any] = [Visit(line, user) for user in "aab"]
    assert line.seconds(1) == 15
    with pytest.raises(ServiceBusy) as busy, line.place("c"):
        pass
    assert busy.value.retry_after == 15
    assert [visit.place for visit in held] == [0, 0, 1]


def test_nobody_is_told_to_come_back_at_once_or_never() -> None:
    now = [0.0]
    line = Line(Bounds(1, 1, 1), clock=lambda: now[0])
    Visit(line, "a").leave()
    assert line.seconds(1) == 1
    slow = Visit(line, "a")
    now[0] = 1e6
    slow.leave()
    assert line.seconds(1) == 600


def test_what_nobody_waits_for_is_behind_everybody_and_takes_nobodys_place() -> None:
    line = Line(Bounds(1, 2, 2))
    first = Visit(line, "a")
    with ExitStack() as stack:
        behind = [stack.enter_context(line.place(user, behind=True)) for user in "abb"]
        waiting = [Visit(line, "b"), Visit(line, "b")]
        assert [one.ticket.place for one in waiting] == [1, 2]
        assert [ticket.place for ticket in behind] == [3, 4, 5]
        assert line.waiting == 2
        with pytest.raises(ServiceBusy), line.place("c"):
            pass
        first.leave()
        waiting[0].leave()
        assert waiting[1].ticket.place == 0
        newcomer = Visit(line, "c")
        waiting[1].leave()
        assert newcomer.ticket.place == 0
        newcomer.leave()
        assert [ticket.place for ticket in behind] == [0, 1, 2]


def test_somebodys_background_does_not_count_against_their_own_question() -> None:
    line = Line(Bounds(1, 8, 8))
    with line.place("a", behind=True) as running:
        assert running.place == 0
        own, other = Visit(line, "a"), Visit(line, "b")
        assert (own.ticket.place, other.ticket.place) == (1, 2)
