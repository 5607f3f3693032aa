"""Short pieces of a passage that can be the answer to a question: amounts, shares, periods, days, names, who must."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from generation.gate.claims import sentence_spans
from retrieval.text.tables import BAR

_UNITS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_VALUE = {word: at for at, word in enumerate(_UNITS, 1)} | {word: 10 * at for at, word in enumerate(_TENS, 2)}
_VALUE |= {"eighteen": 18, "nineteen": 19, "seventeen": 17}
_WORD = "|".join(sorted(_VALUE, key=len, reverse=True)) + "|hundred"
_COUNT = rf"(?:(?:{_WORD})(?:[- ](?:{_WORD}))*(?:\s\(\d[\d,.]*\s?%?\))?|\d[\d,]*(?:\.\d+)?)"
_MONTHS = "January February March April May June July August September October November December".split()
_MONTH = "|".join(_MONTHS)
_NOT_NAMES = frozenset("the this that these such any all each if in on at for to by upon under no section".split())


class FactKind(StrEnum):
    MONEY = "money"
    SHARE = "share"
    PERIOD = "period"
    DAY = "day"
    COUNT = "count"
    CELL = "cell"
    WHO = "who"


_PATTERNS = (
    (FactKind.MONEY, r"(?:US|CAD|AUD|HK|C|A)?[$£€]\s?\d[\d,]*(?:\.\d+)?(?:\s?(?:million|billion|thousand|[mk]\b))?"),
    (FactKind.SHARE, rf"\b{_COUNT}\s?(?:%|per\s?cent(?:um)?\b)(?:\s\(\d[\d.,]*\s?%\))?"),
    (FactKind.PERIOD,
     rf"\b{_COUNT}[\s-](?:(?:business|calendar|working|consecutive|full|clear)\s)?"
     r"(?:days?|months?|years?|weeks?|hours?|minutes?)\b"),
    (FactKind.DAY, rf"\b(?:{_MONTH})\s\d{{1,2}},?\s\d{{4}}\b|\b\d{{1,2}}\s(?:{_MONTH})\s\d{{4}}\b"),
    (FactKind.COUNT,
     r"(?<![\w.,/-])\d[\d,]*(?:\.\d+)?\s?(?:°C|mg|kg|ml|km|kW|MW|GB|square (?:feet|metres)|shares|units|copies"
     r"|employees|metres|tonnes|pallets|miles|litres)\b"),
)  # fmt: skip
_FOUND = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _PATTERNS)
_CELL = re.compile(r"(?<= \| )[$£€]?\(?\d[\d,.]*\)?%?(?= \||\s*$)", re.MULTILINE)
_ROLE = "[A-Z][a-z]*(?:or|er|ee)|Agent|Client|Consultant|Tenant|Bank|Company|Trust|Council|Board|Secretary|Authority"
_WHO = re.compile(rf"(?<![\w'’])(?:The |the )?((?:[A-Z][a-z]+ )?(?:{_ROLE})) (?:shall|must)\b(?! not\b)")
_NOBODY = frozenset("order number letter offer matter other quarter transfer fee guarantee paper waiver".split())
_DATE = re.compile(rf"(?:({_MONTH})\s(\d{{1,2}}),?|(\d{{1,2}})\s({_MONTH}))\s(\d{{4}})", re.IGNORECASE)
_DOUBLED = re.compile(rf"((?:{_WORD})(?:[- ](?:{_WORD}))*)\s\((\d[\d,.]*)\s?%?\)", re.IGNORECASE)
_FEWEST_WORDS = 4  # of a sentence, besides the fact
_BLANK = re.compile(r"_{3,}|/s/|\bBy:|\[\*+\]|\bName:|\bTitle:")


@dataclass(frozen=True, slots=True)
class Fact:
    """Characters [start, end) of the passage, and of the sentence (or table row) that holds them."""

    kind: FactKind
    start: int
    end: int
    gold: tuple[int, int]

    def of(self, text: str) -> str:
        return text[self.start : self.end]

    def sentence(self, text: str) -> str:
        return text[slice(*self.gold)]


def facts(text: str) -> list[Fact]:
    """In their order; no two overlap. None of a page of signatures or a form with blanks."""
    if _BLANK.search(text):
        return []
    found: list[Fact] = []
    sentences = sentence_spans(text)
    for kind, start, end in _all(text):
        gold = next((span for span in sentences if span[0] <= start and end <= span[1]), None)
        if gold and _says_enough(text, gold, start, end) and all(end <= f.start or f.end <= start for f in found):
            found.append(Fact(kind, start, end, gold))
    return sorted(found, key=lambda one: one.start)


def _says_enough(text: str, gold: tuple[int, int], start: int, end: int) -> bool:
    """ "Position on 5 December 2025." says nothing of that day."""
    rest = text[gold[0] : start] + text[end : gold[1]]
    return len(rest.split()) >= _FEWEST_WORDS


def kinds(text: str) -> set[FactKind]:
    return {kind for kind, *_ in _all(text)}


def _all(text: str) -> Iterator[tuple[FactKind, int, int]]:
    for kind, pattern in _FOUND:
        yield from ((kind, *match.span()) for match in pattern.finditer(text))
    if BAR in text:
        yield from ((FactKind.CELL, *match.span()) for match in _CELL.finditer(text))
    for match in _WHO.finditer(text):
        first, *_, last = match[1].lower().split() * 2
        if first not in _NOT_NAMES and last not in _NOBODY:
            yield FactKind.WHO, *match.span(1)


def spellings(fact: str) -> tuple[str, ...]:
    """The fact first, then as others would write it: "15 days" of "fifteen (15) days", "5 March 2019"."""
    found = [fact]
    if doubled := _DOUBLED.search(fact):
        rest = fact[doubled.end() :]
        found += [fact[: doubled.start()] + doubled[1] + rest, fact[: doubled.start()] + doubled[2] + rest]
    elif match := re.match(rf"({_WORD})(?:[- ]({_WORD}))?(?=[\s-])", fact, re.IGNORECASE):
        value = sum(_VALUE.get(word.lower(), 0) for word in match.groups() if word)
        if value and "hundred" not in match[0].lower():
            found.append(f"{value}{fact[match.end() :]}")
    elif match := re.match(r"(\d{1,2})(?=[\s-])", fact):
        words = [word for word, value in _VALUE.items() if value == int(match[1])]
        found += [f"{word}{fact[match.end() :]}" for word in words[:1]]
    found += [re.sub(r"\s?%$", by, one) for one in found for by in (" per cent", " percent") if one.endswith("%")]
    if day := _DATE.fullmatch(fact):
        month, number = (day[1] or day[4]).capitalize(), int(day[2] or day[3])
        iso = f"{day[5]}-{_MONTHS.index(month) + 1:02}-{number:02}"
        found += [f"{number} {month} {day[5]}", f"{month} {number}, {day[5]}", f"{month} {number} {day[5]}", iso]
    found += _money(fact)
    return tuple(dict.fromkeys(" ".join(one.split()) for one in found))


def _money(fact: str) -> list[str]:
    bare = re.sub(r"^[A-Z]*[$£€]\s?", "", fact)
    if bare == fact:
        return []
    amount = re.fullmatch(r"(\d+),?000,000", bare)
    return [bare, *([f"{amount[1]} million"] if amount else [])]
