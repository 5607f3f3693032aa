"""A folder kept in step by the product and by LangChain's `index()`, both embedding by the same cheap rule: what is
measured is finding out what changed."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from api.wiring.connecting import DocumentLibrary, source
from evals.systems.installations import opened
from infra.postgres.pool import Pool
from ingest.chunkers import Chunkers
from ingest.parsers import parse
from ingest.pipeline import IngestPipeline
from ingest.syncing.mapping import MappingFile
from ingest.syncing.running import Sync
from ingest.syncing.types import Connector
from ingest.types import ParsedFile

_DIMENSION = 16
_RULES = '[[rule]]\npath = "**"\nallow = ["group:everyone"]\n'


class FolderSync(Protocol):
    def sync(self) -> Counter[str]:
        """Brings it in step; how many files of each outcome: added, changed, deleted, unchanged."""
        ...


class HashEmbedder:
    name, dimension = "hash", _DIMENSION

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.stack([_vector(text) for text in texts]) if texts else np.zeros((0, _DIMENSION), np.float32)
        return np.asarray(rows, np.float32)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return _vector(text)


class _InProcess:
    def parse(self, data: bytes, name: str) -> ParsedFile:
        return parse(data, name)


class Product:
    """Footnote's sync, parsing in this process as its peer does."""

    def __init__(self, sync: Sync, pool: Pool) -> None:
        self._sync = sync
        self._pool = pool

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """Without waiting for the disk, for a filling that is not measured."""
        self._durable("off")
        try:
            yield
        finally:
            self._durable("on")

    def _durable(self, value: str) -> None:
        with self._pool.connection() as conn:
            conn.execute(f"ALTER SYSTEM SET fsync = {value}".encode())
            conn.execute("SELECT pg_reload_conf()")

    def sync(self) -> Counter[str]:
        with self._sync.state.syncing(self._sync.connector.name):
            found = self._sync.plan()
            counts = Counter(str(report.step) for report in self._sync.apply(found))
        return counts + Counter(unchanged=found.unchanged)


@contextmanager
def product(folder: Path) -> Iterator[Product]:
    temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with temporary as home, opened(home=Path(home), DATABASE_URL="") as parts:
        rules = Path(home) / "rules.toml"
        rules.write_text(_RULES, encoding="utf-8")
        connector = Connector("bench", "folder", {"path": str(folder)}, str(rules))
        parts.connectors.add(connector)
        embedder = HashEmbedder()
        pipeline = IngestPipeline(
            parser=_InProcess(), chunkers=Chunkers(), embedder=embedder, store=parts.documents, publish=lambda: None
        )
        yield Product(
            Sync(
                connector=connector,
                source=source(connector),
                mapping=MappingFile(rules),
                state=parts.connectors,
                library=DocumentLibrary(parts.pool, parts.documents, trail=parts.audit),
                ingest=pipeline.ingest,
                publish=lambda: None,
                max_bytes=1 << 30,
            ),
            parts.pool,
        )


class LangChainIndex:
    """`langchain_core.indexing.index` in its mode "full" with records and vectors in memory, one document a file."""

    def __init__(self, folder: Path) -> None:
        from langchain_core.embeddings import Embeddings
        from langchain_core.indexing import InMemoryRecordManager
        from langchain_core.vectorstores import InMemoryVectorStore

        class Hashed(Embeddings):
            def embed_documents(self, texts: list[str]) -> list[list[float]]:
                return [_vector(text).tolist() for text in texts]

            def embed_query(self, text: str) -> list[float]:
                return [float(value) for value in _vector(text)]

        self._folder = folder
        self._records: Any = InMemoryRecordManager("bench")
        self._records.create_schema()
        self._vectors = InMemoryVectorStore(Hashed())

    def sync(self) -> Counter[str]:
        from langchain_core.indexing import index

        how: dict[str, Any] = {"cleanup": "full", "source_id_key": "source", "key_encoder": "sha256"}
        told = index(self._documents(), self._records, self._vectors, **how)
        return Counter(
            {
                "added": told["num_added"], "changed": told["num_updated"], "deleted": told["num_deleted"],
                "unchanged": told["num_skipped"],
            }
        )  # fmt: skip

    def _documents(self) -> list[Any]:
        from langchain_core.documents import Document

        made = []
        for path in sorted(self._folder.rglob("*.docx")):
            parsed = parse(path.read_bytes(), path.name)
            text = "\n\n".join(element.text for element in parsed.elements)
            made.append(Document(page_content=text, metadata={"source": str(path)}))
        return made


def _vector(text: str) -> NDArray[np.float32]:
    """(dimension,) of unit length, by a digest."""
    drawn = np.frombuffer(hashlib.sha256(text.encode(errors="replace")).digest()[:_DIMENSION], np.uint8)
    row = drawn.astype(np.float32) + 1.0
    return np.asarray(row / np.linalg.norm(row), np.float32)
