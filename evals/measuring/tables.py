"""How the numbers are printed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from api.terminal import say, say_table
from evals.measuring.statistics import Seconds


def table(title: str, header: Sequence[str], lines: Sequence[Sequence[object]]) -> None:
    say(f"\n{title}")
    say_table(header, lines)


def percent(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{100 * value:.1f}"


def ranged(number: Any) -> str:
    """`41.2 [35.0, 47.9]`, in percent."""
    return f"{percent(number['value'])} [{percent(number['low'])}, {percent(number['high'])}]"


def say_times(times: Mapping[str, Seconds]) -> None:
    for name, s in times.items():
        say(f"Seconds to {name}: p50 {number(s.p50)}, p95 {number(s.p95)} (n = {s.n})")


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
