"""Looks at a canary or a shadow as often as one likes: bets against "worse by the margin" and against "no worse".

A bet multiplies its stake by 1 + stake x (observation - null) per person. If the null holds the stake is expected to
stay, so it ever reaches 1 / alpha with probability alpha at most, however often one looks (Ville 1939). Betting on a
bounded mean: Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", Journal of the Royal
Statistical Society B 86, 2024; here a mixture of fixed stakes, so that the same people in any order give the same end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

ALPHA = 0.05
# Shares of the largest stake with which no single person can ruin the bet.
_STAKES = np.geomspace(0.02, 0.95, 12)
_LARGEST = 600.0  # of a logarithm whose number is finite
_HALVINGS = 14
Floats = NDArray[np.float64]


class Step(StrEnum):
    GO_ON = "go_on"
    PROMOTE = "promote"
    ROLL_BACK = "roll_back"


@dataclass(frozen=True, slots=True)
class Look:
    """After `people`: the first step that was due, after which person, and both e-values now (evidence that it is
    within the margin, evidence that it is worse)."""

    step: Step
    people: int
    decided_after: int | None
    change: float
    e_within: float
    e_worse: float


@dataclass(frozen=True, slots=True)
class Person:
    """One closed person of a canary: drawn into the candidate's arm or not, and the mean of their first answers."""

    candidate: bool
    mean: float  # 0..1, more is better


def look(changes: Sequence[float], margin: float, *, alpha: float = ALPHA, bound: float = 1.0) -> Look:
    """One number per person, in the order in which people closed: what the candidate changed for them, within -bound
    and bound. `margin` in the same unit. Promotes if worse-by-margin is refuted, rolls back if no-worse is."""
    seen = np.asarray(changes, np.float64)
    if not 0 < margin < bound or not np.isfinite(seen).all() or (np.abs(seen) > bound + 1e-9).any():
        raise ValueError(f"changes must lie within {bound}, and the margin between 0 and that")
    within, worse = wealth(seen, -margin, bound), wealth(-seen, 0.0, bound)
    promote, back = crossed(within, alpha), crossed(worse, alpha)
    step, after = Step.GO_ON, None
    if back is not None and (promote is None or back <= promote):
        step, after = Step.ROLL_BACK, back
    elif promote is not None:
        step, after = Step.PROMOTE, promote
    return Look(
        step=step,
        people=len(seen),
        decided_after=after,
        change=float(seen.mean()) if len(seen) else 0.0,
        e_within=float(within[-1]) if len(seen) else 1.0,
        e_worse=float(worse[-1]) if len(seen) else 1.0,
    )


def canary(people: Sequence[Person], share: float, margin: float, *, alpha: float = ALPHA) -> Look:
    """People drawn into the candidate's arm with probability `share` each, in the order in which they closed."""
    return look(weighted(people, share), margin, alpha=alpha, bound=bound_of(share))


def weighted(people: Sequence[Person], share: float) -> list[float]:
    """A number for each person, within `bound_of(share)`, whose expectation is what the candidate changes.

    It is (drawn / share - not drawn / (1 - share)) x (mean - what people before had); taking off what people before
    had makes it steadier (augmented inverse weighting; Robins, Rotnitzky and Zhao 1994)."""
    if not 0 < share < 1:
        raise ValueError("the canary's share must lie between 0 and 1")
    means = np.asarray([person.mean for person in people], np.float64)
    drawn = np.asarray([person.candidate for person in people], np.bool_)
    if ((means < 0) | (means > 1)).any():
        raise ValueError("a person's mean must lie within 0 and 1")
    before = (np.cumsum(means) - means + 0.5) / (np.arange(len(means)) + 1)
    return [float(change) for change in np.where(drawn, 1 / share, -1 / (1 - share)) * (means - before)]


def bound_of(share: float) -> float:
    return 1 / min(share, 1 - share)


def closed(cases: Sequence[tuple[str, float]], first: int) -> list[float]:
    """(person, change) of every case in the order of time: one mean for each person once they have `first` cases, in
    the order in which that happened. What a person asks later is left out: answers of one person resemble each other,
    and a bet needs observations that the past does not tell."""
    kept: dict[str, list[float]] = {}
    means: list[float] = []
    for person, change in cases:
        of = kept.setdefault(person, [])
        if len(of) < first:
            of.append(change)
            if len(of) == first:
                means.append(sum(of) / first)
    return means


def interval(changes: Sequence[float], bound: float = 1.0, *, alpha: float = ALPHA) -> tuple[float, float]:
    """Within -1 and 1, what the mean change may be: it holds the true one at every look at once but for `alpha`."""
    seen = np.asarray(changes, np.float64)
    return _above(seen, bound, alpha / 2), -_above(-seen, bound, alpha / 2)


def _above(seen: Floats, bound: float, alpha: float) -> float:
    """The largest mean that is refuted for being too small, by halving; -1 where none is."""
    low, high = -1.0, float(np.clip(seen.mean(), -1, 1)) if len(seen) else -1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle <= -1:  # nothing lies below it
            break
        if crossed(wealth(seen, middle, bound), alpha) is None:
            high = middle
        else:
            low = middle
    return low


def wealth(seen: Floats, null: float, bound: float) -> Floats:
    """(n,): the mixture's wealth after each person, betting that the mean is above `null`."""
    stakes = _STAKES / (bound + null)  # the worst person is at -bound
    logs = np.log1p(np.outer(seen - null, stakes)).cumsum(axis=0)
    return np.asarray(np.exp(np.minimum(logs, _LARGEST)).mean(axis=1), np.float64)


def crossed(wealth: Floats, alpha: float) -> int | None:
    """After how many people it first reached 1 / alpha."""
    reached = np.flatnonzero(wealth >= 1 / alpha)
    return int(reached[0]) + 1 if len(reached) else None
