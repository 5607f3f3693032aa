"""Did questions, hits or verdicts change from one period to another?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

SMALL, LARGE = 0.1, 0.25  # of the population stability index, by custom (Siddiqi, Credit Risk Scorecards, 2006)
BY_CHANCE = 0.01
_PERMUTATIONS = 499
_FEWEST = 2
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stability:
    """`chance`: what two samples of these sizes from one population exceed with the probability `alpha`."""

    index: float
    chance: float
    drifted: bool
    largest: str  # the class that moved most


@dataclass(frozen=True, slots=True)
class Distance:
    """Energy distance of two samples, 0 for equal populations, and the share of permutations that reach it."""

    distance: float
    p: float
    drifted: bool


def stability(
    before: Mapping[str, float], now: Mapping[str, float], limit: float = SMALL, alpha: float = BY_CHANCE
) -> Stability:
    """Counts by class (status, kind, language, bin of a score). Half a case is added to each class, so that an empty
    one has a finite index. It drifted above `limit` and above chance, (1/n + 1/m) x chi-squared (Yurdakul 2018). Counts
    may be fractions, where a person counts once and is in several classes: chance is then less than `alpha`."""
    classes = sorted({*before, *now})
    old = np.array([before.get(name, 0) for name in classes], np.float64)
    new = np.array([now.get(name, 0) for name in classes], np.float64)
    if len(classes) < _FEWEST or not old.sum() or not new.sum():
        return Stability(0.0, 0.0, False, "")
    was, is_ = (old + 0.5) / (old + 0.5).sum(), (new + 0.5) / (new + 0.5).sum()
    parts = (is_ - was) * np.log(is_ / was)
    chance = float(1 / old.sum() + 1 / new.sum()) * float(stats.chi2.isf(alpha, len(classes) - 1))
    index = float(parts.sum())
    return Stability(index, chance, index > max(limit, chance), classes[int(parts.argmax())])


def distance(before: Floats, now: Floats, *, seed: int = 0, alpha: float = BY_CHANCE) -> Distance:
    """(n, d) and (m, d) embeddings: energy distance (Szekely and Rizzo 2013) with a permutation test, exact at any
    size if questions are independent. Memory (n + m)^2: give it some hundreds of each."""
    if min(len(before), len(now)) < _FEWEST:
        raise ValueError("a distance needs two of each at least")
    both = np.concatenate([before, now]).astype(np.float64)
    squares = (both**2).sum(axis=1)
    apart = np.sqrt(np.maximum(squares[:, None] + squares[None] - 2 * both @ both.T, 0))
    np.fill_diagonal(apart, 0.0)
    chosen = np.random.default_rng(seed).random((_PERMUTATIONS + 1, len(both))).argsort(axis=1) < len(before)
    chosen[0] = np.arange(len(both)) < len(before)
    found = _energy(apart, chosen.astype(np.float64), len(before), len(now))
    p = float((found >= found[0] - 1e-12).mean())
    return Distance(float(found[0]), p, p <= alpha)


def _energy(apart: Floats, first: Floats, n: int, m: int) -> Floats:
    """(permutations,): 2 E|X - Y| - E|X - X'| - E|Y - Y'| of each choice of who came first."""
    towards = first @ apart
    inside = (towards * first).sum(axis=1)
    across = towards.sum(axis=1) - inside
    rest = apart.sum() - inside - 2 * across
    return np.asarray(2 * across / (n * m) - inside / n**2 - rest / m**2, np.float64)
