"""CSV and its relatives: tables with what stands above them. The standard library keeps every cell as written."""

from __future__ import annotations

import csv
import io
import re

from ingest.errors import DamagedFile
from ingest.parsers.clean import clean, decode, stem
from ingest.parsers.sheets.layout import elements
from ingest.parsers.sheets.model import Sheet
from ingest.types import ParsedFile

_DELIMITERS = ",;\t|"
_SAMPLE = 1 << 16  # characters looked at for the delimiter
_SAMPLE_ROWS = 60
_LARGEST_CELL = 1 << 24
_TOLD = re.compile(r"\s*\"?sep=(.)\"?[,;\t| ]*(?:\r\n|\r|\n|$)", re.IGNORECASE)  # Excel's own line about the delimiter


class CsvParser:
    media_types = frozenset({"text/csv"})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `DamagedFile` for rows that cannot be read as cells."""
        text = decode(data).replace("\x00", "").removeprefix("\ufeff")
        csv.field_size_limit(_LARGEST_CELL)
        told = _TOLD.match(text)
        body = text[told.end() :] if told else text
        delimiter = told[1] if told else _delimiter(body)
        sheet = Sheet("")
        try:
            rows = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, skipinitialspace=True)
            for number, row in enumerate(rows, start=2 if told else 1):
                if cells := {at: words for at, cell in enumerate(row, start=1) if (words := clean(cell))}:
                    sheet.rows[number] = cells
        except csv.Error as error:
            raise DamagedFile(f"{name}: not a readable CSV table ({error}). Export it again.") from error
        return ParsedFile(stem(name), "text/csv", tuple(elements(sheet)))


def _delimiter(text: str) -> str:
    """The separator that divides the rows most evenly, whatever stands above the table; a comma where nothing does."""
    lines = io.StringIO(text[:_SAMPLE], newline="").readlines()[:_SAMPLE_ROWS]

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        usual = max(set(widths) - {1}, key=lambda width: (widths.count(width), width), default=1)
        return (widths.count(usual) if usual > 1 else 0, usual)

    return max(_DELIMITERS, key=evenness)
