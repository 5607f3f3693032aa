"""OpenDocument styles: what is hidden, struck out or raised, and the numbers of lists and headings."""

from __future__ import annotations

from typing import Any

from ingest.parsers.docx.numerals import write
from ingest.parsers.docx.styles import PLAIN, Marks
from ingest.parsers.docx.xml import whole

_URN = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TEXT, TABLE = (f"{{{_URN}{name}:1.0}}" for name in ("office", "text", "table"))
STYLE, DRAW = f"{{{_URN}style:1.0}}", f"{{{_URN}drawing:1.0}}"
SVG = f"{{{_URN}svg-compatible:1.0}}"
DC = "{http://purl.org/dc/elements/1.1/}"
_FORMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman", "": "none"}
_DEPTH = 20
_LEVELS = 10


def count(node: Any, name: str) -> int:
    """A number out of an attribute, 1 without it."""
    return max(1, whole(node.get(name), 1))


class Styles:
    def __init__(self, roots: list[Any]) -> None:
        """`roots`: styles.xml, then content.xml, whose automatic styles come first."""
        self._styles: dict[str, Any] = {}
        self.lists: dict[str, Any] = {}
        self.outline: Any | None = None
        self._faces: dict[str, str] = {}
        self._marks: dict[str, Marks] = {"": PLAIN}
        for root in roots:
            for style in root.iter(f"{STYLE}style"):
                self._styles[style.get(f"{STYLE}name", "")] = style
            for style in root.iter(f"{TEXT}list-style"):
                self.lists[style.get(f"{STYLE}name", "")] = style
            for face in root.iter(f"{STYLE}font-face"):
                self._faces[face.get(f"{STYLE}name", "")] = face.get(f"{SVG}font-family", "").strip("'\"")
            found = next(root.iter(f"{TEXT}outline-style"), None)
            self.outline = found if found is not None else self.outline

    def chain(self, name: str) -> list[Any]:
        """The style and its parents, the nearest first."""
        found: list[Any] = []
        while name in self._styles and len(found) < _DEPTH:
            found.append(self._styles[name])
            name = found[-1].get(f"{STYLE}parent-style-name", "")
        return found

    def names(self, name: str) -> list[str]:
        return [style.get(f"{STYLE}name", "").lower() for style in self.chain(name)] or [name.lower()]

    def inner(self, outer: str, own: str) -> str:
        """A key for `marks`: a style within another."""
        return f"{outer}\0{own}"[-400:] if outer else own

    def marks(self, key: str) -> Marks:
        if key not in self._marks:
            found = PLAIN
            for name in key.split("\0"):
                for style in reversed(self.chain(name)):
                    properties = style.find(f"{STYLE}text-properties")
                    found = found if properties is None else _over(found, dict(properties.attrib), self._faces)
            self._marks[key] = found
        return self._marks[key]


def _over(base: Marks, attributes: dict[str, str], faces: dict[str, str]) -> Marks:
    said = {name.rsplit("}", 1)[-1]: value for name, value in attributes.items()}
    hidden = said["display"] == "none" if "display" in said else base.hidden
    lines = [said[name] for name in ("text-line-through-style", "text-line-through-type") if name in said]
    struck = all(line != "none" for line in lines) if lines else base.struck
    named = said.get("font-name", "")
    font = faces.get(named) or named or said.get("font-family", "").strip("'\"") or base.font
    place = said.get("text-position")
    if place is None:
        return Marks(hidden, struck, base.raised, font)
    up = place.split(" ")[0]
    raised = up == "super" or (up.endswith("%") and not up.startswith("-") and up.strip("0%.") != "")
    return Marks(hidden, struck, "script" if raised else "", font)


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
