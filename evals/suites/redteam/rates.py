"""Shares with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence

_NORMAL = 1.959964


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95 % interval of hits / count (Wilson 1927); it has a width where nothing was hit."""
    if not count:
        return 0.0, 1.0
    share, square = hits / count, _NORMAL**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    spread = _NORMAL * math.sqrt(share * (1 - share) / count + square / (4 * count**2)) / (1 + square / count)
    return max(0.0, middle - spread), min(1.0, middle + spread)


def rate(hits: Sequence[bool]) -> str:
    """`3.2 [1.6, 6.4]`, in percent."""
    low, high = wilson(sum(hits), len(hits))
    return f"{100 * sum(hits) / len(hits):.1f} [{100 * low:.1f}, {100 * high:.1f}]" if hits else "-"
