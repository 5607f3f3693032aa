"""What a container holds: parts that some parser reads, and a warning for each one that none does."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.errors import IngestError
from ingest.reading.detect import media_type
from ingest.types import FileWarning, Part, WarningKind


def sorted_out(parts: Iterable[Part]) -> tuple[tuple[Part, ...], tuple[FileWarning, ...]]:
    read, warnings = [], []
    for part in parts:
        try:
            media_type(part.data, part.name)
        except IngestError as error:
            told = str(error)
            words = told if part.name in told else f"{part.name}: {told}"
            warnings.append(FileWarning(WarningKind.UNREAD_PART, f"A part was not read. {words}"))
        else:
            read.append(part)
    return tuple(read), tuple(warnings)
