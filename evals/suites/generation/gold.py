"""Does a passage hold the evidence that the question set names?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from evals.datasets.question_sets import Question
from evals.metrics.matching import contains, tokens
from evals.types import Gold
from retrieval.types import Context, Passage

LONG = 12  # tokens from which a gold text may be cut or broken
SHARE = 0.6  # of such a text that a passage must hold
_RUN = 3


def holds(passage: Passage, gold: Gold) -> bool:
    """Whether a passage of the gold's document has its words: all of a short gold, `SHARE` of the three-token runs of a
    long one (single tokens would be found in any clause of the same contract)."""
    if passage.chunk.source != gold.source:
        return False
    text = f"{passage.table_header}\n{passage.text}"
    words = tokens(gold.quote)
    if len(words) < LONG:
        return states(text, gold.quote)
    wanted = _runs(words)
    return (wanted & _runs(tokens(text))).total() >= SHARE * wanted.total()


def states(text: str, phrase: str) -> bool:
    """Whether the phrase's words stand in the text, one after the other and as whole words."""
    wanted = tokens(phrase)
    return f" {' '.join(wanted)} " in f" {' '.join(tokens(text))} " if wanted else contains(text, phrase)


def shares_words(text: str, gold: Gold) -> bool:
    """Whether `SHARE` of the three-token runs of the shorter one stand in the other."""
    ours, theirs = _runs(tokens(text)), _runs(tokens(gold.quote))
    shorter = min(ours.total(), theirs.total())
    return shorter > 0 and (ours & theirs).total() >= SHARE * shorter


def gold_markers(question: Question, context: Context) -> frozenset[int]:
    """The markers of the passages that hold any of the question's gold."""
    return frozenset(
        passage.marker for passage in context.passages if any(holds(passage, gold) for gold in question.case.gold)
    )


def _runs(words: Sequence[str]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1))
