"""A bounded line of requests for something of which only so much goes on at once, with fair shares for persons."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ingest.errors import NotNow

_REMEMBERED = 32  # of the latest requests, how long they took
_GUESS_S = 5.0  # until there is one
_LONGEST_S = 600
_BEHIND = "~"  # before the name of who has work in the background, which no name begins with


class ServiceBusy(NotNow):
    """Everybody's line is full."""

    code = "service_busy"


class TooManyWaiting(NotNow):
    """One person has as much waiting as one person may."""

    code = "too_many_waiting"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many go on `at_once`, how many more wait, and how many of these may be one person's. `what`, in the plural,
    is for messages."""

    at_once: int
    waiting: int
    each: int
    what: str = "requests"


@dataclass(eq=False)
class Ticket:
    """Somebody's place: 0 once it is their turn, else their number in line. `behind`: of work that nobody waits for."""

    user: str
    number: int
    behind: bool = False
    place: int = -1
    began: float = 0.0
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def moved(self, known: int) -> int:
        """The place, once it is another than the `known` one."""
        while self.place == known:
            self._moved.clear()
            await self._moved.wait()
        return self.place

    async def turn(self) -> None:
        place = self.place
        while place:
            place = await self.moved(place)

    def put(self, place: int) -> None:
        if place != self.place:
            self.place = place
            self._moved.set()


class Line:
    """For one event loop. Whoever has the least under way is next, among these who was served longest ago, among these
    who came first; what is under way counts, so that a person's tenth request waits for everybody's first. Work in the
    background has its turn when nobody waits, by the same rules, and takes nobody's place in line."""

    def __init__(self, bounds: Bounds, clock: Callable[[], float] = time.monotonic) -> None:
        self._bounds, self._clock = bounds, clock
        self._waiting: list[Ticket] = []
        self._running: Counter[str] = Counter()
        self._served: dict[str, int] = {}  # persons with something here: when they had their last turn
        self._numbers = self._turns = 0
        self._took: deque[float] = deque(maxlen=_REMEMBERED)

    @property
    def waiting(self) -> int:
        """Requests of people, not what waits behind them."""
        return sum(not ticket.behind for ticket in self._waiting)

    @property
    def running(self) -> int:
        return self._running.total()

    @contextmanager
    def place(self, user: str, *, behind: bool = False) -> Iterator[Ticket]:
        """A place until the end of the block, whether its turn has come or not; `behind` all people. Raises
        `TooManyWaiting` and `ServiceBusy`, where it is not."""
        if not behind:
            self._check(user)
        self._numbers += 1
        ticket = Ticket(_BEHIND + user if behind else user, self._numbers, behind)
        self._waiting.append(ticket)
        self._move()
        try:
            yield ticket
        finally:
            self._leave(ticket)

    def _check(self, user: str) -> None:
        if self.running < self._bounds.at_once:
            return
        own = sum(ticket.user == user for ticket in self._waiting)
        what = self._bounds.what
        if own >= self._bounds.each:
            first = min(ticket.place for ticket in self._waiting if ticket.user == user) if own else 1
            raise TooManyWaiting(
                f"You have as many {what} waiting as one person may ({self._bounds.each}). "
                "Wait for one of them, then ask again.",
                self.seconds(first),
            )
        if self.waiting >= self._bounds.waiting:
            raise ServiceBusy(
                f"The line for {what} is full ({self._bounds.waiting}). Ask again later.",
                self.seconds(self.waiting - self._bounds.waiting + 1),
            )

    def seconds(self, place: int) -> int:
        """Until whoever is there in line has their turn, by what the latest ones took."""
        each = sum(self._took) / len(self._took) if self._took else _GUESS_S
        return max(1, min(_LONGEST_S, math.ceil(each * place / self._bounds.at_once)))

    def _leave(self, ticket: Ticket) -> None:
        if ticket.place:
            self._waiting.remove(ticket)
        else:
            self._took.append(self._clock() - ticket.began)
            self._running[ticket.user] -= 1
        if not self._running[ticket.user]:
            del self._running[ticket.user]
            if all(other.user != ticket.user for other in self._waiting):
                self._served.pop(ticket.user, None)
        self._move()

    def _move(self) -> None:
        """Gives out what is free, and tells the others where they are."""
        while self._waiting and self.running < self._bounds.at_once:
            first = self._in_order()[0]
            self._waiting.remove(first)
            self._turns += 1
            self._running[first.user] += 1
            self._served[first.user] = self._turns
            first.began = self._clock()
            first.put(0)
        for place, ticket in enumerate(self._in_order(), 1):
            ticket.put(place)

    def _in_order(self) -> list[Ticket]:
        """`_waiting` is in the order in which they came."""
        ahead = Counter(self._running)
        keys: dict[int, tuple[bool, int, int, int]] = {}
        for ticket in self._waiting:
            keys[ticket.number] = (
                ticket.behind,
                ahead[ticket.user],
                self._served.get(ticket.user, 0),
                ticket.number,
            )
            ahead[ticket.user] += 1
        return sorted(self._waiting, key=lambda ticket: keys[ticket.number])
