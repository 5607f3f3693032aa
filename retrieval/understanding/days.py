"""Dates that a question names, and the day as of which it wants the documents."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from retrieval.text.dates import MONTHS, Mention, mentions
from retrieval.types import ChunkText, Clue

_NAMES = {number: name.capitalize() for name, number in reversed(MONTHS.items())}
_BEFORE_BARE = re.compile(
    r"\b(?:in|of|for|during|since|until|till|by|from|to|through|before|after|between|and|or|early|late|mid|end|last|"
    r"next|this|every|each|around|year|the|our|my|their|its|dated|versus|vs\.?)[ -]$",
    re.I,
)
_MEASURED = re.compile(
    r"\s+(?:units?|pieces?|items?|people|persons?|employees|staff|hours?|days?|weeks?|months?|years?|words?|"
    r"pages?|copies|pounds?|euros?|dollars?|tonnes?|tons?|kg|mg|ml|litres?|metres?|miles|km|shares?|rows?|calls|cases|"
    r"per\s?cent|barrels|pallets)\b",
    re.I,
)
_AFTER_YEAR = re.compile(
    r"\s+(?:[a-z]+\s)?(?:accounts?|agreement|audit|budget|contract|edition|figures|forecast|guidelines?|handbook|"
    r"inspection|lease|manual|minutes|plan|policy|procedure|protocol|report|results|review|rules|statements?|survey|"
    r"version)\b",
    re.I,
)
_AS_OF = re.compile(r"\bas\s(?:of\s|(?:it|they)\s(?:stood|read)\s(?:on|in|at)\s)(?:the\s)?$", re.I)
_NOT_AS_OF = re.compile(
    r"\b(?:dated|effective|made|entered\sinto|executed|amended|restated|signed|commenc\w+|start\w*|begin\w*|"
    r"terminat\w+|expir\w+)\s$",
    re.I,
)
_IN_FORCE = re.compile(
    r"(?<!come\s)(?<!comes\s)(?<!came\s)(?<!enter\s)\bin\s(?:force|effect)\s(?:on|in|at|during|as\s(?:of|at))\s(?:the\s)?$",
    re.I,
)
_VERSION_BEFORE = re.compile(r"\b(?:version|edition|text|wording)\s(?:of|from|dated|as\s(?:of|at))\s(?:the\s)?$", re.I)
_VERSION_AFTER = re.compile(r"\s(?:version|edition)\b", re.I)
_MEASURE = re.compile(
    r"\b(?:how\s(?:much|many)|amounts?|assets|balances?|cash|debts?|equity|exposure|headcount|inventory|leverage|"
    r"liabilit(?:y|ies)|number\sof|outstanding|owed?s?|owing|payables?|position|provisions?|receivables?|stocks?|"
    r"total|valued?|worth)\b",
    re.I,
)
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")


def date_clues(question: str) -> Iterator[tuple[int, int, Clue]]:
    """The dates with their spans. A year or month alone counts where the words around it make it one."""
    for mention in mentions(question):
        if _is_date(question, mention):
            text = question[mention.start : mention.end]
            spoken = " or ".join(map(spell, mention.values))
            effect = f"Passages that name {spoken} come first."
            yield mention.start, mention.end, Clue("date", text, "|".join(mention.values), effect)


def as_of_clue(question: str) -> Clue | None:
    """The one day as of which the question wants the documents, if it says so in so many words: "as of", "in force
    on", "as it stood on", "the 2022 version". A month or year stands for its last day. Beside an amount "as of"
    asks for a balance on that day, and "effective as of" tells when something began: neither counts, nor does
    "as at"."""
    clues = []
    for mention in mentions(question):
        day = _last_day(mention.values[0]) if len(mention.values) == 1 else None
        span = _as_of_span(question, mention) if day else None
        if day and span:
            effect = f"Documents are searched as they stood on {spell(day)}, unless the request names another day."
            clues.append(Clue("as_of", question[slice(*span)], day, effect))
    return clues[0] if len({clue.value for clue in clues}) == 1 else None


def support(value: str, chunk: ChunkText) -> float:
    """How well the chunk's text, headings, title or file name name that stretch of the calendar.

    1: the same one, in any format, or a day in the month; 0.7: it lies in the quarter or year, or fits but for a
    year that is not given; 0.4: only the month of the day; 0.2: the quarter or month's year; 0.1: the day's year.
    A year alone: 1 in title, file name or headings, 0.7 in the text, where years are many.
    """
    names = "\n".join((chunk.title, *chunk.section_path, _COMPACT.sub(r"\1-\2-\3", chunk.source)))
    names = f"{names}\n{names.replace('_', ' ')}"
    return max(_support(wanted, names, chunk.text) for wanted in value.split("|"))


def _support(wanted: str, names: str, text: str) -> float:
    best = 0.0
    for part, most in ((names, 1.0), (text, 0.7 if wanted.isdigit() else 1.0)):
        if _worth_reading(wanted, part):
            values = {value for mention in mentions(part) for value in mention.values}
            best = max(best, *(min(most, _covers(wanted, value)) for value in values), 0.0)
    return best


def _worth_reading(wanted: str, text: str) -> bool:
    """Reading dates takes a while: is there anything of this one at all?"""
    if wanted.startswith("--"):
        month = int(wanted[2:4])
        return _NAMES[month][:3] in text or _NAMES[month][:3].upper() in text or f"{month:02d}" in text
    if wanted.startswith("Q"):
        return "Q" in text or "q" in text
    year = wanted.removeprefix("FY")[:4]
    return year in text or bool(re.search(rf"(?<!\d){year[2:]}(?!\d)", text))


def _covers(wanted: str, found: str) -> float:
    if wanted == found:
        return 1.0
    if wanted.startswith(("FY", "Q", "--")) or found.startswith(("FY", "Q", "--")):
        return _covers_unlike(wanted, found)
    if _unit(wanted) == "month" and found.startswith(f"{wanted}-"):
        return 1.0
    if _within(found, wanted):
        return 0.7
    if not _within(wanted, found):
        return 0.0
    if _unit(found) == "month":
        return 0.4
    return 0.1 if _unit(wanted) == "day" and _unit(found) == "year" else 0.2


def _covers_unlike(wanted: str, found: str) -> float:
    """Where one of the two lacks its year or is a financial year."""
    if wanted.startswith("FY") or found.startswith("FY"):
        same = wanted.removeprefix("FY")[:4] == found.removeprefix("FY")[:4]
        return 0.5 if same and _unit(wanted) == _unit(found) == "year" else 0.0
    if wanted.startswith("Q"):
        return 0.7 if found.endswith(wanted) else 0.0
    if wanted.startswith("--"):
        inside = found[4:] == wanted[1:] or (len(wanted) == 4 and f"{found[4:]}-".startswith(f"{wanted[1:]}-"))
        return 0.7 if (inside and not found.startswith("--")) or found.startswith(f"{wanted}-") else 0.0
    return 0.0


def _within(inner: str, outer: str) -> bool:
    """Whether the day, month or quarter lies in the month, quarter or year."""
    if _unit(outer) == "quarter" and _unit(inner) in {"month", "day"}:
        return inner[:4] == outer[:4] and (int(inner[5:7]) + 2) // 3 == int(outer[-1])
    return inner.startswith(f"{outer}-")


def _unit(value: str) -> str:
    if "Q" in value:
        return "quarter"
    return "year" if value.startswith("FY") else ("year", "month", "day")[value.strip("-").count("-")]


def spell(value: str) -> str:
    """ "2024-03-01" as "1 March 2024"; likewise the other values of a `Mention`."""
    if "Q" in value:
        year, _, quarter = value.rpartition("-")
        return f"{quarter} {year}".strip()
    if value.startswith("FY") or value.isdigit():
        return value.replace("FY", "FY ")
    year, month, *day = value[1:].split("-") if value.startswith("--") else value.split("-")
    return " ".join(filter(None, (day[0].lstrip("0") if day else "", _NAMES[int(month)], year)))


def _is_date(question: str, mention: Mention) -> bool:
    value = mention.values[0]
    if not value.isdigit() and not (value.startswith("--") and len(value) == 4):
        return True
    before, after = question[max(0, mention.start - 12) : mention.start], question[mention.end : mention.end + 40]
    if value.isdigit():
        if _MEASURED.match(after):
            return False
        return bool(_BEFORE_BARE.search(before) or _AFTER_YEAR.match(after) or after.lstrip()[:1] in set(":)"))
    named = re.match(r"\s[A-Z][a-z]", after) or re.search(r"\b(?:the|our|my|their|its)\s$", before, re.I)
    return bool(_BEFORE_BARE.search(before)) and not named


def _as_of_span(question: str, mention: Mention) -> tuple[int, int] | None:
    """The wording that makes the date one as of which the documents are wanted."""
    before = question[max(0, mention.start - 60) : mention.start]
    offset = mention.start - len(before)
    if match := _VERSION_BEFORE.search(before):
        return offset + match.start(), mention.end
    if match := _VERSION_AFTER.match(question, mention.end):
        return mention.start, match.end()
    match = _IN_FORCE.search(before) or _AS_OF.search(before)
    if not match or _NOT_AS_OF.search(before[: match.start()]) or _MEASURE.search(question):
        return None
    return offset + match.start(), mention.end


def _last_day(value: str) -> str | None:
    """The last day of a day, month, quarter or calendar year; None for anything else."""
    if value.startswith(("FY", "Q", "--")):
        return None
    unit, year = _unit(value), int(value[:4])
    if unit == "day":
        return value
    month = 12 if unit == "year" else int(value[-1]) * 3 if unit == "quarter" else int(value[5:7])
    return date(year, month, monthrange(year, month)[1]).isoformat() if year else None
