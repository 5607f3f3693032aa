"""Ruled tables of a PDF page: pdfplumber's algorithm finds the cells among pdfium's edges, and its words fill them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.parsers import hyphens
from ingest.parsers.captions import CLOSED
from ingest.parsers.clean import rows_to_text
from ingest.parsers.pdf.ruling import Ruling
from ingest.parsers.pdf.words import Word
from ingest.types import Box, LineBox

_HYPHENS = ("-", "\u2010", "\u2011", "\u00ad")
_Edges = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cell texts with each row's box, from the header down. `merged`: columns with cells over several rows;
    `sure`: of a table in a picture, how surely each row was recognised."""

    rows: tuple[tuple[tuple[str, ...], Box], ...]
    merged: frozenset[int] = frozenset()
    sure: tuple[float | None, ...] = ()

    @property
    def box(self) -> Box:
        return self.rows[0][1]

    @property
    def columns(self) -> int:
        return len(self.rows[0][0])

    def follows(self, other: Table) -> bool:
        """Whether this table can be the rest of one that ends on an earlier page."""
        own = not (self.sure or other.sure)
        return own and self.box.page > other.rows[-1][1].page and self.columns == other.columns

    def continued(self, other: Table) -> Table:
        """This table with the rows of its continuation on the next page, whose repeated header is dropped.

        A row that the page break cut is one row again, and a merged cell reaches over the break.
        """
        more = other.rows[1:] if other.rows[0][0] == self.rows[0][0] else other.rows
        merged = self.merged | other.merged
        if not more:
            return self
        last, first = self.rows[-1], more[0]
        keyed = all(not cells[0][:1].islower() for cells, _ in (*self.rows, *more[1:]))
        if _goes_on(last[0], first[0], keyed):
            whole = tuple(together(filter(None, pair)) for pair in zip(last[0], first[0], strict=True))
            return Table((*self.rows[:-1], (whole, last[1]), *more[1:]), merged)
        filled = []
        above = last[0]
        reaching = set(merged)
        for cells, box in more:
            reaching = {column for column in reaching if not cells[column]}
            cells = tuple(above[column] if column in reaching else cell for column, cell in enumerate(cells))
            filled.append((cells, box))
            above = cells
        return Table(self.rows + tuple(filled), merged)

    def compose(self) -> tuple[str, tuple[LineBox, ...]]:
        """Text with one line per row, and where each row lies."""
        text = rows_to_text(cells for cells, _ in self.rows)
        boxes: list[LineBox] = []
        start = 0
        sure = self.sure or (None,) * len(self.rows)
        for line, (_, box), confidence in zip(text.split("\n"), self.rows, sure, strict=True):
            boxes.append(LineBox(start, start + len(line), box, confidence))
            start += len(line) + 1
        return text, tuple(boxes)


def _goes_on(last: Sequence[str], first: Sequence[str], keyed: bool) -> bool:
    """Whether a row is the rest of the row before the page break: each cell goes on with a sentence.

    Such a row has no key, or one that goes on in lower case where all others of the table begin otherwise (`keyed`).
    """
    if not any(first) or not any(last):
        return False
    if first[0] and not (keyed and len(first) > 1 and first[0][0].islower() and not first[1][:1].isupper()):
        return False
    return all(
        before and not CLOSED.search(before) and not any(letter.isdigit() for letter in after[:1])
        for before, after in zip(last, first, strict=True)
        if after
    )


def together(lines: Iterable[str]) -> str:
    """The text of a cell's lines, with words that a line's end cut put together again."""
    text = ""
    for line in lines:
        text = hyphens.joined(text, line, ()) if text[-1:] in _HYPHENS else f"{text} {line}"
    return text.lstrip()


def tables_of(ruling: Ruling, number: int, words: Sequence[Word]) -> tuple[list[Table], list[Word]]:
    """The tables of a page, from top to bottom, and the words that stand in none of them."""
    from pdfplumber.table import TableFinder

    page: Any = ruling  # has what is asked of a pdfplumber page
    rest = list(words)
    tables = []
    for found in sorted(TableFinder(page).tables, key=lambda table: table.bbox[1]):
        cells = [list(row.cells) for row in found.rows]
        table = _fill(cells, number, rest)
        if table is not None:
            tables.append(table)
            area = _around(cell for row in cells for cell in row if cell)
            rest = [word for word in rest if not _holds(area, word)]
    return tables, rest


def _fill(cells: list[list[_Edges | None]], number: int, words: list[Word]) -> Table | None:
    """The filled table, or None where lines merely frame text: fewer than two rows or columns with words."""
    area = _around(cell for row in cells for cell in row if cell)
    inside = [word for word in words if _holds(area, word)]
    rows = []
    placed = 0
    above: list[tuple[float, str]] = [(0.0, "")] * max(map(len, cells))  # down to where a cell reaches, and its words
    merged: set[int] = set()
    for row in cells:
        bottom = min(cell[3] for cell in row if cell)
        texts = []
        for column, cell in enumerate(row):
            if cell is None and above[column][0] > bottom - 1:
                merged.add(column)
                texts.append(above[column][1])
                continue
            held = [word for word in inside if cell and _holds(cell, word)]
            placed += len(held)
            texts.append(_reading(held))
            above[column] = (cell[3] if cell else 0.0, texts[-1])
        if any(texts):
            x0, y0, x1, _ = _around(cell for cell in row if cell)
            rows.append((tuple(texts), Box(number, *(round(edge, 2) for edge in (x0, y0, x1, bottom)))))
    wide = sum(sum(map(bool, texts)) > 1 for texts, _ in rows)
    if len(rows) < 2 or wide < 2 or placed < len(inside):
        return None
    return Table(tuple(rows), frozenset(merged))


def _around(cells: Iterable[_Edges]) -> _Edges:
    x0, y0, x1, y1 = zip(*cells, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def _holds(area: _Edges, word: Word) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2
    return area[0] <= x < area[2] and area[1] <= y < area[3]


def _reading(words: list[Word]) -> str:
    """Words of one cell, line by line."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.y0 + word.y1):
        middle = (word.y0 + word.y1) / 2
        if lines and lines[-1][0].y0 <= middle <= lines[-1][0].y1:
            lines[-1].append(word)
        else:
            lines.append([word])
    return together(" ".join(word.text for word in sorted(line, key=lambda word: word.x0)) for line in lines)
