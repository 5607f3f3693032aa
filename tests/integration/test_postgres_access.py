"""Row-level security itself: direct SQL as the reader role shows nothing that the setting does not open."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import psycopg
import pytest
from psycopg import sql

from infra.files.blobs import BlobStore
from infra.postgres.api_keys import PostgresApiKeys
from infra.postgres.audit import PostgresAudit
from infra.postgres.chunks import PostgresLabels
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.head import HeadFile
from infra.postgres.indexes import IndexRecipe, PostgresIndexBeside, PostgresIndexes
from infra.postgres.pool import Connection, Pool, open_pool, reading_as, transaction
from ingest.types import Chunk, Document, Fact, FactKind
from retrieval.errors import InvalidPrincipal
from retrieval.types import Principal

READABLE = {"access_labels", "documents", "versions", "chunks", "facts", "index_keys", "index_chunks"}
ANA = Principal("ana", frozenset({"legal"}))
STRANGER = Principal("zoe", frozenset({"sales"}))


@pytest.fixture
def filled(fresh_database: Pool, tmp_path: Path) -> Pool:
    """Two documents, one for legal and one for board, both in another index too, a row in the audit trail and an API
    key."""
    store = PostgresDocumentStore(fresh_database, BlobStore(tmp_path / "blobs"))
    for name in ("legal", "board"):
        original = f"text of {name}".encode()
        sha256, facts = hashlib.sha256(original).hexdigest(), (Fact(FactKind.PARTY, name, 8, 8 + len(name)),)
        document = Document(name, name, "text/plain", sha256, original.decode(), (), facts=facts)
        chunk = Chunk(f"chunk-{name}", document.id, 0, 0, 4, "text", name)
        store.add_version(document, [chunk], np.ones((1, 4), np.float32), frozenset({f"group:{name}"}), original)
    index = PostgresIndexes(fresh_database).add(IndexRecipe("beside-0123456789ab", "e@1", "structure", "structure"))
    own = open_pool(fresh_database.conninfo, 1, index=index.name)
    with own:
        beside = PostgresIndexBeside(index.name, fresh_database, own)
        for behind in beside.behind(None, None, 10):
            assert beside.put(behind, beside.chunks(behind), np.ones((1, 4), np.float32), behind.chunking)
    HeadFile(tmp_path / "head", b"k" * 32).begin()
    PostgresAudit(fresh_database, b"k" * 32, tmp_path / "head").append_now({"principal": "ana"})
    PostgresApiKeys(fresh_database).create("ana", ["legal"], ["read"], "laptop")
    return fresh_database


def tables(pool: Pool) -> set[str]:
    with transaction(pool) as conn:
        return {name for (name,) in conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


def count(conn: Connection, table: str) -> int | None:
    """Rows that show; None where the table may not be read at all."""
    try:
        with conn.transaction():
            row = conn.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return None
    assert row is not None
    return int(row[0])


def test_a_stranger_sees_no_row_of_any_table(filled: Pool) -> None:
    with reading_as(filled, STRANGER) as conn:
        seen = {table: count(conn, table) for table in tables(filled)}
    assert seen == {table: 0 if table in READABLE else None for table in seen}
    assert {"api_keys", "audit", "segments", "catalog_generation", "retired_documents"} < seen.keys()


def test_a_reader_sees_what_its_labels_open(filled: Pool) -> None:
    with reading_as(filled, ANA) as conn:
        assert {table: count(conn, table) for table in READABLE} == dict.fromkeys(READABLE, 1)
        assert conn.execute("SELECT source FROM documents").fetchall() == [("legal",)]
        assert conn.execute("SELECT id FROM chunks").fetchall() == [("chunk-legal",)]
        assert conn.execute("SELECT text FROM versions").fetchall() == [("text of legal",)]
        assert conn.execute("SELECT value FROM facts").fetchall() == [("legal",)]


async def test_the_labels_of_versions_are_told_to_their_readers_only(filled: Pool) -> None:
    with transaction(filled) as conn:
        versions = [(str(id_), 1) for (id_,) in conn.execute("SELECT id FROM documents")]
    told = await PostgresLabels(filled).readers([*versions, (versions[0][0], 2)], ANA)
    legal = frozenset({"group:legal"})
    assert list(told.values()) == [(legal, legal)]
    assert await PostgresLabels(filled).readers(versions, STRANGER) == {}
    assert await PostgresLabels(filled).readers([], ANA) == {}


def test_without_the_setting_nothing_is_visible(filled: Pool) -> None:
    with reading_as(filled, ANA):
        pass  # leaves an empty setting behind on this connection
    with transaction(filled) as conn:
        conn.execute("SET LOCAL ROLE footnote_reader")
        assert {table: count(conn, table) for table in READABLE} == dict.fromkeys(READABLE, 0)


def test_role_and_setting_end_with_the_transaction(filled: Pool) -> None:
    with filled.connection() as conn:
        with conn.transaction():
            conn.execute(
                "SELECT set_config('role', 'footnote_reader', true), set_config('footnote.principals', '{a}', true)"
            )
        row = conn.execute("SELECT current_user, current_setting('footnote.principals')").fetchone()
        assert row == ("postgres", "")
        assert count(conn, "documents") == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents SET source = 'x'",
        "DELETE FROM chunks",
        "INSERT INTO access_labels VALUES ('x', '{user:zoe}')",
        "UPDATE access_labels SET principals = '{user:zoe}'",
        "ALTER TABLE documents DISABLE ROW LEVEL SECURITY",
    ],
)
def test_a_reader_writes_nothing(filled: Pool, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), reading_as(filled, ANA) as conn:
        conn.execute(statement.encode())


def test_names_cannot_break_out_of_the_setting(filled: Pool) -> None:
    """Whatever a group is called, it is one element of the array."""
    with transaction(filled) as conn:
        tokens = ["group:legal,group:board", '"},{group:board', "group:\\"]
        conn.execute("SELECT set_config('footnote.principals', %s::text[]::text, true)", [tokens])
        conn.execute("SET LOCAL ROLE footnote_reader")
        assert count(conn, "documents") == 0


def test_api_keys(fresh_database: Pool) -> None:
    keys = PostgresApiKeys(fresh_database)
    secret = keys.create("ana", ["legal", "staff"], ["read", "write"], "laptop")
    other = keys.create("bo", [], ["read"], "phone")
    found = keys.lookup(secret)
    assert found is not None
    assert (found.user, found.groups, found.scopes) == ("ana", {"legal", "staff"}, {"read", "write"})
    assert secret.startswith(f"fn_{found.id}_")
    assert keys.lookup(secret + "x") is None
    assert keys.revoke(found.id)
    assert not keys.revoke(found.id)
    assert not keys.revoke("unknown")
    assert keys.lookup(secret) is None
    assert keys.lookup(other) is not None
    assert [(key.label, key.revoked_at is not None) for key in keys.list()] == [("laptop", True), ("phone", False)]
    with transaction(fresh_database) as conn:
        stored = str(conn.execute("SELECT * FROM api_keys").fetchall())
    assert secret not in stored
    assert secret.split("_", 2)[2] not in stored
    with pytest.raises(InvalidPrincipal):
        keys.create("no name", [], [], "")
