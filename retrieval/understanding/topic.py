"""A question without the name of its document: what is asked of the document once it is found."""

from __future__ import annotations

import re
from collections.abc import Iterable

from retrieval.understanding.words import AUXILIARIES, FUNCTION_WORDS, QUESTION_WORDS, words

_LEAD = (
    r"(?:in|under|of|from|by|per|for|within|on|to|according to|pursuant to|regarding|as to|consider|look at|see|"
    r"with regard to)"
)
_GAP_WORDS = 4
_PARTING = frozenset("and or nor to versus vs than with both".split()) | QUESTION_WORDS | AUXILIARIES
_ARTICLE = r"(?:(?:the|our|this|that|a|an|my|their)\s+)?"


def topic(question: str, names: Iterable[str]) -> str:
    """The question without the names, which stand in it word for word, and the prepositions before them; a name that
    is subject or object becomes "it". The question as it is if that leaves no word that says something."""
    names = sorted(names, key=len, reverse=True)
    text = _without_opening(question, names)
    for name in names:
        named = rf"{_ARTICLE}[\"'“‘]?{re.escape(name)}[\"'”’]?"
        text = re.sub(rf"\b{_LEAD}\s+{named}(?:['’]s?)?(?!\w)\s*[,;:]?", " ", text, flags=re.IGNORECASE)
        text = re.sub(rf"(?<!\w){named}(?:['’]s?(?=\s))?(?!\w)", "it", text, flags=re.IGNORECASE)
    text = re.sub(r"\s+([?!.,;:])", r"\1", " ".join(text.split())).strip(" ,;:")
    return text if set(words(text)) - FUNCTION_WORDS else question


def joined(question: str, names: Iterable[str]) -> list[str]:
    """The names, in the order of the question; those that only a few words part, and no "and" or the like, as one."""
    found: list[tuple[int, int]] = []
    end = 0
    for name in names:
        start = question.find(name, end)
        if start < 0:
            continue
        between = words(question[end:start])
        if found and len(between) <= _GAP_WORDS and not set(between) & _PARTING:
            found[-1] = (found[-1][0], start + len(name))
        else:
            found.append((start, start + len(name)))
        end = start + len(name)
    return [question[start:end] for start, end in found]


def _without_opening(question: str, names: Iterable[str]) -> str:
    """The question without an opening like "In the Content License Agreement No. 7 between X and Y,"."""
    if not re.match(rf"{_LEAD}\s", question, re.IGNORECASE):
        return question
    ends = [
        match.end() for name in names for match in re.finditer(rf"{re.escape(name)}['’\"”s]{{0,3}}\s*[,;:]", question)
    ]
    openings = (question[:end] for end in sorted(ends, reverse=True))
    opening = next((text for text in openings if not {*words(text)} & (QUESTION_WORDS | AUXILIARIES)), "")
    return question[len(opening) :]
