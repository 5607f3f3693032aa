"""What a spreadsheet's reader hands over to the layout: one sheet with the cells that are seen."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.types import Element, WarningKind

Cells = dict[int, str]  # column, from 1, to a cell's clean text
Rows = dict[int, Cells]  # by row, from 1


@dataclass(slots=True)
class Sheet:
    """`bold`: rows whose cells are all bold. `merged`: (first row, first column, last row, last column). `doubts`:
    cells whose text is not sure, by the reason. `marks`: what belongs after the table with the cell: comments and
    struck-out words."""

    name: str
    rows: Rows = field(default_factory=dict)
    bold: set[int] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    doubts: dict[WarningKind, list[tuple[int, int]]] = field(default_factory=dict)
    marks: list[tuple[int, Element]] = field(default_factory=list)
    after: list[Element] = field(default_factory=list)

    def doubt(self, kind: WarningKind, row: int, column: int) -> None:
        self.doubts.setdefault(kind, []).append((row, column))
