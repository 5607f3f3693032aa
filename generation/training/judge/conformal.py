"""A limit with a guarantee: conformal risk control for one binary loss (Angelopoulos et al. 2022, arXiv 2208.02814)."""

from __future__ import annotations

import math
from collections.abc import Sequence


def risk_limit(supports: Sequence[float], risk: float) -> float:
    """The lowest limit at which at most `risk` of the unsupported sentences are expected to ship.

    `supports` are the judge's supports, in [0, 1], of sentences that are known NOT to be supported. A new such
    sentence, exchangeable with these, has a support of at least the limit with probability at most `risk`: the
    smallest limit with (shipped + 1) / (n + 1) <= risk, over the n given. If n is too small for that, nothing may
    ship: the limit is above 1.
    """
    if not 0 < risk < 1:
        raise ValueError(f"a risk lies between 0 and 1, not at {risk}")
    allowed = math.floor(risk * (len(supports) + 1)) - 1  # so many of the given ones may be at or above the limit
    if allowed < 0:
        return math.nextafter(1.0, 2.0)
    ranked = sorted(supports, reverse=True)
    return math.nextafter(ranked[allowed], 2.0) if allowed < len(ranked) else 0.0
