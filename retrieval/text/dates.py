"""Days, months, quarters and years as texts write them (English)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sep sept", "october oct", "november nov", "december dec"), 1)
    for name in names.split()
}  # fmt: skip
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_ANY_MONTH = rf"(?=[JFMASOND])(?P<m>{MONTH})"  # the look ahead saves time
_CAPITAL = "|".join(name.capitalize() for name in sorted(MONTHS, key=len, reverse=True))
_ALONE = "|".join(name.capitalize() for name in MONTHS if len(name) > 4 or name in {"june", "july"})  # without May
_ORDINAL = "(?:st|nd|rd|th)?"
_QUARTERS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4,
             "last": 4, "final": 4}  # fmt: skip
_YEAR = r"(?:19|20)\d\d"

_DATES = (
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b"),
    re.compile(
        rf"\b(?P<d>\d{{1,2}}){_ORDINAL}(?:\s+day)?(?:\s+of)?(?:\s+|-)(?P<m>{MONTH})(?:\.?,?\s+|-)(?P<y>\d{{4}})\b", re.I
    ),
    re.compile(rf"\b{_ANY_MONTH}\.?\s+(?:the\s+)?(?P<d>\d{{1,2}}){_ORDINAL},?\s+(?P<y>\d{{4}})\b", re.I),
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of the calendar that `text[start:end]` names, in each of its readings ("03/04/2024" has two).

    A reading is a day `2024-03-01`, a month `2024-03`, a quarter `2024-Q1`, a year `2024`, a financial year `FY2024`
    or `FY2023-24`; without its year a day is `--03-01`, a month `--03` and a quarter `Q1`.
    """

    start: int
    end: int
    values: tuple[str, ...]


def take_dates(text: str) -> tuple[set[date], str]:
    """The days that a text names beyond doubt, and the text with blanks in their place."""
    days: set[date] = set()
    for pattern in _DATES:
        days.update(date.fromisoformat(value) for match in pattern.finditer(text) for value in _written(match))
        text = _blanked(pattern, text)
    return days, text


def mentions(text: str) -> list[Mention]:
    """Everything in the text that names a stretch of the calendar, in order; no two of them overlap."""
    return sorted(_mentions(text), key=lambda mention: mention.start)


def _mentions(text: str) -> Iterator[Mention]:
    for pattern, read in _READERS:
        found = False
        for match in pattern.finditer(text):
            found = True
            if values := tuple(dict.fromkeys(read(match))):
                yield Mention(*match.span(), values)
        if found:
            text = _blanked(pattern, text)


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: " " * len(match.group()), text)


def _day(year: int, month: int, day: int) -> list[str]:
    try:
        return [date(year, month, day).isoformat()]
    except ValueError:
        return []


def _written(match: re.Match[str]) -> list[str]:
    month = match["m"]
    return _day(int(match["y"]), MONTHS.get(month.lower()) or int(month), int(match["d"]))


def _numeric(match: re.Match[str]) -> list[str]:
    """Day first, then month first."""
    first, second, year = int(match["a"]), int(match["b"]), _full_year(match["y"])
    return _day(year, second, first) + _day(year, first, second)


def _quarter(match: re.Match[str]) -> list[str]:
    number = _QUARTERS.get(match["q"].lower()) or int(match["q"])
    return [f"{_full_year(match['y'])}-Q{number}" if match["y"] else f"Q{number}"]


def _financial_year(match: re.Match[str]) -> list[str]:
    year, second = _full_year(match["y"]), match["z"]
    if not second:
        return [f"FY{year}"]
    return [f"FY{year}-{int(second) % 100:02d}"] if int(second) % 100 == (year + 1) % 100 else []


def _month(match: re.Match[str]) -> list[str]:
    month = match["m"]
    number = MONTHS.get(month.lower()) or int(month)
    return [f"{_full_year(match['y'])}-{number:02d}"] if 1 <= number <= 12 else []


def _yearless_day(match: re.Match[str]) -> list[str]:
    return [f"-{value[4:]}" for value in _day(2000, MONTHS[match["m"].lower()], int(match["d"]))]


def _yearless_month(match: re.Match[str]) -> list[str]:
    return [f"--{MONTHS[match['m'].lower()]:02d}"]


def _full_year(digits: str) -> int:
    """Two digits stand for 1970 to 2069."""
    year = int(digits.strip("'’"))
    return year if year > 99 else year + (2000 if year < 70 else 1900)


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], list[str]]], ...] = (
    *((pattern, _written) for pattern in _DATES),
    (re.compile(r"(?<!\d)(?P<y>\d{4})(?P<s>[/._])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d)"), _written),
    (re.compile(r"(?<![\d.])(?P<a>\d{1,2})(?P<s>[/._-])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4})(?!\d)"), _numeric),
    (re.compile(r"(?<![\d./])(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>\d\d)(?![\d/])"), _numeric),
    (re.compile(rf"\b(?P<y>{_YEAR})[\s-]?Q(?P<q>[1-4])\b", re.I), _quarter),
    (re.compile(rf"\bQ(?P<q>[1-4])(?:[\s,/-]{{0,3}}(?:of\s)?(?:FY\s?)?(?P<y>{_YEAR}|['’]\d\d|(?<=FY)\d\d))?(?!\w)",
                re.I), _quarter),
    (re.compile(rf"\b(?P<q>{'|'.join(_QUARTERS)})\s+quarter\s+(?:of\s+)?(?P<y>{_YEAR})\b", re.I), _quarter),
    (re.compile(r"\b(?P<q>first|1st|second|2nd|third|3rd|fourth|4th)\s+quarter(?P<y>)\b", re.I), _quarter),
    (re.compile(rf"\b(?:FY|(?:fiscal|financial)(?:\s+year)?)\s?['’]?(?P<y>{_YEAR}|\d\d)(?:[/–-](?P<z>\d{{4}}|\d\d))?(?![\w-])",
                re.I), _financial_year),
    (re.compile(rf"(?<![\w/–-])(?P<y>{_YEAR})[/–](?P<z>\d\d)(?![\w/–-])"), _financial_year),
    (re.compile(rf"\b{_ANY_MONTH}(?:\.?,?\s+(?:of\s+)?(?:the\s+year\s+)?|-)(?P<y>{_YEAR})(?!\d)", re.I), _month),
    (re.compile(rf"\b(?P<m>{_CAPITAL})(?:\.?\s*['’]|-)(?P<y>\d\d)(?![\w-])"), _month),
    (re.compile(rf"(?<![\d/.-])(?P<y>{_YEAR})-(?P<m>\d\d)(?![\d-])"), _month),
    (re.compile(rf"(?<![\d/.-])(?P<m>\d\d?)/(?P<y>{_YEAR})(?![\d/])"), _month),
    (re.compile(rf"\b(?P<d>\d{{1,2}}){_ORDINAL}\s+(?:day\s+)?(?:of\s+)?(?P<m>{_CAPITAL})\b"), _yearless_day),
    (re.compile(rf"\b(?P<m>{_CAPITAL})\.?\s+(?:the\s+)?(?P<d>\d{{1,2}}){_ORDINAL}(?![\w.,]?\d)\b"), _yearless_day),
    (re.compile(rf"\b(?P<m>{_ALONE}|(?<=\b[Ii]n\s)May|(?<=\b[Bb]y\s)May|(?<=\b[Oo]f\s)May)\b"), _yearless_month),
    (re.compile(rf"(?<![A-Za-z\d.,£$€])(?P<y>{_YEAR})(?![A-Za-z\d%]|[.,]\d)"), lambda match: [match["y"]]),
)  # fmt: skip
