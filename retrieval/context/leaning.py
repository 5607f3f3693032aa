"""What a sentence cannot be read without: the one before a pronoun, a list's lead-in, the years above figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from retrieval.text.tables import BAR

Span = tuple[int, int]
_REACH = 600  # characters up to which what stands before is taken along
_PRONOUN = re.compile(
    r"(?:\W{0,2}|\(?\w{1,4}[.)]\s+)"
    r"(?:It|Its|They|Their|He|She|Such|This|That|These|Those|The (?:foregoing|latter|former|same))\b"
)
_ITEM = re.compile(r"(?:[-*•–]|\(?[a-z]{1,4}\)|\(?\d{1,2}\)|[a-z]\.)\s", re.I)
_FIGURES = re.compile(r"(?:(?:(?<=\s)|^)(?:(?:[£$€]\s?)?\(?\d[\d,.]{0,20}%?\)?|[-–—])(?:\s{1,3}|$)){2,9}$")
_YEARS = re.compile(r"(?:\b(?:19|20)\d\d\b\D{0,12}){2,}$")


def opening(text: str, spans: Sequence[Span], at: int) -> int:
    """The sentence from which on `at` can be understood: itself, or one before it within `_REACH` characters.

    Rows of tables lean on nothing: they are shown under their header wherever they are cut.
    """
    start, end = spans[at]
    sentence = text[start:end]
    if BAR in sentence:
        return at
    if _ITEM.match(sentence):
        return _above(text, spans, at, lambda line: line.endswith(":"), between=_ITEM)
    if _FIGURES.search(sentence):
        return _above(text, spans, at, lambda line: bool(_YEARS.search(line)))
    if _PRONOUN.match(sentence) and at and end - spans[at - 1][0] <= _REACH:
        return at - 1
    return at


def _above(
    text: str,
    spans: Sequence[Span],
    at: int,
    leads: Callable[[str], bool],
    between: re.Pattern[str] | None = None,
) -> int:
    """The nearest sentence above that leads in; `at` if there is none within reach."""
    end = spans[at][1]
    for number in range(at - 1, -1, -1):
        line = text[slice(*spans[number])].rstrip()
        if end - spans[number][0] > _REACH:
            break
        if leads(line):
            return number
        if between and not between.match(line):
            break
    return at
