"""Answers of the local profile: services with a language model of their own, which write one answer at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from api.capacity.demand import Demand
from api.capacity.figures import Figures
from api.capacity.fits import Spread, spread
from api.capacity.plan import Group, Number, Part, Weight, cheapest, known
from api.capacity.searching import Index
from api.capacity.waiting import Sized, fewest, told

_RULES = ("answer_s", "answer_cores", "service_gib", "wait_s_at_most", "refused_at_most", "used")


def answers(demand: Demand, figures: Figures, index: Index, weight: Weight) -> Part:
    time = spread(*figures["answer_s"].numbers)
    sized, missed = _services(demand, figures, time)
    group = cheapest(_machines(demand, figures, index, sized.machines), weight)
    how = f"the 1.5B on {figures.of('answer_cores'):g} cores, log-normal between and beyond"
    names = ("answer_s", "answer_cores")
    took = (time.p50, time.quantile(0.95))
    answer = Number("answers", "an answer: p50, p95", took, "s", how, names, known(figures, names))
    return Part((answer, *told(demand, figures, sized, names)), (group,), (), missed)


def _services(demand: Demand, figures: Figures, time: Spread) -> tuple[Sized, tuple[str, ...]]:
    """The fewest that meet what is asked for, or, with a line that says so, that nobody waits long."""
    if demand.answer_s is None or time.quantile(0.95) < demand.answer_s:
        sized = fewest(demand, figures, time, 1, lambda services: (services, 1))
        if sized:
            return sized, ()
    sized, _ = _services(replace(demand, answer_s=None), figures, time)
    most = figures.of("wait_s_at_most")
    missed = (
        f"No number of machines gives 95 of 100 answers within {demand.answer_s:g} s: without a wait it is "
        f"{time.quantile(0.95):.3g} s at p95. Planned instead: 95 of 100 wait {most:g} s at most."
    )
    return sized, (missed,)


def _machines(demand: Demand, figures: Figures, index: Index, services: int) -> Iterator[Group]:
    """For each kind that can, how many. The pages of an index are in memory once, however many services read them."""
    each, cores = figures.of("service_gib"), int(figures.of("answer_cores"))
    here = 0.0 if index.spread else index.memory_gib
    for machine in figures.machines:
        most = min(machine.cores // cores, int((machine.memory_gib * figures.of("used") - here) / each))
        if most > 0:
            count = max(math.ceil(services / most), 1 if index.spread else demand.copies)
            on_each = math.ceil(services / count)
            why = f"{on_each} on each: services that write one answer at a time"
            yield Group("answers", machine, count, on_each * each + here, why, _RULES)
