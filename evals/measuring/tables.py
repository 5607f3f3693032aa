"""How the numbers are printed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from api.cli.output import say, say_table


def table(title: str, header: Sequence[str], lines: Sequence[Sequence[object]]) -> None:
    say(f"\n{title}")
    say_table(header, lines)


def percent(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{100 * value:.1f}"


def ranged(number: Any) -> str:
    """`41.2 [35.0, 47.9]`, in percent."""
    return f"{percent(number['value'])} [{percent(number['low'])}, {percent(number['high'])}]"
