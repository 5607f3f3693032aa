"""Small chunks, which are searched, each with the larger span around it, which is shown where it is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ingest.chunkers.pieces import Cutter, Piece, chunk, runs
from ingest.chunkers.sentences import sentences
from ingest.types import Chunk, Document


class SmallToBigChunker:
    """Sentences and rows up to a few hundred characters, within the chunks that structure makes. A short one of those
    stays whole and has no parent."""

    def __init__(
        self, *, target_chars: int = 800, max_chars: int = 1200, small_target: int = 200, small_max: int = 400
    ) -> None:
        self._big, self._small = Cutter(target_chars, max_chars), Cutter(small_target, small_max)

    def chunks(self, document: Document) -> tuple[Chunk, ...]:
        found: list[Chunk] = []
        for group in self._big.groups(self._big.pieces(document)):
            parent = (group[0].start, group[-1].end)
            smaller = list(self._groups(document.text, group))
            found += [
                chunk(document, len(found) + at, small, parent if len(smaller) > 1 else None)
                for at, small in enumerate(smaller)
            ]
        return tuple(found)

    def _groups(self, text: str, group: list[Piece]) -> Iterator[list[Piece]]:
        if group[-1].end - group[0].start <= self._small.limit:
            yield group
            return
        for run in runs(one for piece in group for one in self._smaller(text, piece)):
            yield from self._small.packed(run)

    def _smaller(self, text: str, piece: Piece) -> Iterator[Piece]:
        """The sentences or rows of a piece."""
        own = text[piece.start : piece.end]
        if piece.is_heading:
            yield piece
        elif piece.is_table:
            header = piece.table_header or self._small.header(own)
            for start, end in self._small.rows(own):
                above = header if start or piece.table_header else ""
                yield replace(piece, start=piece.start + start, end=piece.start + end, table_header=above)
        else:
            for first, last in sentences(own):
                for start, end in self._small.split(own[first:last]):
                    yield replace(piece, start=piece.start + first + start, end=piece.start + first + end)
