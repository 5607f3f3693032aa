"""How many cases a gate needs, and what a number of cases can tell."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

POWER = 0.8


def cases(margin: float, differing: float, *, alpha: float = 0.05, power: float = POWER) -> int:
    """Paired yes/no cases with which a candidate that is no worse ships with probability `power`, when `differing` of
    the cases come out otherwise by chance. Normal approximation to Tango's test, spreads under margin and equality."""
    linear = -differing - 2 * margin
    constant = differing / 2 * margin * (1 + margin)
    lost = (math.sqrt(max(linear**2 - 8 * constant, 0.0)) - linear) / 4
    under_margin = math.sqrt(2 * lost - margin * (1 + margin))
    reach = _reach(alpha) * under_margin + _reach(1 - power) * math.sqrt(differing)
    least = math.log(alpha) / math.log1p(-margin)  # with fewer, not even a night without a difference ships
    return math.ceil(max((reach / margin) ** 2, least))


def detectable(spread: float, *, alpha: float = 0.05, power: float = POWER) -> float:
    """The change that is found with probability `power`, of a standard error `spread`; in the unit of the spread."""
    return (_reach(alpha) + _reach(1 - power)) * spread


@lru_cache(maxsize=4096)
def margin_of(n: int, differing: float, *, alpha: float = 0.05, power: float = POWER) -> float:
    """The smallest margin (to 0.001) for which `n` cases suffice; 1.0 if none does."""
    low, high = 1, 1000
    while low < high:
        middle = (low + high) // 2
        if middle < 1000 and cases(middle / 1000, differing, alpha=alpha, power=power) > n:
            low = middle + 1
        else:
            high = middle
    return low / 1000


def _reach(tail: float) -> float:
    return -NormalDist().inv_cdf(tail)
