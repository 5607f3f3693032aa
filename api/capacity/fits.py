"""Lines and distributions through measured points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm


@dataclass(frozen=True, slots=True)
class Line:
    """`at` of x is base + slope * x. `low` and `high`: from where to where x was measured."""

    base: float
    slope: float
    low: float
    high: float

    def at(self, x: float) -> float:
        return self.base + self.slope * x

    def reaches(self, y: float) -> float:
        """The x at which it is y; 0 where it begins above."""
        return max(0.0, (y - self.base) / self.slope)

    def beyond(self, x: float) -> float:
        """How many times the largest x that was measured; 1 within."""
        return max(1.0, x / self.high)


def fitted(points: Sequence[tuple[float, float]]) -> Line:
    """The line whose relative errors have the least squares: half a millisecond too much of one is as bad as ten of
    twenty. Through two points it is exact, and says nothing of how good it is."""
    x, y = np.array(points, np.float64).T
    base, slope = np.linalg.lstsq(np.stack([1 / y, x / y], axis=1), np.ones(len(y)), rcond=None)[0]
    return Line(float(base), float(slope), float(x.min()), float(x.max()))


@dataclass(frozen=True, slots=True)
class Spread:
    """Times of which the logarithm is normal; `sigma` is its standard deviation."""

    p50: float
    sigma: float

    @property
    def mean(self) -> float:
        return self.p50 * math.exp(self.sigma**2 / 2)

    def quantile(self, share: float) -> float:
        return self.p50 * math.exp(self.sigma * float(norm.ppf(share)))

    def drawn(self, random: np.random.Generator, count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """(count,) seconds."""
        return self.p50 * np.exp(self.sigma * random.standard_normal(count))


def spread(p50: float, high: float, share: float = 0.95) -> Spread:
    """That of which the median and one quantile were measured, 0 < p50 <= high."""
    return Spread(p50, math.log(high / p50) / float(norm.ppf(share)))
