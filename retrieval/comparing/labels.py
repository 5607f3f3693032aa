"""Numbers that clauses and items begin with."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.types import ElementKind
from retrieval.comparing.types import Placed
from retrieval.understanding.clauses import place

_NUMBERS_TO = 150  # the number of a clause; what is greater is a year or an amount
_ITEM = re.compile(r"(?:\((?P<a>[a-z]{1,2}|[ivxl]{1,5}|\d{1,2}|[A-Z])\)|(?P<b>[a-z]|[ivxl]{1,5}|[A-Z])[.)])(?=\s)")
_NOTE = re.compile(r"Note (?P<a>\w{1,4}):(?=\s)(?P<b>)")  # as the parsers write the mark of a footnote


@dataclass(frozen=True, slots=True)
class Label:
    """The number of a clause or item, `text[start:end]`. `group`: "clause", "article", "schedule" and so on, "" for a
    bare number, "item" for "(a)"; `levels`: ("9", "3") of 9.3."""

    start: int
    end: int
    group: str
    levels: tuple[str, ...]


def label_of(text: str, element: Placed) -> Label | None:
    """The number that the element begins with, of a clause or an item."""
    if element.kind in {ElementKind.TABLE, ElementKind.CODE, ElementKind.COMMENT}:
        return None
    start, heading = element.start, element.kind is ElementKind.HEADING
    found = place(text, start, heading=heading)
    if found and found.end <= element.end and not _is_amount(text, found.levels, found.group, found.end, heading):
        return Label(start, _after(text, found.end, element.end), found.group, found.levels)
    item = _ITEM.match(text, start, element.end) or _NOTE.match(text, start, element.end)
    if item is None:
        return None
    return Label(start, item.end(), "item", ((item["a"] or item["b"]).lower(),))


def _is_amount(text: str, levels: tuple[str, ...], group: str, end: int, heading: bool) -> bool:
    """Whether a bare number counts something: "10 Directors", "2018 Annual Report"."""
    if group or len(levels) != 1:
        return False
    great = levels[0].isdigit() and int(levels[0]) > _NUMBERS_TO
    return great or not (heading or text[end : end + 1] in {".", ")", ":"})


def _after(text: str, at: int, end: int) -> int:
    """After the stop, bracket or dash that ends a number."""
    while at < end and text[at] in ".):–—-":
        at += 1
    return at
