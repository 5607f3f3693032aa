"""Days as contracts write them (English), and lengths of time."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sep sept", "october oct", "november nov", "december dec"), 1)
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_D = r"(?<![\d.,/-])(?P<d>\d{1,2})\s?(?:st|nd|rd|th|s\st|n\sd|r\sd|t\sh)?"
_DAYS = (
    re.compile(
        rf"{_D}\s{{0,3}}(?:day\s{{1,3}})?(?:of\s{{1,3}})?(?:,\s)?[-\s]?(?P<m>{_MONTH})\b\.?,?[-\s]{{0,3}}"
        r"(?:in\s(?:the\s)?year\s)?(?P<y>(?:19|20)\d\d)\b",
        re.I,
    ),
    re.compile(
        rf"(?<![a-z])(?P<m>{_MONTH})\b\.?\s{{0,3}}(?:the\s)?{_D}\s?,{{0,2}}\s{{0,3}}(?P<y>(?:19|20)\d\d)\b", re.I
    ),
    re.compile(r"(?<![\d.,/-])(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)"),
)
_NUMERIC = re.compile(
    r"(?<![\d.,/-])(?P<a>\d{1,2})(?P<s>[/.-])(?P<b>\d{1,2})(?P=s)(?P<y>(?:19|20)?\d\d)(?![\d/-]|\.\d)"
)
_WORDS = "one two three four five six seven eight nine ten eleven twelve fifteen eighteen twenty thirty".split()
_NUMBERS = dict(zip(_WORDS, (*range(1, 13), 15, 18, 20, 30), strict=True)) | {"twenty-five": 25, "thirty-six": 36,
            "twenty-four": 24, "ninety-nine": 99, "forty-eight": 48, "sixty": 60}  # fmt: skip
LENGTH = (
    rf"(?:(?P<w>{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\s{{0,2}}(?:\(\s?(?P<n>\d{{1,3}})\s?\))?"
    r"|\(?(?P<k>\d{1,3})\)?)[\s-]{1,3}(?:(?:full|consecutive|calendar|contract)\s)?(?P<unit>year|month)s?\b"
)


def days(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int, date]]:
    """The days that text[start:end] names beyond doubt, with their spans, in order. "03/04/2019" is none: it may be
    in March or April."""
    stop = len(text) if end is None else end
    found = [
        (*match.span(), day)
        for pattern in (*_DAYS, _NUMERIC)
        for match in pattern.finditer(text, start, stop)
        if (day := _day(match)) is not None
    ]
    last = -1
    for begin, finish, day in sorted(found):
        if begin >= last:
            yield begin, finish, day
            last = finish


def length(match: re.Match[str]) -> int:
    """Months of a match of `LENGTH`; 0 where words and digits differ."""
    word, digits, alone = match["w"], match["n"], match["k"]
    count = int(alone) if alone else _NUMBERS[word.lower()]
    if digits and int(digits) != count:
        return 0
    return count * (12 if match["unit"].lower() == "year" else 1)


def later(day: date, months: int) -> date | None:
    """The same day of the month so many months later, or the last one of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year > 9999:
        return None
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _day(match: re.Match[str]) -> date | None:
    parts = match.groupdict()
    year = int(parts["y"])
    if "a" in parts:
        first, second = int(parts["a"]), int(parts["b"])
        if first <= 12 and second <= 12 and first != second:
            return None
        month, day = (first, second) if first <= 12 else (second, first)
        year += 0 if year > 99 else 2000 if year < 70 else 1900
    else:
        month, day = _MONTHS.get(parts["m"].lower()) or int(parts["m"]), int(parts["d"])
    try:
        return date(year, month, day)
    except ValueError:
        return None
