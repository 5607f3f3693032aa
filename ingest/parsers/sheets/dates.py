"""Dates and times out of serial numbers. A whole date is written as ISO has it, so that nobody mistakes its order."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Sequence

Tokens = Sequence[tuple[str, str]]  # kind and text, see `formats.Kind`

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PLAIN = re.compile(r"[\s,./\-年月日時分秒T:]*|at|Uhr|de|of", re.IGNORECASE)
_LAST = 2_958_466  # the day after 9999-12-31


def date_text(tokens: Tokens, value: float, *, epoch_1904: bool, system: bool) -> str | None:
    """What a date format shows of a serial number, or None where no date is one (a negative number, past 9999)."""
    if (value < 0 and not _only_elapsed(tokens)) or not -_LAST < value < _LAST:
        return None
    parts = _minutes_told_from_months(tokens)
    moment = _Moment.of(abs(value), _smallest(parts), epoch_1904=epoch_1904)
    sign = "-" if value < 0 else ""
    kinds = {text[0] for kind, text in parts if kind == "date"}
    weekday = any(kind == "date" and text[0] == "d" and len(text) > 2 for kind, text in parts)
    literal = [text for kind, text in parts if kind in ("literal", "mark", "number")]
    whole = {"y", "M", "d"} <= kinds and any(text in ("d", "dd") for _, text in parts)
    if whole and (system or (not weekday and all(_PLAIN.fullmatch(text) for text in literal))):
        return moment.iso(time="h" in kinds, seconds="s" in kinds, fraction=_places(parts))
    if system and "h" in kinds:
        return moment.iso_time(seconds=True)
    half = any(kind == "half" for kind, _ in parts)
    return sign + "".join(moment.part(kind, text, half) for kind, text in parts)


def _only_elapsed(tokens: Tokens) -> bool:
    return any(kind == "elapsed" for kind, _ in tokens)


def _minutes_told_from_months(tokens: Tokens) -> list[tuple[str, str]]:
    """Months become "M": an m after hours or before seconds is minutes. Digits after a point become "fraction"."""
    told: list[tuple[str, str]] = []
    timed = [(place, text) for place, (kind, text) in enumerate(tokens) if kind in ("date", "elapsed")]
    months = {
        place
        for at, (place, text) in enumerate(timed)
        if text[0] == "m"
        and tokens[place][0] == "date"
        and not (at and timed[at - 1][1][0] == "h" and len(text) < 3)
        and not (at + 1 < len(timed) and timed[at + 1][1][0] == "s" and len(text) < 3)
    }
    for place, (kind, text) in enumerate(tokens):
        if kind == "digit":
            if told and told[-1][0] == "fraction":
                told[-1] = ("fraction", told[-1][1] + "0")
            elif told and told[-1] == ("mark", "."):
                told[-1] = ("fraction", "0")
            else:
                told.append(("literal", ""))
        else:
            told.append((kind, text.upper() if place in months else text))
    return told


def _places(parts: Tokens) -> int:
    return max((len(text) for kind, text in parts if kind == "fraction"), default=0)


def _smallest(parts: Tokens) -> float:
    """The unit in seconds that the time is rounded to: Excel rounds to the seconds it shows, and cuts off the rest."""
    return 10.0 ** -_places(parts)


class _Moment:
    def __init__(self, days: int, seconds: float, *, epoch_1904: bool) -> None:
        self.days, self.seconds = days, seconds
        self.serial = days + 1462 if epoch_1904 else days

    @classmethod
    def of(cls, value: float, unit: float, *, epoch_1904: bool) -> _Moment:
        days = math.floor(value)
        seconds = round(round((value - days) * 86_400 / unit) * unit, 6)
        if seconds >= 86_400:
            days, seconds = days + 1, seconds - 86_400
        return cls(days, seconds, epoch_1904=epoch_1904)

    def date(self) -> tuple[int, int, int, int]:
        """Year, month, day, weekday (Monday is 0). Excel has a 29 February 1900 and a day 0, and keeps counting."""
        if self.serial == 60:
            return 1900, 2, 29, 2
        if self.serial == 0:
            return 1900, 1, 0, 5
        day = datetime.date(1899, 12, 30 if self.serial > 60 else 31) + datetime.timedelta(self.serial)
        return day.year, day.month, day.day, (self.serial - 2) % 7

    def iso(self, *, time: bool, seconds: bool, fraction: int) -> str:
        year, month, day, _ = self.date()
        text = f"{year:04d}-{month:02d}-{day:02d}"
        return f"{text} {self.iso_time(seconds=seconds, fraction=fraction)}" if time else text

    def iso_time(self, *, seconds: bool, fraction: int = 0) -> str:
        whole = int(self.seconds)
        text = f"{whole // 3600:02d}:{whole // 60 % 60:02d}"
        if seconds:
            text += f":{whole % 60:02d}" + (f"{self.seconds % 1:.{fraction}f}"[1:] if fraction else "")
        return text

    def part(self, kind: str, text: str, half: bool) -> str:
        """One token of the format."""
        if kind == "elapsed":
            unit = {"h": 3600, "m": 60, "s": 1}[text[0]]
            return str(int((self.days * 86_400 + self.seconds) // unit)).rjust(len(text), "0")
        if kind == "half":
            letters = "AM" if self.seconds < 43_200 else "PM"
            return letters[0] if len(text) == 3 else letters
        if kind == "fraction":
            return f"{self.seconds % 1:.{len(text)}f}"[1:]
        if kind != "date":
            return " " if kind == "fill" else text
        return self._date_part(text, half)

    def _date_part(self, text: str, half: bool) -> str:
        if text[0] in "hms":
            whole = int(self.seconds)
            hour = whole // 3600
            number = {"h": (hour % 12 or 12) if half else hour, "m": whole // 60 % 60, "s": whole % 60}[text[0]]
            return str(number).rjust(min(len(text), 2), "0")
        year, month, day, weekday = self.date()
        if text[0] == "y":
            return f"{year:04d}"
        if text[0] == "M":
            name = _MONTHS[month - 1]
            if len(text) < 3:
                return f"{month:0{len(text)}d}"
            return name[: {3: 3, 5: 1}.get(len(text), 20)]
        return (_DAYS[weekday][:3] if len(text) == 3 else _DAYS[weekday]) if len(text) > 2 else f"{day:0{len(text)}d}"
