"""A stretch of a version's text around a place, so that its words can be shown before the rest is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from api.http.stored import Element, VersionView
from ingest.types import ElementKind

REACH = 8_000  # characters before and after the place


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters [start, end)."""

    start: int
    end: int

    def meets(self, start: int, end: int) -> bool:
        return start < self.end and self.start < end


def around(view: VersionView, start: int, end: int) -> Stretch:
    """Whole lines and whole tables about characters [start, end), which may lie beyond the text."""
    text = view.text
    start = min(start, len(text))
    first = text.rfind("\n", 0, max(start - REACH, 0)) + 1
    last = text.find("\n", min(max(start, end) + REACH, len(text)))
    found = Stretch(first, len(text) if last < 0 else last)
    for one in view.elements:
        if one.kind is ElementKind.TABLE and found.meets(one.start, one.end):
            found = Stretch(min(found.start, one.start), max(found.end, one.end))
    return found


def headings(view: VersionView, stretch: Stretch) -> Iterator[Element]:
    """Those within it, and before them those it stands under."""
    above = list[Element]()
    for one in view.elements:
        if one.kind is not ElementKind.HEADING or one.start >= stretch.end:
            continue
        if one.start < stretch.start:
            above = [other for other in above if other.level < one.level] + [one]
            continue
        yield from above
        above = []
        yield one
    yield from above
