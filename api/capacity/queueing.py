"""Questions that wait for their turn: a simulation event by event, and Erlang's formula to hold it against.

The line is that of `api/wiring/line.py`: who has the least under way is next, among these who was served longest ago,
among these who came first; a bounded number waits, of one person fewer. Before several services stands a proxy that
hands a question to the one with the fewest.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
QUANTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Bounds:
    """`lines`: services, each of which answers `at_once`; `waiting` and `each`: how many wait in one line at most, of
    all and of one person; None: any number."""

    lines: int
    at_once: int
    waiting: int | None = 32
    each: int | None = 4


@dataclass(frozen=True, slots=True)
class Waits:
    """`waited`: (n,) seconds until the turn of each question, NaN where it was refused. `service`: (n,) seconds. `full`
    and `each`: how many were refused since the line was full, and since their person had enough in it."""

    waited: Floats
    service: Floats
    full: int
    each: int

    @property
    def refused_share(self) -> float:
        return float(np.isnan(self.waited).mean()) if len(self.waited) else 0.0

    def waiting(self) -> tuple[float, float, float]:
        """p50, p95 and p99 in seconds, of the questions that were answered; NaN where none was."""
        return _quantiles(self.waited[~np.isnan(self.waited)])

    def whole(self) -> tuple[float, float, float]:
        """The same from the question to the end of its answer."""
        whole = self.waited + self.service
        return _quantiles(whole[~np.isnan(whole)])


@dataclass(slots=True)
class _Line:
    waiting: list[tuple[int, int]] = field(default_factory=list)  # number and person, as they came
    running: Counter[int] = field(default_factory=Counter)
    busy: int = 0
    served: dict[int, int] = field(default_factory=dict)

    def refuses(self, person: int, bounds: Bounds) -> str | None:
        if self.busy < bounds.at_once:
            return None
        if bounds.each is not None and sum(other == person for _, other in self.waiting) >= bounds.each:
            return "each"
        if bounds.waiting is not None and len(self.waiting) >= bounds.waiting:
            return "full"
        return None

    def next(self) -> tuple[int, int]:
        first = min(self.waiting, key=lambda one: (self.running[one[1]], self.served.get(one[1], 0), one[0]))
        self.waiting.remove(first)
        return first

    def left(self, person: int) -> None:
        self.busy -= 1
        self.running[person] -= 1
        if not self.running[person]:
            del self.running[person]
            if all(other != person for _, other in self.waiting):
                self.served.pop(person, None)


def simulate(arrivals: Floats, persons: Ints, service: Floats, bounds: Bounds) -> Waits:
    """`arrivals`: (n,) seconds, ascending; who asks, and how long each answer takes, of the same length."""
    lines = [_Line() for _ in range(bounds.lines)]
    load = np.zeros(bounds.lines, np.int64)
    waited = np.full(len(arrivals), np.nan)
    refused: Counter[str] = Counter()
    ends: list[tuple[float, int, int]] = []  # when, which line, which question
    turns = 0

    def begin(at: int, now: float) -> None:
        nonlocal turns
        line = lines[at]
        number, person = line.next()
        turns += 1
        line.busy += 1
        line.running[person] += 1
        line.served[person] = turns
        waited[number] = now - arrivals[number]
        heapq.heappush(ends, (now + float(service[number]), at, number))

    def end() -> None:
        now, at, number = heapq.heappop(ends)
        lines[at].left(int(persons[number]))
        load[at] -= 1
        if lines[at].waiting:
            begin(at, now)

    for number, now in enumerate(arrivals.tolist()):
        while ends and ends[0][0] <= now:
            end()
        at = int(load.argmin())
        person = int(persons[number])
        why = lines[at].refuses(person, bounds)
        if why:
            refused[why] += 1
            continue
        lines[at].waiting.append((number, person))
        load[at] += 1
        if lines[at].busy < bounds.at_once:
            begin(at, now)
    while ends:
        end()
    return Waits(waited, service, refused["full"], refused["each"])


def erlang_c(load: float, slots: int) -> float:
    """The share that has to wait at all, of Poisson arrivals at `slots` with exponential times and an endless line;
    `load`: arrivals a second times the mean time. 1 where it is not below `slots`."""
    if load >= slots:
        return 1.0
    blocked = 1.0
    for servers in range(1, slots + 1):  # Erlang's B, from one server to the next
        blocked = load * blocked / (servers + load * blocked)
    return blocked / (1 - (load / slots) * (1 - blocked))


def erlang_wait(rate: float, mean: float, slots: int, quantile: float) -> float:
    """Seconds that this share of the questions waits at most, of such a queue served in order."""
    waits = erlang_c(rate * mean, slots)
    if rate * mean >= slots:
        return math.inf
    return max(0.0, math.log(waits / (1 - quantile)) / (slots / mean - rate)) if waits > 0 else 0.0


def smallest(fewest: int, most: int, meets: Callable[[int], bool]) -> int | None:
    """The smallest number from `fewest` to `most` that meets, where all after one that does do, too; None: not even
    `most`. Looks near `fewest` first."""
    low, step = fewest, 1
    high = fewest
    while not meets(high):
        if high >= most:
            return None
        low, high, step = high + 1, min(most, high + step), step * 2
    while low < high:
        middle = (low + high) // 2
        if meets(middle):
            high = middle
        else:
            low = middle + 1
    return high


def _quantiles(values: Floats) -> tuple[float, float, float]:
    if not len(values):
        return (math.nan, math.nan, math.nan)
    p50, p95, p99 = np.quantile(values, QUANTILES).tolist()
    return (p50, p95, p99)
