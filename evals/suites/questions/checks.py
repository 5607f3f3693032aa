"""What is wrong with a question by its words alone. Each check returns why, or "" where it finds nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evals.metrics.matching import contains, tokens
from ingest.languages import foreign
from retrieval.understanding.follow_ups import follows
from retrieval.understanding.words import FUNCTION_WORDS, QUESTION_WORDS, stem_match

LONGEST_RUN = 10  # words in a row out of the gold sentence
MOST_SHARED = 0.9  # of the question's own words that the gold sentence has, where it copies a run of them, too
SHORT_RUN = 7
FEWEST_WORDS, MOST_WORDS = 5, 40
SAME = 0.8  # of two questions' words: then they ask the same
_LOOKS_AT = re.compile(
    r"\b(?:passages?|excerpts?|sentences?|the text|paragraphs?|(?:this|that|above|following|given) "
    r"(?:section|clause|article|document|table|list|row|column|schedule|exhibit|page)"
    r"|(?:the|this) (?:document|section|clause|row|column)(?! of)|according to|mentioned|stated|listed above"
    r"|described (?:here|above)|herein|hereof|hereunder|hereto|thereof)\b",
    re.I,
)
_OF_THE_DOCUMENT = re.compile(
    r"\b(?:this|the|our|each|either|both|another|a) (?:[\w&-]+ ){0,4}"
    r"(?:agreement|contract|lease|policy|report|register|guide|part(?:y|ies)|compan(?:y|ies)|term)\b",
    re.I,
)
_ANSWER_WORDS = frozenset("many much long soon often far old".split())


@dataclass(frozen=True, slots=True)
class Draft:
    """A question as it was written. `named`: words in it that only name its document."""

    question: str
    facts: Sequence[str]
    gold: str
    heading: str
    named: str = ""

    @property
    def own(self) -> str:
        """Without what names the document."""
        return self.question.replace(self.named, " ") if self.named else self.question


def no_question(draft: Draft) -> str:
    count = len(draft.question.split())
    if not draft.question.endswith("?") or draft.question.count("?") > 1:
        return "not one question"
    return "" if FEWEST_WORDS <= count <= MOST_WORDS else "too short or too long"


def other_language(draft: Draft) -> str:
    return "in another language than its passage" if foreign(draft.question) != foreign(draft.gold) else ""


def gives_away(draft: Draft) -> str:
    return "holds its answer" if any(contains(draft.question, fact) for fact in draft.facts) else ""


def looks_at_the_passage(draft: Draft) -> str:
    return "speaks of the passage" if _LOOKS_AT.search(draft.own) else ""


def cannot_stand_alone(draft: Draft) -> str:
    """Not asked of one that names its document: "In the catalogue, what ..." goes on from nothing."""
    return "does not stand alone" if not draft.named and follows(draft.question) else ""


def copies(draft: Draft) -> str:
    """The passage's own words: a long run of them, or nearly all."""
    asked, gold = tokens(draft.own), tokens(draft.gold)
    run = longest_run(asked, gold)
    own = content(draft.own)
    shared = sum(any(stem_match(word, other) for other in set(gold)) for word in own) / max(len(own), 1)
    if run > LONGEST_RUN or (run > SHORT_RUN and shared > MOST_SHARED):
        return "copies the passage"
    return ""


def asks_the_heading(draft: Draft) -> str:
    """Its own words say no more than what the passage stands under."""
    above = set(tokens(draft.heading))
    return "asks no more than the heading says" if set(content(draft.own)) <= above else ""


CHECKS: tuple[Callable[[Draft], str], ...] = (
    no_question, other_language, gives_away, looks_at_the_passage, cannot_stand_alone, copies, asks_the_heading,
)  # fmt: skip


def problem(draft: Draft) -> str:
    """Of the first check that finds something."""
    return next((why for check in CHECKS if (why := check(draft))), "")


def needs_a_name(question: str, heading: str) -> bool:
    """Whether it does not say of which document: it speaks of "the agreement" or "either party", or shares no word with
    the title and the headings that it stands under."""
    about = set(content(heading))
    return _OF_THE_DOCUMENT.search(question) is not None or not any(
        stem_match(word, other) for word in content(question) for other in about
    )


def content(text: str) -> list[str]:
    """The words that say something, in order."""
    empty = FUNCTION_WORDS | QUESTION_WORDS | _ANSWER_WORDS
    return [word for word in tokens(text) if word not in empty and len(word) > 1]


def longest_run(words: Sequence[str], others: Sequence[str]) -> int:
    """Of words in a row in both."""
    best, last = 0, [0] * (len(others) + 1)
    for word in words:
        row = [0] * (len(others) + 1)
        for at, other in enumerate(others):
            if word == other:
                row[at + 1] = last[at] + 1
        best, last = max(best, *row), row
    return best


def same(question: str, other: str) -> bool:
    one, two = set(content(question)), set(content(other))
    return len(one & two) / max(len(one | two), 1) >= SAME
