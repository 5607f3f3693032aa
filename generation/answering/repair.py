"""In place of a sentence that failed the gate: the sentence of its sources that comes closest to it, word for word."""

from __future__ import annotations

import re

from generation.claims import sentence_spans
from generation.evidence import Evidence, candidates, leans_back
from generation.faithfulness import Decision

_REPAIRABLE = frozenset({"relevance", "figures", "judge", "second"})
_LONGEST = 300  # characters that a reader takes for one statement
_NUMBER = re.compile(r"^(?:[-*•–]|\d+(?:\.\d+)*\.?|\([a-z\d]+\))\s+")  # of a clause or list item


def quotation(failed: Decision) -> tuple[str, Evidence] | None:
    """What a source says where the failed sentence rests, and the place: one whole sentence of prose that is understood
    by itself. None if nothing there is one, if it is what failed, or if that did not fail for what it says."""
    if failed.judgement.passed or failed.judgement.stage not in _REPAIRABLE:
        return None
    passages = {item.passage.marker: item.passage for item in failed.nearest}
    found = [item for passage in passages.values() for item in candidates(failed.text, passage)]
    for item in sorted(found, key=lambda item: item.score, reverse=True):
        text = _NUMBER.sub("", " ".join(item.quote.split()))
        if text == failed.text:
            return None
        if _stands_alone(text):
            return text, item
    return None


def _stands_alone(text: str) -> bool:
    whole = text[:1].isupper() and text[-1:] in ".!?" and len(text) <= _LONGEST
    return whole and " | " not in text and not leans_back(text) and len(sentence_spans(text)) == 1
