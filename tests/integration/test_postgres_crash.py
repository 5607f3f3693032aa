"""kill -9 in the middle of writing leaves whole versions only, and the next writer goes on."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from infra.files.blobs import BlobStore
from infra.postgres.audit import PostgresAudit
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.head import HeadFile
from infra.postgres.pool import Pool, transaction
from ingest.types import Chunk, Document, document_id

WRITER = """
import hashlib, sys
from pathlib import Path
import numpy as np
from infra.files.blobs import BlobStore
from infra.postgres.audit import PostgresAudit
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.pool import open_pool
from ingest.types import OPERATOR, Chunk, Document

pool, folder = open_pool(sys.argv[1]), Path(sys.argv[2])
audit = PostgresAudit(pool, b"k" * 32, folder / "head.json")
store = PostgresDocumentStore(pool, BlobStore(folder / "blobs"), trail=audit)
print("go", flush=True)
for n in range(10**6):
    original = f"version {n} ".encode() * 2000
    document = Document(f"d{n % 7}", "t", "text/plain", hashlib.sha256(original).hexdigest(), original.decode(), ())
    chunks = [Chunk(f"{n}-{i}", document.id, i, i, i + 1, "v", "t") for i in range(20)]
    store.add_version(document, chunks, np.ones((20, 8), np.float32), frozenset({f"group:g{n}"}), original)
    audit.append_now({"n": n})
    if n % 3 == 0:
        store.delete(document.id, OPERATOR, now=n % 2 == 0)
"""

HALF = {
    "a document without its current version": """
        SELECT d.id FROM documents d
        LEFT JOIN versions v ON v.document_id = d.id AND v.version = d.current_version WHERE v.version IS NULL""",
    "chunks that are of no version": """
        SELECT c.id FROM chunks c
        LEFT JOIN versions v ON v.document_id = c.document_id AND v.reading = c.reading
        WHERE v.version IS NULL""",
    "a version without all of its chunks": """
        SELECT v.document_id FROM versions v
        LEFT JOIN chunks c ON c.document_id = v.document_id AND c.reading = v.reading
        GROUP BY v.document_id, v.version HAVING count(c.id) <> 20""",
    "a version without its key": "SELECT document_id FROM versions WHERE index_key IS NULL",
    "a document that is both there and retired": """
        SELECT id FROM documents JOIN retired_documents ON document_id = id""",
}


def last_recorded(pool: Pool) -> dict[str, str]:
    """By source, what the trail says of each document that was purged, deleted or ingested last: the version, or that
    it is gone."""
    with transaction(pool) as conn:
        rows = [json.loads(record) for (record,) in conn.execute("SELECT record FROM audit ORDER BY seq")]
    gone = {"delete": "deleted", "purge": "purged"}
    return {row["source"]: gone.get(row["action"], str(row["version"])) for row in rows if row.get("kind") == "change"}


def as_it_is(pool: Pool) -> dict[str, str]:
    with transaction(pool) as conn:
        names = {document_id(f"d{number}"): f"d{number}" for number in range(7)}
        held = conn.execute("SELECT id::text, current_version, deleted_at IS NOT NULL FROM documents").fetchall()
        retired = conn.execute("SELECT document_id::text FROM retired_documents").fetchall()
    found = {names[id_]: "deleted" if deleted else str(version) for id_, version, deleted in held}
    return found | {names[id_]: "purged" for (id_,) in retired}


def test_kill_in_the_middle_of_writing(fresh_database: Pool, database_url: str, tmp_path: Path) -> None:
    with transaction(fresh_database) as conn:
        url = database_url.replace("/postgres?", f"/{conn.info.dbname}?")
    HeadFile(tmp_path / "head.json", b"k" * 32).begin()
    blobs = BlobStore(tmp_path / "blobs")
    store, catalog = PostgresDocumentStore(fresh_database, blobs), PostgresCatalog(fresh_database)
    for attempt in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, url, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "go\n"
        before = catalog.generation()
        deadline = time.monotonic() + 30
        while catalog.generation() < before + 8 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.003 * attempt)
        process.kill()
        process.communicate()

        with transaction(fresh_database) as conn:
            conn.execute("LOCK TABLE catalog_generation")  # the killed one's transaction has ended
            found = {what: conn.execute(query.encode()).fetchall() for what, query in HALF.items()}
            assert found == {what: [] for what in HALF}
            stored = {sha256 for (sha256,) in conn.execute("SELECT content_sha256 FROM versions")}
        assert stored
        store.sweep_blobs()
        assert set(blobs.hashes()) == stored
        assert all(blobs.get(sha256) for sha256 in stored)
        keys = [key.ljust(48, b"\0") for key in catalog.changes(-1).versions.keys.tolist()]
        assert len(list(catalog.index_rows(keys))) == 20 * len(keys)
        report = PostgresAudit(fresh_database, b"k" * 32, tmp_path / "head.json").verify()
        assert report.ok, report
        assert report.rows > 0
        now, recorded = as_it_is(fresh_database), last_recorded(fresh_database)
        assert {source: recorded[source] for source in now} == now
        with transaction(fresh_database) as conn:  # the next writer starts from nothing, with the same names
            conn.execute("DELETE FROM documents; DELETE FROM retired_documents")

    original = b"after the kill"
    document = Document("d0", "t", "text/plain", hashlib.sha256(original).hexdigest(), original.decode(), ())
    chunk = Chunk("after", document.id, 0, 0, 1, "a", "t")
    assert store.add_version(document, [chunk], np.ones((1, 8), np.float32), frozenset({"user:ana"}), original) == 1
