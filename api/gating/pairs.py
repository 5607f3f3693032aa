"""Paired yes/no results: of n cases, `gained` are right with the candidate alone and `lost` with the current alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

_NUISANCE = 64  # shares of lost cases at which the exact p-value is looked for
_EXACT_UP_TO = 2_000  # pairs; above, the score test alone
_HALVINGS = 40
_NOTHING = 1e-12  # a probability that is left out
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Counts of one metric; `n` includes the cases that both sides get right or wrong."""

    n: int
    gained: int
    lost: int

    def __post_init__(self) -> None:
        if min(self.gained, self.lost) < 0 or self.gained + self.lost > self.n:
            raise ValueError(f"{self.gained} gained and {self.lost} lost cases are not of {self.n}")

    @property
    def difference(self) -> float:
        return (self.gained - self.lost) / self.n if self.n else math.nan


def score(gained: Any, lost: Any, n: int, difference: float) -> Floats:
    """Tango's z (Statistics in Medicine 17, 1998) of the counts if the true difference were `difference`: the shares
    are estimated under it, so it has a spread where nobody differs."""
    b, c = np.asarray(gained, np.float64), np.asarray(lost, np.float64)
    linear = -b - c + (2 * n - b + c) * difference
    constant = -c * difference * (1 - difference)
    share = (np.sqrt(np.maximum(linear**2 - 8 * n * constant, 0)) - linear) / (4 * n)
    variance = n * np.maximum(2 * share + difference * (1 - difference), 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (b - c - n * difference) / np.sqrt(variance)
    return np.asarray(np.nan_to_num(z, nan=0.0), np.float64)


@lru_cache(maxsize=65_536)
def interval(pairs: Pairs, confidence: float) -> tuple[float, float]:
    """Tango's two-sided score interval of the difference; (-1, 1) of no pairs."""
    if not pairs.n:
        return -1.0, 1.0
    z = -NormalDist().inv_cdf((1 - confidence) / 2)
    return _crossing(pairs, z, -1.0, pairs.difference), _crossing(pairs, -z, pairs.difference, 1.0)


@lru_cache(maxsize=65_536)
def p_not_worse(pairs: Pairs, margin: float) -> float:
    """P(so good or better) if the candidate were worse by exactly `margin`, at the share of lost cases where it is
    largest (exact and unconditional: Hsueh, Liu and Chen, Biometrics 57, 2001)."""
    if not pairs.n:
        return 1.0
    z = float(score(pairs.gained, pairs.lost, pairs.n, -margin))
    if pairs.n > _EXACT_UP_TO:
        return float(stats.norm.sf(z))
    lost = np.arange(pairs.n + 1)
    least = _least_gained(lost, pairs.n, margin, z)
    shares = np.linspace(margin, (1 + margin) / 2, _NUISANCE)[:, None]
    gained_else = (shares - margin) / np.maximum(1 - shares, 1e-12)
    chance = stats.binom.pmf(lost, pairs.n, shares)
    at, of = np.nonzero((chance > _NOTHING) & (least <= pairs.n - lost))
    tail = np.zeros_like(chance)
    tail[at, of] = stats.binom.sf(least[of] - 1, pairs.n - lost[of], np.clip(gained_else[at, 0], 0, 1))
    return min(1.0, float((chance * tail).sum(axis=1).max()))


def p_better(pairs: Pairs) -> float:
    """P(so good or better) if it were equal: the exact sign test of the cases that differ (McNemar 1947)."""
    return float(stats.binom.sf(pairs.gained - 1, pairs.gained + pairs.lost, 0.5))


def p_worse(pairs: Pairs) -> float:
    """P(so bad or worse) if it were equal."""
    return p_better(Pairs(pairs.n, pairs.lost, pairs.gained))


def _crossing(pairs: Pairs, z: float, low: float, high: float) -> float:
    """The difference at which the score, which falls with it, is z."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if float(score(pairs.gained, pairs.lost, pairs.n, middle)) > z:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _least_gained(lost: NDArray[np.int_], n: int, margin: float, z: float) -> NDArray[np.int_]:
    """For each number of lost cases the fewest gained ones with a score of z or more; n - lost + 1 if there are none.
    The score rises with gained cases, so halving finds them."""
    low, high = np.zeros_like(lost), n - lost + 1
    while np.any(low < high):
        middle = (low + high) // 2
        enough = score(middle, lost, n, -margin) >= z - 1e-9
        found = enough | (middle > n - lost)
        low, high = np.where(found | (low >= high), low, middle + 1), np.where(found, np.minimum(middle, high), high)
    return low
