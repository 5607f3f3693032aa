"""Originals that were read by older rules, read again by today's; and those that are to be chunked otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ingest.chunking import assemble
from ingest.errors import EmptyFile, ServiceStopping
from ingest.protocols import ReadAgain, Reading, Rereading
from ingest.types import Author, Chunk, Chunking, Document, FileWarning, ParsedFile, Part

Unpacked: TypeAlias = Callable[[str, Sequence[Part], Author, Chunking | None], None]
_TRIES = 5  # somebody else may add a version meanwhile


@dataclass(frozen=True, slots=True)
class RereadReport:
    """What became of one document. `corrected`: the versions whose words came out otherwise, with the version that
    corrects each; `version`: the current one. `rechunked`: how many chunks it has now, where it was to be chunked
    otherwise than before. `code` and `reason` say why it could not be read, for a person."""

    document_id: str
    source: str
    version: int = 0
    corrected: Mapping[int, int] | None = None
    warnings: tuple[FileWarning, ...] = ()
    code: str = ""
    reason: str = ""
    rechunked: int = 0


@dataclass(frozen=True, slots=True)
class Rereader:
    """Idempotent: what was read by today's rules costs one look-up. `unpacked` stores the files that are found in the
    file of this source, before it counts as read; with a kind of chunking, those that are stored are cut by it too."""

    store: Rereading
    parsed: Callable[[bytes, str], ParsedFile]
    chunked: Callable[[Document, Chunking], Sequence[Chunk]]
    embedded: Callable[[Sequence[Chunk]], NDArray[np.float32]]
    unpacked: Unpacked

    def document(
        self, document_id: str, author: Author, chunking: Chunking | None = None, *, inside: bool = False
    ) -> RereadReport:
        """All versions of a document that are behind, in one step; raises `IngestError`.

        `chunking`: of the current version from now on. Others keep theirs; chunks of one content are the same in all
        versions that have it. `inside`: of the files in it too; whoever sends the file again goes through them anyway.
        """
        for _ in range(_TRIES):
            source, readings = self.store.readings(document_id)
            current = readings[-1].version if readings else 0
            if readings and chunking is not None:
                sought = readings[-1].read_as
                others = [one for one in readings if one.read_as == sought and one.chunking != chunking]
            else:
                others = []
            waiting = [one for one in readings if one.behind or one in others]
            if not waiting:
                return RereadReport(document_id, source, current)
            files: dict[str, ParsedFile] = {}
            kinds = {one.version: chunking for one in others}
            found = {
                one.version: self._again(source, one, files, kinds.get(one.version) or one.chunking) for one in waiting
            }
            parts = files[readings[-1].content_sha256].parts if current in found else ()
            within = chunking if inside else None
            if parts and (readings[-1].behind or within is not None):
                self.unpacked(source, parts, author, within)
            corrected = self.store.reread(document_id, readings, found, author=author)
            if corrected is not None:
                newest = max((current, *corrected.values()))
                warnings = found[current].document.warnings if current in found else ()
                chunks = len(found[current].chunks) if current in kinds else 0
                changed = _changed(readings, found, corrected)
                return RereadReport(document_id, source, newest, changed, warnings, rechunked=chunks)
        raise ServiceStopping(f"{source} changes all the time; it was not read again. Run the command again.")

    def _again(self, source: str, reading: Reading, files: dict[str, ParsedFile], chunking: Chunking) -> ReadAgain:
        sha256 = reading.content_sha256
        if sha256 not in files:
            files[sha256] = self.parsed(self.store.content(sha256), reading.name)
        said = reading.language if reading.language_set else ""
        document = assemble(files[sha256], source=source, content_sha256=sha256, language=said)
        if document.text == reading.text:  # then its chunks keep their ids
            document = replace(document, reading=reading.read_as)
        chunks = self.chunked(document, chunking)
        if not chunks:
            raise EmptyFile(f"{reading.name}: today's rules find no text in the file; what was read before stays.")
        known = document.text == reading.text and self.store.unchanged(reading, document, chunks)
        return ReadAgain(document, chunks, None if known else self.embedded(chunks), chunking)


def _changed(
    readings: Sequence[Reading], found: Mapping[int, ReadAgain], corrected: Mapping[int, int]
) -> dict[int, int]:
    """Without those that merely come again in their order."""
    texts = {one.version: one.text for one in readings}
    return {old: new for old, new in corrected.items() if old in found and found[old].document.text != texts[old]}
