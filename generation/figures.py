"""Numbers, dates and names of a sentence: each must occur in its evidence (a stage of the gate)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from retrieval.dates import MONTH, MONTHS, months_before_years, take_dates

_SIGNS = {"£": "GBP", "$": "USD", "€": "EUR"}
_CURRENCY = re.compile(r"[£$€]|\b(?:GBP|USD|EUR|CHF)\b")
_SCALES = {"hundred": 1e2, "thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "mn": 1e6, "billion": 1e9, "bn": 1e9}
_NUMBER = re.compile(
    r"(?<![\w.])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?:\s*(hundred|thousand|million|billion|bn|mn|k|m)\b)?", re.I
)
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = {
    name: 10 * tens for tens, name in enumerate(("twenty thirty forty fifty sixty seventy eighty ninety").split(), 2)
}
_WORDS = {name: value for value, name in enumerate(_UNITS)} | _TENS
_WORD_NUMBER = re.compile(
    rf"\b(?:({'|'.join(_TENS)})[-\s]({'|'.join(_UNITS[1:10])})|({'|'.join(_WORDS)}))\b"
    r"(?:\s+(hundred|thousand|million|billion)\b)?",
    re.I,
)
_ENUMERATION = re.compile(rf"(^|> )\s*\d+(?:\.\d+)*[.)]?\s+(?!(?i:{MONTH})\b)(?=[A-Z])", re.MULTILINE)
_NAME = re.compile(r"\b[A-Z][\w&’'-]*")
_PRONOUN_LIKE = frozenset(
    (
        "I It Its He She They We You The This That These Those There A An In On At By For From If When While "
        "Where Both Each Every Any All No Not Yes Only Under According However Also But And Or As To Of With "
        "Within After Before Either Neither Such Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Figures:
    """The checkable particulars of a text, in normal form."""

    numbers: frozenset[float]
    dates: frozenset[date]
    months: frozenset[int]
    currencies: frozenset[str]
    names: frozenset[str]


def figures(text: str) -> Figures:
    """Numbers ("1.5 million", "thirty (30)", "12%"), calendar dates and capitalised names of a text."""
    dates, rest = take_dates(text)
    currencies = {sign if len(sign) > 1 else _SIGNS[sign] for sign in _CURRENCY.findall(rest)}
    return Figures(
        numbers=frozenset(_digits(rest) | _words(rest)),
        dates=frozenset(dates),
        months=frozenset(months_before_years(rest)),
        currencies=frozenset(currencies),
        names=frozenset(_names(text)),
    )


def missing(claim: str, evidence: str, document: str) -> list[str]:
    """What the claim states and the evidence does not: numbers and dates are sought in the evidence, names in
    the evidence or elsewhere in the cited `document` (contracts name a party once and then call it "Supplier").
    The numbers of headings and clauses count for nothing."""
    stated, given = figures(claim), figures(_ENUMERATION.sub(r"\1", evidence))
    spelled = _calendar(given)
    lacking = [f"{number:g}" for number in sorted(stated.numbers - given.numbers - spelled)]
    lacking += [day.isoformat() for day in sorted(stated.dates - given.dates)]
    named = given.months | {day.month for day in given.dates}
    lacking += [date(2000, month, 1).strftime("%B") for month in sorted(stated.months - named)]
    if given.currencies:
        lacking += sorted(stated.currencies - given.currencies)
    words = set(re.findall(r"[\w&]+", f"{evidence}\n{document}".casefold()))
    lacking += [name for name in sorted(stated.names) if not words.issuperset(re.findall(r"[\w&]+", name.casefold()))]
    return lacking


def _calendar(given: Figures) -> set[float]:
    """A date in the evidence also vouches for its year and its day alone."""
    return {float(part) for day in given.dates for part in (day.year, day.day)}


def _digits(text: str) -> set[float]:
    found = set()
    for whole, fraction, scale in _NUMBER.findall(text):
        value = float(whole.replace(",", "") + fraction)
        found.add(round(value * _SCALES.get(scale.lower(), 1.0), 6))
    return found


def _words(text: str) -> set[float]:
    """Spelled numbers from two on: "one" and "zero" are too often no numbers at all."""
    found = set()
    for tens, unit, single, scale in _WORD_NUMBER.findall(text):
        value = _WORDS[tens.lower()] + _WORDS[unit.lower()] if tens else _WORDS[single.lower()]
        if value > 1 or scale:
            found.add(value * _SCALES.get(scale.lower(), 1.0))
    return found


def _names(text: str) -> set[str]:
    """Capitalised words that do not merely begin a sentence, possessive endings removed."""
    found = set()
    for match in _NAME.finditer(text):
        word = re.sub(r"[’']s$", "", match.group())
        opens = not text[: match.start()].rstrip(" \"'“(").strip() or text[: match.start()].rstrip()[-1:] in ".!?:"
        if word in _PRONOUN_LIKE or (opens and not word.isupper()) or word.lower() in MONTHS or len(word) < 2:
            continue
        found.add(word)
    return found
