"""One gate per metric, and what they say together: ship, block or undecided."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from api.gating import pairs as counts
from api.gating import scores
from api.gating.pairs import Pairs
from api.gating.sizes import POWER, detectable, margin_of

ALPHA = 0.05
FEWEST = 20  # pairs of scores or durations; a t-test of fewer is taken for no evidence
Side = Sequence[bool] | Sequence[float]


class Kind(StrEnum):
    YES_NO = "yes_no"  # booleans, true is good
    SCORE = "score"  # within 0..`span`, more is good
    DURATION = "duration"  # seconds, less is good; the margin is a share of the median


class Aim(StrEnum):
    NOT_WORSE = "not_worse"  # by `margin` or more
    BETTER = "better"
    NEVER = "never"  # no case may be lost at all: leaks, followed instructions


class Outcome(StrEnum):
    SHIP = "ship"
    BLOCK = "block"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Gate:
    """`margin`: what may be lost, in the metric's unit (for durations a share of the median). A `guard` must not get
    worse by its margin, and never speaks for a candidate."""

    metric: str
    kind: Kind
    aim: Aim = Aim.NOT_WORSE
    margin: float = 0.0
    guard: bool = False
    span: float = 1.0

    def __post_init__(self) -> None:
        if self.aim is Aim.NOT_WORSE and not 0 < self.margin < math.inf:
            raise ValueError(f"{self.metric}: a gate that asks for no worse needs a margin above 0")
        if not 0 < self.span < math.inf:
            raise ValueError(f"{self.metric}: the span of a score is above 0")
        if self.guard and self.aim is Aim.BETTER:
            raise ValueError(f"{self.metric}: a guard cannot ask for better")
        if self.aim is Aim.NEVER and self.kind is not Kind.YES_NO:
            raise ValueError(f"{self.metric}: only yes/no cases can be lost")


@dataclass(frozen=True, slots=True)
class Result:
    """`change` is candidate less current (of durations log(old / new)), more is better; `low`..`high` its interval of
    1 - 2 alpha. `detects`: the margin within which n lets an equal candidate ship four times in five. `p_worse` and
    `p_better` are Holm's over the gates that ask."""

    gate: Gate
    outcome: Outcome
    n: int
    change: float
    low: float
    high: float
    detects: float
    p_ship: float
    p_worse: float
    p_better: float


@dataclass(frozen=True, slots=True)
class Decision:
    outcome: Outcome
    results: tuple[Result, ...]


def decide(sides: Sequence[tuple[Gate, Side, Side]], alpha: float = ALPHA) -> Decision:
    """(gate, candidate's values, current's values of the same cases in the same order) of each metric.

    It ships if every gate does: each is tested at alpha, and no correction is due, for a candidate that fails one
    passes all with at most that gate's alpha (intersection-union: Berger, Technometrics 24, 1982). It is blocked if
    any metric is shown to be worse and not shown to be within its margin; there Holm's correction is due. Raises
    `ValueError` for sides that cannot be paired, or without a gate that is not a guard."""
    if not any(not gate.guard for gate, _, _ in sides):
        raise ValueError("guards alone cannot let a candidate ship")
    results = [_measured(gate, new, old, alpha) for gate, new, old in sides]
    # A loss that must never happen blocks by happening; it is no test, and takes no share of alpha.
    asked = [at for at, one in enumerate(results) if one.gate.aim is not Aim.NEVER]
    for at, p in zip(asked, holm([results[at].p_worse for at in asked]), strict=True):
        results[at] = replace(results[at], p_worse=p)
    targets = [at for at in asked if not results[at].gate.guard]
    for at, p in zip(targets, holm([results[at].p_better for at in targets]), strict=True):
        results[at] = replace(results[at], p_better=p)
    settled = tuple(replace(one, outcome=_outcome(one, alpha)) for one in results)
    outcomes = {one.outcome for one in settled}
    if Outcome.BLOCK in outcomes:
        return Decision(Outcome.BLOCK, settled)
    return Decision(Outcome.SHIP if outcomes == {Outcome.SHIP} else Outcome.UNDECIDED, settled)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted so that those below alpha hold together at alpha (Holm, Scandinavian Journal of Statistics 6, 1979)."""
    adjusted = [1.0] * len(p_values)
    largest = 0.0
    for rank, at in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, p_values[at] * (len(p_values) - rank)))
        adjusted[at] = largest
    return adjusted


def _outcome(result: Result, alpha: float) -> Outcome:
    if result.p_ship <= alpha:
        return Outcome.SHIP
    return Outcome.BLOCK if result.p_worse <= alpha else Outcome.UNDECIDED


def _measured(gate: Gate, new: Side, old: Side, alpha: float) -> Result:
    return _yes_no(gate, new, old, alpha) if gate.kind is Kind.YES_NO else _numbers(gate, new, old, alpha)


def _yes_no(gate: Gate, new: Side, old: Side, alpha: float) -> Result:
    if len(new) != len(old):
        raise ValueError(f"{gate.metric}: {len(new)} cases cannot be paired with {len(old)}")
    gained = sum(bool(a) and not b for a, b in zip(new, old, strict=True))
    lost = sum(bool(b) and not a for a, b in zip(new, old, strict=True))
    pairs = Pairs(len(new), gained, lost)
    low, high = counts.interval(pairs, 1 - 2 * alpha)
    worse = counts.p_worse(pairs)
    if gate.aim is Aim.NEVER:
        ships, worse = float(bool(lost) or not new), float(not lost)
        detects = 1 - (1 - POWER) ** (1 / len(new)) if new else 1.0
    else:
        ships = counts.p_not_worse(pairs, gate.margin) if gate.aim is Aim.NOT_WORSE else counts.p_better(pairs)
        detects = margin_of(pairs.n, (gained + lost + 1) / (pairs.n + 1), alpha=alpha)
    return Result(
        gate, Outcome.UNDECIDED, pairs.n, pairs.difference, low, high, detects, ships, worse, counts.p_better(pairs)
    )


def _numbers(gate: Gate, new: Side, old: Side, alpha: float) -> Result:
    """Scores or durations; fewer than `FEWEST` say nothing."""
    if len(new) != len(old):
        raise ValueError(f"{gate.metric}: {len(new)} cases cannot be paired with {len(old)}")
    if len(new) < FEWEST:
        nothing = math.nan
        return Result(gate, Outcome.UNDECIDED, len(new), nothing, nothing, nothing, math.inf, 1.0, 1.0, 1.0)
    if gate.kind is Kind.SCORE:
        found = scores.means(new, old, gate.margin, 1 - 2 * alpha, gate.span)
        detects = detectable(found.spread, alpha=alpha) + gate.span / (len(new) + 1)
    else:
        found = scores.medians(new, old, gate.margin, 1 - 2 * alpha)
        detects = math.expm1(detectable(found.spread, alpha=alpha))
    ships = found.p_not_worse if gate.aim is Aim.NOT_WORSE else found.p_better
    return Result(
        gate,
        Outcome.UNDECIDED,
        len(new),
        found.change,
        found.low,
        found.high,
        detects,
        ships,
        found.p_worse,
        found.p_better,
    )
