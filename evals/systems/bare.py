"""Documents and search of one process without models but an embedder: what is measured at size."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from infra.files.blobs import BlobStore
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.chunks import PostgresChunkReader
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.migrate import migrate
from infra.postgres.pool import Pool, open_pool
from infra.postgres.segments import PostgresSegments
from infra.postgres.server import embedded_server
from ingest.protocols import Embedder
from ingest.types import Chunk, Document, chunk_id
from retrieval.index.access import AccessIndex
from retrieval.search.hybrid import HybridSearch
from retrieval.types import Principal, SearchOptions

OPTIONS = SearchOptions(rerank=0, hyde="off", understand=False)


class BareInstallation:
    """PostgreSQL, documents, and the search of one process."""

    def __init__(self, pool: Pool, home: Path, embedder: Embedder) -> None:
        self.documents = PostgresDocumentStore(pool, BlobStore(home / "blobs"))
        self.index = AccessIndex(
            PostgresCatalog(pool), PostgresSegments(pool), home / "segments", dimension=embedder.dimension
        )
        self._search = HybridSearch(self.index, PostgresChunkReader(pool), embedder, None, OPTIONS)

    def sources(self, query: str, principal: Principal) -> set[str]:
        """Of the documents among the first ten hits."""
        return {hit.chunk.source for hit in self._search.search_now(query, principal, 10).hits}

    def add(self, source: str, texts: Sequence[str], vectors: NDArray[np.float32], allow: frozenset[str]) -> str:
        """Stores a document of these chunks, `vectors` (n, dimension); returns its id."""
        document, chunks, original = _document(source, texts)
        self.documents.add_version(document, chunks, vectors, allow, original)
        return document.id


@contextmanager
def two_processes(embedder: Embedder) -> Iterator[tuple[BareInstallation, BareInstallation]]:
    """Two that share a database and a folder, each with an index of its own, until the end of the block."""
    with ExitStack() as stack:
        folder = tempfile.TemporaryDirectory(prefix="footnote-scale-", ignore_cleanup_errors=True)
        home = Path(stack.enter_context(folder))
        server = stack.enter_context(embedded_server(home))
        first, second = (stack.enter_context(open_pool(server.url)) for _ in range(2))
        migrate(first)
        yield BareInstallation(first, home, embedder), BareInstallation(second, home, embedder)


def _document(source: str, texts: Sequence[str]) -> tuple[Document, list[Chunk], bytes]:
    """A document whose chunks are these texts, joined by blank lines."""
    text = "\n\n".join(texts)
    original = f"{source}\0{text}".encode()
    digest = hashlib.sha256(original).hexdigest()
    document = Document(source, source, "text/plain", digest, text, ())
    chunks, start = [], 0
    for ordinal, part in enumerate(texts):
        end = start + len(part)
        identity = chunk_id(document.id, digest, start, end)
        chunks.append(Chunk(identity, document.id, ordinal, start, end, part, source))
        start = end + 2
    return document, chunks, original
