"""Which question each hit is evidence for, and what every hit is worth to it before its sentences are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.types import Hit

_RERANKED = 0.3  # of the logit of a whole chunk: beside its sentences it says what they stand in
_RANKED = 0.2  # logits for each rank: fusion knows names, clauses and dates, which the reranker does not
_OTHERS = 2.0  # logits that a hit of another part stands below one of this part


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the question, 0 for the whole, and the standing of each hit in it (logits)."""

    part: int
    question: str
    standings: Sequence[float]


def shares(query: str, hits: Sequence[Hit], parts: Sequence[str]) -> list[Share]:
    """One share for each part of the question, or one for the whole."""
    asked = list(enumerate(parts, 1)) or [(0, query)]
    return [
        Share(number, question, _standings(hits, [not number or number in hit.parts for hit in hits]))
        for number, question in asked
    ]


def only(parts: Sequence[int]) -> int:
    """The part that a passage is shown for: 0 unless it is one alone."""
    return parts[0] if len(parts) == 1 else 0


def _standings(hits: Sequence[Hit], own: Sequence[bool]) -> list[float]:
    least = min((hit.scores["rerank"] for hit in hits if "rerank" in hit.scores), default=0.0)
    standings, rank = [], 0
    for hit, mine in zip(hits, own, strict=True):
        logit = hit.scores.get("rerank", least) if mine else least
        standings.append(_RERANKED * logit - _RANKED * rank - (0.0 if mine else _OTHERS))
        rank += mine
    return standings
