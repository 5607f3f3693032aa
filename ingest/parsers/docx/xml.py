"""The names in a Word file's XML, and the few ways in which it states a property."""

from __future__ import annotations

from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
W15 = "{http://schemas.microsoft.com/office/word/2012/wordml}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
NEW_CHART = "{http://schemas.microsoft.com/office/drawing/2014/chartex}"
DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
VML = "{urn:schemas-microsoft-com:vml}"
OFFICE = "{urn:schemas-microsoft-com:office:office}"
_OFF = ("0", "false", "off", "none")


def value(node: Any | None, child: str) -> str | None:
    """The w:val of a child element, or None without it."""
    found = None if node is None else node.find(f"{W}{child}")
    return None if found is None else found.get(f"{W}val")


def switch(marks: Any | None, name: str) -> bool | None:
    """Whether a property is switched on or off here; None where nothing is said."""
    found = None if marks is None else marks.find(f"{W}{name}")
    return None if found is None else found.get(f"{W}val", "1") not in _OFF


def whole(number: str | None, otherwise: int) -> int:
    """A number out of an attribute, of at most six digits."""
    text = number or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else otherwise


def chosen(alternatives: Any) -> Any | None:
    """The branch of mc:AlternateContent that holds words: the first that does, else the first."""
    branches = [child for child in alternatives if child.tag in (f"{MC}Choice", f"{MC}Fallback")]
    worded = (branch for branch in branches if any(has_words(node) for node in branch.iter(*_WORDS)))
    return next(worded, branches[0] if branches else None)


def has_words(node: Any) -> bool:
    return bool(node.tag in _REFERRING or node.get("string") or (node.text or "").strip())


_REFERRING = (f"{W}sym", f"{CHART}chart", f"{NEW_CHART}chart", f"{DIAGRAM}relIds")
_WORDS = (f"{W}t", f"{W}delText", f"{A}t", f"{M}t", f"{VML}textpath", *_REFERRING)
