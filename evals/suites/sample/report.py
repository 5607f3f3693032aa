"""Numbers and tables of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from api.terminal import say, say_table
from evals.measuring.statistics import Seconds
from evals.measuring.tables import number, say_times
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


def say_sample(table: Mapping[str, KindScores], times: Mapping[str, Seconds], found: RetrievalScores) -> None:
    """The report of the sample suite for people."""
    header = ("kind", "n", "right", "abstained", "citations", "resolved", "leaked", "gold doc", "gold page", "quote F1")
    lines = []
    for kind, s in table.items():
        resolved = f"{100 * s.resolved / s.citations:.0f} %" if s.citations else "-"
        shares = [number(value) for value in (s.citation_document, s.citation_page, s.quote_overlap)]
        lines.append((kind, s.n, s.right, s.abstained, s.citations, resolved, s.leaked, *shares))
    say_table(header, lines)
    say(f"\nSearch alone: {', '.join(f'{name} {value}' for name, value in asdict(found).items())}")
    say_times(times)


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 4) if known else None
