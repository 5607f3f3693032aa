"""Footnotes of PDF pages: which lines at a page's foot are notes, and what they are stored as."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ingest.parsers.captions import CLOSED
from ingest.parsers.pdf.lines import Line, Role
from ingest.parsers.pdf.tables import Table

_SMALLER = 0.94  # times the size of the page's text
_OPENER = re.compile(r"(?P<mark>[\[(]?(?P<sign>\d{1,3}|[a-z]|[*†‡§¶#]{1,3})(?P<close>[\])]?)(?P<dot>[.:]?))(?:\s+|$)")
_GLUED = re.compile(r"(?P<mark>(?P<sign>[*†‡§¶#]{1,3}|\d{1,3})(?P<close>)(?P<dot>))(?=[A-Z“\"(])")
_REFERENCE = re.compile(r"\(notes? ([^()]{1,20})\)")


def with_notes(pages: list[list[Line]], tables: Sequence[Sequence[Table]] = ()) -> list[list[Line]]:
    """The pages with the lines of footnotes marked as such. `tables`: those of each page, which may carry marks."""
    marked: list[list[Line]] = []
    last, unclosed = 0, False
    for number, lines in enumerate(pages):
        size = _size(lines)
        references = {mark for line in lines for mark in _marks(line.text)}
        for table in tables[number] if tables else ():
            references |= {mark for cells, _ in table.rows for cell in cells for mark in _marks(cell)}
        notes = _within(lines, references, size)
        for run in _runs(lines, size):
            start = next((at for at, line in enumerate(run) if _opens(line, references, last, size)), None)
            if start is not None and not (unclosed and start):
                run = run[start:]
            elif not unclosed or run[0].size >= _SMALLER * size:
                continue
            for line in run:
                if (found := opener(line.text)) and found["sign"].isdecimal():
                    last = int(found["sign"])
            notes |= {id(line) for line in run}
            unclosed = not CLOSED.search(run[-1].text)
        if not notes:
            unclosed = False
        marked.append([replace(line, role=Role.NOTE) if id(line) in notes else line for line in lines])
    return marked


def opener(text: str) -> re.Match[str] | None:
    """The mark that a note begins with."""
    return _OPENER.match(text) or _GLUED.match(text)


def sign_of(text: str) -> str:
    """The mark without brackets, "" where the line begins no note."""
    found = opener(text)
    return found["sign"] if found else ""


def refers(text: str, sign: str) -> bool:
    """Whether a text carries the mark of a note."""
    return sign in _marks(text)


def _marks(text: str) -> set[str]:
    return {mark.strip() for found in _REFERENCE.finditer(text) for mark in found[1].split(",")}


def _size(lines: Sequence[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        if line.role is Role.BODY and line.upright:
            sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _runs(lines: Sequence[Line], size: float) -> list[list[Line]]:
    """The lines at the foot of each column that may be notes: smaller ones, or ones set apart by a gap."""
    body = [line for line in lines if line.role is Role.BODY and line.upright]
    runs = []
    start = 0
    for at, line in enumerate(body):
        ends = at + 1 == len(body) or body[at + 1].y0 < line.y0
        if not ends:
            continue
        column = body[start : at + 1]
        first = len(column)
        while first > 0 and column[first - 1].size < _SMALLER * size:
            first -= 1
        if first == len(column):
            first = _after_gap(column, size)
        if 0 < first < len(column):
            runs.append(column[first:])
        start = at + 1
    return runs


def _within(lines: Sequence[Line], references: set[str], size: float) -> set[int]:
    """Ids of lines of notes within a page, as under a table: small, with a raised mark that is referred to."""
    found: set[int] = set()
    before: Line | None = None
    for line in lines:
        first = line.words[0]
        own = first.mark in references and first.mark == first.text.strip("[]().,:")
        goes_on = before is not None and before.size == line.size and 0 < line.y0 - before.y0 < 1.6 * line.size
        before = line if line.role is Role.BODY and line.size < _SMALLER * size and (own or goes_on) else None
        found |= {id(before)} if before else set()
    return found


def _after_gap(column: Sequence[Line], size: float) -> int:
    """Where the last block of a column begins, if a wide gap sets it apart at the page's foot."""
    for at in range(len(column) - 1, max(0, len(column) - 16), -1):
        if column[at].y0 - column[at - 1].y0 > 2.2 * size and column[at].y0 > 0.5 * column[at].height:
            return at
    return len(column)


def _opens(line: Line, references: set[str], last: int, size: float) -> bool:
    """Whether a note begins with the line: by a mark that the page carries, or one that is due in small type."""
    found = opener(line.text)
    if found is None:
        return False
    sign = found["sign"]
    first = line.words[0]
    if sign in references or (first.mark and first.text.strip("[]().,:") == first.mark):
        return True
    if line.size >= _SMALLER * size or found["dot"] or found["close"] or len(line.words) < 2:
        return False
    if first.size < 0.9 * line.words[-1].size:
        return True
    return not sign.isalpha() and (not sign.isdecimal() or not last or int(sign) in (1, last + 1))
