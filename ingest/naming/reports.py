"""Reports of companies: who issued them, which form they are, and the period that they cover."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from ingest.naming.parties import company_names
from ingest.types import Name

_COVER = 9_000  # characters that a cover page may take
_MONTHS = "january february march april may june july august september october november december".split()
_DAY = rf"(?P<month>{'|'.join(_MONTHS)})\s+(?P<day>\d{{1,2}})\s*,?\s+(?P<year>(?:19|20)\d\d)"
_FORM = re.compile(
    r"\bform\s{0,3}(10-?K(?:T|SB)?|10-?Q|8-?K|20-?F|40-?F|6-?K|S-?1|S-?4|DEF\s?14A)(?:\s?/\s?(A))?\b", re.I
)
_ANNUAL = re.compile(r"\bannual\s+report\b", re.I)
_AMENDMENT = re.compile(r"\bamendment\s+no\.?\s*(\d{1,2})\b", re.I)
_YEAR_ENDED = re.compile(rf"\b(?:fiscal\s+)?year\s+ended:?\s*(?:on\s+)?{_DAY}", re.I)
_QUARTER_ENDED = re.compile(
    rf"\b(?:quarterly\s+period|quarter|three\s+months|(?:six|nine)\s+months)\s+ended:?\s*(?:commission\s+file\s*)?{_DAY}",
    re.I,
)
_YEAR_ENDS = re.compile(
    rf"\bfiscal\s+year\s+(?:ends|ended|ending)\s+(?:on\s+)?(?:the\s+\w+\s+\w+\s+(?:in|of)\s+)?(?P<month>{'|'.join(_MONTHS)})",
    re.I,
)
_OWN_YEAR = re.compile(r"\bfiscal\s+(?:year\s+)?((?:19|20)\d\d)\b", re.I)
_OWN_QUARTER = re.compile(
    r"\b(first|second|third|fourth)\s+(?:fiscal\s+)?quarter\s+of\s+(?:fiscal\s+(?:year\s+)?)?((?:19|20)\d\d)\b", re.I
)
_REGISTRANT = re.compile(r"\(?\s?exact\s+name\s+of\s+(?:the\s+)?registrant\s+as\s+specified", re.I)
_ORDINAL = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_FILED = re.compile(r"\bsecurities\s+and\s+exchange\s+commission\b", re.I)
_DECEMBER = 12


def names(opening: str) -> Iterator[Name]:
    """Issuer, kind and periods; nothing where the first page is not that of a report.

    Values: a kind's form ("10-K"); a period "2021" or "2022Q2" by the company's own naming, with "~" before one that
    only another convention gives, such as that of the year in which it began.
    """
    cover = opening[:_COVER]
    form = _FORM.search(cover)
    year, quarter = _YEAR_ENDED.search(cover), _QUARTER_ENDED.search(cover)
    if form is not None and not _FILED.search(cover[:2500]):
        form = None
    if form is None and not (_ANNUAL.search(cover[:1500]) and year):
        return
    kind = _spelled(form) if form else "annual report"
    at = form.span() if form else (-1, -1)
    yield Name("kind", kind, kind, "page 1", *at)
    if amended := _AMENDMENT.search(cover[:2000]):
        yield Name("kind", amended.group(), "amendment", "page 1", *amended.span())
    if kind.startswith("10-Q") and quarter:
        yield from _quarters(quarter, opening)
    elif year:
        yield from _years(year, opening)
    yield from _issuers(opening)


def title(found: Sequence[Name]) -> str:
    """ "The Acme Company: Form 10-K, year ended January 31, 2021", or "" without issuer or form."""
    first = {name.kind: name for name in reversed(found)}
    issuer, kind, period = first.get("issuer"), first.get("kind"), first.get("period")
    if not issuer or not kind:
        return ""
    form = f"Form {kind.text}" if kind.text[:1].isdigit() else kind.text.capitalize()
    return f"{issuer.text}: {form}, {period.text}" if period else f"{issuer.text}: {form}"


def _spelled(form: re.Match[str]) -> str:
    kind = (
        re.sub(r"^(\d+|S)-?(?=[A-Z0-9])", r"\1-", form[1].upper().replace(" ", ""))
        if form[1][:3] != "DEF"
        else "DEF 14A"
    )
    return f"{kind}/A" if form[2] else kind


def _years(found: re.Match[str], opening: str) -> Iterator[Name]:
    end = _day(found)
    if end is None:
        return
    text = f"year ended {found['month'].capitalize()} {found['day']}, {found['year']}"
    own = [int(year) for year in _OWN_YEAR.findall(opening)]
    before = end.month <= 6 and own.count(end.year - 1) > own.count(end.year)
    strong, weak = (end.year - 1, end.year) if before else (end.year, end.year - 1)
    yield Name("period", text, str(strong), "page 1", *found.span())
    if end.month != _DECEMBER or end.day < 25:
        yield Name("period", text, f"~{weak}", "page 1", *found.span())


def _quarters(found: re.Match[str], opening: str) -> Iterator[Name]:
    end = _day(found)
    if end is None:
        return
    text = f"quarter ended {found['month'].capitalize()} {found['day']}, {found['year']}"
    month = end.month if end.day > 7 else (end.month - 2) % 12 + 1  # a 52-week quarter may end in the next month
    calendar = f"{end.year}Q{(month + 2) // 3}"
    own = [(_ORDINAL[word.lower()], int(year)) for word, year in _OWN_QUARTER.findall(opening)]
    ends = _YEAR_ENDS.search(opening)
    last = _MONTHS.index(ends["month"].lower()) + 1 if ends else _DECEMBER
    number = ((month - last - 1) % 12) // 3 + 1
    year = end.year + (month > last)
    fiscal = f"{year}Q{number}"
    if last == _DECEMBER and own and not ends:
        latest = max(own, key=lambda one: (own.count(one), one[::-1]))
        fiscal = f"{latest[1]}Q{latest[0]}" if abs(latest[1] - end.year) <= 1 and own.count(latest) > 1 else fiscal
    yield Name("period", text, fiscal, "page 1", *found.span())
    if calendar != fiscal:
        yield Name("period", text, f"~{calendar}", "page 1", *found.span())
    if year != end.year:
        yield Name("period", text, f"~{end.year}Q{number}", "page 1", *found.span())


def _day(found: re.Match[str]) -> date | None:
    try:
        return date(int(found["year"]), _MONTHS.index(found["month"].lower()) + 1, int(found["day"]))
    except ValueError:
        return None


def _issuers(opening: str) -> Iterator[Name]:
    """The name above "Exact name of registrant ..."; else a company alone on a line of the cover; else the one that the
    first pages name most often."""
    marked = _REGISTRANT.search(opening[:_COVER])
    if marked:
        before = opening[max(0, marked.start() - 160) : marked.start()].rstrip(" \n(_-")
        line = re.split(r"\n|\d{2,}[-\d]*\s", before)[-1].strip(" _*")
        if 2 <= len(line) <= 90 and line[:1].isupper() | line[:1].isdigit() and not _no_company(line):
            start = opening.rfind(line, 0, marked.start())
            yield Name("issuer", line, "", "page 1", start, start + len(line))
            return
    for name, start, end in company_names(opening[:_COVER]):
        if opening[:start].endswith("\n") and opening[end : end + 1] in {"\n", ""}:
            yield Name("issuer", name, "", "page 1", start, end)
            return
    counted: dict[str, list[tuple[int, int]]] = {}
    for name, start, end in company_names(opening):
        counted.setdefault(re.sub(r"\W", "", name.casefold()), []).append((start, end))
    if counted:
        start, end = max(counted.values(), key=lambda spans: (len(spans), -spans[0][0]))[0]
        yield Name("issuer", opening[start:end], "", "first pages", start, end)


def _no_company(line: str) -> bool:
    return bool(re.search(r"\b(?:commission|file\s+number|securities|report|period|ended|from)\b", line, re.I))
