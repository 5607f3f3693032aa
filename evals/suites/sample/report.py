"""Numbers and tables of a run."""

from __future__ import annotations

import math
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.cli.output import say, say_table
from evals.suites.sample.search import RetrievalScores
from evals.types import Kind

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KindScores:
    """One line of the table. `resolved` and `leaked` count citations and questions."""

    n: int
    right: int
    abstained: int
    citations: int
    resolved: int
    leaked: int
    citation_document: float | None
    citation_page: float | None
    quote_overlap: float | None


@dataclass(frozen=True, slots=True)
class Seconds:
    """Percentiles (nearest rank) of `n` durations; None without any."""

    n: int
    p50: float | None
    p95: float | None


def kind_scores(rows: Sequence[Row]) -> KindScores:
    """Sums and means over the rows of one kind, or of all."""
    return KindScores(
        n=len(rows),
        right=sum(row["right"] for row in rows),
        abstained=sum(row["status"] == "abstained" for row in rows),
        citations=sum(len(row["citations"]) for row in rows),
        resolved=sum(round((row["scores"]["citation_resolves"] or 0.0) * len(row["citations"])) for row in rows),
        leaked=sum(row["scores"]["leak"] == 1.0 for row in rows),
        citation_document=_mean(row["scores"]["citation_document"] for row in rows),
        citation_page=_mean(row["scores"]["citation_page"] for row in rows),
        quote_overlap=_mean(row["scores"]["quote_overlap"] for row in rows),
    )


def by_kind(rows: Sequence[Row]) -> dict[str, KindScores]:
    """A line for each kind that was asked, and one for all."""
    found = {kind.value: [row for row in rows if row["kind"] == kind] for kind in Kind}
    return {name: kind_scores(group) for name, group in found.items() if group} | {"all": kind_scores(rows)}


def seconds(values: Iterable[float | None]) -> Seconds:
    """Percentiles of the durations that are known."""
    known = sorted(value for value in values if value is not None)
    return Seconds(len(known), _percentile(known, 0.5), _percentile(known, 0.95))


def circumstances() -> dict[str, object]:
    """What a reader needs to judge numbers: when, on how many cores, from which commit (None outside a checkout)."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": len(os.sched_getaffinity(0)),
        "commit": _commit(),
    }


def say_sample(table: Mapping[str, KindScores], times: Mapping[str, Seconds], found: RetrievalScores) -> None:
    """The report of the sample suite for people."""
    header = ("kind", "n", "right", "abstained", "citations", "resolved", "leaked", "gold doc", "gold page", "quote F1")
    lines = []
    for kind, s in table.items():
        resolved = f"{100 * s.resolved / s.citations:.0f} %" if s.citations else "-"
        shares = [_number(value) for value in (s.citation_document, s.citation_page, s.quote_overlap)]
        lines.append((kind, s.n, s.right, s.abstained, s.citations, resolved, s.leaked, *shares))
    say_table(header, lines)
    say(f"\nSearch alone: {', '.join(f'{name} {value}' for name, value in asdict(found).items())}")
    say_times(times)


def say_times(times: Mapping[str, Seconds]) -> None:
    for name, s in times.items():
        say(f"Seconds to {name}: p50 {_number(s.p50)}, p95 {_number(s.p95)} (n = {s.n})")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 4) if known else None


def _percentile(ordered: Sequence[float], share: float) -> float | None:
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None


def _commit() -> str | None:
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return None
    return done.stdout.strip() or None
