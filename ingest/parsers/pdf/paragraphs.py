"""Printed lines to paragraphs, over column and page breaks, with words put together again at line ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from ingest.parsers.captions import BARE_ARTICLE, CLOSED, MARKER
from ingest.parsers.pdf.lines import Line
from ingest.types import LineBox

_LABEL = re.compile(
    r"^((exhibit|ex|annex|schedule|appendix)[- ][\w.()-]{1,8}|(execution|conformed) (copy|version)|\[?form\]?)$",
    re.IGNORECASE,
)
_END_WORD = re.compile(r"([^\W\d_]+)-$")
_PREFIXES = frozenset({"non", "self", "co", "pre", "post", "anti", "multi", "cross", "semi", "quasi", "sub", "ex"})
_START_WORD = re.compile(r"^[^\W\d_]+")


def paragraphs_of(lines: Sequence[Line]) -> list[list[Line]]:
    """Groups lines in reading order; a paragraph that runs on over a page or column break is one group."""
    pitches = _pitches(lines)
    groups: list[list[Line]] = []
    for position, line in enumerate(lines):
        following = lines[position + 1] if position + 1 < len(lines) else None
        if groups and not _begins(groups[-1], line, following, pitches):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _pitches(lines: Sequence[Line]) -> dict[int, float]:
    """The distance from line to line inside paragraphs, in points, for each page."""
    steps: dict[int, list[float]] = {}
    for one, other in pairwise(lines):
        if one.page == other.page and 0.7 * one.size < other.y0 - one.y0 < 3 * one.size:
            steps.setdefault(one.page, []).append(other.y0 - one.y0)
    everywhere = sorted(step for page in steps.values() for step in page)
    usual = _low(everywhere) if everywhere else 12.0
    return {line.page: _low(sorted(steps[line.page])) if len(steps.get(line.page, ())) > 5 else usual for line in lines}


def _low(ordered: list[float]) -> float:
    return ordered[int(0.3 * (len(ordered) - 1))]


def _begins(group: list[Line], line: Line, following: Line | None, pitches: dict[int, float]) -> bool:
    """Whether `line` begins a new paragraph after the lines of `group`."""
    last = group[-1]
    if abs(line.size - last.size) > 0.12 * last.size or line.upright != last.upright:
        return True
    if line.page != last.page or line.y0 < last.y0:
        return not _runs_on(last, line)
    if BARE_ARTICLE.match(last.text):
        return line.y0 - last.y0 > 3 * pitches[line.page] or not (line.centred or line.text.isupper() or line.bold)
    if _LABEL.match(last.text):
        return True
    if line.y0 - last.y0 > 1.35 * pitches[line.page]:
        torn = line.text[0].islower() and not CLOSED.search(last.text) and not _room(last, line)
        return not torn or line.y0 - last.y0 > 5 * pitches[line.page]
    if last.centred and line.centred and last.bold == line.bold and last.text.isupper() == line.text.isupper():
        return bool(CLOSED.search(last.text))
    return _breaks(last, line) or _indents(group, line, following)


def _room(last: Line, line: Line) -> bool:
    """Whether the first word of `line` would still have fitted on the line before it."""
    return last.right - last.x1 > (line.words[0].x1 - line.words[0].x0) + 1.5 * last.size


def _breaks(last: Line, line: Line) -> bool:
    """Signs in the text that the line before was the last of its paragraph."""
    short = _room(last, line)
    closed = bool(CLOSED.search(last.text))
    if MARKER.match(line.text) and (short or closed):
        return True
    if not short:
        return False
    if closed or last.bold != line.bold or (last.text.isupper() and not line.text.isupper()):
        return True
    wide_open = last.right - last.x1 > 0.4 * (last.right - last.left)
    return wide_open and not line.text[0].islower()


def _indents(group: list[Line], line: Line, following: Line | None) -> bool:
    """A first line set in, or a return to the left from a block of lines."""
    last = group[-1]
    shift = line.x0 - last.x0
    if shift > line.size:
        alone = following is None or following.page != line.page or following.x0 < line.x0 - 0.5 * line.size
        return alone and (_room(last, line) or bool(CLOSED.search(last.text)))
    return shift < -line.size and len(group) > 1


def _runs_on(last: Line, line: Line) -> bool:
    """Whether a paragraph goes on after a page or column break."""
    if CLOSED.search(last.text) or MARKER.match(line.text):
        return False
    if line.text[0].islower():
        return True
    set_in = line.x0 - line.left > line.size and line.x0 > last.x0 + line.size
    return not (_room(last, line) or set_in or line.centred or last.bold != line.bold)


class Hyphens:
    """Decides by the document's own words whether a hyphen at a line's end belongs to the word."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._words: set[str] = set()
        broken = False
        for line in lines:
            texts = [word.text.casefold() for word in line.words]
            start = 1 if broken else 0
            broken = bool(_END_WORD.search(texts[-1]))
            self._words.update(text.strip(".,;:()\"'“”’[]") for text in texts[start : -1 if broken else None])

    def join(self, text: str, following: str) -> tuple[str, str]:
        """The text so far, perhaps without its last hyphen, and what to put before the following line."""
        left = _END_WORD.search(text)
        if left is None:
            return text, " "
        right = _START_WORD.match(following)
        if right is None:
            return text, "" if following[0].isdigit() else " "
        if following[0].isupper():
            return text, ""
        head, tail = left.group(1).casefold(), right.group().casefold()
        if head + tail in self._words:
            return text[:-1], ""
        known = f"{head}-{tail}" in self._words or {head, tail} <= self._words
        return (text, "") if known or head in _PREFIXES else (text[:-1], "")


def compose(lines: Sequence[Line], hyphens: Hyphens) -> tuple[str, tuple[LineBox, ...]]:
    """One paragraph's text and where each printed line lies in it."""
    text = ""
    boxes: list[LineBox] = []
    for line in lines:
        if text:
            text, space = hyphens.join(text, line.text)
            if boxes and boxes[-1].end > len(text):
                boxes[-1] = replace(boxes[-1], end=len(text))
            text += space
        boxes.append(LineBox(len(text), len(text) + len(line.text), line.box, line.confidence))
        text += line.text
    return text, tuple(boxes)
