"""An office whose documents come from a source: real PostgreSQL, real parsers, both enforcers asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.wiring.connecting import DocumentLibrary
from infra.connectors.folder import FolderSource
from infra.files.blobs import BlobStore
from infra.postgres.audit import PostgresAudit
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.collections import PostgresCollections
from infra.postgres.connectors import PostgresConnectors
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.head import HeadFile
from infra.postgres.pool import Pool
from infra.postgres.segments import PostgresSegments
from ingest.chunkers import Chunkers
from ingest.parsers import parse
from ingest.pipeline import IngestPipeline
from ingest.syncing.mapping import MappingFile
from ingest.syncing.running import Sync
from ingest.syncing.types import Connector, ItemReport
from ingest.types import document_id
from retrieval.index.access import AccessIndex
from retrieval.types import Principal

RULES = """
[[rule]]
path = "legal/**"
allow = ["group:legal"]
[[rule]]
path = "hr/**"
allow = ["group:hr"]
"""


class Counted:
    """The real parsers and an embedder; each call is counted, and `before` may do something at the first one."""

    name, dimension = "count", 4

    def __init__(self) -> None:
        self.parsed = self.embedded = 0
        self.before: Callable[[str], None] = lambda name: None

    def parse(self, data: bytes, name: str) -> Any:
        self.parsed += 1
        self.before(name)
        return parse(data, name)

    def embed_documents(self, texts: Any) -> Any:
        self.embedded += len(texts)
        return np.ones((len(texts), 4), np.float32)

    def embed_query(self, text: str) -> Any:
        raise NotImplementedError


class Office:
    def __init__(self, pool: Pool, folder: Path, *, fresh: bool = True) -> None:
        if fresh:
            HeadFile(folder / "audit" / "head.json", b"k" * 32).begin()
        self.pool = pool
        self.trail = PostgresAudit(pool, b"k" * 32, folder / "audit" / "head.json")
        self.store = PostgresDocumentStore(pool, BlobStore(folder / "blobs"), trail=self.trail)
        self.state = PostgresConnectors(pool, trail=self.trail)
        self.collections = PostgresCollections(pool, trail=self.trail)
        self.library = DocumentLibrary(pool, self.store, trail=self.trail)
        self.catalog = PostgresCatalog(pool)
        self.index = AccessIndex(self.catalog, PostgresSegments(pool), folder / "segments", dimension=4)
        self.work = Counted()
        self.pipeline = IngestPipeline(
            parser=self.work, chunkers=Chunkers(), embedder=self.work, store=self.store, publish=lambda: None
        )
        self.root, self.mapping = folder / "share", folder / "rules.toml"
        if fresh:
            self.root.mkdir()
            self.rules(RULES)
        self.source: Any = FolderSource(self.root)
        self.connector = Connector("share", "folder", {"path": str(self.root)}, str(self.mapping))
        self.published = 0

    def added(self, **changed: Any) -> Office:
        """With its connector, perhaps of another kind or in a collection."""
        fields = {name: getattr(self.connector, name) for name in ("name", "kind", "options", "mapping", "collection")}
        self.connector = Connector(**{**fields, **changed})
        self.state.add(self.connector)
        return self

    def rules(self, text: str) -> None:
        self.mapping.write_text(text, encoding="utf-8")

    def write(self, key: str, text: str = "The rent is 500 euros.") -> Path:
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def of(self, source: Any = None) -> Sync:
        return Sync(
            self.connector, source or self.source, MappingFile(self.mapping), self.state, self.library,
            self.pipeline.ingest, self._publish, 1 << 20,
        )  # fmt: skip

    def _publish(self) -> None:
        self.published += 1

    def sync(self, **how: bool) -> list[ItemReport]:
        return list(self.of().run(**how))

    def steps(self, **how: bool) -> list[tuple[str, str]]:
        return sorted((report.key, str(report.step)) for report in self.sync(**how))

    def seen(self, user: str, *groups: str, shut: str = "") -> list[str]:
        """The keys that a person sees, by row-level security and by the index, which must agree."""
        asker = Principal(user, frozenset(groups), frozenset(shut.split()))
        while True:
            before = self.catalog.generation()
            listed = {info.source: info.document_id for info in self.store.list(asker)}
            parts = self.index.view(asker).segments
            if self.catalog.generation() == before:  # else something changed between the two
                break
        found = {bytes(id_).ljust(16, b"\0").hex() for part in parts for id_ in part.segment.slot_documents[part.slots]}
        assert found == {id_.replace("-", "") for id_ in listed.values()}
        return sorted(source.removeprefix(f"{self.connector.name}:/") for source in listed)

    def version(self, key: str) -> int:
        stored = self.store.find(self.connector.source_of(key))
        assert stored is not None
        return stored.version

    def id_of(self, key: str) -> str:
        return document_id(self.connector.source_of(key))

    def actions(self) -> list[str]:
        rows = [json.loads(row.record) for row in reversed(self.trail.show(limit=1000))]
        return [row["action"] for row in rows if row.get("kind") == "change"]


@pytest.fixture
def office(fresh_database: Pool, tmp_path: Path) -> Office:
    return Office(fresh_database, tmp_path)
