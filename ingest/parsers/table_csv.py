"""CSV and its relatives: tables with what stands above them. The standard library keeps every cell as written."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from ingest.errors import DamagedFile
from ingest.parsers.clean import clean, decoded, stem
from ingest.parsers.sheets.layout import elements
from ingest.parsers.sheets.model import Sheet
from ingest.types import FileWarning, ParsedFile, WarningKind

_DELIMITERS = ",;\t|"
_SAMPLE = 1 << 16  # characters looked at for the delimiter
_SAMPLE_ROWS = 60
_LARGEST_CELL = 1 << 24
_TOLD = re.compile(r"\s*\"?sep=(.)\"?[,;\t| ]*(?:\r\n|\r|\n|$)", re.IGNORECASE)  # Excel's own line about the delimiter
_TEXT = re.compile(r'="([^"]*)"')


class CsvParser:
    media_types = frozenset({"text/csv"})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `DamagedFile` for rows that cannot be read as cells."""
        text, warnings = decoded(data)
        text = text.replace("\x00", "").removeprefix("\ufeff")
        csv.field_size_limit(_LARGEST_CELL)
        told = _TOLD.match(text)
        body = text[told.end() :] if told else text
        delimiter = told[1] if told else _delimiter(body)
        sheet, opened = Sheet(""), list[int]()
        try:
            for number, row in enumerate(_rows(body, delimiter, opened), start=2 if told else 1):
                if cells := {at: words for at, cell in enumerate(row, start=1) if (words := _shown(cell))}:
                    sheet.rows[number] = cells
        except csv.Error as error:
            raise DamagedFile(f"{name}: not a readable CSV table ({error}). Export it again.") from error
        if opened:
            line = opened[0] + (1 if told else 0)
            words = (
                f"A quotation mark in line {line} is never closed; each line from there was read as a row. "
                "Compare them with the file."
            )
            warnings = (*warnings, FileWarning(WarningKind.CUT_TABLE, words))
        return ParsedFile(stem(name), "text/csv", tuple(elements(sheet)), warnings=warnings)


def _rows(body: str, delimiter: str, opened: list[int]) -> Iterator[Sequence[str]]:
    """The rows; a cell over several lines that its quotation mark does not end is read line by line, and the first of
    these lines noted down in `opened`."""
    lines = io.StringIO(body, newline="").readlines()
    if '\\"' in body and not _closed(lines, delimiter) and _closed(lines, delimiter, "\\"):
        yield from csv.reader(lines, delimiter=delimiter, skipinitialspace=True, doublequote=False, escapechar="\\")
        return
    rows = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    before = 0
    for row in rows:
        mine = lines[before : rows.line_num]
        if len(mine) > 1 and not _closed(mine, delimiter):
            opened.append(before + 1)
            yield from csv.reader(mine, delimiter=delimiter, skipinitialspace=True, quoting=csv.QUOTE_NONE)
        else:
            yield row
        before = rows.line_num


def _closed(lines: Sequence[str], delimiter: str, escape: str | None = None) -> bool:
    """Whether every quotation mark that opens a cell closes it too. `escape`: the sign before those that do not."""
    spaced = re.compile(rf'"[ \t]+(?={re.escape(delimiter)}|\r?\n?$)')
    tidy = (spaced.sub('"', line) for line in lines)
    try:
        for _ in csv.reader(
            tidy, delimiter=delimiter, skipinitialspace=True, strict=True, doublequote=not escape, escapechar=escape
        ):
            pass
    except csv.Error:
        return False
    return True


def _shown(cell: str) -> str:
    """What Excel shows of a cell: ="001" is how programs keep the zeros of a number."""
    text = clean(cell)
    found = _TEXT.fullmatch(text) if text.startswith("=") else None
    return found[1] if found else text


def _delimiter(text: str) -> str:
    """The separator that divides the rows most evenly, whatever stands above the table; a comma where nothing does."""
    lines = io.StringIO(text[:_SAMPLE], newline="").readlines()[:_SAMPLE_ROWS]

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        usual = max(set(widths) - {1}, key=lambda width: (widths.count(width), width), default=1)
        return (widths.count(usual) if usual > 1 else 0, usual)

    return max(_DELIMITERS, key=evenness)
