"""OpenDocument spreadsheets. Each cell holds the words that were shown when it was saved, formatted; they are taken.

A cell or row may say that it stands for a million like it: empty ones are skipped, others counted up to a limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.errors import FileTooLarge
from ingest.parsers.asides import STRUCK, comment
from ingest.parsers.clean import clean, sensible_title, stem
from ingest.parsers.packages import opendocument
from ingest.parsers.packages.container import attribute, local
from ingest.parsers.sheets.cells import NO_VALUE
from ingest.parsers.sheets.layout import elements
from ingest.parsers.sheets.model import Sheet
from ingest.parsers.sheets.references import LAST_COLUMN, cell_name, spans
from ingest.reading.detect import ODS
from ingest.types import Element, ElementKind, FileWarning, ParsedFile, WarningKind

_MOST_CELLS = 5_000_000


class OdsParser:
    media_types = frozenset({ODS})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `DamagedFile`, `FileTooLarge` and what `opendocument.opened` raises."""
        package = opendocument.opened(data, name, "spreadsheet", huge=True)
        content, title = package.xml("content.xml"), opendocument.title(package)
        if content is None:
            raise package.damaged()
        found: list[Element] = []
        warnings: list[FileWarning] = []
        styles, hidden = _Styles.of(content), 0
        for table in content.iter("{*}table"):
            if any(local(above) in ("table", "table-cell") for above in table.iterancestors()):
                continue
            if attribute(table, "style-name") in styles.hidden:
                hidden += any(True for _ in table.iter("{*}p"))
                continue
            reader = _Reader(styles, clean(attribute(table, "name")) or "Sheet")
            reader.read(table)
            if parts := elements(reader.sheet, level=2):
                found.extend((Element(ElementKind.HEADING, reader.sheet.name, level=1), *parts))
            warnings.extend(reader.warnings())
        if hidden:
            words = f"Hidden sheets that hold values were left out ({hidden}). Show them if they matter."
            warnings.append(FileWarning(WarningKind.HIDDEN_TEXT, words))
        return ParsedFile(sensible_title(title) or stem(name), ODS, tuple(found), warnings=tuple(warnings))


@dataclass(frozen=True, slots=True)
class _Styles:
    """Names of styles: of sheets that are hidden, of words that are bold, of words that are struck out."""

    hidden: frozenset[str]
    bold: frozenset[str]
    struck: frozenset[str]

    @classmethod
    def of(cls, content: Any) -> _Styles:
        hidden, bold, struck = set(), set(), set()
        for style in content.iter("{*}style"):
            name = attribute(style, "name")
            for part in style:
                if attribute(part, "display") == "false":
                    hidden.add(name)
                if attribute(part, "font-weight") == "bold":
                    bold.add(name)
                if attribute(part, "text-line-through-style") not in ("", "none"):
                    struck.add(name)
        return cls(frozenset(hidden), frozenset(bold), frozenset(struck))


@dataclass(slots=True)
class _Reader:
    styles: _Styles
    name: str
    sheet: Sheet = field(init=False)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    cells: int = 0

    def __post_init__(self) -> None:
        self.sheet = Sheet(self.name)

    def read(self, table: Any) -> None:
        at = 1
        for column in _own(table, "table-column"):
            times = _repeated(column, "number-columns-repeated")
            if attribute(column, "visibility") in ("collapse", "filter"):
                self.sheet.hidden_columns.update(range(at, min(at + times, LAST_COLUMN)))
            at = min(at + times, LAST_COLUMN)
        number = 1
        for row in _own(table, "table-row"):
            times = _repeated(row, "number-rows-repeated")
            self._row(row, number, times)
            number += times

    def _row(self, row: Any, number: int, times: int) -> None:
        hidden = attribute(row, "visibility") in ("collapse", "filter")
        found: dict[int, str] = {}
        bold, column = True, 1
        for cell in row:
            if local(cell) not in ("table-cell", "covered-table-cell"):
                continue
            wide = _repeated(cell, "number-columns-repeated")
            text = self._text(cell, number, column) if local(cell) == "table-cell" else ""
            for at in range(column, min(column + wide, LAST_COLUMN + 1)) if text else ():
                if hidden or at in self.sheet.hidden_columns:
                    (self.hidden_rows.add(number) if hidden else self.hidden_columns.add(at))
                else:
                    found[at] = text
            if text:
                bold = bold and attribute(cell, "style-name") in self.styles.bold
                self._merged(cell, number, column)
            column += wide
        if hidden and times < LAST_COLUMN:
            self.sheet.hidden_rows.update(range(number, number + times))
        if found:
            self._keep(found, range(number, number + times), bold)

    def _keep(self, found: dict[int, str], rows: range, bold: bool) -> None:
        self.cells += len(found) * len(rows)
        if self.cells > _MOST_CELLS:
            raise FileTooLarge(f'The sheet "{self.name}" has more than {_MOST_CELLS:,} cells. Split it.')
        for row in rows:
            self.sheet.rows[row] = dict(found)
        if bold:
            self.sheet.bold.update(rows)

    def _merged(self, cell: Any, row: int, column: int) -> None:
        down = _repeated(cell, "number-rows-spanned")
        right = _repeated(cell, "number-columns-spanned")
        if down > 1 or right > 1:
            self.sheet.merged.append((row, column, row + down - 1, column + right - 1))

    def _text(self, cell: Any, row: int, column: int) -> str:
        """The words shown. A formula that was never computed stands there itself."""
        lines = [_words(part, self.styles.struck) for part in cell if local(part) == "p"]
        text, struck = (clean(" ".join(part[at] for part in lines)) for at in (0, 1))
        place = cell_name(row, column)
        if attribute(cell, "style-name") in self.styles.struck:
            text, struck = "", clean(f"{text} {struck}")
        if struck:
            warning = FileWarning(WarningKind.REDLINE, f"Words in cell {place} are struck out.")
            self.sheet.marks.append((row, STRUCK.element(struck, place, (warning,))))
        for note in cell:
            if local(note) == "annotation":
                self.sheet.marks.append((row, _comment(note, place)))
        formula = attribute(cell, "formula")
        if formula and not text and not attribute(cell, "value-type"):
            self.sheet.doubt(WarningKind.UNCACHED_FORMULA, row, column)
            return f"={clean(formula).partition('=')[2]} {NO_VALUE}"
        if not text and not struck and not lines:
            return clean(attribute(cell, "value") or attribute(cell, "date-value") or attribute(cell, "string-value"))
        return text

    def warnings(self) -> Iterator[FileWarning]:
        for hidden, kind in ((self.hidden_rows, "row"), (self.hidden_columns, "column")):
            if hidden:
                words = f'Sheet "{self.name}": {spans(hidden, kind)}, hidden, left out. Show them if they matter.'
                yield FileWarning(WarningKind.HIDDEN_TEXT, words)


def _own(table: Any, tag: str) -> Iterator[Any]:
    """Rows or columns of a table, also those in groups and header groups, but none of a table inside it."""
    for part in table:
        name = local(part)
        if name == tag:
            yield part
        elif name.startswith(("table-row", "table-header", "table-column")):
            yield from _own(part, tag)


def _repeated(element: Any, name: str) -> int:
    text = attribute(element, name)
    return min(int(text), 1 << 21) if text.isdecimal() and len(text) < 10 and int(text) else 1


def _words(part: Any, struck: frozenset[str], out: bool = False) -> tuple[str, str]:
    """What is read of a paragraph, and what is struck out of it."""
    out = out or attribute(part, "style-name") in struck
    text, gone = ("", part.text or "") if out else (part.text or "", "")
    for inner in part:
        name = local(inner)
        if name in ("s", "tab", "line-break"):
            text += " "
        elif name != "annotation":
            inside, taken = _words(inner, struck, out)
            text, gone = text + inside, gone + taken
        tail = inner.tail or ""
        text, gone = (text, gone + tail) if out else (text + tail, gone)
    return text, gone


def _comment(note: Any, place: str) -> Element:
    author = clean(next((one.text or "" for one in note.iter("{*}creator")), ""))
    date = next((one.text or "" for one in note.iter("{*}date")), "")[:10]
    words = clean(" ".join("".join(one.itertext()) for one in note.iter("{*}p")))
    return comment(words, author, date, place=place)
