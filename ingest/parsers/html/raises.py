"""Raised runs of a page: exponents, ordinals, numerators, and marks of notes that no link leads to."""

from __future__ import annotations

import re
from typing import Any

from ingest.parsers.html.sinks import Sink
from ingest.parsers.raised import MARK, raised

_REFERS = re.compile(r"\(note ([^)]+)\)")
_DEGREES = re.compile(r"\s?[CF]\b")
_LONGEST = 16  # characters; a longer run is text


def opens_note(node: Any) -> bool:
    """Whether a raised element can be the mark that a note begins with."""
    return MARK.fullmatch(node.findtext(".") or "") is not None


def put_raised(sink: Sink, text: str, raw: str, node: Any) -> str:
    """Writes a raised run into `sink`; gives the mark of the note that it refers to, or ""."""
    if _is_numerator(node, text):
        sink.add(f" {text}" if sink.tail[-1:].isdigit() else text)
        return ""
    if text in ("o", "O", "0") and _DEGREES.match(node.tail or ""):
        sink.add("°")
        return ""
    if len(text) > _LONGEST:
        sink.add(raw)
        return ""
    words = raised(" ".join(("", *sink.tail.split())) if sink.tail.endswith(" ") else sink.tail, text)
    if not sink.tail.strip() and sink.kind in ("block", "cell") and (found := MARK.fullmatch(text)):
        sink.opening = found[1]
    sink.add(words if not sink.opening or sink.tail.strip() else f"{words} ")
    refers = _REFERS.search(words)
    return refers[1] if refers else ""


def _is_numerator(node: Any, text: str) -> bool:
    """Whether a raised number is the upper part of a fraction: a stroke and another number follow."""
    after = (node.tail or "").strip()
    if not text.isdecimal() or after[:1] not in ("/", "⁄"):
        return False
    beside = node.getnext() if len(after) == 1 else None
    return after[1:2].isdigit() or (
        beside is not None
        and beside.tag in ("sub", "small", "span")
        and beside.text is not None
        and beside.text.strip().isdecimal()
    )
