"""Warnings about cells whose text is not sure, for the element that they stand in."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.parsers.sheets.model import Sheet
from ingest.parsers.sheets.references import listed
from ingest.types import FileWarning, WarningKind

_DOUBTS = {
    WarningKind.UNCACHED_FORMULA: "The file was saved without the value of the formula in {cells}; the formula stands "
    "there instead. Open the file in Excel, save it and send it again.",
    WarningKind.NUMBER_FORMAT: "How {cells} should look could not be made out; compare the value with the file.",
    WarningKind.REDLINE: "Words in {cells} are struck out; they stand after the table, not in it.",
}
_MOST_WARNINGS = 40  # a table with more doubtful rows gets one warning for all

Doubts = dict[int, list[tuple[WarningKind, int, int]]]  # by row: the reason, row and column


def by_row(sheet: Sheet) -> Doubts:
    found: Doubts = {}
    for kind, cells in sheet.doubts.items():
        for row, column in cells:
            found.setdefault(row, []).append((kind, row, column))
    return found


def warnings(
    doubts: Doubts, rows: Sequence[int], columns: set[int] | None, places: Sequence[tuple[int, int]]
) -> tuple[FileWarning, ...]:
    """What is unsure in these rows, by line where there are few."""
    found: list[FileWarning] = []
    line_of = {row: place for place, row in enumerate(rows)} if doubts else {}
    here = [one for row in line_of for one in doubts.get(row, ()) if columns is None or one[2] in columns]
    for kind in dict.fromkeys(kind for kind, _, _ in here):
        mine = [(row, column) for one, row, column in here if one is kind]
        concerned = sorted({row for row, _ in mine})
        if kind is WarningKind.REDLINE or len(concerned) > _MOST_WARNINGS:
            found.append(FileWarning(kind, _DOUBTS[kind].format(cells=listed(mine))))
            continue
        for row in concerned:
            start, end = places[line_of[row]]
            words = _DOUBTS[kind].format(cells=listed(cell for cell in mine if cell[0] == row))
            found.append(FileWarning(kind, words, start=start, end=end))
    return tuple(found)
