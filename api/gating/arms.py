"""A candidate that answers some of the people, or everybody in the background, weighed by several metrics at once.

Read `watch` first. Roll back where any metric is shown worse, with alpha / number of metrics each, so that an equal
candidate is rolled back once in twenty at most; promote where each metric by itself excludes a loss of its margin, so
that one that is bad in any is promoted once in twenty at most (intersection-union; Berger 1982).
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from api.gating.sequential import (
    ALPHA,
    Floats,
    Person,
    Step,
    bound_of,
    crossed,
    interval,
    wealth,
    weighted,
)

FIRST = 3  # answers that close a person
LOPSIDED = 100.0  # e-value from which the arms are not of the sizes that were drawn
WITHIN = "within the tail"
_SHORTEST_S, _LONGEST_S = 0.1, 120.0
_TAIL = 0.95
_KNOWN = 40  # answers of the current release by which its tail is known


@dataclass(frozen=True, slots=True)
class Measure:
    """`margin`: the loss that must be excluded, in the metric's unit (0..1)."""

    name: str
    margin: float


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer. `values`: by metric, 0..1, more is better; `seconds`: of one that came to its end."""

    person: str
    candidate: bool
    values: Mapping[str, float]
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """One question that both have answered."""

    person: str
    candidate: Mapping[str, float]
    current: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Reading:
    """Of one metric. Means are over closed people; low..high holds the change at every look at once (95 %).
    `worse_after`, `within_after`: people after which it was first shown worse, and a loss of the margin excluded.
    `shown`: "better" or "worse" (two-sided, corrected for the number of metrics), else ""."""

    metric: str
    margin: float
    candidate: float | None
    current: float | None
    change: float
    low: float
    high: float
    e_worse: float
    e_better: float
    e_within: float
    worse_after: int | None
    within_after: int | None
    shown: str


@dataclass(frozen=True, slots=True)
class Watch:
    """`after`: how many people the step that stands was due after. `because`: metrics that were shown worse by then,
    or, while it goes on, those for which a loss of the margin is not excluded yet. `candidate`, `current`: closed
    people in each arm; of pairs both are the same people. `open`: people who have too few answers. `lopsided`: e-value
    against arms of the sizes that were drawn."""

    step: Step
    after: int | None
    because: tuple[str, ...]
    candidate: int
    current: int
    open: int
    lopsided: float
    readings: tuple[Reading, ...]


@dataclass
class _Closed:
    """People in the order in which they closed: whether drawn, and their means by metric."""

    drawn: list[bool] = field(default_factory=list)
    means: list[dict[str, float]] = field(default_factory=list)
    open: int = 0


def speed(seconds: float) -> float:
    """1 at a tenth of a second and less, 0 at two minutes and more, by the logarithm: a loss of 0.026 is 1.2 times."""
    within = min(max(seconds, 0.0), _LONGEST_S) / _SHORTEST_S
    return 1 - math.log1p(within) / math.log1p(_LONGEST_S / _SHORTEST_S)


def watch(
    seen: Sequence[Seen], share: float, measures: Sequence[Measure], *, first: int = FIRST, alpha: float = ALPHA
) -> Watch:
    """Of a canary or A/B, in the order of time, from its beginning. With a measure `WITHIN` the slow tail counts, too:
    the share of somebody's answers within what 19 in 20 of the current release took before them."""
    closed = _closed(list(_with_tail(seen)) if any(one.name == WITHIN for one in measures) else seen, first)
    changes = {
        one.name: weighted(
            [Person(drawn, mean[one.name]) for drawn, mean in zip(closed.drawn, closed.means, strict=True)], share
        )
        for one in measures
    }
    arms = [[mean for at, mean in enumerate(closed.means) if closed.drawn[at] is arm] for arm in (True, False)]
    readings = [_reading(one, changes[one.name], bound_of(share), arms, len(measures), alpha) for one in measures]
    sizes = len(arms[0]), len(arms[1])
    return _decided(readings, sizes, closed.open, lopsided(*sizes, share))


def watch_pairs(
    pairs: Sequence[Pair], measures: Sequence[Measure], *, first: int = FIRST, alpha: float = ALPHA
) -> Watch:
    """Of a shadow, in the order of time, from its beginning."""
    candidate = _closed([Seen(one.person, True, one.candidate) for one in pairs], first)
    current = _closed([Seen(one.person, True, one.current) for one in pairs], first)
    arms = [candidate.means, current.means]
    readings = []
    for one in measures:
        changes = [new[one.name] - old[one.name] for new, old in zip(*arms, strict=True)]
        readings.append(_reading(one, changes, 1.0, arms, len(measures), alpha))
    return _decided(readings, (len(arms[0]), len(arms[1])), candidate.open, 1.0)


def lopsided(candidate: int, current: int, share: float) -> float:
    """Evidence that people are not drawn with this share, or leave one arm before they close: may be looked at after
    every person (uniform mixture; Lindon and Malek 2022)."""
    mixture = math.lgamma(candidate + 1) + math.lgamma(current + 1) - math.lgamma(candidate + current + 2)
    drawn = candidate * math.log(share) + current * math.log(1 - share)
    return math.exp(min(mixture - drawn, 600.0))


def _with_tail(seen: Sequence[Seen]) -> Iterator[Seen]:
    """Each with `WITHIN`: by what was known before it, so that it can be bet on. One that failed is not within."""
    before: list[float] = []
    for one in seen:
        limit = before[math.ceil(_TAIL * len(before)) - 1] if len(before) >= _KNOWN else math.inf
        within = float(one.seconds is not None and one.seconds <= limit)
        yield Seen(one.person, one.candidate, {**one.values, WITHIN: within}, one.seconds)
        if not one.candidate and one.seconds is not None:
            insort(before, one.seconds)


def _closed(seen: Sequence[Seen], first: int) -> _Closed:
    kept: dict[str, list[Seen]] = {}
    closed = _Closed()
    for one in seen:
        of = kept.setdefault(one.person, [])
        if len(of) < first:
            of.append(one)
            if len(of) == first:
                closed.drawn.append(one.candidate)
                closed.means.append({name: sum(it.values[name] for it in of) / first for name in one.values})
    closed.open = len(kept) - len(closed.drawn)
    return closed


def _reading(
    measure: Measure,
    changes: Sequence[float],
    bound: float,
    arms: Sequence[Sequence[Mapping[str, float]]],
    metrics: int,
    alpha: float,
) -> Reading:
    seen = np.asarray(changes, np.float64)
    worse, better = wealth(-seen, 0.0, bound), wealth(seen, 0.0, bound)
    within = wealth(seen, -measure.margin, bound)
    low, high = interval(changes, bound, alpha=alpha)
    two_sided = alpha / metrics / 2
    shown = [name for name, bet in (("worse", worse), ("better", better)) if crossed(bet, two_sided) is not None]
    return Reading(
        metric=measure.name,
        margin=measure.margin,
        candidate=_mean(arms[0], measure.name),
        current=_mean(arms[1], measure.name),
        change=float(seen.mean()) if len(seen) else 0.0,
        low=low,
        high=high,
        e_worse=_last(worse),
        e_better=_last(better),
        e_within=_last(within),
        worse_after=crossed(worse, alpha / metrics),
        within_after=crossed(within, alpha),
        shown=shown[0] if len(shown) == 1 else "",
    )


def _decided(readings: Sequence[Reading], sizes: tuple[int, int], open_: int, ratio: float) -> Watch:
    """The first step that was due stands."""
    worse = [one.worse_after for one in readings if one.worse_after is not None]
    within = [one.within_after for one in readings if one.within_after is not None]
    back = min(worse, default=None)
    promote = max(within) if readings and len(within) == len(readings) else None
    step, after = Step.GO_ON, None
    because = tuple(one.metric for one in readings if one.within_after is None)
    if back is not None and (promote is None or back <= promote):
        step, after = Step.ROLL_BACK, back
        because = tuple(one.metric for one in readings if one.worse_after == back)
    elif promote is not None:
        step, after, because = Step.PROMOTE, promote, ()
    return Watch(step, after, because, *sizes, open_, ratio, tuple(readings))


def _mean(people: Sequence[Mapping[str, float]], metric: str) -> float | None:
    return sum(one[metric] for one in people) / len(people) if people else None


def _last(bet: Floats) -> float:
    return float(bet[-1]) if len(bet) else 1.0
