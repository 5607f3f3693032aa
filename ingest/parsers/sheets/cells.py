"""The cells of one sheet of an Excel workbook, read row by row: openpyxl gives either formulas or values, not both, and
takes twice as long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.parsers.asides import STRUCK
from ingest.parsers.clean import clean
from ingest.parsers.packages.container import Container, local
from ingest.parsers.packages.ooxml import is_on
from ingest.parsers.sheets.formats import shown
from ingest.parsers.sheets.formulas import Formulas
from ingest.parsers.sheets.model import Sheet
from ingest.parsers.sheets.numbers import general
from ingest.parsers.sheets.references import LAST_COLUMN, cell_name, column_number, ranges
from ingest.parsers.sheets.strings import Words, words
from ingest.parsers.sheets.styles import Style
from ingest.types import FileWarning, WarningKind

NO_VALUE = "[no value saved]"
_PARTS = ("row", "col", "mergeCell", "conditionalFormatting", "sheetFormatPr", "autoFilter")
_MOST_FILLED = 10_000  # cells
_CACHED = 100_000  # numbers whose look is remembered


@dataclass(slots=True)
class Book:
    """What all sheets share. `zeros`: formulas with the value 0 in a workbook that asks to be computed anew: where no
    formula has another value, a program wrote them that cannot compute."""

    strings: Sequence[Words]
    styles: Sequence[Style]
    epoch_1904: bool = False
    recompute: bool = False
    zeros: list[tuple[Sheet, int, int, str]] = field(default_factory=list)
    computed: bool = False
    seen: dict[tuple[str, int], tuple[str, bool, bool]] = field(default_factory=dict)


@dataclass(slots=True)
class Left:
    """What was left out of a sheet because it is not seen. `filtered`: whether the sheet has a filter."""

    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)
    cells: list[tuple[int, int]] = field(default_factory=list)
    filtered: bool = False


class SheetReader:
    def __init__(self, book: Book, name: str) -> None:
        self.sheet, self.left = Sheet(name), Left()
        self._book = book
        self._row = 0
        self._formulas = Formulas()
        self._columns: dict[str, int] = {}
        self._filled: list[tuple[tuple[int, int, int, int], str]] = []  # by one formula each, which has no values
        self._covered: dict[tuple[int, int], str] = {}
        self._white: list[tuple[int, int]] = []
        self._styled: list[tuple[int, int, int, int]] = []  # ranges whose colours depend on more than the cell

    def read(self, package: Container, part: str, tables: Sequence[str]) -> None:
        """Fills `sheet` and `left`. `tables`: parts of tables with a style of their own."""
        known = False
        for element in package.each(part, *_PARTS, "sheetData"):
            name = local(element)
            known = True
            if name == "row":
                self._cells(element)
            elif name == "col" and (is_on(element.get("hidden")) or element.get("width") == "0"):
                first, last = int(element.get("min", "1")), int(element.get("max", "1"))
                self.sheet.hidden_columns.update(range(first, min(last, LAST_COLUMN) + 1))
            elif name == "mergeCell":
                self.sheet.merged.extend(ranges(element.get("ref", "")))
            elif name == "conditionalFormatting":
                self._styled.extend(ranges(element.get("sqref", "")))
            elif name == "autoFilter":
                self.left.filtered = True
        if not known:
            raise ValueError("no sheet")
        for table in tables:
            if (root := package.xml(table)) is not None:
                self._styled.extend(ranges(root.get("ref", "")))
        self._fill()
        self._uncover()
        self._take_out_white()

    def _fill(self) -> None:
        """Cells without a value in the range of a formula that fills many: they are not blank either."""
        left = _MOST_FILLED
        for (top, first, bottom, last), text in self._filled:
            for row in range(top, bottom + 1):
                for column in range(first, last + 1):
                    left -= 1
                    if left < 0:
                        return
                    hidden = row in self.sheet.hidden_rows or column in self.sheet.hidden_columns
                    if not hidden and column not in self.sheet.rows.get(row, {}):
                        self.sheet.rows.setdefault(row, {})[column] = text
                        self.sheet.doubt(WarningKind.UNCACHED_FORMULA, row, column)

    def _cells(self, row: Any) -> None:  # noqa: C901 - the inner loop, where calls cost
        number = row.get("r")
        self._row = int(number) if number else self._row + 1
        hidden = is_on(row.get("hidden")) or (row.get("ht") in ("0", "0.0") and is_on(row.get("customHeight")))
        if hidden:
            self.sheet.hidden_rows.add(self._row)
        found: dict[int, str] = {}
        bold = True
        column = 0
        struck: list[tuple[int, str]] = []
        for cell in row:
            reference = cell.get("r")
            column = self._column(reference) if reference else column + 1
            if not len(cell):
                continue
            if hidden or column in self.sheet.hidden_columns:
                if any(part.text or len(part) for part in cell):
                    self._keep(cell, column)
                    (self.left.rows.add(self._row) if hidden else self.left.columns.add(column))
                continue
            index = cell.get("s")
            at = int(index) if index else 0
            style = self._book.styles[at] if at < len(self._book.styles) else self._book.styles[0]
            text, out = self._text(cell, column, at, style)
            if style.struck and text:
                text, out = "", text
            if out:
                struck.append((column, out))
            if text:
                found[column] = text
                bold = bold and style.bold
                if style.unseen:
                    self._white.append((self._row, column))
        if found:
            self.sheet.rows[self._row] = found
            if bold:
                self.sheet.bold.add(self._row)
        if struck:
            self._struck(struck)

    def _keep(self, cell: Any, column: int) -> None:
        """Words of a hidden cell that may be merged with cells that are seen."""
        if len(self._covered) < _MOST_FILLED and cell.get("t") in ("s", "str", "inlineStr"):
            at = int(cell.get("s") or 0)
            style = self._book.styles[at] if at < len(self._book.styles) else self._book.styles[0]
            if not style.struck and not style.unseen and not style.of_words:
                self._covered[self._row, column] = self._text(cell, column, at, style)[0]

    def _uncover(self) -> None:
        """A merged cell shows its words where it is seen, though its first row or column is hidden."""
        for place, (top, first, bottom, last) in enumerate(self.sheet.merged):
            text = self._covered.get((top, first))
            rows = (row for row in range(top, bottom + 1) if row not in self.sheet.hidden_rows)
            columns = (column for column in range(first, last + 1) if column not in self.sheet.hidden_columns)
            row, column = next(rows, 0), next(columns, 0)
            if text and row and column:
                self.sheet.rows.setdefault(row, {})[column] = text
                self.sheet.merged[place] = (row, column, bottom, last)
                del self._covered[top, first]

    def _column(self, reference: str) -> int:
        name = reference.rstrip("0123456789")
        if name not in self._columns:
            self._columns[name] = min(max(column_number(name), 1), LAST_COLUMN)
        return self._columns[name]

    def _text(  # noqa: C901, PLR0912 - one branch for each type of cell
        self, cell: Any, column: int, index: int, style: Style
    ) -> tuple[str, str]:
        """What a cell shows, and what of it is struck out."""
        value, formula, inline = None, None, None
        for part in cell:
            tag = part.tag
            if tag.endswith("}v"):
                value = part.text or ""
            elif tag.endswith("}f"):
                formula = part
            elif tag.endswith("}is"):
                inline = part
        kind = cell.get("t", "n")
        if formula is not None:
            if not value and (kind != "str" or value is None):
                return self._uncached(formula, column), ""
            if self._book.recompute and value in ("0", "") and kind == "n":
                text = self._formulas.text(formula, cell_name(self._row, column))
                self._book.zeros.append((self.sheet, self._row, column, text))
            else:
                self._book.computed = True
        if inline is not None:
            return self._words(words(inline), style, column)
        if not value:
            return "", ""
        if kind == "s":
            at = int(value)
            return self._words(self._book.strings[at], style, column) if at < len(self._book.strings) else ("", "")
        if kind == "n":
            return self._number(value, column, index, style), ""
        if kind == "b":
            return ("TRUE" if value.strip() == "1" else "FALSE"), ""
        if kind == "d":
            return value.replace("T", " ").removesuffix(" 00:00:00"), ""
        return (value, "") if kind == "e" else self._words(Words(value), style, column)

    def _words(self, found: Words, style: Style, column: int) -> tuple[str, str]:
        text = clean(found.text)
        if style.code != "General" and style.of_words and text:
            look = shown(text, style.code)
            if look.hidden:
                self.left.cells.append((self._row, column))
            text = clean(look.text)
        return text, clean(found.struck) if found.struck else ""

    def _number(self, value: str, column: int, index: int, style: Style) -> str:
        if style.code == "General" and len(value) < 16 and value.isdecimal():
            return value
        key = (value, index)
        look = self._book.seen.get(key)
        if look is None:
            if len(self._book.seen) > _CACHED:
                self._book.seen.clear()
            look = self._book.seen[key] = _look(value, style, self._book.epoch_1904)
        text, sure, hidden = look
        if not sure:
            self.sheet.doubt(WarningKind.NUMBER_FORMAT, self._row, column)
        if hidden:
            self.left.cells.append((self._row, column))
        return text

    def _uncached(self, formula: Any, column: int) -> str:
        self.sheet.doubt(WarningKind.UNCACHED_FORMULA, self._row, column)
        text = f"{self._formulas.text(formula, cell_name(self._row, column))} {NO_VALUE}"
        if formula.get("t") in ("array", "dataTable"):
            self._filled.extend((area, text) for area in ranges(formula.get("ref", "")))
        return text

    def _struck(self, struck: Sequence[tuple[int, str]]) -> None:
        text = " | ".join(out for _, out in struck)
        words = f"Words in row {self._row} of the sheet are struck out; they stand after the table, not in it."
        warning = FileWarning(WarningKind.REDLINE, words)
        element = STRUCK.element(text, cell_name(self._row, struck[0][0]), (warning,))
        self.sheet.marks.append((self._row, element))
        for column, _ in struck:
            self.sheet.doubt(WarningKind.REDLINE, self._row, column)

    def _take_out_white(self) -> None:
        """White on white is not seen, unless a table's style or a condition gives the cell another ground."""
        for row, column in self._white:
            if not any(a <= row <= c and b <= column <= d for a, b, c, d in self._styled[:100]):
                del self.sheet.rows[row][column]
                if not self.sheet.rows[row]:
                    del self.sheet.rows[row]
                self.left.cells.append((row, column))


def _look(value: str, style: Style, epoch_1904: bool) -> tuple[str, bool, bool]:
    try:
        number = float(value)
    except ValueError:
        return clean(value), True, False
    if style.code == "General":
        return general(number), True, False
    look = shown(number, style.code, epoch_1904=epoch_1904)
    return clean(look.text), look.sure and not style.own_currency, look.hidden
