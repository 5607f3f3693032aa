"""Evidence to citations: a span resolved to bytes of an immutable version, with its page and boxes."""

from __future__ import annotations

from collections.abc import Sequence

from generation.errors import UnresolvedCitation
from generation.types import Citation, Evidence
from ingest.types import Box, LineBox


def resolve(evidence: Evidence, number: int, text: str, lines: Sequence[LineBox]) -> Citation:
    """The citation with id `number`, checked against the version's canonical text; raises `UnresolvedCitation`."""
    if text[evidence.start : evidence.end] != evidence.quote or not evidence.quote:
        raise UnresolvedCitation(f"characters {evidence.start}-{evidence.end} are not the quoted words")
    chunk = evidence.passage.chunk
    boxes = boxes_of(lines, evidence.start, evidence.end)
    return Citation(
        id=number,
        document_id=chunk.document_id,
        version=chunk.version,
        content_sha256=chunk.content_sha256,
        title=chunk.title,
        source=chunk.source,
        section_path=chunk.section_path,
        page=boxes[0].page if boxes else chunk.page,
        start=evidence.start,
        end=evidence.end,
        quote=evidence.quote,
        boxes=boxes,
    )


def boxes_of(lines: Sequence[LineBox], start: int, end: int) -> tuple[Box, ...]:
    """The boxes of the printed lines that hold any of the characters [start, end)."""
    return tuple(line.box for line in lines if line.start < end and start < line.end)
