"""Ruled tables of a PDF page: pdfplumber finds the cells, pdfium's words fill them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.parsers.clean import rows_to_text
from ingest.parsers.pdf.words import Word
from ingest.types import Box, LineBox

_Edges = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cell texts with each row's box, from the header down."""

    rows: tuple[tuple[tuple[str, ...], Box], ...]

    @property
    def box(self) -> Box:
        return self.rows[0][1]

    @property
    def columns(self) -> int:
        return len(self.rows[0][0])

    def continued(self, other: Table) -> Table:
        """This table with the rows of its continuation on the next page, whose repeated header is dropped."""
        more = other.rows[1:] if other.rows[0][0] == self.rows[0][0] else other.rows
        return Table(self.rows + more)

    def compose(self) -> tuple[str, tuple[LineBox, ...]]:
        """Text with one line per row, and where each row lies."""
        text = rows_to_text(cells for cells, _ in self.rows)
        boxes: list[LineBox] = []
        start = 0
        for line, (_, box) in zip(text.split("\n"), self.rows, strict=True):
            boxes.append(LineBox(start, start + len(line), box))
            start += len(line) + 1
        return text, tuple(boxes)


def tables_of(page: Any, number: int, words: Sequence[Word]) -> tuple[list[Table], list[Word]]:
    """The tables of a pdfplumber page, from top to bottom, and the words that stand in none of them."""
    rest = list(words)
    tables = []
    left, top = page.cropbox[0], page.cropbox[1]
    for found in sorted(page.find_tables(), key=lambda table: table.bbox[1]):
        cells = [[_shift(cell, left, top) for cell in row.cells] for row in found.rows]
        table = _fill(cells, number, rest)
        if table is not None:
            tables.append(table)
            area = _around(cell for row in cells for cell in row if cell)
            rest = [word for word in rest if not _holds(area, word)]
    return tables, rest


def _shift(cell: _Edges | None, left: float, top: float) -> _Edges | None:
    return None if cell is None else (cell[0] - left, cell[1] - top, cell[2] - left, cell[3] - top)


def _fill(cells: list[list[_Edges | None]], number: int, words: list[Word]) -> Table | None:
    """The filled table, or None where lines merely frame text: fewer than two rows or columns with words."""
    area = _around(cell for row in cells for cell in row if cell)
    inside = [word for word in words if _holds(area, word)]
    rows = []
    placed = 0
    for row in cells:
        texts = []
        for cell in row:
            held = [word for word in inside if cell and _holds(cell, word)]
            placed += len(held)
            texts.append(_reading(held))
        if any(texts):
            edges = _around(cell for cell in row if cell)
            rows.append((tuple(texts), Box(number, *(round(edge, 2) for edge in edges))))
    wide = sum(sum(map(bool, texts)) > 1 for texts, _ in rows)
    if len(rows) < 2 or wide < 2 or placed < len(inside):
        return None
    return Table(tuple(rows))


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
    return " ".join(word.text for line in lines for word in sorted(line, key=lambda word: word.x0))
