"""The numbers that a browser prints before the items of an ordered list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ingest.parsers.docx.numerals import roman

_TYPES = {"1": "decimal", "a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman"}
_KNOWN = re.compile(
    r"\b(none|disc|circle|square|decimal-leading-zero|decimal|(?:lower|upper)-(?:alpha|latin|roman)|lower-greek)\b"
)
_LITERAL = re.compile(r"^(?:inside |outside )?[\"']([^\"']*)[\"']")  # printed before each item
_BULLETS = frozenset(("none", "disc", "circle", "square"))
_GREEK = "αβγδεζηθικλμνξοπρστυφχψω"


@dataclass(slots=True)
class ListState:
    """A list that is being read: the number of its next item, how they are written, and what stands before them."""

    ordered: bool
    kind: str
    next: int
    step: int
    above: str
    current: str = ""
    value: int = 0  # of the item that is being read

    def item(self, node: Any, style: dict[str, str]) -> str:
        """The printed number of one <li>, with those of the items around it, or "" for a bullet."""
        if self.ordered and (given := number(node.get("value"))) is not None:
            self.next = given
        value = self.value = self.next
        self.next += self.step
        kind = _kind(node, style) or self.kind
        if kind[:1] == '"':
            self.current = ""
            return kind[1:].strip()
        printed = "" if kind in _BULLETS else f"{written(value, kind)}."
        self.current = self.above + printed if printed else ""
        return self.current


def list_state(node: Any, style: dict[str, str], above: str) -> ListState:
    """A list at its start; `above` is the number of the item that it stands in."""
    ordered = node.tag == "ol"
    kind = _kind(node, style) or ("decimal" if ordered else "disc")
    backwards = ordered and node.get("reversed") is not None
    start = number(node.get("start")) if ordered else None
    if start is None:
        start = sum(child.tag == "li" for child in node) if backwards else 1
    return ListState(ordered, kind, start, -1 if backwards else 1, above)


def _kind(node: Any, style: dict[str, str]) -> str:
    given = style.get("list-style-type") or style.get("list-style") or ""
    if literal := _LITERAL.search(given):
        return f'"{literal[1]}'
    if said := _KNOWN.search(given):
        return said[1]
    kind = node.get("type") or ""
    return _TYPES.get(kind.strip()) or (kind.lower() if kind.lower() in _BULLETS else "")


def number(value: str | None) -> int | None:
    found = re.match(r"\s*([+-]?\d{1,9})", value or "")
    return int(found[1]) if found else None


def written(value: int, kind: str) -> str:
    """`value` in a counter style; those that cannot write it fall back to digits, as in a browser."""
    if kind == "decimal-leading-zero":
        return f"{value:02d}"
    letters = _GREEK if kind == "lower-greek" else "abcdefghijklmnopqrstuvwxyz"
    text = str(value)
    if value > 0 and kind.endswith(("alpha", "latin", "greek")):
        text = ""
        while value > 0:
            value, digit = divmod(value - 1, len(letters))
            text = letters[digit] + text
    elif 0 < value < 4000 and kind.endswith("roman"):
        text = roman(value)
    return text.upper() if kind.startswith("upper") else text
