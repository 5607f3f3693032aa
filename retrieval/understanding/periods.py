"""Periods of reports that a question states: "FY2018", "fiscal 2019", "Q2 2022", "the quarter ended June 30, 2022"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_YEAR = r"(?P<year>(?:19|20)\d\d)"
_QUARTER = r"(?:q(?P<q>[1-4])|(?P<q2>[1-4])q|(?P<word>first|second|third|fourth|1st|2nd|3rd|4th)[ -]quarter)"
_FISCAL = r"(?:fiscal\s+(?:years?\s+)?|fy\s?-?'?)?"
_FORMS = (
    re.compile(rf"\b{_QUARTER}\s*(?:of|in|for|,|-|/)?\s*(?:the\s+)?{_FISCAL}{_YEAR}\b", re.I),
    re.compile(rf"\b{_FISCAL}{_YEAR}\s*[-/,]?\s*{_QUARTER}\b", re.I),
    re.compile(r"\b(?P<q2>[1-4])q\s?'?(?P<short>\d\d)\b|\bq(?P<q>[1-4])\s?(?:fy)?\s?'?(?P<short2>\d\d)\b", re.I),
    re.compile(
        r"\b(?:quarter|quarterly period|three months|six months|nine months)\s+(?:ended|ending|to)\s+"
        rf"(?P<month>january|february|march|april|may|june|july|august|september|october|november|december)\b[^?.;]{{0,8}}?{_YEAR}\b",
        re.I,
    ),
    re.compile(rf"\b(?:fiscal\s+years?\s+|fiscal\s+|fy\s?-?'?){_YEAR}\b", re.I),
    re.compile(r"\bfy\s?-?'?(?P<short>\d\d)\b", re.I),
    re.compile(rf"(?<![\w$€£.,/-]){_YEAR}(?![\w%]|[.,]\d)", re.I),
)
_ORDINAL = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_MONTHS = "january february march april may june july august september october november december".split()


@dataclass(frozen=True, slots=True)
class Period:
    """`question[start:end]` states a year, or a quarter (1 to 4) of it; quarter 0: the whole year."""

    start: int
    end: int
    year: int
    quarter: int = 0


def periods(question: str) -> list[Period]:
    """The periods in the order of the question; none overlap."""
    found: list[Period] = []
    for form in _FORMS:
        for match in form.finditer(question):
            if not any(match.start() < other.end and other.start < match.end() for other in found):
                found.append(_period(match))
    return sorted(found, key=lambda period: period.start)


def fit(asked: Sequence[Period], values: Iterable[str]) -> float:
    """0 to 1: how well a report of these periods ("2021", "2022Q2"; "~" before one by another convention) answers for
    those asked. An annual report holds the two years before as well, a quarterly one the same quarter a year before."""
    stated = [
        (value.startswith("~"), int(value.lstrip("~")[:4]), int(value[-1]) if "Q" in value else 0) for value in values
    ]
    if not asked or not stated:
        return 0.0
    return max(
        sum(_one(period, year, quarter) for period in asked) / len(asked) - 0.15 * weak
        for weak, year, quarter in stated
    )


def _one(period: Period, year: int, quarter: int) -> float:
    back = year - period.year
    if quarter == period.quarter:
        return {0: 1.0, 1: 0.6, 2: 0.4 if not quarter else 0.0}.get(back, 0.0)
    if not quarter:  # an annual report asked for a quarter
        return {0: 0.45 if period.quarter == 4 else 0.3}.get(back, 0.0)
    return 0.2 if back == 0 else 0.0  # a quarterly one asked for a year


def _period(match: re.Match[str]) -> Period:
    groups = match.groupdict()
    short = groups.get("short") or groups.get("short2")
    year = int(groups.get("year") or 2000 + int(short or 0))
    number = groups.get("q") or groups.get("q2")
    quarter = int(number) if number else _ORDINAL.get((groups.get("word") or "").lower(), 0)
    if groups.get("month"):
        quarter = _MONTHS.index(groups["month"].lower()) // 3 + 1
    return Period(match.start(), match.end(), year, quarter)
