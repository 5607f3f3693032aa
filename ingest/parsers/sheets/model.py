"""What a spreadsheet's reader hands over to the layout: one sheet with the cells that are seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ingest.types import Element, WarningKind

Rows = dict[int, dict[int, str]]  # row and column, both from 1, to a cell's clean text


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


def letters(column: int) -> str:
    """1 is "A", 27 is "AA"."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def listed(cells: Iterable[tuple[int, int]], most: int = 8) -> str:
    """Cells as people write them: "cell B3", "cells B3, B4 and 12 more"."""
    names = [f"{letters(column)}{row}" for row, column in sorted(set(cells))]
    if len(names) == 1:
        return f"cell {names[0]}"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"cells {', '.join(names[:most])}{more}"


def spans(numbers: Iterable[int], name: str = "row") -> str:
    """ "row 3", "rows 3 to 5, 9"."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    show = letters if name == "column" else str
    texts = [show(first) if first == last else f"{show(first)} to {show(last)}" for first, last in runs]
    more = f" and {len(texts) - 8} more" if len(texts) > 8 else ""
    plural = "s" if len(runs) > 1 or (runs and runs[0][0] != runs[0][1]) else ""
    return f"{name}{plural} {', '.join(texts[:8])}{more}"
