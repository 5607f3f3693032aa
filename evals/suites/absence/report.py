"""What was said of contracts that have a clause, and of those that have it not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.terminal import say, say_json
from evals.measuring.machine import circumstances
from evals.measuring.statistics import seconds, wilson
from evals.measuring.tables import percent, table
from evals.suites.absence.fitting import score_of
from generation.absence.types import Presence
from generation.absence.weighing import Limits

Row = Mapping[str, Any]


def say_report(rows: Sequence[Row], limits: Limits, split: str) -> None:
    """Percent with 95 % intervals (Wilson 1927), then one JSON object."""
    said = [(row, limits.presence(score_of(row, limits.weights))) for row in rows]
    lines, numbers = [], {}
    for name, wanted, held in (
        ("false absence: absent, though labelled", Presence.ABSENT, True),
        ("unsure, labelled", Presence.UNSURE, True),
        ("found, labelled", Presence.FOUND, True),
        ("rightly absent", Presence.ABSENT, False),
        ("unsure, not labelled", Presence.UNSURE, False),
        ("found, though not labelled", Presence.FOUND, False),
    ):
        own = [status for row, status in said if row["held"] is held]
        hits = sum(status is wanted for status in own)
        low, high = wilson(hits, len(own))
        lines.append((name, f"{hits} / {len(own)}", _percent(hits, len(own)), f"{percent(low)} to {percent(high)}"))
        numbers[name] = {"hits": hits, "of": len(own), "low": low, "high": high}
    found = [row for row, status in said if status is Presence.FOUND and row["held"]]
    shown = sum(_best_is_marked(row, limits) for row in found)
    low, high = wilson(shown, len(found))
    right = "of the found and labelled: its passage is one that experts marked"
    lines.append((right, f"{shown} / {len(found)}", _percent(shown, len(found)), f"{percent(low)} to {percent(high)}"))
    contracts = len({row["contract"] for row in rows})
    table(f"{split}: {len(rows)} pairs of {contracts} contracts", ("", "n", "%", "95 %"), lines)
    spent = seconds(row["seconds"] for row in rows)
    say(f"A document takes {spent.p50} s in the middle and {spent.p95} s at the 95th percentile.")
    say_json({"split": split, "contracts": contracts, "said": numbers, "shown": shown, **circumstances()})


def _best_is_marked(row: Row, limits: Limits) -> bool:
    best = max(row["passages"], key=lambda one: limits.weights.score(one["relevance"], one["answers"]))
    return bool(best["marked"])


def _percent(hits: int, count: int) -> str:
    return percent(hits / count) if count else "-"
