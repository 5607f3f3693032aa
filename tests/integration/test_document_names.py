"""Names of documents in PostgreSQL: stored with the version, gone with it, derived for what is older."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from api.wiring.naming import name_documents
from infra.files.blobs import BlobStore
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.pool import Pool, connection
from ingest.chunkers.structure import StructureChunker
from ingest.chunking import assemble
from ingest.types import OPERATOR, Document, Element, ElementKind, Name, ParsedFile

ALL = frozenset({"group:everyone"})


def stored(store: PostgresDocumentStore, source: str, party: str) -> Document:
    """One version of a contract with this party."""
    body = f"This Lease is made between {party}, Inc. and Heron Estates LLC. Rent is 500 euros."
    title = Element(ElementKind.TITLE, "LEASE", 0, 1)
    parsed = ParsedFile("final3", "application/pdf", (title, Element(ElementKind.PARAGRAPH, body, 0, 1)), 1)
    sha256 = hashlib.sha256(body.encode()).hexdigest()
    document = assemble(parsed, source=source, content_sha256=sha256)
    chunks = StructureChunker().chunks(document)
    store.add_version(document, chunks, np.ones((len(chunks), 4), np.float32), ALL, body.encode())
    return document


@pytest.fixture
def store(fresh_database: Pool, tmp_path: Path) -> PostgresDocumentStore:
    return PostgresDocumentStore(fresh_database, BlobStore(tmp_path))


def names(pool: Pool) -> list[tuple[Name, ...] | None]:
    """Of every current version, by document, without what its facts add."""
    catalog = PostgresCatalog(pool)
    keys = sorted(key.ljust(48, b"\0") for key in catalog.changes(-1).versions.keys.tolist())
    found = catalog.names(keys)
    return [one and tuple(name for name in one if name.origin != "fact") for one in found]


def test_names_come_with_the_version_and_go_with_it(store: PostgresDocumentStore, fresh_database: Pool) -> None:
    document = stored(store, "files/a.pdf", "Kestrel Robotics")
    assert document.title == "LEASE"
    assert "Kestrel Robotics, Inc." in {name.text for name in document.names}
    kept = Name("media type", document.media_type, document.media_type, "file")
    assert names(fresh_database) == [(*document.names, kept)]
    assert store.unnamed(10, 1000) == ()
    store.delete(document.id, OPERATOR, now=True)
    with connection(fresh_database) as conn:
        assert conn.execute("SELECT count(*) FROM versions WHERE names IS NOT NULL").fetchone() == (0,)


def test_older_versions_are_named_batch_by_batch(
    store: PostgresDocumentStore, fresh_database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.wiring.naming._BATCH", 2)
    for party in ("Kestrel", "Osprey", "Wren", "Plover", "Tern"):
        stored(store, f"files/{party}.pdf", f"{party} Robotics")
    expected = names(fresh_database)
    with connection(fresh_database) as conn:
        conn.execute("UPDATE versions SET names = NULL, name_rules = 0")
    assert names(fresh_database) == [None] * 5
    store.put_names([(id_, version, (), ()) for id_, version, _ in store.unnamed(2, 1000)])  # a run that was cut off
    assert name_documents(store) == 3
    assert sum(found == want for found, want in zip(names(fresh_database), expected, strict=True)) == 3
    assert name_documents(store) == 0
