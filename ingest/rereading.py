"""Originals that were read by older rules, read again by today's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ingest.chunking import Chunker, assemble
from ingest.errors import EmptyFile, ServiceStopping
from ingest.protocols import ReadAgain, Reading, Rereading
from ingest.types import Author, Chunk, FileWarning, ParsedFile, Part

_TRIES = 5  # somebody else may add a version meanwhile


@dataclass(frozen=True, slots=True)
class RereadReport:
    """What became of one document. `corrected`: the versions whose words came out otherwise, with the version that
    corrects each; `version`: the current one. `code` and `reason` say why it could not be read, for a person."""

    document_id: str
    source: str
    version: int = 0
    corrected: Mapping[int, int] | None = None
    warnings: tuple[FileWarning, ...] = ()
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rereader:
    """Idempotent: what was read by today's rules costs one look-up. `unpacked` stores the files that are found in the
    file of this source, before it counts as read."""

    store: Rereading
    parsed: Callable[[bytes, str], ParsedFile]
    chunker: Chunker
    embedded: Callable[[Sequence[Chunk]], NDArray[np.float32]]
    unpacked: Callable[[str, Sequence[Part], Author], None]

    def document(self, document_id: str, author: Author) -> RereadReport:
        """All versions of a document, in one step; raises `IngestError`."""
        for _ in range(_TRIES):
            source, readings = self.store.readings(document_id)
            current = readings[-1].version if readings else 0
            if not any(one.behind for one in readings):
                return RereadReport(document_id, source, current)
            files: dict[str, ParsedFile] = {}
            found = {one.version: self._again(source, one, files) for one in readings if one.behind}
            if readings[-1].behind and (parts := files[readings[-1].content_sha256].parts):
                self.unpacked(source, parts, author)
            corrected = self.store.reread(document_id, readings, found, author=author)
            if corrected is not None:
                newest = max((current, *corrected.values()))
                warnings = found[current].document.warnings if current in found else ()
                return RereadReport(document_id, source, newest, _changed(readings, found, corrected), warnings)
        raise ServiceStopping(f"{source} changes all the time; it was not read again. Run the command again.")

    def _again(self, source: str, reading: Reading, files: dict[str, ParsedFile]) -> ReadAgain:
        sha256 = reading.content_sha256
        if sha256 not in files:
            files[sha256] = self.parsed(self.store.content(sha256), reading.name)
        said = reading.language if reading.language_set else ""
        document = assemble(files[sha256], source=source, content_sha256=sha256, language=said)
        if document.text == reading.text:  # then its chunks keep their ids
            document = replace(document, reading=reading.read_as)
        chunks = self.chunker.chunks(document)
        if not chunks:
            raise EmptyFile(f"{reading.name}: today's rules find no text in the file; what was read before stays.")
        known = document.text == reading.text and self.store.unchanged(reading, document, chunks)
        return ReadAgain(document, chunks, None if known else self.embedded(chunks))


def _changed(
    readings: Sequence[Reading], found: Mapping[int, ReadAgain], corrected: Mapping[int, int]
) -> dict[int, int]:
    """Without those that merely come again in their order."""
    texts = {one.version: one.text for one in readings}
    return {old: new for old, new in corrected.items() if old in found and found[old].document.text != texts[old]}
