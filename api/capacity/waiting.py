"""The busiest hour: how many answers have to be written at once, so that people do not wait too long."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from api.capacity.demand import Demand
from api.capacity.figures import Figures
from api.capacity.fits import Spread
from api.capacity.plan import Number, known
from api.capacity.queueing import Bounds, Waits, erlang_wait, simulate, smallest
from api.capacity.words import rounded

_QUESTIONS = 20_000  # simulated, or what comes in the time of thirty answers
_TIMES = 30
_WARM = 0.2  # of them, which find the lines too empty
_ROOM = 200  # more than twice the least that is tried


@dataclass(frozen=True, slots=True)
class Sized:
    """`machines`: services of the local profile, GPUs of the other, of which the bounds follow."""

    machines: int
    bounds: Bounds
    time: Spread
    waits: Waits

    @property
    def slots(self) -> int:
        return self.bounds.lines * self.bounds.at_once


def rate(demand: Demand, figures: Figures) -> float:
    """Questions a second in the busiest hour."""
    return demand.questions_per_hour * figures.of("hours_per_day") * demand.peak / 3600


def tried(demand: Demand, figures: Figures, time: Spread, lines: int, at_once: int) -> Waits:
    """The busiest hour as if it went on for ever: questions come by chance (Poisson), from anybody."""
    random = np.random.default_rng(demand.seed)
    coming = rate(demand, figures)
    count = int(max(_QUESTIONS, _TIMES * coming * time.mean))
    arrivals = np.cumsum(random.exponential(1 / coming, count))
    persons = random.integers(0, demand.users, count)
    waiting, each = (int(one) for one in figures["line"].numbers)
    found = simulate(arrivals, persons, time.drawn(random, count), Bounds(lines, at_once, waiting, each))
    warm = int(count * _WARM)
    return Waits(found.waited[warm:], found.service[warm:], found.full, found.each)


def meets(demand: Demand, figures: Figures, waits: Waits) -> bool:
    if waits.refused_share > figures.of("refused_at_most"):
        return False
    if demand.answer_s is None:
        return waits.waiting()[1] <= figures.of("wait_s_at_most")
    return waits.whole()[1] <= demand.answer_s


def fewest(
    demand: Demand,
    figures: Figures,
    time: Spread,
    at_once: int,
    lines: Callable[[int], tuple[int, int]],
    most: int | None = None,
) -> Sized | None:
    """The fewest machines, each with so many answers at once, that meet what is asked for; None where more than `most`
    would have to be. `lines`: of so many machines, how many lines of how many answers at once there are."""
    least = math.floor(rate(demand, figures) * time.mean / at_once) + 1
    seen: dict[int, Sized] = {}

    def enough(machines: int) -> bool:
        bounds = Bounds(*lines(machines))
        waits = tried(demand, figures, time, bounds.lines, bounds.at_once)
        seen[machines] = Sized(machines, bounds, time, waits)
        return meets(demand, figures, waits)

    most = least * 2 + _ROOM if most is None else most
    found = smallest(least, most, enough) if least <= most else None
    return None if found is None else seen[found]


def told(demand: Demand, figures: Figures, sized: Sized, names: tuple[str, ...]) -> tuple[Number, ...]:
    """The numbers of a queue; `names`: the figures that an answer's time comes from."""
    coming = rate(demand, figures)
    hours = figures.of("hours_per_day")
    peak = f"{demand.questions_per_hour:g} an hour x {hours:g} hours x {demand.peak:g} in the busiest"
    assumed = ("peak", "hours_per_day") if demand.peak == figures.of("peak") else ("hours_per_day",)
    erlang = erlang_wait(coming, sized.time.mean, sized.slots, 0.95)
    load = coming * sized.time.mean
    slots = f"the fewest that do; {load:.2f} in the mean. Erlang C: 95 of 100 wait {erlang:.2g} s at most"
    sure = ", ".join(filter(None, ("not run" if "not run" in known(figures, names) else "", "simulated")))
    how = f"{rounded(len(sized.waits.waited))} questions (seed {demand.seed}), lines: {sized.bounds.lines}"
    whole = "and the answer itself, of such times"
    rests = ("line", *names)
    numbers = (
        Number("answers", "questions, busiest hour", coming * 3600, "", peak, assumed, known(figures, assumed)),
        Number("answers", "answers at once", sized.slots, "", slots, rests, sure),
        Number("answers", "waiting: p50, p95, p99", sized.waits.waiting(), "s", how, rests, sure),
        Number("answers", "to the end: p50, p95, p99", sized.waits.whole(), "s", whole, rests, sure),
    )
    if not sized.waits.refused_share:
        return numbers
    line = "since a line was full, or somebody had enough in it"
    return *numbers, Number("answers", "refused", sized.waits.refused_share * 100, "%", line, rests, sure)
