"""Chunks by structure."""

from __future__ import annotations

from ingest.chunkers.pieces import Cutter, chunk
from ingest.types import Chunk, Document


class StructureChunker:
    """A chunk never crosses a heading, and a table stays whole while it fits.

    `target_chars` is where a chunk is closed, `max_chars` what no chunk exceeds except an unbreakable
    word. A heading opens the chunk of the text below it. A long table is split between rows, and the
    later parts carry its first row as `table_header`.
    """

    def __init__(self, *, target_chars: int = 800, max_chars: int = 1200) -> None:
        self.cutter = Cutter(target_chars, max_chars)

    def chunks(self, document: Document) -> tuple[Chunk, ...]:
        """Chunks in reading order; together they cover every element exactly once."""
        groups = self.cutter.groups(self.cutter.pieces(document))
        return tuple(chunk(document, ordinal, group) for ordinal, group in enumerate(groups))
