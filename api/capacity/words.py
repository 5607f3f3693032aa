"""Numbers as people read them."""

from __future__ import annotations

import math

GB = 1e9
GIB = 2**30


def up(value: float) -> int:
    """The whole number of machines that so much takes, at least one."""
    return max(1, math.ceil(value - 1e-9))


def rounded(value: float) -> str:
    """ "12,500", "1.64M"."""
    return f"{value / 1e6:,.3g}M" if 1e6 <= value < 1e9 else f"{value / 1e6:,.0f}M" if value >= 1e9 else f"{value:,.0f}"
