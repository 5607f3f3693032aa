"""Passages that everybody may read, in memory: the product's search without PostgreSQL and files."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ingest.protocols import Embedder
from ingest.types import Chunk, chunk_id, document_id
from retrieval.index.segment import build
from retrieval.index.view import View, make_view
from retrieval.protocols import PassageWriter, Reranker
from retrieval.search.hybrid import HybridSearch
from retrieval.types import DOCUMENT, ChunkText, IndexRow, Principal, SearchOptions

READER = Principal("bench")


class Shelf:
    """Takes the place of `AccessIndex` and of the chunk reader; all chunks of a document must come side by side.
    `indexed`: by chunk id what is indexed, where that is more than the chunk itself knows."""

    def __init__(
        self, chunks: Sequence[ChunkText], embedder: Embedder, indexed: Mapping[str, str] | None = None
    ) -> None:
        self.chunks = {chunk.chunk_id: chunk for chunk in chunks}
        self._indexed = {name: chunk.indexed_text for name, chunk in self.chunks.items()} | dict(indexed or {})
        vectors = embedder.embed_documents([self._indexed[name] for name in self.chunks])
        segment = build("shelf", self._rows(vectors), embedder.dimension)
        self._view = make_view([segment], [np.ones(len(segment.slot_keys), np.bool_)], "shelf")

    def search(
        self, embedder: Embedder, reranker: Reranker, options: SearchOptions, writer: PassageWriter | None = None
    ) -> HybridSearch:
        """The product's search over this shelf."""
        return HybridSearch(self, self, embedder, reranker, options, writer)

    def view(self, principal: Principal, as_of: date | None = None, groups: frozenset[str] | None = None) -> View:
        return self._view if groups is None or "everyone" in groups else self._view.within(np.zeros(0, DOCUMENT))

    def without(self, names: Sequence[str]) -> None:
        """Never needed: its one segment is in this process."""

    def read(self, chunk_ids: Sequence[str], principal: Principal, as_of: date | None = None) -> Sequence[ChunkText]:
        return [self.chunks[name] for name in chunk_ids if name in self.chunks]

    def parent(self, chunk: ChunkText, principal: Principal) -> ChunkText | None:
        return None

    def neighbours(self, chunk: ChunkText, principal: Principal, reach: int) -> Sequence[ChunkText]:
        return [
            other
            for other in self.chunks.values()
            if other.document_id == chunk.document_id and abs(other.ordinal - chunk.ordinal) <= reach
        ]

    def holding(
        self, chunk: ChunkText, principal: Principal, words: Sequence[str], limit: int = 32
    ) -> Sequence[ChunkText]:
        around = self.neighbours(chunk, principal, 1 << 30)
        return [other for other in around if holds(other, words)][:limit]

    def _rows(self, vectors: NDArray[np.float32]) -> Iterator[tuple[IndexRow, NDArray[np.float32]]]:
        for chunk, vector in zip(self.chunks.values(), vectors, strict=True):
            key = uuid.UUID(chunk.document_id).bytes + hashlib.sha256(chunk.content_sha256.encode()).digest()
            yield IndexRow(chunk.chunk_id, key, self._indexed[chunk.chunk_id]), vector


def holds(chunk: ChunkText, words: Sequence[str]) -> bool:
    """Whether the text or last heading of a chunk holds one of the words, as `ChunkReader.holding` means it."""
    text = f"{chunk.section_path[-1] if chunk.section_path else ''} {chunk.text}".lower()
    return any(word.lower() in text for word in words)


def passage(source: str, title: str, text: str) -> ChunkText:
    """A passage that is a document of its own, as one chunk."""
    owner, content = document_id(source), hashlib.sha256(f"{title}\0{text}".encode()).hexdigest()
    identity = chunk_id(owner, content, 0, len(text))
    return ChunkText(identity, owner, 1, content, title, source, 0, 0, len(text), text, (), None)


def readable(chunks: Iterable[Chunk], source: str, content_sha256: str) -> Iterator[ChunkText]:
    """Chunks as the store would give them back."""
    for chunk in chunks:
        yield ChunkText(
            chunk_id=chunk.id,
            document_id=chunk.document_id,
            version=1,
            content_sha256=content_sha256,
            title=chunk.title,
            source=source,
            ordinal=chunk.ordinal,
            start=chunk.start,
            end=chunk.end,
            text=chunk.text,
            section_path=chunk.section_path,
            page=chunk.page,
            table_header=chunk.table_header,
        )
