"""Who may change a document, the recycle bin, and the record of every change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generation.errors import AuditUnavailable
from infra.files.blobs import BlobStore
from infra.postgres.api_keys import ApiKey, PostgresApiKeys
from infra.postgres.audit import PostgresAudit
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.chunks import PostgresChunkReader
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.head import HeadFile
from infra.postgres.migrate import MIGRATIONS, migrate
from infra.postgres.pool import Pool, open_pool, transaction
from infra.postgres.segments import PostgresSegments
from ingest.errors import NotAllowed
from ingest.types import OPERATOR, Author, Chunk, Document, chunk_id, document_id
from retrieval.index.access import AccessIndex
from retrieval.types import Principal

LEGAL = frozenset({"group:legal"})
ANA, BEN = Principal("ana", frozenset({"legal"})), Principal("ben", frozenset({"legal"}))
DEEDS = Principal("dan", frozenset({"legal", "deeds"}))
CARLA = Principal("carla", frozenset({"hr"}))


def author(principal: Principal, *, admin: bool = False) -> Author:
    return Author(principal.user, principal.tokens, admin)


class Shelf:
    """A store with its trail, and documents of one chunk each."""

    def __init__(self, pool: Pool, folder: Path, days: int = 30) -> None:
        self.pool, self.folder = pool, folder
        self.blobs = BlobStore(folder / "blobs")
        HeadFile(folder / "audit" / "head.json", b"k" * 32).begin()
        self.trail = PostgresAudit(pool, b"k" * 32, folder / "audit" / "head.json")
        self.store = PostgresDocumentStore(pool, self.blobs, trail=self.trail, recycle_days=days)
        self.keys = PostgresApiKeys(pool, trail=self.trail)

    def put(self, source: str, text: str, allow: frozenset[str] = LEGAL, **who: Any) -> str:
        data = text.encode()
        document = Document(source, f"T {source}", "text/plain", hashlib.sha256(data).hexdigest(), text, ())
        name = chunk_id(document.id, document.content_sha256, 0, len(text))
        chunk = Chunk(name, document.id, 0, 0, len(text), text, document.title)
        self.store.add_version(document, [chunk], np.ones((1, 4), np.float32), allow, data, **who)
        return document.id

    def records(self) -> list[dict[str, Any]]:
        """Oldest first, without what every record of a change has."""
        rows = [json.loads(row.record) for row in reversed(self.trail.show(limit=1000))]
        assert {row.pop("kind") for row in rows} == {"change"}
        return rows

    def actions(self) -> list[tuple[str, str]]:
        return [(row["action"], row["principal"]) for row in self.records()]

    def index(self) -> AccessIndex:
        return AccessIndex(
            PostgresCatalog(self.pool), PostgresSegments(self.pool), self.folder / "segments", dimension=4
        )

    def later(self, days: int) -> None:
        with transaction(self.pool) as conn:
            conn.execute("UPDATE documents SET deleted_at = deleted_at - make_interval(days => %s)", [days])


@pytest.fixture
def shelf(fresh_database: Pool, tmp_path: Path) -> Shelf:
    return Shelf(fresh_database, tmp_path)


def searched(index: AccessIndex, principal: Principal = ANA) -> list[str]:
    view = index.view(principal)
    return sorted(name.decode() for part in view.segments for name in part.segment.chunk_ids[part.mask].tolist())


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(NotAllowed, match="not change it"):
        yield


def test_who_may_delete(shelf: Shelf) -> None:
    theirs = shelf.put("upload/ana/a.txt", "one", author=author(ANA))
    ours = shelf.put("files/b.txt", "two")
    managed = shelf.put("files/c.txt", "three", manage=frozenset({"group:deeds"}))
    secret = shelf.put("files/d.txt", "four", frozenset({"group:board"}), manage=frozenset({"group:legal"}))
    assert shelf.store.changeable(author(ANA)) == {theirs}
    assert shelf.store.changeable(author(BEN)) == frozenset()
    assert shelf.store.changeable(author(DEEDS)) == {managed}
    assert shelf.store.changeable(author(BEN, admin=True)) == {theirs, ours, managed}
    assert shelf.store.changeable(author(CARLA, admin=True)) == frozenset()
    assert shelf.store.changeable(OPERATOR) == {theirs, ours, managed, secret}
    for document, who in ((theirs, author(BEN)), (ours, author(ANA)), (managed, author(BEN))):
        with refused():
            shelf.store.delete(document, who)
        assert not shelf.store.delete(document, author(CARLA, admin=True))  # as if it were not there
    assert not shelf.store.delete(secret, author(ANA))  # to manage is not to read
    for document, who in ((theirs, author(ANA)), (ours, author(BEN, admin=True)), (managed, author(DEEDS))):
        assert shelf.store.delete(document, who)
    assert shelf.store.delete(secret, OPERATOR)


def test_versions_that_one_may_not_read_keep_one_from_deleting_in_the_same_words(shelf: Shelf) -> None:
    shelf.put("upload/ana/a.txt", "salaries", frozenset({"group:hr"}), author=author(ANA))
    mixed = shelf.put("upload/ana/a.txt", "redacted")
    plain = shelf.put("files/b.txt", "two")
    told = []
    for document, who in (
        (mixed, author(ANA)),
        (mixed, author(BEN, admin=True)),
        (mixed, author(BEN)),
        (plain, author(ANA)),
    ):
        with pytest.raises(NotAllowed) as caught:
            shelf.store.delete(document, who)
        told.append(str(caught.value))
    assert len(set(told)) == 1
    assert shelf.store.changeable(author(ANA)) == frozenset()
    both = Principal("eve", frozenset({"legal", "hr"}))
    assert shelf.store.delete(mixed, author(both, admin=True))
    assert shelf.store.deleted(author(ANA)) == ()
    assert not shelf.store.restore(mixed, author(ANA))


def test_who_may_replace_and_relabel(shelf: Shelf) -> None:
    name = shelf.put("upload/ana/a.txt", "one", author=author(ANA))
    for who in (author(BEN), author(CARLA, admin=True)):
        with pytest.raises(NotAllowed, match="another name"):
            shelf.put("upload/ana/a.txt", "two", author=who)
        with pytest.raises(NotAllowed):
            shelf.put("upload/ana/a.txt", "one", frozenset({"group:hr"}), author=who)
        with refused():
            shelf.store.relabel(name, LEGAL, author=who)
    shelf.put("upload/ana/a.txt", "two", manage=frozenset({"user:ben"}), author=author(ANA))
    shelf.put("upload/ana/a.txt", "three", author=author(BEN))
    stored = shelf.store.find("upload/ana/a.txt")
    assert stored is not None
    assert (stored.version, stored.owner, stored.managers) == (3, "ana", {"user:ben"})
    shelf.put("upload/ana/a.txt", "four")  # the operator's new version leaves it to its owner
    assert name in shelf.store.changeable(author(ANA))
    shelf.store.delete(name, OPERATOR)
    with pytest.raises(NotAllowed):  # not even what is deleted is written over
        shelf.put("upload/ana/a.txt", "five", author=author(CARLA))


def test_deleted_is_gone_everywhere_and_restored_is_as_before(shelf: Shelf) -> None:
    index, chunks = shelf.index(), PostgresChunkReader(shelf.pool)
    shelf.put("b.txt", "other")
    shelf.put("a.txt", "one")
    name = shelf.put("a.txt", "two", LEGAL | {"group:hr"}, manage=frozenset({"group:legal"}))
    index.publish()
    ids, before = searched(index), shelf.store.list(ANA)
    for published in (False, True, False):
        assert shelf.store.delete(name, author(ANA))
        if published:
            index.compact()
        for process in (index, shelf.index()):
            assert len(searched(process)) == 1
            assert searched(process, CARLA) == []
        assert [row.source for row in chunks.read(ids, ANA)] == ["b.txt"]
        assert [shelf.store.text(name, version, ANA) for version in (None, 1, 2)] == [None] * 3
        assert [info.source for info in shelf.store.list(ANA)] == ["b.txt"]
        (gone,) = shelf.store.deleted(author(ANA))
        assert (gone.document_id, [v.version for v in gone.versions]) == (name, [1, 2])
        assert gone.deleted_at is not None
        assert gone.restorable_until is not None
        assert (gone.restorable_until - gone.deleted_at).days == 30
        assert shelf.store.deleted(author(CARLA, admin=True)) == ()
        assert not shelf.store.restore(name, author(CARLA, admin=True))  # version 1 is not hers to read
        assert shelf.store.restore(name, author(ANA))
        assert not shelf.store.restore(name, author(ANA))
        assert shelf.store.list(ANA) == before
        for process in (index, shelf.index()):
            assert searched(process) == ids
            assert len(searched(process, CARLA)) == 1
    assert shelf.store.text(name, 1, ANA) is not None
    assert shelf.store.original(name, 1, ANA) == (b"one", "text/plain", "a.txt", 1)


def test_what_is_over_is_purged(shelf: Shelf) -> None:
    old, new = shelf.put("a.txt", "one"), shelf.put("b.txt", "two")
    generation = PostgresCatalog(shelf.pool).generation()
    shelf.store.delete(old, OPERATOR)
    shelf.later(30)
    shelf.store.delete(new, OPERATOR)
    assert [info.document_id for info in shelf.store.deleted(OPERATOR)] == [new]
    assert not shelf.store.restore(old, OPERATOR)
    assert shelf.store.sweep_blobs() == 0  # originals of deleted documents are in use
    assert shelf.store.purge() == 1
    assert shelf.store.purge() == 0
    assert len(list(shelf.blobs.hashes())) == 1
    with transaction(shelf.pool) as conn:
        left = [conn.execute(f"SELECT count(*) FROM {t}").fetchone() for t in ("documents", "versions", "chunks")]  # noqa: S608
    assert left == [(1,)] * 3
    changed = PostgresCatalog(shelf.pool).changes(generation)
    assert len(changed.documents) == 2  # who has followed the catalog until before the deletion is told of both
    assert shelf.store.restore(new, OPERATOR)
    shelf.put("a.txt", "again")
    assert [v.version for v in shelf.store.list(ANA)[0].versions] == [2]


def test_no_recycle_bin(fresh_database: Pool, tmp_path: Path) -> None:
    shelf = Shelf(fresh_database, tmp_path, days=0)
    name = shelf.put("a.txt", "one")
    assert shelf.store.delete(name, OPERATOR)
    assert list(shelf.blobs.hashes()) == []
    assert shelf.store.deleted(OPERATOR) == ()
    assert not shelf.store.restore(name, OPERATOR)
    assert [action for action, _ in shelf.actions()] == ["ingest", "delete", "purge"]


def test_every_change_is_recorded(shelf: Shelf) -> None:
    name = shelf.put("upload/ana/a.txt", "the text", author=author(ANA))
    shelf.put("upload/ana/a.txt", "more text", manage=frozenset({"group:legal"}))
    shelf.store.relabel(name, LEGAL | {"group:hr"}, author=author(ANA))
    shelf.store.delete(name, author(BEN))
    shelf.store.restore(name, author(BEN))
    shelf.store.delete(name, OPERATOR, now=True)
    secret = shelf.keys.create("ben", ["legal"], ["read"], "laptop")
    key = shelf.keys.list()[0].id
    assert shelf.keys.revoke(key)
    assert not shelf.keys.revoke(key)
    assert shelf.actions() == [
        ("upload", "user:ana"), ("ingest", "operator"), ("relabel", "user:ana"), ("delete", "user:ben"),
        ("restore", "user:ben"), ("delete", "operator"), ("purge", "operator"),
        ("create_key", "operator"), ("revoke_key", "operator"),
    ]  # fmt: skip
    rows = shelf.records()
    assert rows[1] == {
        "action": "ingest",
        "principal": "operator",
        "document_id": name,
        "source": "upload/ana/a.txt",
        "version": 2,
        "content_sha256": hashlib.sha256(b"more text").hexdigest(),
        "chunking": "structure",
        "label": ["group:legal"],
        "managers": ["group:legal"],
    }
    assert (rows[2]["label"], rows[2]["before"]) == (["group:hr", "group:legal"], ["group:legal"])
    assert (rows[7]["key_id"], rows[7]["user"], rows[7]["scopes"]) == (key, "ben", ["read"])
    written = json.dumps(rows)
    assert secret not in written
    assert "the text" not in written
    assert shelf.trail.verify().ok


def test_a_successor_of_a_key_is_recorded_and_the_old_one_ends_in_time(shelf: Shelf) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    lasting = shelf.keys.create("ben", ["legal"], ["read", "admin@hr"], "laptop", expires_at=soon + timedelta(days=400))
    ending = shelf.keys.create("ana", None, ["scim"], "sync", expires_at=soon)
    a_week, a_year = timedelta(days=7), datetime.now(UTC) + timedelta(days=365)
    for secret, at_most in ((lasting, datetime.now(UTC) + a_week), (ending, soon)):
        old = shelf.keys.lookup(secret)
        assert old is not None
        made = shelf.keys.rotate(old.id, grace=a_week, expires_at=a_year)
        assert made is not None
        new, still = shelf.keys.lookup(made[0]), shelf.keys.lookup(secret)
        assert new is not None
        assert still is not None
        assert made[1] == still.expires_at
        assert abs((made[1] - at_most).total_seconds()) < 60  # never later than it would have
        assert (new.user, new.groups, new.scopes, new.label) == (old.user, old.groups, old.scopes, old.label)
        assert (new.id != old.id, new.expires_at) == (True, a_year)
        told = shelf.records()[-2:]
        assert [(row["action"], row["key_id"]) for row in told] == [("create_key", new.id), ("rotate_key", old.id)]
        assert told[1]["successor"] == new.id
        assert made[0] not in json.dumps(told)
    at_once = shelf.keys.rotate(new.id, grace=timedelta(0), expires_at=None)
    assert at_once is not None
    gone = shelf.keys.lookup(made[0])
    assert gone is not None
    assert gone.expired
    for no_key in (new.id, "unknown"):  # one that has ended has no successor
        assert shelf.keys.rotate(no_key, grace=a_week, expires_at=None) is None
    assert shelf.trail.verify().ok


@pytest.mark.parametrize(
    ("life", "passed", "soon"),
    [
        (365, 300, False),
        (365, 352, True),
        (90, 75, False),
        (90, 77, True),
        (7, 5, False),
        (7, 6, True),
        (None, 0, False),
    ],
)
def test_a_key_ends_soon_two_weeks_before_or_in_the_last_quarter_of_its_life(
    life: int | None, passed: int, soon: bool
) -> None:
    made = datetime.now(UTC) - timedelta(days=passed)
    ends = None if life is None else made + timedelta(days=life)
    key = ApiKey("1", "ana", None, frozenset(), "", made, None, ends, None, expired=False)
    assert key.ends_soon is soon
    assert not replace(key, expired=True).ends_soon
    assert not replace(key, revoked_at=made).ends_soon


def test_what_cannot_be_recorded_does_not_happen(shelf: Shelf) -> None:
    name = shelf.put("a.txt", "one")
    gone = shelf.put("b.txt", "two")
    shelf.store.delete(gone, OPERATOR)
    key = shelf.keys.create("ben", ["legal"], ["read"], "laptop")
    head = shelf.folder / "audit" / "head.json"
    kept = head.read_bytes()
    head.write_text("not what it was")
    generation = PostgresCatalog(shelf.pool).generation()
    attempts = [
        lambda: shelf.put("c.txt", "three"),
        lambda: shelf.put("a.txt", "new"),
        lambda: shelf.store.relabel(name, LEGAL | {"group:hr"}),
        lambda: shelf.store.delete(name, OPERATOR),
        lambda: shelf.store.restore(gone, OPERATOR),
        lambda: shelf.store.delete(gone, OPERATOR, now=True),
        lambda: shelf.keys.create("ben", [], ["read"], "other"),
        lambda: shelf.keys.revoke(shelf.keys.list()[0].id),
        lambda: shelf.keys.rotate(shelf.keys.list()[0].id, grace=timedelta(0), expires_at=None),
    ]
    for attempt in attempts:
        with pytest.raises(AuditUnavailable, match="Nothing was changed"):
            attempt()
    assert PostgresCatalog(shelf.pool).generation() == generation
    kept_key = shelf.keys.lookup(key)
    assert kept_key is not None
    assert not kept_key.expired
    assert len(shelf.keys.list()) == 1
    head.write_bytes(kept)
    assert [info.source for info in shelf.store.list(ANA)] == ["a.txt"]
    assert shelf.store.restore(gone, OPERATOR)
    assert shelf.trail.verify().ok


def test_the_migration_gives_uploads_to_who_uploaded_them(database_url: str, tmp_path: Path) -> None:
    import shutil

    import psycopg

    before = tmp_path / "before"
    before.mkdir()
    for path in MIGRATIONS.glob("*.sql"):
        if path.name < "0007":
            shutil.copy(path, before)
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("CREATE DATABASE owners")
    with open_pool(database_url.replace("/postgres?", "/owners?")) as pool:
        migrate(pool, before)
        with transaction(pool) as conn:
            conn.execute("INSERT INTO access_labels VALUES ('l', '{group:legal}', 1)")
            for source in ("upload/ana/a.txt", "files/b.txt", "upload/c.txt", "upload/x/y/z"):
                asked = {"id": document_id(source), "source": source}
                conn.execute("INSERT INTO documents VALUES (%(id)s, %(source)s, 'l', 1, now(), 1)", asked)
                conn.execute(
                    "INSERT INTO versions (document_id, version, content_sha256, media_type, bytes, title, text, "
                    "layout, label_id, effective) VALUES (%(id)s, 1, 'x', 't', 1, 't', 't', '{}', 'l', now())",
                    asked,
                )
        assert "0007_rights.sql" in migrate(pool)
        with transaction(pool) as conn:
            owners = dict(conn.execute("SELECT source, owner FROM documents").fetchall())
    assert owners == {"upload/ana/a.txt": "ana", "files/b.txt": None, "upload/c.txt": None, "upload/x/y/z": None}


def test_an_owner_who_may_not_read_it_any_more_replaces_and_purges_nothing(shelf: Shelf) -> None:
    """What was put under their document's name since then belongs to those who may read it."""
    source = "upload/ana/plan.txt"
    plan = shelf.put(source, "Mine.", author=author(ANA))
    shelf.put(source, "Theirs.", frozenset({"group:hr"}))
    with pytest.raises(NotAllowed):
        shelf.put(source, "Mine again.", author=author(ANA))
    assert shelf.store.delete(plan, OPERATOR)
    with pytest.raises(NotAllowed):
        shelf.put(source, "Mine again.", author=author(ANA))
    assert shelf.store.restore(plan, OPERATOR)
