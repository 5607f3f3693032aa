"""Simulated canaries and shadows, looked at after every person; and what a p-value looked at every night would do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import stats

from api.gating.drift import distance, stability
from api.gating.powered import mean
from api.gating.sequential import Look, Person, Step, canary, look

ASKED = 5  # answers that close a person
MOST = 4000  # people
NIGHT = 25  # people who close a night
ALIKE = 0.3  # how far answers of one person resemble each other, as variance of their tendency


@dataclass(frozen=True, slots=True)
class Watched:
    """One row; people are those until the decision, None where fewer than half (or nine of ten) were decided."""

    how: str
    true_change: float
    margin: float
    promoted: float
    rolled_back: float
    people_half: int | None
    people_nine: int | None
    runs: int


def canaries(runs: int, rng: np.random.Generator, most: int = MOST) -> Iterator[Watched]:

    def drawn(share: float, effect: float, margin: float) -> Look:
        return canary(arms(rng, effect, share, most), share, margin)

    for margin in (0.05, 0.1):
        for times in (0.0, -1.0, -2.0):
            yield _row("shadow, paired", times * margin, margin, lambda e, m: look(paired(rng, e, most), m), runs)
        for share in (0.5, 0.2):
            for times in (0.0, -1.0, -2.0):
                yield _row(f"canary, {share:.0%} of people", times * margin, margin, partial(drawn, share), runs)


def peeking(runs: int, rng: np.random.Generator, nights: int = 30) -> float:
    """How often a t-test at 5 % that is repeated every night rolls an equal candidate back within `nights`."""
    hits = 0
    for _ in range(runs):
        seen = np.array(paired(rng, 0.0, NIGHT * nights))
        upto = [seen[: NIGHT * night] for night in range(1, nights + 1)]
        hits += any(stats.ttest_1samp(part, 0, alternative="less").pvalue <= 0.05 for part in upto)
    return hits / runs


def paired(rng: np.random.Generator, effect: float, people: int) -> list[float]:
    """Each person's mean change over their first answers; a fifth of the answers differ, and people have tendencies:
    for some the candidate is better and for others worse."""
    tendency = effect + rng.choice([-1.0, 1.0], people) * np.sqrt(ALIKE * 0.2)
    tendency = np.clip(tendency, -0.95, 0.95)
    spread = np.maximum(np.abs(tendency), 0.2)[:, None]
    draws = rng.random((people, ASKED))
    up = (spread + tendency[:, None]) / 2
    answers = np.where(draws < up, 1.0, np.where(draws < spread, -1.0, 0.0))
    return [float(change) for change in answers.mean(axis=1)]


def arms(rng: np.random.Generator, effect: float, share: float, people: int) -> list[Person]:
    """People have four right answers in five, some more and some less; the candidate changes that by `effect`."""
    drawn = rng.random(people) < share
    tendency = rng.beta(0.8 * (1 / ALIKE - 1), 0.2 * (1 / ALIKE - 1), people)
    scaled = np.where(drawn, tendency * (1 + effect / 0.8), tendency)  # the mean falls by the effect
    means = rng.binomial(ASKED, scaled) / ASKED
    return [Person(bool(one), float(value)) for one, value in zip(drawn, means, strict=True)]


@dataclass(frozen=True, slots=True)
class Covered:
    """Intervals of the share of right answers from few labels: how often they hold it, and how wide they are."""

    labels: int
    agrees: float
    covered: float
    width: float
    width_alone: float
    runs: int


def judged(runs: int, rng: np.random.Generator, others: int = 1000, share: float = 0.7) -> Iterator[Covered]:
    """A judge that agrees with people on `agrees` of the cases and takes the others for right."""
    for labels in (30, 60, 100, 200):
        for agrees in (0.7, 0.9):
            found = []
            for _ in range(runs):
                truth = rng.random(labels + others) < share
                scores = np.where(rng.random(len(truth)) < agrees, truth, True).astype(float).tolist()
                found.append(mean(truth[:labels].astype(float).tolist(), scores[:labels], scores[labels:]))
            yield Covered(
                labels=labels,
                agrees=agrees,
                covered=float(np.mean([one.low <= share <= one.high for one in found])),
                width=float(np.mean([one.high - one.low for one in found])),
                width_alone=float(np.mean([one.labels_alone[1] - one.labels_alone[0] for one in found])),
                runs=runs,
            )


@dataclass(frozen=True, slots=True)
class Alarms:
    """How often a test of drift sounds: nothing moved, and something did."""

    test: str
    n: int
    moved: str
    quiet: float
    found: float
    runs: int


def drifting(runs: int, rng: np.random.Generator, texts: Sequence[int] = (100, 300)) -> Iterator[Alarms]:
    """Counts by four classes against 2,000 from before; embeddings of 64 numbers against as many from before."""
    was, now = np.array([0.6, 0.2, 0.1, 0.1]), np.array([0.45, 0.2, 0.1, 0.25])
    before = _counts(np.round(was * 2000).astype(int).tolist())
    for n in (50, 200, 1000):
        quiet, found = (
            np.mean([stability(before, _counts(rng.multinomial(n, of).tolist())).drifted for _ in range(runs)])
            for of in (was, now)
        )
        yield Alarms("stability index", n, "15 % change class", float(quiet), float(found), runs)
    for n in texts:
        quiet, found = (np.mean([_far(rng, n, share, at) for at in range(max(20, runs // 5))]) for share in (0.0, 0.2))
        yield Alarms("energy distance", n, "20 % on a new subject", float(quiet), float(found), max(20, runs // 5))


def _far(rng: np.random.Generator, n: int, share: float, seed: int) -> bool:
    """Texts of ten subjects; in the later period `share` of them are of an eleventh."""
    subjects = rng.normal(size=(11, 64))
    old, new = rng.integers(0, 10, n), np.where(rng.random(n) < share, 10, rng.integers(0, 10, n))
    sides = [subjects[of] + rng.normal(size=(n, 64)) for of in (old, new)]
    return distance(sides[0], sides[1], seed=seed).drifted


def _counts(numbers: Sequence[int]) -> dict[str, int]:
    return dict(zip("abcd", numbers, strict=True))


def _row(how: str, effect: float, margin: float, draw: Callable[[float, float], Look], runs: int) -> Watched:
    looks = [draw(effect, margin) for _ in range(runs)]
    people = sorted(one.decided_after if one.decided_after is not None else MOST + 1 for one in looks)
    half, nine = (people[min(int(share * runs), runs - 1)] for share in (0.5, 0.9))
    return Watched(
        how=how,
        true_change=effect,
        margin=margin,
        promoted=sum(one.step is Step.PROMOTE for one in looks) / runs,
        rolled_back=sum(one.step is Step.ROLL_BACK for one in looks) / runs,
        people_half=half if half <= MOST else None,
        people_nine=nine if nine <= MOST else None,
        runs=runs,
    )
