"""What a cell of a review is worth against its gold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum

from evals.datasets.reviews import CellGold
from evals.metrics.quote_overlap import SAME_WORDS, token_f1
from generation.types import Answer

_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_ORDINAL = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}
_FORMS = ("inc", "llc", "ltd", "corp", "corporation", "incorporated", "company", "co", "lp", "limited", "the")


class Outcome(StrEnum):
    """RIGHT, WRONG, MISSED: of what the document holds; WRONG also where only part of it is named. RIGHTLY_NOT_FOUND,
    FALSELY_FOUND: of what it does not. UNLABELLED: nobody has said."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSED = "missed"
    RIGHTLY_NOT_FOUND = "rightly_not_found"
    FALSELY_FOUND = "falsely_found"
    FAILED = "failed"
    UNLABELLED = "unlabelled"


def outcome(status: str, answer: Answer | None, gold: CellGold | None) -> Outcome:
    """`status`: of the cell."""
    if status == "failed" or answer is None:
        return Outcome.FAILED
    if gold is None:
        return Outcome.UNLABELLED
    if status == "not_found":
        return Outcome.MISSED if gold.held else Outcome.RIGHTLY_NOT_FOUND
    if not gold.held:
        return Outcome.FALSELY_FOUND
    right = named(answer, gold.values) if gold.values else cited(answer, gold)
    return Outcome.RIGHT if right else Outcome.WRONG


def cited(answer: Answer, gold: CellGold) -> bool:
    """Whether a quote and a labelled clause are the same words, or one holds the other."""
    return any(_same(citation.quote, place.quote) for citation in answer.citations for place in gold.places)


def on_page(answer: Answer, gold: CellGold) -> bool:
    """Whether a quote stands on a labelled page, whatever its words."""
    return bool({one.page for one in answer.citations} & {place.page for place in gold.places if place.page})


def _same(quote: str, gold: str) -> bool:
    ours, theirs = plain(quote), plain(gold)
    return bool(ours and theirs) and (token_f1(quote, gold) >= SAME_WORDS or ours in theirs or theirs in ours)


def named(answer: Answer, values: Iterable[str]) -> bool:
    """Whether answer and quotes name every value, however it is written."""
    said = plain(" ".join((answer.answer, *(citation.quote for citation in answer.citations))))
    return all(any(f" {form} " in f" {said} " for form in forms(value)) for value in values)


def forms(value: str) -> Iterator[str]:
    """How a value of Kleister may be written: a day, a term, or a name without its kind of company."""
    yield plain(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        yield from _days(date.fromisoformat(value))
    elif found := re.fullmatch(r"(\d+) ([a-z]+?)s?", value):
        yield from _terms(int(found[1]), found[2])
    else:
        words = plain(value).split()
        yield " ".join(words[:-1] if len(words) > 1 and words[-1] in _FORMS else words)


def _days(day: date) -> Iterator[str]:
    ordinal = f"{day.day}{_ORDINAL.get(day.day, 'th')}"
    for month in (f"{day:%B}".lower(), f"{day:%b}".lower()):
        for number in (str(day.day), f"{day.day:02}", ordinal):
            yield f"{month} {number} {day.year}"
            yield f"{number} {month} {day.year}"
            yield f"{number} day of {month} {day.year}"
    yield f"{day.month} {day.day} {day.year}"
    yield f"{day.month:02} {day.day:02} {day.year}"


def _terms(count: int, unit: str) -> Iterator[str]:
    written = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    for name in (unit, f"{unit}s"):
        yield f"{count} {name}"
        yield f"{written} {name}"
        yield f"{written} {count} {name}"


def plain(text: str) -> str:
    """Words and numbers alone, lower case."""
    return " ".join(re.findall(r"\w+", text.casefold().replace("&", " and ").replace("'s", "s")))
