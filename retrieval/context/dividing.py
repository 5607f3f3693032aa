"""Which question each hit is evidence for, and what every hit is worth to it before its sentences are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.types import Hit

_RERANKED = 0.3  # of the logit of a whole chunk: beside its sentences it says what they stand in
_RANKED = 0.6  # logits for each rank: fusion knows names, clauses and dates, which the reranker does not


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the question, 0 for the whole, with the hits that are looked at for it, by their place, and the
    standing of each (logits)."""

    part: int
    question: str
    standings: Mapping[int, float]


def shares(query: str, hits: Sequence[Hit], parts: Sequence[str]) -> list[Share]:
    """One share for each part of the question, of the hits that it found, or of all where it found none; or one share
    for the whole."""
    asked = list(enumerate(parts, 1)) or [(0, query)]
    return [Share(number, question, _standings(hits, number)) for number, question in asked]


def only(parts: Sequence[int]) -> int:
    """The part that a passage is shown for: 0 unless it is one alone."""
    return parts[0] if len(parts) == 1 else 0


def _standings(hits: Sequence[Hit], part: int) -> dict[int, float]:
    own = {at: hit for at, hit in enumerate(hits) if part in hit.parts} or dict(enumerate(hits))
    least = min((hit.scores["rerank"] for hit in own.values() if "rerank" in hit.scores), default=0.0)
    return {
        at: _RERANKED * hit.scores.get("rerank", least) - _RANKED * rank for rank, (at, hit) in enumerate(own.items())
    }
