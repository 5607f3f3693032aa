"""The catalog as the index reads it: changes, versions of earlier days, and what a migration makes of old rows."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import psycopg
import pytest
from psycopg import sql

import infra.postgres.catalog
from infra.files.blobs import BlobStore
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.chunks import PostgresChunkReader
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.migrate import MIGRATIONS, migrate
from infra.postgres.pool import Pool, connection, open_pool, reading_as, transaction
from infra.postgres.rows import first_day, index_key
from ingest.types import OPERATOR, Chunk, Document, chunk_id, document_id
from retrieval.types import CatalogChanges, Principal

ANA, BO = Principal("ana", frozenset({"legal"})), Principal("bo", frozenset({"hr"}))
LEGAL, HR = frozenset({"group:legal"}), frozenset({"group:hr"})
EPOCH = date(1970, 1, 1)


class Writer:
    """Adds versions whose text is given, one chunk for each `size` characters."""

    def __init__(self, pool: Pool, folder: Path) -> None:
        self.store = PostgresDocumentStore(pool, BlobStore(folder / "blobs"))

    def put(
        self, source: str, text: str, allow: frozenset[str] = LEGAL, day: str | None = None, size: int = 10
    ) -> list[str]:
        original = text.encode()
        document = Document(source, f"T {source}", "text/plain", hashlib.sha256(original).hexdigest(), text, ())
        chunks = chunks_of(document, size)
        self.store.add_version(document, chunks, np.ones((len(chunks), 4), np.float32), allow, original, day)
        return [chunk.id for chunk in chunks]


def chunks_of(document: Document, size: int) -> list[Chunk]:
    return [
        Chunk(
            chunk_id(document.id, document.content_sha256, at, at + size), document.id, n, at, at + size,
            document.text[at : at + size], document.title, ("§ 1", "Ünter"), None, "a | b" if n else "",
        )
        for n, at in enumerate(range(0, len(document.text), size))
    ]  # fmt: skip


@pytest.fixture
def writer(fresh_database: Pool, tmp_path: Path) -> Writer:
    return Writer(fresh_database, tmp_path)


Row = tuple[bytes, frozenset[str], frozenset[str], int, int, bool]


def rows_of(changes: CatalogChanges) -> set[Row]:
    v = changes.versions
    columns = zip(v.keys.tolist(), v.labels, v.own_labels, v.numbers, v.days, v.current, strict=True)
    found = [
        (
            key.ljust(48, b"\0"),
            changes.labels[int(label)],
            changes.labels[int(own)],
            int(number),
            int(day),
            bool(current),
        )
        for key, label, own, number, day, current in columns
    ]
    assert len(set(found)) == len(found)
    return set(found)


@pytest.mark.parametrize("page", [1, 2, 250_000])
def test_changes_add_up_to_everything(
    writer: Writer, fresh_database: Pool, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    """Random changes, read step by step from any generation on, give what reading it all gives, in pages of any size."""
    monkeypatch.setattr(infra.postgres.catalog, "PAGE_DOCUMENTS", page)
    catalog, chance = PostgresCatalog(fresh_database), random.Random(7)
    known: set[Row] = set()
    since = catalog.generation()
    for _ in range(60):
        for _ in range(chance.randint(0, 3)):
            name, allow = f"d{chance.randint(0, 5)}", frozenset({"group:legal", f"group:g{chance.randint(0, 2)}"})
            match chance.choice(
                ("put", "put", "relabel", "delete", "delete", "restore", "restore", "purge", "rechunk")
            ):
                case "put":
                    writer.put(name, chance.choice(("A" * 25, "B" * 15, "C" * 35)), allow)
                case "rechunk":
                    writer.put(name, "A" * 25, allow, size=chance.choice((5, 10)))
                case "relabel" if writer.store.find(name):
                    writer.store.relabel(document_id(name), allow)
                case "delete":
                    writer.store.delete(document_id(name), OPERATOR)
                case "restore":
                    writer.store.restore(document_id(name), OPERATOR)
                case "purge":
                    writer.store.delete(document_id(name), OPERATOR, now=True)
        changes = catalog.changes(since)
        assert not changes.complete
        changed = {document.ljust(16, b"\0") for document in changes.documents.tolist()}
        assert {row[0][:16] for row in rows_of(changes)} <= changed
        known = {row for row in known if row[0][:16] not in changed} | rows_of(changes)
        since = changes.generation
        whole = catalog.changes(-1)
        assert whole.complete
        assert whole.generation == since
        assert rows_of(whole) == known
    assert known


def test_only_what_changed_is_read(writer: Writer, fresh_database: Pool) -> None:
    catalog = PostgresCatalog(fresh_database)
    for name in "abc":
        writer.put(name, name * 20)
    before = catalog.generation()
    writer.store.relabel(document_id("b"), LEGAL | HR)
    changes = catalog.changes(before)
    assert changes.documents.tolist() == [UUID(document_id("b")).bytes]
    assert [row[1:4] for row in rows_of(changes)] == [(LEGAL | HR, LEGAL | HR, 1)]
    assert list(changes.labels.values()) == [LEGAL | HR]
    assert len(catalog.changes(changes.generation).documents) == 0


def test_changes_are_read_at_one_moment(writer: Writer, fresh_database: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written between two of the reader's statements belongs to the next changes."""
    catalog, only = PostgresCatalog(fresh_database), infra.postgres.catalog._only
    writer.put("a", "A" * 10)

    def written_meanwhile(cursor: Any) -> bytes:
        monkeypatch.setattr(infra.postgres.catalog, "_only", only)
        writer.put("b", "B" * 10)
        return only(cursor)

    before = catalog.generation()
    monkeypatch.setattr(infra.postgres.catalog, "_only", written_meanwhile)
    changes = catalog.changes(0)
    assert (changes.generation, len(changes.versions), len(changes.documents)) == (before, 1, 1)
    assert len(catalog.changes(changes.generation).versions) == 1


def test_the_same_bytes_chunked_anew_replace_their_chunks_in_all_versions(writer: Writer, fresh_database: Pool) -> None:
    catalog, reader = PostgresCatalog(fresh_database), PostgresChunkReader(fresh_database)
    old = writer.put("a", "A" * 30)
    writer.put("a", "B" * 30)
    assert writer.put("a", "A" * 30) == old
    key = chunk_key("a", "A" * 30, 10)
    assert [row[0] for row in sorted(rows_of(catalog.changes(-1)), key=lambda row: row[3])][::2] == [key, key]
    new = writer.put("a", "A" * 30, size=15)
    assert [c.chunk_id for c in reader.read(old + new, ANA)] == new
    key = chunk_key("a", "A" * 30, 15)
    versions = sorted(rows_of(catalog.changes(-1)), key=lambda row: row[3])
    assert [(row[3], row[0] == key) for row in versions] == [(1, True), (2, False), (3, True)]
    assert [row.chunk_id for row, _ in catalog.index_rows([key])] == new


def chunk_key(source: str, text: str, size: int) -> bytes:
    document = Document(source, f"T {source}", "text/plain", hashlib.sha256(text.encode()).hexdigest(), text, ())
    digest = index_key(document.content_sha256, chunks_of(document, size))
    assert digest is not None
    return UUID(document.id).bytes + digest


def test_a_chunk_is_read_as_part_of_the_newest_version_of_that_day(writer: Writer, fresh_database: Pool) -> None:
    reader = PostgresChunkReader(fresh_database)
    (chunk,) = writer.put("a", "A" * 10, day="2020")
    writer.put("a", "B" * 10, day="2021-05")
    writer.put("a", "A" * 10, day="2022-01-15")

    def version(day: date | None) -> list[int]:
        return [found.version for found in reader.read([chunk], ANA, day)]

    assert version(None) == [3]
    assert version(date(2022, 1, 15)) == [3]
    assert version(date(2022, 1, 14)) == [1]
    assert version(date(2020, 1, 1)) == [1]
    assert version(date(2019, 12, 31)) == []
    (old,) = reader.read([chunk], ANA, date(2021, 1, 1))
    assert [found.version for found in reader.neighbours(old, ANA, 1)] == [1]
    assert reader.read([chunk], BO) == []


def test_chunks_of_a_version_are_closed_to_who_may_not_read_it(writer: Writer, fresh_database: Pool) -> None:
    """The second enforcer: the document opens for HR, but its older version was never theirs."""
    reader = PostgresChunkReader(fresh_database)
    (first,) = writer.put("a", "A" * 10, LEGAL)
    (second,) = writer.put("a", "B" * 10, LEGAL | HR)
    assert [found.chunk_id for found in reader.read([first, second], ANA)] == [first, second]
    assert [found.chunk_id for found in reader.read([first, second], BO)] == [second]
    with reading_as(fresh_database, BO) as conn:
        assert conn.execute("SELECT id FROM chunks").fetchall() == [(second,)]
    (shown,) = reader.read([first], ANA)
    assert reader.neighbours(shown, BO, 1) == []
    assert writer.put("a", "A" * 10, LEGAL | HR) == [first]  # the same bytes, now for HR too, as version 3
    assert [found.version for found in reader.read([first], BO)] == [3]
    assert reader.read([first], BO, datetime.now(UTC).date())[0].version == 3
    writer.store.relabel(document_id("a"), LEGAL)
    assert reader.read([first, second], BO) == []


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024", date(2024, 1, 1)),
        ("2024-06", date(2024, 6, 1)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2023-02-29", None),
        ("2024-13", None),
        ("0000", None),
        ("May 2024", None),
        ("2024-06-01T10:00", None),
        ("٢٠٢٤", None),
        ("", None),
        (None, None),
    ],
)
def test_first_day(written: str | None, day: date | None) -> None:
    assert first_day(written) == day


def test_days_of_versions(writer: Writer, fresh_database: Pool) -> None:
    writer.put("a", "A" * 10, day="2024-06")
    writer.put("a", "B" * 10, day="when we signed")
    with transaction(fresh_database) as conn:
        added = [stamp.astimezone(UTC).date() for (stamp,) in conn.execute("SELECT created_at FROM versions")]
    days = [row[4] for row in sorted(rows_of(PostgresCatalog(fresh_database).changes(-1)), key=lambda row: row[3])]
    assert days == [(date(2024, 6, 1) - EPOCH).days, (added[1] - EPOCH).days]


def test_a_first_version_without_a_day_holds_since_ever(writer: Writer, fresh_database: Pool) -> None:
    writer.put("a", "A" * 10)
    ((_, _, _, _, day, _),) = rows_of(PostgresCatalog(fresh_database).changes(-1))
    assert EPOCH.toordinal() + day == date.min.toordinal()


@pytest.fixture
def older_database(database_url: str, tmp_path: Path) -> Iterator[Pool]:
    """A database with data, as the migrations before 0004 leave it."""
    folder, name = tmp_path / "migrations", f"older_{uuid4().hex}"
    folder.mkdir()
    for file in sorted(MIGRATIONS.glob("*.sql"))[:3]:
        shutil.copy(file, folder)
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with open_pool(database_url.replace("/postgres?", f"/{name}?")) as pool:
        migrate(pool, folder)
        yield pool


OLD_CONTENT = {1: "A" * 25, 2: "B" * 25, 3: "A" * 25}
OLD_DATES = {1: "2019-05", 2: "2023-02-30", 3: None}


def fill_as_before(pool: Pool) -> Document:
    """Document `a` with versions A, B, A, of which only the current one has chunks, and a deleted document."""
    documents = {
        number: Document("a", "T a", "text/plain", hashlib.sha256(text.encode()).hexdigest(), text, ())
        for number, text in OLD_CONTENT.items()
    }
    current = documents[3]
    with connection(pool) as conn, conn.transaction():
        conn.execute("UPDATE catalog_generation SET generation = 7")
        conn.execute("INSERT INTO access_labels VALUES ('l', '{group:legal}'), ('h', '{group:hr}')")
        conn.execute("INSERT INTO documents VALUES (%s, 'a', 'l', 3, now())", [current.id])
        for number, document in documents.items():
            conn.execute(
                "INSERT INTO versions VALUES (%s, %s, %s, 'text/plain', 25, NULL, 'T a', %s, %s, '{}', %s, 'l')",
                [document.id, number, document.content_sha256, OLD_DATES[number], document.text, f"2024-03-0{number}T12:00Z"],
            )  # fmt: skip
        for chunk in chunks_of(current, 10):
            conn.execute(
                "INSERT INTO chunks VALUES (%s, %s, 3, %s, %s, %s, %s, %s, %s, NULL, %s, %s)",
                [
                    chunk.id, current.id, chunk.ordinal, chunk.start, chunk.end, chunk.text, chunk.title,
                    list(chunk.section_path), chunk.table_header, np.ones(4, "<f4").tobytes(),
                ],
            )  # fmt: skip
        conn.execute("INSERT INTO retired_documents VALUES (%s, 5)", [document_id("gone")])
        conn.execute("INSERT INTO segments VALUES ('segment-old', '{k}')")
    return current


def test_migration_of_a_database_with_data(older_database: Pool, tmp_path: Path) -> None:
    document = fill_as_before(older_database)
    migrate(older_database)
    catalog = PostgresCatalog(older_database)
    changes = catalog.changes(-1)
    assert changes.generation == 7
    assert len(catalog.changes(7).documents) == 0
    held = chunk_key("a", "A" * 25, 10)
    nothing = UUID(document.id).bytes + bytes(32)  # version 2 lost its chunks when version 3 came
    days = [(day - EPOCH).days for day in (date(2019, 5, 1), date(2024, 3, 2), date(2024, 3, 3))]
    assert rows_of(changes) == {
        (held, LEGAL, LEGAL, 1, days[0], False),
        (nothing, LEGAL, LEGAL, 2, days[1], False),
        (held, LEGAL, LEGAL, 3, days[2], True),
    }
    ids = [chunk.id for chunk in chunks_of(document, 10)]
    assert [row.chunk_id for row, _ in catalog.index_rows([held])] == ids
    assert [row.indexed_text for row, _ in catalog.index_rows([held])] == [
        c.indexed_text for c in chunks_of(document, 10)
    ]
    assert [found.version for found in PostgresChunkReader(older_database).read(ids, ANA)] == [3] * 3
    assert PostgresChunkReader(older_database).read(ids, BO) == []

    writer = Writer(older_database, tmp_path)  # and it goes on: the lost chunks come back with their bytes
    writer.put("a", "B" * 25)
    assert {row[0] for row in rows_of(catalog.changes(7))} == {held, chunk_key("a", "B" * 25, 10)}
    writer.put("gone", "back")
    assert {row[3] for row in rows_of(catalog.changes(8))} == {6}
