"""A source in its own words: to open an answer, and in the place of a sentence that failed the gate."""

from __future__ import annotations

import re

from generation.claims import sentence_spans
from generation.evidence import Evidence, candidates, leans_back
from generation.faithfulness import Decision
from retrieval.types import Context

_REPAIRABLE = frozenset({"relevance", "figures", "judge", "second"})
_SHORTEST, _LONGEST = 4, 300  # words; characters that a reader takes for one statement
_NUMBER = re.compile(r"^(?:[-*•–]|\d+(?:\.\d+)*\.?|\([a-z\d]+\))\s+")  # of a clause or list item


def opening(context: Context, least: float) -> Evidence | None:
    """The sentence of the context that bears most on the question, if the reranker's score is at least `least`."""
    lead = context.lead
    passage = context.passage(lead.marker) if lead and lead.score >= least else None
    if lead is None or passage is None:
        return None
    found = Evidence(passage, lead.start, lead.end, 0.0)
    return found if words(found) else None


def instead(failed: Decision) -> Evidence | None:
    """What a source says where the failed sentence rests. None if that cannot be quoted, if it is what failed, or if
    what failed did not fail for what it says."""
    if failed.judgement.passed or failed.judgement.stage not in _REPAIRABLE:
        return None
    passages = {item.passage.marker: item.passage for item in failed.nearest}
    found = [item for passage in passages.values() for item in candidates(failed.text, passage)]
    nearest = max(found, key=lambda item: item.score, default=None)
    return nearest if nearest and words(nearest) not in ("", failed.text) else None


def words(source: Evidence) -> str:
    """What is quoted of a source, on one line and without a clause's number: one whole sentence of prose that is
    understood by itself, else nothing."""
    text = _NUMBER.sub("", " ".join(source.quote.split()))
    whole = text[:1].isupper() and text[-1:] in ".!?" and len(sentence_spans(text)) == 1
    fits = len(text) <= _LONGEST and len(text.split()) >= _SHORTEST
    return text if whole and fits and " | " not in text and not leans_back(text) else ""
