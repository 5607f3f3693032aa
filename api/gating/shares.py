"""Shares of cases, and how sure they are."""

from __future__ import annotations

import math
from statistics import NormalDist

CONFIDENCE = 0.95


def wilson(hits: int, count: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927); (0, 1) of nothing."""
    if not count:
        return 0.0, 1.0
    share, spread = hits / count, NormalDist().inv_cdf((1 + confidence) / 2) ** 2 / count
    middle = (share + spread / 2) / (1 + spread)
    half = math.sqrt(spread * (share * (1 - share) + spread / 4)) / (1 + spread)
    return (middle - half if hits else 0.0), (middle + half if hits < count else 1.0)


def gap_interval(
    hits: int, count: int, other_hits: int, other_count: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Of the difference of two shares of different cases (Newcombe 1998, method 10). Both counts are above 0."""
    one, other = hits / count, other_hits / other_count
    low, high = wilson(hits, count, confidence)
    other_low, other_high = wilson(other_hits, other_count, confidence)
    gap = one - other
    return gap - math.hypot(one - low, other_high - other), gap + math.hypot(high - one, other - other_low)
