"""The rows and cells of a version's tables, as they lie in its text."""

from __future__ import annotations

from collections.abc import Iterator

from api.http.schemas.documents import CellOut, RowOut, TableOut
from api.http.stored import Element, VersionView
from api.http.stretches import Stretch
from ingest.types import ElementKind, Grid


def tables_of(view: VersionView, shown: Stretch) -> list[TableOut]:
    """Those that the stretch meets, in the order of the text."""
    return [
        TableOut(start=one.start, end=one.end, rows=list(_rows(view.text, one)))
        for one in view.elements
        if one.kind is ElementKind.TABLE and shown.meets(one.start, one.end)
    ]


def _rows(text: str, table: Element) -> Iterator[RowOut]:
    """A line each."""
    start = table.start
    for number, line in enumerate(text[table.start : table.end].split("\n")):
        yield RowOut(start=start, end=start + len(line), cells=list(_cells(line, start, table.grid, number)))
        start += len(line) + 1


def _cells(line: str, start: int, grid: Grid | None, row: int) -> Iterator[CellOut]:
    for column, words in enumerate(line.split("|")):  # a bar inside a cell is another character there
        known = grid is not None and row < len(grid.rows) and column < len(grid.columns)
        cell = grid.named(f"{grid.columns[column]}{grid.rows[row]}") if grid is not None and known else ""
        first = start + len(words) - len(words.lstrip())
        yield CellOut(start=first, end=first + len(words.strip()), cell=cell)
        start += len(words) + 1
