"""How well search finds the gold of the golden questions. No language model takes part."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from evals.metrics.retrieval_rank import GoldRanks, gold_ranks
from evals.types import Case, Kind
from retrieval.types import Principal, SearchResult

TOP = 10
Search = Callable[[str, Principal, int], SearchResult]


@dataclass(frozen=True, slots=True)
class RetrievalScores:
    """Means over the `n` questions whose gold the asker may read; `hidden` counts hits from the gold documents of
    forbidden questions and must be 0."""

    n: int
    document_at_1: float
    document_at_5: float
    document_at_10: float
    quote_at_5: float
    quote_at_10: float
    hidden: int


def measure(
    search: Search, cases: Iterable[Case], on_case: Callable[[str], None] = lambda line: None
) -> RetrievalScores:
    """Searches every question as its asker; `on_case` gets a line of progress for each."""
    ranks: list[GoldRanks] = []
    hidden = 0
    for case in cases:
        hits = search(case.question, case.asker, TOP).hits
        if case.kind is Kind.FORBIDDEN:
            hidden += sum(hit.chunk.source in case.gold_sources for hit in hits)
        elif case.gold:
            ranks.append(gold_ranks(case, hits))
            on_case(f"{case.id}  documents {ranks[-1].documents}  quotes {ranks[-1].quotes}")
            continue
        on_case(case.id)
    return RetrievalScores(
        n=len(ranks),
        document_at_1=_mean(found.documents_in(1) for found in ranks),
        document_at_5=_mean(found.documents_in(5) for found in ranks),
        document_at_10=_mean(found.documents_in(10) for found in ranks),
        quote_at_5=_mean(found.quotes_in(5) for found in ranks),
        quote_at_10=_mean(found.quotes_in(10) for found in ranks),
        hidden=hidden,
    )


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return round(sum(numbers) / len(numbers), 4) if numbers else 0.0
