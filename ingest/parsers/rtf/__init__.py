"""Rich Text (RTF 1.9): a reader of its own, as hidden, struck-out, raised and noted words have to be told apart."""

from __future__ import annotations

from ingest.parsers.clean import stem
from ingest.parsers.rtf.reader import html_of, read
from ingest.reading.detect import RTF
from ingest.types import ParsedFile

__all__ = ["RtfParser", "html_of", "read"]


class RtfParser:
    media_types = frozenset({RTF})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `DamagedFile`."""
        elements, title, warnings = read(data)
        return ParsedFile(title or stem(name), RTF, elements, warnings=warnings)
