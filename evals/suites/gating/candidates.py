"""Simulated nights: paired results of a candidate whose true change is known, decided by the gates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from api.gating.gates import Gate, Kind, Outcome, Side, decide
from api.gating.sizes import cases

Draw = Callable[[np.random.Generator, int, float], tuple[Side, Side]]  # cases, true change: candidate, current


@dataclass(frozen=True, slots=True)
class Rates:
    """One row: shares of simulated candidates. `harm` has its true change at the margin, where a gate errs most."""

    gate: str
    margin: float
    n: int
    harm_shipped: float
    harm_blocked: float
    harmless_blocked: float
    harmless_undecided: float
    runs: int


def alone(runs: int, rng: np.random.Generator) -> Iterator[Rates]:
    """One metric by itself, at the sizes that ship 95 % of equal candidates (yes/no) and at usual ones (others)."""
    for margin, differing in ((0.03, 0.1), (0.05, 0.1), (0.05, 0.2), (0.1, 0.2), (0.1, 0.3)):
        gate = Gate("right", Kind.YES_NO, margin=margin)
        n = cases(margin, differing, power=0.95)
        yield _rates(f"yes/no, {differing:.0%} differ", gate, n, yes_no(differing), -margin, runs, rng)
    for n in (100, 300):
        score = Gate("score", Kind.SCORE, margin=0.05)
        yield _rates("score, spread 0.2", score, n, scored, -0.05, runs, rng)
        yield _rates("score, 9 of 10 equal", score, n, rarely, -0.05, runs, rng)
    for n in (100, 300):
        duration = Gate("seconds", Kind.DURATION, margin=0.1)
        yield _rates("duration, median", duration, n, timed, -float(np.log(1.1)), max(20, runs // 4), rng)


def together(runs: int, rng: np.random.Generator, n: int) -> Iterator[Rates]:
    """Five metrics of a night; the harm is in one of them, by its margin or twice as much."""
    kinds: tuple[tuple[Gate, Draw], ...] = (
        (Gate("right", Kind.YES_NO, margin=0.05), yes_no(0.1)),
        (Gate("cited right", Kind.YES_NO, margin=0.05), yes_no(0.1)),
        (Gate("faithfulness", Kind.SCORE, margin=0.05), scored),
        (Gate("refused right", Kind.YES_NO, margin=0.1, guard=True), yes_no(0.1)),
        (Gate("seconds", Kind.DURATION, margin=0.2, guard=True), timed),
    )
    runs = max(20, runs // 4)
    for times in (1, 2):
        harm, harmless = Counter[Outcome](), Counter[Outcome]()
        for _ in range(runs):
            harm[_night(kinds, n, -times * 0.05, rng)] += 1
            harmless[_night(kinds, n, 0.0, rng)] += 1
        yield _row(f"five metrics, {times} x margin in one", 0.05 * times, n, harm, harmless, runs)


def yes_no(differing: float) -> Draw:
    """`differing` of the cases come out otherwise, in whatever direction."""

    def draw(rng: np.random.Generator, n: int, change: float) -> tuple[Side, Side]:
        spread = max(differing, abs(change))
        shares = ((spread + change) / 2, (spread - change) / 2)
        kind = rng.choice(3, n, p=[*shares, 1 - spread])
        same = rng.random(n) < 0.7
        new = np.where(kind == 0, True, np.where(kind == 1, False, same))
        old = np.where(kind == 0, False, np.where(kind == 1, True, same))
        return new.tolist(), old.tolist()

    return draw


def scored(rng: np.random.Generator, n: int, change: float) -> tuple[Side, Side]:
    old = rng.uniform(0.2, 0.8, n)
    return (old + change + rng.normal(0, 0.2, n)).tolist(), old.tolist()


def rarely(rng: np.random.Generator, n: int, change: float) -> tuple[Side, Side]:
    """Nine scores of ten stay; the others move by half the scale, on average by what makes the change."""
    moved = rng.random(n) < 0.1
    up = rng.random(n) < 0.5 + change / (2 * 0.1 * 0.5)
    old = np.full(n, 0.5)
    return (old + np.where(moved, np.where(up, 0.5, -0.5), 0.0)).tolist(), old.tolist()


def timed(rng: np.random.Generator, n: int, change: float) -> tuple[Side, Side]:
    """Seconds of which cases explain the greater part; a negative change is slower."""
    case = rng.lognormal(1.0, 0.5, n)
    return (case * np.exp(rng.normal(-change, 0.2, n))).tolist(), (case * np.exp(rng.normal(0, 0.2, n))).tolist()


def _night(kinds: tuple[tuple[Gate, Draw], ...], n: int, change: float, rng: np.random.Generator) -> Outcome:
    sides = [(gate, *draw(rng, n, change if at == 0 else 0.0)) for at, (gate, draw) in enumerate(kinds)]
    return decide(sides).outcome


def _rates(name: str, gate: Gate, n: int, draw: Draw, harm: float, runs: int, rng: np.random.Generator) -> Rates:
    found = [Counter(decide([(gate, *draw(rng, n, change))]).outcome for _ in range(runs)) for change in (harm, 0.0)]
    return _row(name, gate.margin, n, found[0], found[1], runs)


def _row(name: str, margin: float, n: int, harm: Counter[Outcome], harmless: Counter[Outcome], runs: int) -> Rates:
    return Rates(
        gate=name,
        margin=margin,
        n=n,
        harm_shipped=harm[Outcome.SHIP] / runs,
        harm_blocked=harm[Outcome.BLOCK] / runs,
        harmless_blocked=harmless[Outcome.BLOCK] / runs,
        harmless_undecided=harmless[Outcome.UNDECIDED] / runs,
        runs=runs,
    )
