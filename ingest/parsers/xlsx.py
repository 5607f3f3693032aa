"""Excel workbooks with openpyxl: unstructured's reader loses number formats, hidden rows and sheet boundaries."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from ingest.errors import DamagedFile
from ingest.parsers.clean import clean, rows_to_text, sensible_title, stem
from ingest.reading.detect import XLSX, check_zip
from ingest.types import Element, ElementKind, ParsedFile

_QUOTED = re.compile(r'"([^"]*)"|\[[^\]]*\]|\\(.)|_.|\*.')
_CURRENCY = re.compile(r"[$€£¥₹]")
_LAST_COLUMN = 16_384


class XlsxParser:
    media_types = frozenset({XLSX})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `DamagedFile`, and what `check_zip` raises. Formulas give the values saved with them."""
        import openpyxl
        from openpyxl.utils.exceptions import InvalidFileException

        check_zip(data)
        try:
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, SyntaxError) as error:
            raise DamagedFile(f"{name}: damaged; not a readable workbook. Save it again in Excel.") from error
        elements = [element for sheet in book.worksheets for element in _sheet(sheet)]
        return ParsedFile(sensible_title(book.properties.title) or stem(name), XLSX, tuple(elements))


def _sheet(sheet: Any) -> Iterator[Element]:
    """A heading and one table for each block of rows between blank ones; nothing of hidden or empty sheets."""
    blocks = list(_blocks(sheet)) if sheet.sheet_state == "visible" else []
    if not blocks:
        return
    yield Element(ElementKind.HEADING, clean(sheet.title) or "Sheet", level=1)
    for block in blocks:
        text = rows_to_text(block)
        yield Element(ElementKind.TABLE if " | " in text else ElementKind.PARAGRAPH, text)


def _blocks(sheet: Any) -> Iterator[list[list[str]]]:
    """Visible cells as text. Only cells that exist are visited: a sheet may claim 17 thousand million."""
    rows: dict[int, dict[int, str]] = defaultdict(dict)
    hidden_columns = _hidden_columns(sheet)
    for (row, column), cell in sorted(sheet._cells.items()):
        if column not in hidden_columns and not sheet.row_dimensions[row].hidden:
            text = clean(shown(cell.value, cell.number_format))
            if text:
                rows[row][column] = text
    _repeat_merged(sheet, rows)
    block: list[dict[int, str]] = []
    last = None
    for row, cells in sorted(rows.items()):
        if last is not None and row > last + 1:
            yield _filled(block)
            block = []
        block.append(cells)
        last = row
    if block:
        yield _filled(block)


def _filled(block: list[dict[int, str]]) -> list[list[str]]:
    """Rows of equal width over the columns that hold anything."""
    columns = sorted({column for cells in block for column in cells})
    return [[cells.get(column, "") for column in columns] for cells in block]


def _hidden_columns(sheet: Any) -> set[int]:
    spans = [size for size in sheet.column_dimensions.values() if size.hidden]
    return {column for size in spans for column in range(size.min, min(size.max, _LAST_COLUMN) + 1)}


def _repeat_merged(sheet: Any, rows: dict[int, dict[int, str]]) -> None:
    """A cell merged downwards is repeated in every row of it that holds anything."""
    for area in sheet.merged_cells.ranges:
        text = rows.get(area.min_row, {}).get(area.min_col)
        for row in [row for row in rows if area.min_row < row <= area.max_row and text]:
            rows[row][area.min_col] = str(text)


def shown(value: object, number_format: str) -> str:
    """A cell's value much as Excel shows it: ISO dates, percentages, thousands and currency signs."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time.min
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number(value, number_format.split(";")[0])
    return str(value)


def _number(value: float, number_format: str) -> str:
    plain = _QUOTED.sub("", number_format)
    places = len(match[1]) if (match := re.search(r"\.(0+)", plain)) else 0
    if "%" in plain:
        return f"{value * 100:.{places}f}%"
    if "E+" in plain or not re.search(r"[0#]", plain):
        return f"{value:.15g}" if isinstance(value, float) else str(value)
    grouping = "," if "," in plain else ""
    sign = currency[0] if (currency := _CURRENCY.search(number_format)) else ""
    text = f"{abs(value):{grouping}.{places}f}"
    return f"{'-' if value < 0 and text.strip('0.,') else ''}{sign}{text}"
