"""An index beside the one that documents are ingested into, kept in step with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ingest.chunking import assemble
from ingest.errors import DamagedFile, IngestError, ParseTimeout, ServiceStopping
from ingest.protocols import Behind, BesideStore, Chunkers, Embedder
from ingest.types import Chunk, Chunking, ChunkingKind, Document, ParsedFile

_BATCH = 16  # contents that are read from the store at a time
_TRIES = 2  # it could be read before: whatever else runs may have killed the parser
_AT_ONCE = 32  # chunks that are embedded before the next look at whether to stop


@dataclass(frozen=True, slots=True)
class Follower:
    """Chunks and embeds what an index beside does not hold yet. Stop at any moment and run again: what is stored is
    not made again, and two that run at once store the same.

    Args:
        chunkers, base: what the documents of which nobody said anything are cut by here, and there. `same_cuts`: alike.
        content: the original of a sha256; parsed: its words. Both raise `IngestError`.
    """

    store: BesideStore
    chunkers: Chunkers
    base: Chunkers
    embedder: Embedder
    content: Callable[[str], bytes]
    parsed: Callable[[bytes, str], ParsedFile]
    same_cuts: bool
    stopped: threading.Event

    def follow(self, ids: Sequence[str] | None = None, *, told: Callable[[int], None] = lambda done: None) -> int:
        """How many contents were stored; `told` after each."""
        done, last = 0, None
        while batch := self.store.behind(ids, last, _BATCH):
            for last in batch:
                try:
                    chunks, cut_by = self._chunks(last)
                    embeddings = self._vectors([chunk.indexed_text for chunk in chunks])
                except ServiceStopping:
                    return done
                done += self.store.put(last, chunks, embeddings, cut_by)
                told(done)
        return done

    def ahead(self, document: Document, usual: Sequence[Chunk], chunking: Chunking) -> None:
        """Before a new version of a document is stored, so that the document is found all the time."""
        if (one := self.store.ahead(document, usual, chunking)) is None:
            return
        chunks, cut_by = self._cut_anew(document, chunking) if self._cuts(chunking) else (usual, chunking)
        self.store.put(one, chunks, self._vectors([chunk.indexed_text for chunk in chunks]), cut_by, ahead=True)

    def _cuts(self, chunking: Chunking) -> bool:
        """Whether what was cut so is cut anew here."""
        return not self.same_cuts or chunking.summary or chunking.kind is ChunkingKind.SEMANTIC

    def _chunks(self, one: Behind) -> tuple[Sequence[Chunk], Chunking]:
        """Cut from the original; as they are there where both ways cut alike, and where today's rules do not find the
        words that are stored, or the original is gone: those must be found here too."""
        if self._cuts(one.chunking):
            for _ in range(_TRIES):
                try:
                    return self._cut(one)
                except IngestError as error:
                    self._go_on()  # a parser that was stopped says that the file is damaged
                    if not isinstance(error, DamagedFile | ParseTimeout):
                        break
        return self.store.chunks(one), one.chunking

    def _cut(self, one: Behind) -> tuple[Sequence[Chunk], Chunking]:
        parsed = self.parsed(self.content(one.content_sha256), one.name)
        said = one.language if one.language_set else ""
        document = assemble(parsed, source=one.source, content_sha256=one.content_sha256, language=said)
        if document.text != one.text:
            raise IngestError(f"{one.name}: today's rules read other words in it than are stored.")
        return self._cut_anew(replace(document, reading=one.reading), one.chunking)

    def _cut_anew(self, document: Document, before: Chunking) -> tuple[Sequence[Chunk], Chunking]:
        chunking = self.chunkers.chosen(document) if before == self.base.chosen(document) else before
        if not (chunks := self.chunkers.chunks(document, chunking, self._vectors)):
            raise IngestError(f"{document.title}: no chunk is left of it.")
        return chunks, chunking

    def _vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dimension) float32, a row a text."""
        rows = [np.zeros((0, self.embedder.dimension), np.float32)]
        for start in range(0, len(texts), _AT_ONCE):
            self._go_on()
            rows.append(self.embedder.embed_documents(texts[start : start + _AT_ONCE]))
        return np.concatenate(rows)

    def _go_on(self) -> None:
        if self.stopped.is_set():
            raise ServiceStopping("Stopped; what is stored of the index stays.")
