"""Excel workbooks: each sheet a heading, its titles and tables; what is hidden is left out and said so."""

from __future__ import annotations

from typing import Any

from ingest.errors import DamagedFile
from ingest.parsers.clean import clean, sensible_title, stem
from ingest.parsers.packages.container import attribute
from ingest.parsers.packages.ooxml import OfficePackage, is_on
from ingest.parsers.sheets.cells import NO_VALUE, Book, Left, SheetReader
from ingest.parsers.sheets.drawings import chart, comments, drawn, people
from ingest.parsers.sheets.layout import elements
from ingest.parsers.sheets.model import Sheet
from ingest.parsers.sheets.references import listed, spans
from ingest.parsers.sheets.strings import words
from ingest.parsers.sheets.styles import styles
from ingest.reading.detect import XLSX
from ingest.types import Element, ElementKind, FileWarning, ParsedFile, WarningKind


class XlsxParser:
    media_types = frozenset({XLSX})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `DamagedFile`, and what `check_zip` raises. Formulas give the values saved with them."""
        damaged = f"{name}: damaged; not a readable workbook. Save it again in Excel."
        package = OfficePackage(data, damaged, "xl/workbook.xml", huge=True)
        try:
            reading = _Reading(package)
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise DamagedFile(damaged) from error
        title = sensible_title(package.title)
        return ParsedFile(title or stem(name), XLSX, tuple(reading.elements), warnings=tuple(reading.warnings))


class _Reading:
    """One workbook: every sheet is read before any is laid out, because formulas are judged all together."""

    def __init__(self, package: OfficePackage) -> None:
        self._package = package
        self.elements: list[Element] = []
        self.warnings: list[FileWarning] = []
        workbook = package.xml(package.main)
        if workbook is None or package.xml("[Content_Types].xml") is None:
            raise ValueError("no workbook")
        self._book = self._shared(workbook)
        self._people = people(package)
        parts = package.relations(package.main)
        read: list[Sheet | list[Element]] = []
        hidden = found = 0
        for one in workbook.iter("{*}sheet"):
            kind, path = parts.get(attribute(one, "id"), ("", ""))
            found += 1
            name = clean(one.get("name", "")) or "Sheet"
            if one.get("state", "visible") != "visible":
                hidden += kind == "worksheet" and self._holds_anything(path)
            elif kind == "chartsheet":
                read.append([Element(ElementKind.HEADING, name, level=1), *self._charts(path)])
            elif kind == "worksheet":
                read.append(self._sheet(name, path))
        if not found:
            raise ValueError("no sheets")
        self._judge_zeros()
        for sheet in read:
            self._lay_out(sheet)
        if hidden:
            plural = "s that hold values were" if hidden > 1 else " that holds values was"
            self._warn(
                f"{hidden} hidden sheet{plural} left out. Unhide it in Excel and send the file again if it matters."
            )

    def _shared(self, workbook: Any) -> Book:
        related = dict(self._package.relations(self._package.main).values())
        if not related:
            raise ValueError("no parts")
        path = related.get("sharedStrings", "")
        strings = [words(item) for item in self._package.each(path, "si")] if self._package.has(path) else []
        properties = next(workbook.iter("{*}workbookPr"), None)
        computing = next(workbook.iter("{*}calcPr"), None)
        return Book(
            strings,
            styles(self._package.xml(related.get("styles", ""))),
            epoch_1904=properties is not None and is_on(properties.get("date1904")),
            recompute=computing is not None and is_on(computing.get("fullCalcOnLoad")),
        )

    def _sheet(self, name: str, path: str) -> Sheet:
        reader = SheetReader(self._book, name)
        reader.read(self._package, path, self._package.parts(path, "table"))
        sheet = reader.sheet
        for row, column, comment in comments(self._package, path, self._people):
            if row not in sheet.hidden_rows and column not in sheet.hidden_columns:
                sheet.marks.append((row, comment))
        sheet.after, unread = drawn(self._package, path, name)
        self.warnings.extend(unread)
        self._warn_of_hidden(name, reader.left)
        return sheet

    def _charts(self, path: str) -> list[Element]:
        drawings = self._package.parts(path, "drawing")
        parts = [part for drawing in drawings for part in self._package.parts(drawing, "chart")]
        return [element for part in parts for element in chart(self._package, part)]

    def _holds_anything(self, path: str) -> bool:
        if not self._package.has(path):
            return False
        return any(one.text or len(one) for one in self._package.each(path, "v", "is"))

    def _judge_zeros(self) -> None:
        """Zeros that no program computed are no values."""
        for sheet, row, column, formula in () if self._book.computed else self._book.zeros:
            if column in sheet.rows.get(row, {}):
                sheet.rows[row][column] = f"{formula} {NO_VALUE}"
                sheet.doubt(WarningKind.UNCACHED_FORMULA, row, column)

    def _lay_out(self, sheet: Sheet | list[Element]) -> None:
        if isinstance(sheet, list):
            self.elements.extend(sheet if len(sheet) > 1 else ())
            return
        found = elements(sheet, level=2)
        if found:
            self.elements.append(Element(ElementKind.HEADING, sheet.name, level=1))
            self.elements.extend(found)

    def _warn_of_hidden(self, name: str, left: Left) -> None:
        by = " by a filter or by hand" if left.filtered else ""  # rows do not say which
        if left.rows:
            self._warn(f'Sheet "{name}": {spans(left.rows)}, hidden{by}, left out. Show all rows if they matter.')
        if left.columns:
            self._warn(f'Sheet "{name}": {spans(left.columns, "column")}, hidden, left out. Show them if they matter.')
        if left.cells:
            words = f'Sheet "{name}": {listed(left.cells)} not shown (by format or colour) and left out.'
            self._warn(words)

    def _warn(self, words: str) -> None:
        self.warnings.append(FileWarning(WarningKind.HIDDEN_TEXT, words))
