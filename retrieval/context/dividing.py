"""Which question each hit is evidence for, and what every hit is worth to it before its sentences are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.text.terms import terms
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
    """One share for each part of the question, or one for the whole. The question of a share is as it was asked of its
    document where search did so: without the document's name, which no sentence of it holds."""
    owners = [part_of(hit, parts) for hit in hits]
    found = []
    for number, part in enumerate(parts, 1) if parts else [(0, query)]:
        own = [hit.question for hit, owner in zip(hits, owners, strict=True) if owner == number and hit.question]
        question = min(own, key=lambda one: (len(one), one), default=part)
        found.append(Share(number, question, _standings(hits, [owner == number for owner in owners])))
    return found


def part_of(hit: Hit, parts: Sequence[str]) -> int:
    """The part, 1.., that shares most words with the question which found the hit; 0 without parts."""
    asked = set(terms(hit.question))

    def shared(number: int) -> float:
        said = set(terms(parts[number - 1]))
        return len(asked & said) / (len(asked | said) or 1)

    return max(range(1, len(parts) + 1), key=shared, default=0)


def _standings(hits: Sequence[Hit], own: Sequence[bool]) -> list[float]:
    least = min((hit.scores["rerank"] for hit in hits if "rerank" in hit.scores), default=0.0)
    standings, rank = [], 0
    for hit, mine in zip(hits, own, strict=True):
        logit = hit.scores.get("rerank", least) if mine else least
        standings.append(_RERANKED * logit - _RANKED * rank - (0.0 if mine else _OTHERS))
        rank += mine
    return standings
