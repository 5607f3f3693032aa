"""CSV and its relatives: one table. The standard library keeps every cell as written; pandas would retype them."""

from __future__ import annotations

import csv
import io

from ingest.errors import DamagedFile
from ingest.parsers.clean import decode, rows_to_text, stem
from ingest.types import Element, ElementKind, ParsedFile

_DELIMITERS = ",;\t|"
_SAMPLE = 1 << 16  # characters looked at for the delimiter
_LARGEST_CELL = 1 << 24


class CsvParser:
    media_types = frozenset({"text/csv"})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `DamagedFile` for rows that cannot be read as cells."""
        text = decode(data).replace("\x00", "")
        csv.field_size_limit(_LARGEST_CELL)
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
        except csv.Error as error:
            raise DamagedFile(f"{name}: not a readable CSV table ({error}). Export it again.") from error
        table = rows_to_text(rows)
        return ParsedFile(stem(name), "text/csv", (Element(ElementKind.TABLE, table),) if table else ())


def _delimiter(text: str) -> str:
    """The separator that divides the first rows most evenly; a comma where nothing does."""
    lines = io.StringIO(text[:_SAMPLE], newline="").readlines()[:20]

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) if usual > 1 else 0, usual)

    return max(_DELIMITERS, key=evenness)
