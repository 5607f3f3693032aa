"""How much of the gold words do the cited words hold, and little else?"""

from __future__ import annotations

from collections import Counter

from evals.metrics.matching import tokens
from evals.types import Case
from generation.types import Answer

SAME_WORDS = 0.5  # token F1 of cited and labelled words from which both count as the same clause


def quote_overlap(case: Case, answer: Answer) -> float | None:
    """The best token F1 of a cited quote against a gold quote; None without gold or citations."""
    if case.kind.wants_abstention or not case.gold or not answer.citations:
        return None
    return max(token_f1(citation.quote, gold.quote) for citation in answer.citations for gold in case.gold)


def token_f1(text: str, gold: str) -> float:
    """Harmonic mean of precision and recall over the tokens as multisets, as in SQuAD (arXiv 1606.05250)."""
    ours, theirs = Counter(tokens(text)), Counter(tokens(gold))
    if not ours or not theirs:
        return 0.0
    return 2 * (ours & theirs).total() / (ours.total() + theirs.total())
