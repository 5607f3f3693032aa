"""Numbers that Word shows but does not store: "5.2", "(a)", "ARTICLE IV", counted from numbering.xml."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


class Numbering:
    """Counts the numbered paragraphs of one document, in order."""

    def __init__(self, root: Any | None) -> None:
        """`root` is the numbering part's XML element, or None where the document has none."""
        self._levels: dict[str, dict[int, tuple[str, str, int]]] = {}  # abstract list -> level -> format, text, start
        self._lists: dict[str, str] = {}  # list -> abstract list
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        if root is None:
            return
        for abstract in root.findall(f"{_W}abstractNum"):
            levels = {int(level.get(f"{_W}ilvl")): _level(level) for level in abstract.findall(f"{_W}lvl")}
            self._levels[abstract.get(f"{_W}abstractNumId")] = levels
        for entry in root.findall(f"{_W}num"):
            self._lists[entry.get(f"{_W}numId")] = value(entry, "abstractNumId") or ""

    def label(self, list_id: str, level: int) -> str:
        """The printed number of the next paragraph at this level (from 0); "•" for bullets, "" if unknown."""
        abstract = self._lists.get(list_id, "")
        levels = self._levels.get(abstract, {})
        if level not in levels:
            return ""
        counts = self._counts[abstract]
        counts[level] = counts.get(level, levels[level][2] - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        form, text, _ = levels[level]
        if form in ("bullet", "none"):
            return "•" if form == "bullet" else ""
        return re.sub(r"%(\d)", lambda match: self._number(levels, counts, int(match[1]) - 1), text)

    @staticmethod
    def _number(levels: dict[int, tuple[str, str, int]], counts: dict[int, int], level: int) -> str:
        form, _, start = levels.get(level, ("decimal", "", 1))
        return _write(counts.setdefault(level, start), form)


def value(node: Any, child: str) -> str | None:
    """The w:val of a child element, or None without it."""
    found = node.find(f"{_W}{child}")
    return None if found is None else found.get(f"{_W}val")


def _level(level: Any) -> tuple[str, str, int]:
    start = value(level, "start") or "1"
    return value(level, "numFmt") or "decimal", value(level, "lvlText") or "", int(start) if start.isdecimal() else 1


def _write(number: int, form: str) -> str:
    if form in ("lowerLetter", "upperLetter") and number > 0:
        letter = chr(97 + (number - 1) % 26) * (1 + (number - 1) // 26)
        return letter if form == "lowerLetter" else letter.upper()
    if form in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        roman = ""
        for size, sign in _ROMAN:
            roman += sign * (number // size)
            number %= size
        return roman if form == "lowerRoman" else roman.upper()
    return str(number)
