"""OpenDocument styles: what is hidden, struck out or raised."""

from __future__ import annotations

from typing import Any

from ingest.parsers.docx.styles import PLAIN, Marks
from ingest.parsers.docx.xml import whole

_URN = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TEXT, TABLE = (f"{{{_URN}{name}:1.0}}" for name in ("office", "text", "table"))
STYLE, DRAW = f"{{{_URN}style:1.0}}", f"{{{_URN}drawing:1.0}}"
SVG = f"{{{_URN}svg-compatible:1.0}}"
DC = "{http://purl.org/dc/elements/1.1/}"
_DEPTH = 20


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
