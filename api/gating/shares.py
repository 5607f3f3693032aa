"""Shares of cases, and how sure they are."""

from __future__ import annotations

import math
from statistics import NormalDist

_NORMAL = NormalDist().inv_cdf(0.975)  # 95 %, two-sided


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927); (0, 1) of nothing."""
    if not count:
        return 0.0, 1.0
    share, spread = hits / count, _NORMAL**2 / count
    middle = (share + spread / 2) / (1 + spread)
    half = math.sqrt(spread * (share * (1 - share) + spread / 4)) / (1 + spread)
    return (middle - half if hits else 0.0), (middle + half if hits < count else 1.0)


def gap(hits: int, count: int, other_hits: int, other_count: int) -> tuple[float, float, float]:
    """A share less that of other cases, with its 95 % interval (Newcombe 1998, method 10: Wilson's two limits joined).
    Raises `ValueError` where one side has no case."""
    if not count or not other_count:
        raise ValueError("a gap is between two shares, and one side has no case")
    here, there = hits / count, other_hits / other_count
    (low, high), (other_low, other_high) = wilson(hits, count), wilson(other_hits, other_count)
    return (
        here - there,
        here - there - math.hypot(here - low, other_high - there),
        here - there + math.hypot(high - here, there - other_low),
    )
