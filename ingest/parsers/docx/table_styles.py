"""What a table's style says of the words and rows in it, and for which of its parts (ECMA-376 part 1, 17.7.6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.parsers.docx.styles import Styles
from ingest.parsers.docx.xml import W, switch, value, whole

_LOOK = {
    "firstRow": 0x20,
    "lastRow": 0x40,
    "firstColumn": 0x80,
    "lastColumn": 0x100,
    "noHBand": 0x200,
    "noVBand": 0x400,
}
_TELLING = tuple(f"{W}{name}" for name in ("vanish", "strike", "dstrike", "color", "sz", "hidden"))
_OFF = ("0", "false", "off")
_CORNERS = {("firstRow", "firstCol"): "nwCell", ("firstRow", "lastCol"): "neCell",
            ("lastRow", "firstCol"): "swCell", ("lastRow", "lastCol"): "seCell"}  # fmt: skip


class TableStyles:
    """Looks each table up once. Only what can hide or strike words is asked for."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._telling: dict[str, bool] = {}
        self._places: dict[
            Any, dict[Any, tuple[int, int]]
        ] = {}  # of each table: row -> (its place, how many there are)

    def marks(self, paragraph: Any) -> tuple[Any, ...]:
        """The run properties that hold for a paragraph by the style of the table around it, the nearest first."""
        cell = next(paragraph.iterancestors(f"{W}tc", f"{W}txbxContent"), None)
        if cell is None or cell.tag != f"{W}tc":
            return ()
        row = next(cell.iterancestors(f"{W}tr"), None)
        return () if row is None else tuple(self._holding(row, cell, f"{W}rPr"))

    def hides(self, row: Any) -> bool:
        """Whether a row is hidden by the style of its table."""
        stated = (switch(marks, "hidden") for marks in self._holding(row, None, f"{W}trPr"))
        return next((on for on in stated if on is not None), False)

    def _holding(self, row: Any, cell: Any | None, tag: str) -> Iterator[Any]:
        table = next(row.iterancestors(f"{W}tbl"), None)
        marks = None if table is None else table.find(f"{W}tblPr")
        style = value(marks, "tblStyle") or ""
        if table is None or not self._tells(style):
            return
        parts = list(self._parts(table, marks, row, cell, style))
        for found in self._styles.chain(style):
            special = {one.get(f"{W}type"): one for one in found.findall(f"{W}tblStylePr")}
            for holder in (*(special.get(part) for part in parts), found):
                held = None if holder is None else holder.find(tag)
                if held is not None:
                    yield held

    def _tells(self, style: str) -> bool:
        if style not in self._telling:
            chain = self._styles.chain(style)
            self._telling[style] = any(next(found.iter(*_TELLING), None) is not None for found in chain)
        return self._telling[style]

    def _parts(self, table: Any, marks: Any, row: Any, cell: Any | None, style: str) -> Iterator[str]:
        """The parts of the table that a cell, or a row, belongs to, the one that decides first."""
        on = _look(None if marks is None else marks.find(f"{W}tblLook"))
        at, count = self._place(table, row)
        across = "firstRow" if at == 0 and on["firstRow"] else "lastRow" if at == count - 1 and on["lastRow"] else ""
        down, column = ("", 0) if cell is None else _column(row, cell, on)
        if (across, down) in _CORNERS:
            yield _CORNERS[across, down]
        yield from filter(None, (across, down))
        if not across and not on["noHBand"]:
            yield f"band{1 + (at - on['firstRow']) // self._band(style, 'Row') % 2}Horz"
        if cell is not None and not down and not on["noVBand"]:
            yield f"band{1 + (column - on['firstColumn']) // self._band(style, 'Col') % 2}Vert"
        yield "wholeTable"

    def _band(self, style: str, what: str) -> int:
        sizes = (value(found.find(f"{W}tblPr"), f"tblStyle{what}BandSize") for found in self._styles.chain(style))
        return max(1, whole(next(filter(None, sizes), None), 1))

    def _place(self, table: Any, row: Any) -> tuple[int, int]:
        if table not in self._places:
            rows = [one for one in table.iter(f"{W}tr") if next(one.iterancestors(f"{W}tbl")) is table]
            self._places[table] = {one: (at, len(rows)) for at, one in enumerate(rows)}
        return self._places[table].get(row, (1, 3))


def _look(found: Any | None) -> dict[str, bool]:
    """Which of its style's parts a table uses: by attributes, or by bits in older files."""
    text = "" if found is None else found.get(f"{W}val") or ""
    try:
        bits = int(text[:8] or "0", 16)
    except ValueError:
        bits = 0
    told = {} if found is None else {name: found.get(f"{W}{name}") for name in _LOOK}
    return {name: bool(bits & bit) if told.get(name) is None else told[name] not in _OFF for name, bit in _LOOK.items()}


def _column(row: Any, cell: Any, on: dict[str, bool]) -> tuple[str, int]:
    """Whether the cell is in the first or last column, and the number of its column from 0."""
    cells = [one for one in row.iter(f"{W}tc") if next(one.iterancestors(f"{W}tr")) is row]
    before = cells[: cells.index(cell)]
    at = sum(max(1, whole(value(one.find(f"{W}tcPr"), "gridSpan"), 1)) for one in before)
    if not before and on["firstColumn"]:
        return "firstCol", at
    return ("lastCol" if cell is cells[-1] and on["lastColumn"] else ""), at
