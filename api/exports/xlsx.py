"""Matrices as spreadsheets: the cells, the quotes that they rest on, and what this is."""

from __future__ import annotations

import re
from copy import copy
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from typing import Any
from weakref import WeakKeyDictionary

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from api.exports.archives import settled, xml_text
from api.exports.numbering import numbered_matrix
from api.exports.types import Cell, Matrix
from api.exports.wording import CHECKED, empty, moment, signed, struck

_MOST_CHARS = 32_767  # in a cell (Excel's limit)
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # a spreadsheet would compute what begins so, at the latest out of a CSV
_INK, _GREY, _LINK = "1F3557", "595959", "1F4E9E"
_LINE_POINTS = 15.0
_MOST_POINTS = 405.0  # of a row (Excel's limit is 409)
_A_PAGE = 5  # questions on a printed page
_THIN = Side(style="thin", color="D0D4DB")
_GRID, _OPEN = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN), Border()
_WRAPPED = Alignment(wrap_text=True, vertical="top", horizontal="left")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # what follows would be read as a character (ECMA-376, ST_Xstring)
_STYLES: WeakKeyDictionary[Workbook, dict[tuple[int, int], Any]] = WeakKeyDictionary()
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_SOURCES = (
    ("No.", 6), ("Document", 34), ("Page", 12), ("Section", 26), ("Version", 9), ("Quote", 70),
    ("Table row read under", 36), ("Caution", 24), ("Open at the quote", 20), ("SHA-256 of the file", 40),
    ("Document ID", 38), ("Version ID", 24), ("Known as", 60),
)  # fmt: skip

_OPENS = [name for name, _ in _SOURCES].index("Open at the quote")


def xlsx(matrix: Matrix) -> bytes:
    """The same bytes for the same value."""
    matrix = numbered_matrix(matrix)
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = "Matrix"
    _matrix(first, matrix)
    _sources(book.create_sheet("Sources"), matrix)
    _about(book.create_sheet("About"), matrix)
    at = matrix.made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.properties.creator, book.properties.title = xml_text(matrix.by), xml_text(matrix.title)
    book.properties.created = at
    made = BytesIO()
    book.save(made)
    return settled(made.getvalue(), lambda name, content: _dated(name, content, at))


def _dated(name: str, content: bytes, at: datetime) -> bytes:
    """openpyxl writes the time at which it saves."""
    return (
        _MODIFIED.sub(rb"\g<1>" + f"{at:%Y-%m-%dT%H:%M:%SZ}".encode(), content)
        if name == "docProps/core.xml"
        else content
    )


def _put(
    sheet: Worksheet, row: int, column: int, words: int | str, font: Font | None = None, border: Border = _GRID
) -> Any:
    """A cell that holds text as text, whatever it begins with."""
    cell = sheet.cell(row, column)
    _styled(cell, font or _font(), border)
    if isinstance(words, str):
        told = xml_text(words)
        if len(told) > _MOST_CHARS:
            cut = f" [cut: {len(told):,} characters]"
            told = told[: _MOST_CHARS - len(cut)] + cut
        cell.value, cell.data_type = _ESCAPE.sub("_x005F_", told) or None, "s" if told else "n"
        cell.quotePrefix = told.startswith(_FORMULA)
    else:
        cell.value = words
    return cell


def _styled(cell: Any, font: Font, border: Border) -> None:
    """openpyxl looks for each font and border among all that there are, by all that they say: once is enough."""
    known = _STYLES.setdefault(cell.parent.parent, {})
    key = id(font), id(border)
    if key not in known:
        cell.alignment, cell.border, cell.font = _WRAPPED, border, font
        known[key] = copy(cell._style)
    cell._style = copy(known[key])


@cache
def _font(*, color: str = "000000", **more: Any) -> Font:
    """Always the same for the same."""
    return Font(name="Calibri", size=11, color=color, **more)


def _linked() -> Font:
    return _font(color=_LINK, underline="single")


def _tall(sheet: Worksheet) -> None:
    """Rows as high as their text needs: not every program finds that out by itself."""
    widths = [sheet.column_dimensions[get_column_letter(at + 1)].width for at in range(sheet.max_column)]
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        lines = max(
            sum(1 + int(len(one) * 1.1 / width) for one in str(value or "").split("\n"))
            for value, width in zip(row, widths, strict=True)
        )
        sheet.row_dimensions[number].height = min(lines * _LINE_POINTS + 3, _MOST_POINTS)


def _head(sheet: Worksheet, column: int, words: str, width: float) -> None:
    cell = _put(sheet, 1, column, words, _font(bold=True, color=_INK))
    cell.fill = PatternFill("solid", start_color="EEF1F6")
    sheet.column_dimensions[cell.column_letter].width = width


def _matrix(sheet: Worksheet, matrix: Matrix) -> None:
    """Two columns a question: the answer, and beside it the link, for a linked text is not wrapped everywhere."""
    _head(sheet, 1, "Document", 34)
    for at, question in enumerate(matrix.questions):
        _head(sheet, 2 + 2 * at, question, 42)
        _head(sheet, 3 + 2 * at, "Source", 9)
    for row, (document, cells) in enumerate(zip(matrix.documents, matrix.cells, strict=True), 2):
        _put(sheet, row, 1, document, _font(bold=True))
        for at, one in enumerate(cells):
            _answer(sheet, row, 2 + 2 * at, one, matrix)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    _printed(sheet, -(-len(matrix.questions) // _A_PAGE))
    sheet.print_title_cols = "A:A"


def _answer(sheet: Worksheet, row: int, column: int, one: Cell, matrix: Matrix) -> None:
    """Its link opens the words that it quotes, or where there are several, the first of them in the sheet Sources."""
    lines = [one.text, one.note] if one.text else [empty(one)]
    told = "\n".join([*filter(None, lines), *map(signed, one.signed)])
    _put(sheet, row, column, told, _font(strike=struck(one.signed)) if one.text else _font(italic=True, color=_GREY))
    marks = ", ".join(map(str, one.sources))
    link = _put(sheet, row, column + 1, marks, _linked() if one.sources else None)
    if one.sources:
        url = matrix.sources[one.sources[0] - 1].url if len(one.sources) == 1 else ""
        row_there = Hyperlink(ref=link.coordinate, location=f"'Sources'!A{one.sources[0] + 1}")
        link.hyperlink = xml_text(url) if url else row_there


def _sources(sheet: Worksheet, matrix: Matrix) -> None:
    for column, (words, width) in enumerate(_SOURCES, 1):
        _head(sheet, column, words, width)
    for row, source in enumerate(matrix.sources, 2):
        page = ", ".join(filter(None, (source.page_label or str(source.page or ""), source.bates, source.cell)))
        told: tuple[int | str, ...] = (
            source.number, source.title or "Untitled", page, " > ".join(source.section), source.version,
            source.quote, source.frame, " ".join(source.cautions), "Open" if source.url else "", source.content_sha256,
            source.document_id, source.version_id, source.source,
        )  # fmt: skip
        fonts = {_OPENS + 1: _linked()} if source.url else {}
        placed = [_put(sheet, row, column, one, fonts.get(column)) for column, one in enumerate(told, 1)]
        if source.url:
            placed[_OPENS].hyperlink = xml_text(source.url)
    sheet.freeze_panes = "A2"
    _printed(sheet, 2)
    sheet.print_title_cols = "A:B"


def _about(sheet: Worksheet, matrix: Matrix) -> None:
    """What this is, and under which id the audit trail has each cell."""
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 60, 90
    rows: list[tuple[str, str]] = [
        (matrix.title, ""),
        ("Prepared by", matrix.by),
        ("Prepared at", moment(matrix.made_at)),
        ("How to read it", CHECKED),
        ("", "The number beside an answer is that of its row in the sheet Sources."),
        ("Records of the audit trail", ""),
    ]
    for document, cells in zip(matrix.documents, matrix.cells, strict=True):
        rows += [
            (f"{document}, question {number}", one.audit_id) for number, one in enumerate(cells, 1) if one.audit_id
        ]
    for row, told in enumerate(rows, 1):
        bold = _font(bold=True, color=_INK) if not told[1] or told[0] == "Records of the audit trail" else None
        for column, words in enumerate(told, 1):
            _put(sheet, row, column, words, bold, _OPEN)
    _printed(sheet)


def _printed(sheet: Worksheet, pages: int = 1) -> None:
    """Landscape, on so many pages side by side, the head on each."""
    _tall(sheet)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = pages, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]
    if sheet.title != "About":
        sheet.print_title_rows = "1:1"
