"""The document store, and what retrieval and generation read from it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import psycopg
import pytest
from numpy.typing import NDArray
from psycopg import sql

from generation.types import SourceText
from infra.files.blobs import BlobStore
from infra.files.errors import BlobMissing
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.chunks import PostgresChunkReader, PostgresVersionText
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.errors import DocumentMissing, MigrationFailed, SegmentsChanged
from infra.postgres.indexes import IndexRecipe, PostgresIndexes
from infra.postgres.migrate import migrate
from infra.postgres.pool import Pool, connection, open_pool
from infra.postgres.segments import PostgresSegments
from ingest.errors import DamagedFile, IngestError
from ingest.protocols import Stored
from ingest.types import (
    MAX_SOURCE_BYTES,
    OPERATOR,
    Author,
    Box,
    Chunk,
    Document,
    Element,
    ElementKind,
    LineBox,
    PlacedElement,
    chunk_id,
    document_id,
)
from retrieval.protocols import SegmentInfo
from retrieval.types import Principal

LEGAL = frozenset({"group:legal"})
ANA = Principal("ana", frozenset({"legal"}))
BO = Principal("bo", frozenset({"sales"}))
HEADING, BODY = "Term — §1", "Fällig in 30 Tagen. 𝔘𝔫𝔦𝔠𝔬𝔡𝔢"
DAY_ZERO = date(1970, 1, 1)
Prepared = tuple[Document, list[Chunk], NDArray[np.float32], bytes]


def prepare(source: str, body: str = BODY) -> Prepared:
    """A document of two pages: a heading, then one paragraph in two chunks."""
    original = f"{HEADING}\n{body}".encode()
    sha256 = hashlib.sha256(original).hexdigest()
    line = LineBox(0, len(HEADING), Box(1, 10.5, 20.25, 100.0, 32.125))
    start = len(HEADING) + 1
    elements = (
        PlacedElement(Element(ElementKind.HEADING, HEADING, 1, 1, (line,)), 0, len(HEADING)),
        PlacedElement(Element(ElementKind.PARAGRAPH, body, 0, 2), start, start + len(body)),
    )
    text = f"{HEADING}\n{body}"
    document = Document(source, f"Title of {source}", "text/plain", sha256, text, elements, 2)
    chunks = [
        Chunk(
            chunk_id(document.id, sha256, a, b), document.id, n, a, b, text[a:b], document.title, (HEADING,), 2, "A | B"
        )
        for n, (a, b) in enumerate([(start, start + 5), (start + 5, len(text))])
    ]
    vectors = np.frombuffer(hashlib.sha512(original).digest(), dtype=np.uint8).astype(np.float32).reshape(2, 32)
    return document, chunks, vectors, original


def key_of(source: str, body: str = BODY) -> bytes:
    """The KEY of `prepare`'s document, as its definition says."""
    document, chunks, _, _ = prepare(source, body)
    parts = [hashlib.sha256(f"{chunk.id}\n{chunk.indexed_text}".encode()).digest() for chunk in chunks]
    return UUID(document.id).bytes + hashlib.sha256(document.content_sha256.encode() + b"".join(parts)).digest()


def padded(keys: NDArray[np.bytes_]) -> list[bytes]:
    return [key.ljust(48, b"\0") for key in keys.tolist()]


@pytest.fixture(params=["superuser", "plain owner"])
def pool(request: pytest.FixtureRequest, fresh_database: Pool) -> Iterator[Pool]:
    """The stores must work for a superuser and for an ordinary owner of the database, whom row security binds."""
    if request.param == "superuser":
        yield fresh_database
        return
    with connection(fresh_database) as conn:
        if conn.execute("SELECT FROM pg_roles WHERE rolname = 'footnote_app'").fetchone() is None:
            conn.execute("CREATE ROLE footnote_app LOGIN CREATEROLE")
            conn.execute("GRANT footnote_reader TO footnote_app WITH ADMIN OPTION")
        # an empty schema of his own, which he migrates
        conn.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION footnote_app")
        url = f"postgresql://footnote_app@/{conn.info.dbname}?host={conn.info.host}"
    with open_pool(url) as plain:
        migrate(plain)
        yield plain


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


@pytest.fixture
def store(pool: Pool, blobs: BlobStore) -> PostgresDocumentStore:
    return PostgresDocumentStore(pool, blobs)


def add(
    store: PostgresDocumentStore, source: str, body: str = BODY, allow: frozenset[str] = LEGAL, date: str | None = None
) -> int:
    document, chunks, vectors, original = prepare(source, body)
    return store.add_version(document, chunks, vectors, allow, original, date)


def test_what_goes_in_comes_out(store: PostgresDocumentStore, pool: Pool) -> None:
    document, chunks, vectors, original = prepare("deals/Lease.txt")
    assert store.find(document.source) is None
    assert store.add_version(document, chunks, vectors, LEGAL, original, "2024-05-01") == 1
    assert store.find(document.source) == Stored(document.id, 1, document.content_sha256, LEGAL)

    (info,) = store.list(ANA)
    assert (info.document_id, info.title, info.source) == (document.id, document.title, document.source)
    assert (info.version, info.media_type, info.pages, info.bytes) == (1, "text/plain", 2, len(original))
    assert (info.date, info.allow) == ("2024-05-01", LEGAL)
    assert [(v.version, v.content_sha256) for v in info.versions] == [(1, document.content_sha256)]

    view = store.text(document.id, None, ANA)
    assert view is not None
    assert (view.text, view.lines, view.page_count) == (document.text, document.lines(), 2)
    assert [(e.kind, e.level, view.text[e.start : e.end], e.page) for e in view.elements] == [
        (ElementKind.HEADING, 1, HEADING, 1),
        (ElementKind.PARAGRAPH, 0, BODY, 2),
    ]
    assert [(p.page, p.start, p.end) for p in view.pages] == [(1, 0, 10), (2, 10, len(document.text))]
    assert store.original(document.id, 1, ANA) == (original, "text/plain", "Lease.txt", 1)
    placed = store.placed_text(document.id, None, ANA)
    assert placed is not None
    assert (placed.text, placed.pages, placed.elements) == (view.text, view.pages, view.elements[:1])
    assert (placed.title, placed.media_type, placed.language) == (view.title, view.media_type, view.language)

    read = PostgresChunkReader(pool).read([chunks[1].id, "0" * 32, chunks[0].id], ANA)
    assert [c.chunk_id for c in read] == [chunks[1].id, chunks[0].id]
    for mine, theirs in zip([chunks[1], chunks[0]], read, strict=True):
        assert (theirs.indexed_text, theirs.start, theirs.end) == (mine.indexed_text, mine.start, mine.end)
        assert (theirs.section_path, theirs.page, theirs.ordinal) == (mine.section_path, mine.page, mine.ordinal)
        assert (theirs.source, theirs.version, theirs.content_sha256) == (document.source, 1, document.content_sha256)
    assert [c.ordinal for c in PostgresChunkReader(pool).neighbours(read[0], ANA, 1)] == [0, 1]
    assert [c.ordinal for c in PostgresChunkReader(pool).neighbours(read[0], ANA, 0)] == [1]


def test_the_same_bytes_again_are_no_new_version(store: PostgresDocumentStore) -> None:
    """As when two processes ingest one file at the same time: neither finds it stored, both add it."""
    assert add(store, "a.txt") == 1
    assert add(store, "a.txt", allow=frozenset({"group:hr"})) == 1
    found = store.find("a.txt")
    assert found is not None
    assert (found.version, found.allow) == (1, frozenset({"group:hr"}))
    assert add(store, "a.txt", "The rent is 600 euros.") == 2
    assert add(store, "a.txt") == 3


async def test_version_text(store: PostgresDocumentStore, pool: Pool) -> None:
    document = prepare("a.txt")[0]
    add(store, "a.txt")
    reader = PostgresVersionText(pool)
    assert await reader.text(document.id, 1, ANA) == SourceText(document.text, document.lines())
    assert await reader.text(document.id, 2, ANA) is None
    assert await reader.text(document.id, 1, BO) is None
    assert await reader.text("no uuid", 1, ANA) is None


async def test_the_day_from_which_a_version_holds(store: PostgresDocumentStore, pool: Pool) -> None:
    """Known if the document names one, or if it replaces another; a first version without a day holds since ever."""
    add(store, "a.txt")
    add(store, "b.txt", date="2024-05")
    add(store, "b.txt", "The rent is 600 euros.")
    reader = PostgresVersionText(pool)
    assert await reader.day(document_id("a.txt"), 1, ANA) is None
    assert await reader.day(document_id("b.txt"), 1, ANA) == date(2024, 5, 1)
    assert await reader.day(document_id("b.txt"), 2, ANA) == datetime.now(UTC).date()
    assert await reader.day(document_id("b.txt"), 3, ANA) is None
    assert await reader.day(document_id("b.txt"), 1, BO) is None


def test_index_rows_and_generation(store: PostgresDocumentStore, pool: Pool) -> None:
    catalog = PostgresCatalog(pool)
    before = catalog.generation()
    for source in ("a.txt", "b.txt", "c.txt"):
        add(store, source, BODY + source)
    changes = catalog.changes(-1)
    assert changes.generation == catalog.generation() == before + 3
    order = [key_of(source, BODY + source) for source in ("c.txt", "a.txt")]
    assert {*order, key_of("b.txt", BODY + "b.txt")} == set(padded(changes.versions.keys))
    rows = list(catalog.index_rows([order[0], UUID(document_id("b.txt")).bytes + b"x" * 32, order[1]]))
    expected = [prepare(source, BODY + source) for source in ("c.txt", "a.txt")]
    assert [row.version_key for row, _ in rows] == [order[0]] * 2 + [order[1]] * 2
    assert [row.chunk_id for row, _ in rows] == [chunk.id for _, chunks, _, _ in expected for chunk in chunks]
    assert [row.indexed_text for row, _ in rows] == [c.indexed_text for _, chunks, _, _ in expected for c in chunks]
    assert np.array_equal(np.stack([vector for _, vector in rows]), np.concatenate([e[2] for e in expected]))


def test_replacing_keeps_old_versions_readable(store: PostgresDocumentStore, pool: Pool) -> None:
    old, new = prepare("a.txt"), prepare("a.txt", "Now in 60 days.")
    assert add(store, "a.txt") == 1
    assert add(store, "a.txt", "Now in 60 days.") == 2
    chunks = PostgresChunkReader(pool)
    assert [c.version for c in chunks.read([c.id for c in [*old[1], *new[1]]], ANA)] == [1, 1, 2, 2]
    view = store.text(old[0].id, 1, ANA)
    assert view is not None
    assert (view.text, view.version) == (old[0].text, 1)
    assert store.original(old[0].id, 1, ANA) == (old[3], "text/plain", "a.txt", 1)
    assert [v.version for v in store.list(ANA)[0].versions] == [1, 2]
    assert add(store, "a.txt") == 3  # back to the old content, whose chunk ids come back
    assert [c.version for c in chunks.read([c.id for c in old[1]], ANA)] == [3, 3]  # stored once, named by the newest
    assert [c.version for c in chunks.neighbours(chunks.read([old[1][0].id], ANA)[0], ANA, 1)] == [3, 3]
    versions = PostgresCatalog(pool).changes(-1).versions
    order = np.argsort(versions.numbers)
    assert versions.current[order].tolist() == [False, False, True]
    a, b = key_of("a.txt"), key_of("a.txt", "Now in 60 days.")
    assert padded(versions.keys[order]) == [a, b, a]


def test_relabel_closes_all_versions_and_opens_the_current_one(store: PostgresDocumentStore, pool: Pool) -> None:
    add(store, "a.txt")
    add(store, "a.txt", "Now in 60 days.")
    before = PostgresCatalog(pool).generation()
    store.relabel(document_id("a.txt"), frozenset({"user:bo", "group:board"}))
    assert PostgresCatalog(pool).generation() == before + 1
    assert store.list(ANA) == ()
    assert [store.text(document_id("a.txt"), version, ANA) for version in (None, 1, 2)] == [None] * 3
    assert [store.original(document_id("a.txt"), version, BO) is not None for version in (None, 1, 2, 3)] == [
        True,
        False,
        True,
        False,
    ]  # fmt: skip  (version 1 was never for Bo)
    changes = PostgresCatalog(pool).changes(-1)
    assert {changes.labels[int(n)] for n in changes.versions.labels} == {frozenset({"user:bo", "group:board"})}
    with pytest.raises(DocumentMissing):
        store.relabel(document_id("other.txt"), LEGAL)


def test_a_new_version_for_more_readers_does_not_open_the_old_one(store: PostgresDocumentStore, pool: Pool) -> None:
    add(store, "a.txt")
    document, chunks, vectors, original = prepare("a.txt", "Redacted.")
    assert store.add_version(document, chunks, vectors, LEGAL | {"group:sales"}, original) == 2
    assert [store.text(document.id, version, BO) is not None for version in (None, 1, 2)] == [True, False, True]
    shown = [store.placed_text(document.id, version, BO) is not None for version in (None, 1, 2)]
    assert shown == [True, False, True]
    assert [store.original(document.id, version, BO) is not None for version in (None, 1, 2)] == [True, False, True]
    assert [v.version for v in store.list(BO)[0].versions] == [2]
    assert [v.version for v in store.list(ANA)[0].versions] == [1, 2]


def test_a_list_while_labels_change_is_whole(store: PostgresDocumentStore) -> None:
    add(store, "a.txt")
    key = document_id("a.txt")

    def relabel() -> None:
        for turn in range(200):
            store.relabel(key, LEGAL | {f"group:team{turn}"})

    writer = threading.Thread(target=relabel)
    writer.start()
    while writer.is_alive():
        assert [info.document_id for info in store.list(ANA)] == [key]
    writer.join()


def test_delete(store: PostgresDocumentStore, pool: Pool, blobs: BlobStore) -> None:
    document, chunks, _, _ = prepare("a.txt")
    add(store, "a.txt")
    add(store, "a.txt", "second")
    add(store, "twin.txt", "second")
    before = PostgresCatalog(pool).generation()
    assert not store.delete(document.id, Author("bo", BO.tokens, admin=True))
    assert not store.delete(document_id("missing.txt"), OPERATOR)
    assert not store.delete("no uuid", OPERATOR)
    assert PostgresCatalog(pool).generation() == before
    assert store.delete(document.id, OPERATOR)
    assert PostgresCatalog(pool).generation() == before + 1
    assert store.find("a.txt") is None
    assert [store.text(document.id, version, ANA) for version in (None, 1, 2)] == [None] * 3
    assert [store.original(document.id, version, ANA) for version in (None, 1, 2)] == [None] * 3
    assert [info.source for info in store.list(ANA)] == ["twin.txt"]
    assert PostgresChunkReader(pool).read([c.id for c in chunks], ANA) == []
    assert not store.delete(document.id, OPERATOR)
    assert store.delete(document.id, OPERATOR, now=True)
    assert list(blobs.hashes()) == [prepare("twin.txt", "second")[0].content_sha256]  # the twin still uses its original
    assert not store.delete(document.id, OPERATOR, now=True)


@pytest.mark.parametrize("now", [False, True])
def test_version_numbers_are_never_reused(store: PostgresDocumentStore, blobs: BlobStore, *, now: bool) -> None:
    assert [add(store, "a.txt"), add(store, "a.txt", "second")] == [1, 2]
    assert store.delete(document_id("a.txt"), OPERATOR, now=now)
    assert [add(store, "a.txt", "third"), add(store, "a.txt", "fourth")] == [3, 4]
    assert store.delete(document_id("a.txt"), OPERATOR, now=now)
    assert add(store, "a.txt") == 5
    assert [v.version for v in store.list(ANA)[0].versions] == [5]
    assert store.deleted(OPERATOR) == ()  # what was deleted before stays deleted
    assert list(blobs.hashes()) == [prepare("a.txt")[0].content_sha256]


def test_a_failure_in_the_middle_leaves_nothing(store: PostgresDocumentStore, pool: Pool, blobs: BlobStore) -> None:
    add(store, "b.txt", "The deposit is refunded.")
    document, chunks, vectors, original = prepare("a.txt")
    twice = [chunks[0], replace(chunks[1], id=chunks[0].id)]
    before = PostgresCatalog(pool).generation()
    with pytest.raises(psycopg.errors.UniqueViolation):
        store.add_version(document, twice, vectors, LEGAL, original)
    assert store.find("a.txt") is None
    assert PostgresCatalog(pool).generation() == before
    assert len(list(blobs.hashes())) == 2
    assert store.sweep_blobs() == 1
    assert document.content_sha256 not in blobs.hashes()
    with pytest.raises(ValueError, match="not that of its original"):
        store.add_version(document, chunks, vectors, LEGAL, b"other bytes")
    with pytest.raises(ValueError, match="as many embeddings"):
        store.add_version(document, chunks, vectors[:1], LEGAL, original)


def test_a_new_database_does_not_take_the_originals_for_garbage(store: PostgresDocumentStore, blobs: BlobStore) -> None:
    blobs.put(b"an original of the database that DATABASE_URL named before")
    assert store.sweep_blobs() == 0
    assert len(list(blobs.hashes())) == 1


@pytest.mark.parametrize("text", ["nul \0 inside", "half \ud800 character"])
def test_text_that_no_database_stores(store: PostgresDocumentStore, text: str) -> None:
    document, chunks, vectors, original = prepare("a.txt")
    with pytest.raises(DamagedFile, match="Save the file anew"):
        store.add_version(replace(document, text=text), chunks, vectors, LEGAL, original)


def test_a_source_that_no_index_holds_is_refused(store: PostgresDocumentStore) -> None:
    longest = "".join(hashlib.sha512(str(n).encode()).hexdigest() for n in range(21))[:MAX_SOURCE_BYTES]
    assert len(longest) == MAX_SOURCE_BYTES
    document, chunks, vectors, original = prepare(longest)
    assert store.add_version(document, chunks, vectors, LEGAL, original) == 1
    document, chunks, vectors, original = prepare(longest + "a")
    with pytest.raises(IngestError, match="too long a path"):
        store.add_version(document, chunks, vectors, LEGAL, original)


def test_lost_original_is_told(store: PostgresDocumentStore, blobs: BlobStore) -> None:
    add(store, "a.txt")
    blobs.delete(prepare("a.txt")[0].content_sha256)
    with pytest.raises(BlobMissing):
        store.original(document_id("a.txt"), None, ANA)


def test_long_labels_and_sources(store: PostgresDocumentStore) -> None:
    allow = frozenset(f"user:{n:04}{'x' * 60}" for n in range(500)) | LEGAL
    source = "/".join(hashlib.sha256(str(n).encode()).hexdigest() for n in range(40))
    assert add(store, source, allow=allow) == 1
    assert store.list(ANA)[0].allow == allow


def test_segments(pool: Pool) -> None:
    segments = PostgresSegments(pool)
    a, b, merged = SegmentInfo("a", 2), SegmentInfo("b", 1), SegmentInfo("m", 3)
    segments.replace([], a)
    segments.replace([], b)
    assert segments.list() == [a, b]
    segments.replace(["a", "b"], merged)
    assert segments.list() == [merged]
    with pytest.raises(SegmentsChanged):
        segments.replace(["a", "m"], SegmentInfo("late", 1))
    assert segments.list() == [merged]
    segments.replace(["m"], None)
    assert segments.list() == []


def test_one_publishes_at_a_time(pool: Pool) -> None:
    one, other = PostgresSegments(pool), PostgresSegments(pool)
    with one.publishing() as mine:
        assert mine
        with other.publishing() as theirs:
            assert not theirs
        with pytest.raises(KeyError), other.publishing():
            raise KeyError
    with other.publishing() as theirs:
        assert theirs
    with one.publishing() as mine:
        assert mine


def test_another_index_needs_a_right_that_is_named(pool: Pool) -> None:
    recipe = IndexRecipe("beside-0123456789ab", "e@1", "structure", "structure")
    with connection(pool) as conn:
        user, database = conn.info.user, conn.info.dbname
    if user == "footnote_app":
        with pytest.raises(MigrationFailed, match=f'GRANT CREATE ON DATABASE "{database}" TO "footnote_app"'):
            PostgresIndexes(pool).add(recipe)
        assert PostgresIndexes(pool).all() == []
        with psycopg.connect(pool.conninfo.replace("footnote_app@", "postgres@"), autocommit=True) as conn:
            conn.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO footnote_app").format(sql.Identifier(database)))
    assert PostgresIndexes(pool).add(recipe).name == recipe.name
    assert PostgresIndexes(pool).add(recipe).name == recipe.name
