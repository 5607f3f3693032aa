"""What the benchmarks of trail and kills look up in an installation is there, and what is damaged is seen."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from evals.systems.consistency import differing_rows, entries, half, waiting
from evals.systems.long_trail import damage, fill, recorded
from infra.files.blobs import BlobStore
from infra.files.secrets import secret
from infra.files.signing import signing_key
from infra.postgres.audit import PostgresAudit
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.head import HeadFile
from infra.postgres.pool import Pool, transaction
from infra.postgres.segments import PostgresSegments
from infra.postgres.trail import PostgresTrail
from ingest.types import OPERATOR, Chunk, Document
from retrieval.index.access import AccessIndex
from retrieval.types import Principal

ANA = Principal("ana", frozenset({"legal"}))


@pytest.fixture
def parts(fresh_database: Pool, tmp_path: Path) -> Any:
    """Of an installation what is looked at, with two documents in the index."""
    head = tmp_path / "audit" / "head.json"
    key = secret(tmp_path / "secrets" / "audit.key", lambda drawn: HeadFile(head, drawn).begin())
    blobs = BlobStore(tmp_path / "blobs")
    audit = PostgresAudit(fresh_database, key, head)
    store = PostgresDocumentStore(fresh_database, blobs, trail=audit)
    for name in ("d1", "d2"):
        original = f"{name}: the rent is due.".encode()
        document = Document(name, "t", "text/plain", hashlib.sha256(original).hexdigest(), original.decode(), ())
        chunk = Chunk(f"{name}-0", document.id, 0, 0, 4, "rent", "t")
        store.add_version(document, [chunk], np.ones((1, 8), np.float32), frozenset({"group:legal"}), original)
    catalog = PostgresCatalog(fresh_database)
    index = AccessIndex(catalog, PostgresSegments(fresh_database), tmp_path / "segments", dimension=8)
    index.publish()
    return SimpleNamespace(
        pool=fresh_database, blobs=blobs, audit=audit, documents=store, catalog=catalog,
        settings=SimpleNamespace(home=tmp_path), embedder=SimpleNamespace(dimension=8),
        trail=PostgresTrail(fresh_database, key, head, lambda: signing_key(tmp_path)),
    )  # fmt: skip


def run(parts: Any, statements: str) -> None:
    with transaction(parts.pool) as conn:
        conn.execute(statements.encode())


def test_a_trail_that_is_made_long_is_whole_until_it_is_damaged(parts: Any) -> None:
    answer = parts.audit.append_now({"kind": "opened", "principal": "user:ana"})
    parts.audit.append_now({"kind": "closed", "answer_id": answer})
    left = parts.audit.append_now({"kind": "opened", "principal": "user:ana"})
    rows = recorded(parts, 2)
    assert [row.seq for row in rows] == [3, 4, 5]
    run(parts, "TRUNCATE audit")
    HeadFile(parts.settings.home / "audit" / "head.json", b"x" * 32)._path.unlink()

    fill(parts, rows, 301, lambda done, total: None)
    report = parts.audit.verify()
    assert (report.ok, report.rows) == (True, 301)
    assert len(report.open) == 101  # one of three in each of 100 turns, and the first of the last turn
    assert left not in {one.id for one in report.open}
    damage(parts, 270)
    assert parts.audit.verify().first_bad_seq == 270


def test_entries_are_those_behind_a_row_in_their_order(parts: Any) -> None:
    for number in range(3):
        parts.audit.append_now(
            {"kind": "change", "action": "upload", "document_id": str(number), "principal": "operator"}
        )
    parts.audit.append_now({"kind": "accesses", "accesses": [{"action": "search", "at": "2026-01-01T00:00:00+00:00"}]})
    assert [(row["seq"], row["document_id"]) for row in entries(parts, 3)] == [(4, "1"), (5, "2")]
    assert len(entries(parts, 0)) == 5


def test_what_is_half_there_is_seen(parts: Any) -> None:
    assert half(parts) == []
    run(parts, "UPDATE versions SET reading = reading || 'x' WHERE document_id = (SELECT id FROM documents LIMIT 1)")
    assert half(parts) == ["chunks of no version: 1", "versions without chunks: 1"]
    next((parts.settings.home / "blobs").glob("??/??/*")).unlink()
    assert half(parts)[-1] == "versions without their original: 1"


def test_rows_that_are_missing_doubled_or_damaged_are_seen(parts: Any) -> None:
    assert differing_rows(parts, [ANA]) == 0
    parts.documents.delete(parts.documents.list(ANA)[0].document_id, OPERATOR)
    assert differing_rows(parts, [ANA]) == 0
    (file,) = (parts.settings.home / "segments").rglob("vectors.npy")
    data = bytearray(file.read_bytes())
    data[-32:] = bytes(32)
    file.write_bytes(data)
    assert differing_rows(parts, [ANA]) > 0


def test_files_that_nobody_works_on_are_counted(parts: Any) -> None:
    assert waiting(parts, 0) == 0
