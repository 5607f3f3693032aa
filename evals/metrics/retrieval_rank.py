"""Where in the search result the gold stands; needs no language model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evals.metrics.matching import tokens
from evals.types import Case
from retrieval.types import Hit


@dataclass(frozen=True, slots=True)
class GoldRanks:
    """For each gold passage the rank (from 1) of the first hit from its document, and of the first hit that holds
    its words; None if there is none."""

    documents: tuple[int | None, ...]
    quotes: tuple[int | None, ...]

    def documents_in(self, top: int) -> float:
        """Share of the gold passages whose document is among the first `top` hits."""
        return _share(self.documents, top)

    def quotes_in(self, top: int) -> float:
        """Share of the gold passages whose words are in one of the first `top` hits."""
        return _share(self.quotes, top)


def gold_ranks(case: Case, hits: Sequence[Hit]) -> GoldRanks:
    """Ranks for a case with gold."""
    texts = [f" {' '.join(tokens(hit.chunk.text))} " for hit in hits]
    return GoldRanks(
        documents=tuple(_first(hit.chunk.source == gold.source for hit in hits) for gold in case.gold),
        quotes=tuple(
            _first(
                hit.chunk.source == gold.source and f" {' '.join(tokens(gold.quote))} " in text
                for hit, text in zip(hits, texts, strict=True)
            )
            for gold in case.gold
        ),
    )


def _first(matches: Iterable[bool]) -> int | None:
    return next((rank for rank, match in enumerate(matches, 1) if match), None)


def _share(ranks: Sequence[int | None], top: int) -> float:
    return sum(rank is not None and rank <= top for rank in ranks) / len(ranks)
