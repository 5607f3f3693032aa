"""CSS counters: the numbers that a style sheet prints before headings and list items."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.parsers.html.numbering import written

_STEP = re.compile(r"([a-z_][\w-]*)(?:\s+(-?\d{1,9}))?")
_PIECE = re.compile(
    r"\"([^\"]*)\"|'([^']*)'|counter\(\s*([\w-]+)\s*(?:,\s*([\w-]+)\s*)?\)"
    r"|counters\(\s*([\w-]+)\s*,\s*(?:\"([^\"]*)\"|'([^']*)')\s*(?:,\s*([\w-]+)\s*)?\)"
)
_MOST = 100  # names of counters in one page
_LONGEST = 400  # characters of one property


@dataclass(slots=True)
class Counters:
    """Each name's open counters, outermost first, as [depth of the element that began it, value]."""

    open: dict[str, list[list[int]]] = field(default_factory=dict)

    def begin(self, style: dict[str, str], depth: int) -> None:
        """What an element at `depth` does to the counters before anything of it is printed."""
        for name, value in _steps(style.get("counter-reset"), 0):
            held = self._held(name)
            if held and held[-1][0] == depth:
                held.pop()
            held.append([depth, value])
        for name, value in _steps(style.get("counter-increment"), 1):
            held = self._held(name)
            if not held:
                held.append([depth, 0])
            held[-1][1] += value
        for name, value in _steps(style.get("counter-set"), 0):
            if held := self._held(name):
                held[-1][1] = value

    def end(self, depth: int) -> None:
        """The end of an element: counters that its children began end with it."""
        for held in self.open.values():
            while held and held[-1][0] > depth:
                held.pop()

    def printed(self, content: str, items: Sequence[int]) -> str:
        """The words of a `content` property that has counters, else "". `items`: the numbers of the open list items."""
        if "counter" not in content:
            return ""
        words = ""
        for found in _PIECE.finditer(content):
            one, style, all_, other = found[3], found[4], found[5], found[8]
            if name := one or all_:
                values = list(items) if name == "list-item" else [value for _, value in self.open.get(name, ())]
                values = values or [0]
                numbers = [written(value, style or other or "decimal") for value in values]
                words += numbers[-1] if one else (found[6] or found[7] or "").join(numbers)
            else:
                words += found[1] or found[2] or ""
        return words

    def _held(self, name: str) -> list[list[int]]:
        return self.open.setdefault(name, []) if len(self.open) < _MOST else []


def _steps(value: str | None, given: int) -> list[tuple[str, int]]:
    if not value or value in ("none", "inherit", "initial", "unset"):
        return []
    return [(name, int(number) if number else given) for name, number in _STEP.findall(value[:_LONGEST])]
