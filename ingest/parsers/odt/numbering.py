"""The numbers that LibreOffice prints before list items and headings."""

from __future__ import annotations

from typing import Any

from ingest.parsers.docx.numerals import write
from ingest.parsers.docx.xml import whole
from ingest.parsers.odt.styles import STYLE, TEXT, Styles, count

_FORMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman", "": "none"}
_LEVELS = 10


class Lists:
    """Counts list items and headings in order."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._counts: dict[str, dict[int, int]] = {}
        self._ids: dict[str, dict[int, int]] = {}
        self._headings: dict[int, int] = {}

    def enter(self, node: Any, outer: str, depth: int) -> str:
        """A list begins; gives its style. It starts anew unless it says that it goes on."""
        style = node.get(f"{TEXT}style-name") or outer
        earlier = node.get(f"{TEXT}continue-list")
        continued = self._ids.get(earlier) if earlier else None
        counts = self._counts.setdefault(style, {})
        if continued is not None and depth == 0:
            counts = self._counts[style] = dict(continued)
        elif node.get(f"{TEXT}continue-numbering") != "true":
            for level in [level for level in counts if level >= depth]:
                del counts[level]
        if depth == 0:
            self._ids[node.get("{http://www.w3.org/XML/1998/namespace}id") or ""] = counts
        return style

    def next(self, style: str, depth: int, item: Any) -> str:
        """The number of the next item; "•" for bullets."""
        levels = _levels(self._styles.lists.get(style))
        counts = self._counts.setdefault(style, {})
        return _label(levels, counts, depth, item.get(f"{TEXT}start-value"))

    def heading(self, node: Any) -> str:
        depth = count(node, f"{TEXT}outline-level") - 1
        own = node.find(f"{TEXT}number")
        label = _label(_levels(self._styles.outline), self._headings, depth, node.get(f"{TEXT}start-value"))
        return label if own is None else (own.text or "").strip()


def _levels(style: Any | None) -> dict[int, Any]:
    found = {} if style is None else {count(level, f"{TEXT}level") - 1: level for level in style}
    return {depth: level for depth, level in found.items() if depth < _LEVELS}


def _label(levels: dict[int, Any], counts: dict[int, int], depth: int, start: str | None) -> str:
    level = levels.get(depth)
    if level is None:
        return ""
    if level.tag.endswith("bullet"):
        return "•"
    first = count(level, f"{TEXT}start-value") if level.get(f"{TEXT}start-value") != "0" else 0
    counts[depth] = whole(start, first) if start else counts.get(depth, first - 1) + 1
    for deeper in [other for other in counts if other > depth]:
        del counts[deeper]
    form = level.get(f"{STYLE}num-format", "")
    if not form:
        return f"{level.get(f'{STYLE}num-prefix', '')}{level.get(f'{STYLE}num-suffix', '')}".strip()
    shown = range(max(0, depth + 1 - count(level, f"{TEXT}display-levels")), depth + 1)
    numbers = [_number(levels, counts, other) for other in shown]
    text = ".".join(number for number in numbers if number)
    return f"{level.get(f'{STYLE}num-prefix', '')}{text}{level.get(f'{STYLE}num-suffix', '')}"


def _number(levels: dict[int, Any], counts: dict[int, int], depth: int) -> str:
    level = levels.get(depth)
    form = "" if level is None else level.get(f"{STYLE}num-format", "")
    return write(counts.setdefault(depth, 1), _FORMS.get(form, "decimal"))[0] if form else ""
