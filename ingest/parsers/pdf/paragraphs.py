"""Printed lines to paragraphs, over column and page breaks, with words put together again at line ends."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from ingest.parsers import hyphens
from ingest.parsers.captions import BARE_ARTICLE, CLOSED, LEADER, MARKER
from ingest.parsers.pdf.lines import Line, Role
from ingest.parsers.pdf.notes import opener, refers, sign_of
from ingest.types import LineBox

_LABEL = re.compile(
    r"^((exhibit|ex|annex|schedule|appendix)[- ][\w.()-]{1,8}|(execution|conformed) (copy|version)|\[?form\]?)$",
    re.IGNORECASE,
)
_CO = re.compile(r"(?:^|\W)co[-\u2010\u2011]$", re.IGNORECASE)
_DOUBLE = 2.5  # times the size: the widest pitch of a paragraph's lines
_CUT = re.compile(r"\w[-\u2010\u2011\u00ad]$")  # a word or a number that goes on
_ADDRESS = re.compile(r"(://|\bwww\.|@)\S*$")
_LONGEST = 200  # characters of an address that are looked at
_HYPHENS = "-\u2010\u2011\u00ad"


def paragraphs_of(lines: Sequence[Line]) -> list[list[Line]]:
    """Groups lines in reading order; a paragraph that runs on over a page or column break is one group.

    Notes and what stands beside the text are groups of their own: notes after the paragraph that carries their mark,
    the others before or after the paragraph beside them, and never within one.
    """
    body = [line for line in lines if line.role is Role.BODY]
    groups: list[list[Line]] = []
    pitches = _pitches(body)
    for position, line in enumerate(body):
        following = body[position + 1] if position + 1 < len(body) else None
        if groups and not _begins(groups[-1], line, following, pitches):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups if len(body) == len(lines) else _with_others(lines, groups)


def _with_others(lines: Sequence[Line], groups: list[list[Line]]) -> list[list[Line]]:
    """Puts notes and lines beside the text in between the paragraphs."""
    owner = {id(line): place for place, group in enumerate(groups) for line in group}
    begins = {id(group[0]) for group in groups}
    before: dict[int, list[list[Line]]] = defaultdict(list)
    after: dict[int, list[list[Line]]] = defaultdict(list)
    at = -1
    note: list[Line] | None = None
    aside: list[Line] | None = None
    for position, line in enumerate(lines):
        if line.role is Role.BODY:
            at, aside = owner[id(line)], None
        elif line.role is Role.NOTE:
            if note is None or (sign_of(line.text) and _starts_note(note, line)):
                note = [line]
                after[_carrier(groups, at, sign_of(line.text))].append(note)
            else:
                note.append(line)
        elif aside is not None and aside[-1].upright == line.upright and 0 < line.y0 - aside[-1].y0 < 2 * line.size:
            aside.append(line)
        else:
            aside = [line]
            following = next((other for other in lines[position + 1 : position + 30] if other.role is Role.BODY), None)
            if following is not None and id(following) in begins:
                before[owner[id(following)]].append(aside)
            else:
                after[at].append(aside)
    ordered = list(after[-1])
    for place, group in enumerate(groups):
        ordered += [*before[place], group, *after[place]]
    return ordered


def _starts_note(note: Sequence[Line], line: Line) -> bool:
    """Whether a line that begins with a mark is a new note: the next number, or another sign."""
    one, other = sign_of(note[0].text), sign_of(line.text)
    first = line.words[0]
    if first.mark and first.mark == first.text.strip("[]().,:"):
        return True  # it is raised
    if one.isdecimal() and other.isdecimal():
        return int(other) == int(one) + 1 or (line.page > note[-1].page and int(other) == 1)
    return not other.isalpha() or len(one) == 1 == ord(other) - ord(one) if one.isalpha() else not other.isalpha()


def _carrier(groups: Sequence[Sequence[Line]], at: int, sign: str) -> int:
    """The last paragraph before a note that carries its mark; without one the last."""
    if sign and at >= 0:
        page = groups[at][-1].page
        for place in range(at, -1, -1):
            group = groups[place]
            if group[-1].page < page - 1 or at - place > 60:
                break
            if any(refers(line.text, sign) for line in group):
                return place
    return at


def _pitches(lines: Sequence[Line]) -> dict[int, float]:
    """The distance from line to line inside paragraphs, in points, for each page."""
    steps: dict[int, list[float]] = {}
    for one, other in pairwise(lines):
        if one.page == other.page and 0.7 * one.size < other.y0 - one.y0 < _DOUBLE * one.size:
            steps.setdefault(one.page, []).append(other.y0 - one.y0)
    everywhere = sorted(step for page in steps.values() for step in page)
    usual = _low(everywhere) if everywhere else 12.0
    return {line.page: _low(sorted(steps[line.page])) if len(steps.get(line.page, ())) > 5 else usual for line in lines}


def _low(ordered: list[float]) -> float:
    return ordered[int(0.3 * (len(ordered) - 1))]


def _begins(group: list[Line], line: Line, following: Line | None, pitches: dict[int, float]) -> bool:
    """Whether `line` begins a new paragraph after the lines of `group`."""
    last = group[-1]
    if abs(line.size - last.size) > 0.12 * last.size or line.upright != last.upright or LEADER.search(last.text):
        return True
    if (line.confidence is None) != (last.confidence is None):
        return True  # a picture in a page with text
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
    if not short or (_CUT.search(last.text) and last.bold == line.bold):
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
        self._words = hyphens.words("\n".join(line.text for line in lines))

    def join(self, text: str, following: str) -> tuple[str, str]:
        """The text so far, perhaps without its last hyphen, and what to put before the following line."""
        if text[-1] not in _HYPHENS:
            return text, " "
        if _CO.search(text) and following[0].islower():
            return text, ""
        if text[-1] != "\u00ad" and _ADDRESS.search(text[-_LONGEST:]):
            return text, ""  # no one puts a hyphen into an address
        whole = hyphens.joined(text, following, self._words)
        start = whole.removesuffix(following)
        return start.rstrip(" "), " " if start.endswith(" ") else ""


def compose(lines: Sequence[Line], rule: Hyphens) -> tuple[str, tuple[LineBox, ...]]:
    """One paragraph's text and where each printed line lies in it; a note's mark becomes "Note 2:"."""
    text = ""
    boxes: list[LineBox] = []
    for line in lines:
        printed = _note(line.text) if not boxes and line.role is Role.NOTE else line.text
        if text:
            text, space = rule.join(text, printed)
            if boxes and boxes[-1].end > len(text):
                boxes[-1] = replace(boxes[-1], end=len(text))
            text += space
        boxes.append(LineBox(len(text), len(text) + len(printed), line.box, line.confidence))
        text += printed
    return text, tuple(boxes)


def _note(text: str) -> str:
    found = opener(text)
    return f"Note {found['sign']}: {text[found.end() :]}".strip() if found else text
