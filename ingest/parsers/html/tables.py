"""Tables of a page: which of them hold data, and their rows as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ingest.parsers.clean import rows_to_text
from ingest.parsers.html.numbering import number

_MAX_SPAN = 100
_MAX_COLUMNS = 1_000
_MAX_CELLS = 500_000  # of one table, with those that spans add
_MAX_REPEATED = 5_000_000  # characters that cells over several rows may add
_SECTIONS = {"thead": 0, "tfoot": 2}
_BLOCKS = frozenset("p ul ol dl div h1 h2 h3 h4 h5 h6 table blockquote pre".split())


@dataclass(slots=True)
class Survey:
    """What one table holds, without the tables in it."""

    rows: int = 0
    columns: int = 0
    width: int = 0  # of the row that is being read
    blocks: int = 0  # in the cell that is being read
    most_blocks: int = 0
    labelled: bool = False  # it has header cells or a caption
    broken: bool = False  # it has a heading or a table in a cell
    frame: bool = False  # it says itself that it only lays out

    @property
    def kind(self) -> str:
        """ "data"; "line" for one row, read on as a sentence; "layout" where the cells are blocks of the page."""
        if self.rows == 1 and self.columns > 1 and not self.most_blocks:
            return "line"
        if self.rows < 2 or self.columns < 2 or (self.frame and not self.labelled):
            return "layout"
        return "layout" if (self.broken or self.most_blocks > 5) and not self.labelled else "data"


def survey(tree: Any) -> dict[Any, Survey]:
    """Every table of the tree."""
    found: dict[Any, Survey] = {}
    stack: list[Survey] = []
    import lxml.etree

    for event, node in lxml.etree.iterwalk(tree, events=("start", "end")):
        tag = node.tag
        if tag == "table":
            if event == "end":
                stack.pop()
                continue
            if stack:
                stack[-1].broken = True
                stack[-1].most_blocks = max(1, stack[-1].most_blocks)
            found[node] = Survey(frame=(node.get("role") or "") in ("presentation", "none"))
            stack.append(found[node])
        elif stack and event == "start":
            _note(stack[-1], node, tag)
    return found


def _note(table: Survey, node: Any, tag: Any) -> None:
    if tag == "tr":
        table.rows += 1
        table.width = 0
    elif tag in ("td", "th"):
        table.width += 1
        table.columns = max(table.columns, table.width)
        table.labelled = table.labelled or tag == "th"
        table.blocks = 0
    elif tag in ("caption", "thead"):
        table.labelled = True
    elif tag in _BLOCKS:
        table.blocks += 1
        table.broken = table.broken or tag[0] == "h"
        if table.blocks > 1 or tag != "p":
            table.most_blocks = max(table.most_blocks, table.blocks)


@dataclass(slots=True)
class Table:
    """A data table while it is read: three lists of rows (head, body, foot) of (text, columns, rows)."""

    sections: tuple[list[list[tuple[str, int, int]]], ...] = field(default_factory=lambda: ([], [], []))
    at: int = 1
    caption: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)  # mark and words of notes in rows of their own
    cells: int = 0

    def open(self, tag: str) -> None:
        if tag == "tr":
            self.sections[self.at].append([])
        else:
            self.at = _SECTIONS.get(tag, 1)

    def close(self, tag: str) -> None:
        if tag != "tr":
            self.at = 1

    def add(self, node: Any, text: str) -> None:
        rows = self.sections[self.at]
        if not rows:
            rows.append([])
        rows[-1].append((text, _span(node, "colspan"), _span(node, "rowspan")))

    def text(self) -> str:
        """A cell over several rows is repeated in each; one over several columns is followed by empty cells."""
        lines: list[list[str]] = []
        for section in self.sections:
            lines += _opened(section)
        return rows_to_text(lines)


def _opened(rows: list[list[tuple[str, int, int]]]) -> list[list[str]]:
    lines: list[list[str]] = []
    below: dict[int, tuple[int, str]] = {}  # column -> rows still to fill, text
    cells = repeated = 0
    for row in rows:
        line: list[str] = []
        waiting = iter(row)
        while True:
            column = len(line)
            if column in below:
                left, text = below.pop(column)
                line.append(text)
                repeated += len(text)
                if left > 1 and repeated < _MAX_REPEATED and cells < _MAX_CELLS:
                    below[column] = (left - 1, text)
                continue
            cell = next(waiting, None)
            if cell is None:
                break
            text, wide, high = cell
            if cells > _MAX_CELLS or column > _MAX_COLUMNS:
                wide = high = 1
            line += [text, *[""] * (wide - 1)]
            if high > 1:
                below.update({at: (high - 1, line[at]) for at in range(column, column + wide)})
        cells += len(line)
        lines.append(line)
    return lines


def is_wide(node: Any) -> bool:
    """Whether a cell goes over several columns."""
    return _span(node, "colspan") > 1


def _span(node: Any, attribute: str) -> int:
    value = number(node.get(attribute))
    if attribute == "rowspan" and value == 0:
        return 1_000_000  # to the end of its section
    return min(_MAX_SPAN if attribute == "colspan" else 65_534, max(1, value or 1))
