"""Which dates of a claim its evidence vouches for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from generation.gate.particulars.ground import Ground
from retrieval.text.dates import MONTHS

_NAMED = "|".join(sorted((name.capitalize() for name in MONTHS), key=len, reverse=True))
_IMPOSSIBLE = re.compile(rf"\b(?:(?:{_NAMED})\.?\s\d{{1,2}}|\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?(?:{_NAMED}))\b")


def undated(claim: Ground, evidence: Ground) -> Iterator[str]:
    """The dates of the claim, in the form of `retrieval.text.dates.Mention`, that the evidence does not hold.

    A finer date vouches for a coarser one, a year printed as a mere number for that year, and a date without its
    year together with that year ("September 30," over a column "2019") for both in one.
    """
    yield from (date for date in _IMPOSSIBLE.findall(claim.rest) if date not in evidence.rest)  # "31 April"
    if not claim.mentions:
        return
    numbers = {str(reading.number) for item in evidence.quantities for reading in item.readings}
    years = {_parts(day)[0] for day in evidence.days} | _second_years(evidence.days) | numbers
    for mention in claim.mentions:
        if not any(_dated(value, evidence.days, years) for value in mention.values):
            yield mention.values[0]


def lone_parts(days: Iterable[str]) -> Iterator[str]:
    """Years and days of the month of dates, as plain numbers."""
    for value in days:
        year, rest = _parts(value)
        yield year
        yield rest.partition("-")[2].lstrip("0")


def _dated(value: str, days: frozenset[str], years: set[str]) -> bool:
    if value in days:
        return True
    year, rest = _parts(value)
    if year and year not in years:
        return False
    rests = (_parts(day) for day in days)
    return not rest or any(
        (other == rest or other.startswith(f"{rest}-")) and (not year or its_year in ("", year))
        for its_year, other in rests
    )


def _parts(value: str) -> tuple[str, str]:
    """Year and what follows it: "2024" and "03-01", "" and "Q1"; a financial year is its first year."""
    if value.startswith("Q"):
        return "", value
    if value.startswith("FY"):
        return value[2:6], ""
    return (value[:4], value[5:]) if value[0].isdigit() else ("", value[2:])


def _second_years(days: Iterable[str]) -> set[str]:
    """ "FY2023-24" also names 2024."""
    return {str(int(value[2:6]) + 1) for value in days if value.startswith("FY") and "-" in value}
