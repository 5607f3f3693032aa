"""The access index over real PostgreSQL: several processes share the segments, and kill -9 in the middle of
publishing loses and doubles nothing."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import retrieval.index.access
from infra.files.blobs import BlobStore
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.pool import Pool, transaction
from infra.postgres.segments import PostgresSegments
from ingest.types import OPERATOR, Chunk, Document, document_id
from retrieval.index.access import AccessIndex
from retrieval.types import Principal

ANA = Principal("ana", frozenset({"legal"}))
LEGAL, BOTH, HR = frozenset({"group:legal"}), frozenset({"group:legal", "group:hr"}), frozenset({"group:hr"})

PUBLISHER = """
import hashlib, sys
from pathlib import Path
import numpy as np
from infra.files.blobs import BlobStore
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.pool import open_pool
from infra.postgres.segments import PostgresSegments
from ingest.types import OPERATOR, Chunk, Document
from retrieval.index.access import AccessIndex
from retrieval.types import Principal

pool, folder, seed = open_pool(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
store = PostgresDocumentStore(pool, BlobStore(folder / "blobs"))
index = AccessIndex(PostgresCatalog(pool), PostgresSegments(pool), folder / "segments", dimension=8)
print("go", flush=True)
for n in range(10**6):
    original = f"{seed} {n}".encode()
    document = Document(f"d{n % 5}", "t", "text/plain", hashlib.sha256(original).hexdigest(), original.decode(), ())
    chunks = [Chunk(f"{seed}-{n}-{i}", document.id, i, i, i + 1, f"word{n} x", "t") for i in range(400)]
    store.add_version(document, chunks, np.ones((400, 8), np.float32), frozenset({"group:legal"}), original)
    index.compact() if n % 3 == 0 else index.publish()
    if n % 4 == 0:
        store.delete(document.id, OPERATOR)
    if n % 8 == 0:
        store.restore(document.id, OPERATOR)
"""


def opened(pool: Pool, folder: Path) -> AccessIndex:
    return AccessIndex(PostgresCatalog(pool), PostgresSegments(pool), folder / "segments", dimension=8)


def found(index: AccessIndex, as_of: date | None = None, principal: Principal = ANA) -> list[str]:
    view = index.view(principal, as_of)
    return sorted(name.decode() for part in view.segments for name in part.segment.chunk_ids[part.mask].tolist())


def current(pool: Pool) -> list[str]:
    with transaction(pool) as conn:
        rows = conn.execute(
            "SELECT c.id FROM documents d JOIN versions v ON v.document_id = d.id AND v.version = d.current_version "
            "JOIN chunks c ON c.document_id = d.id AND c.reading = v.reading "
            "WHERE d.deleted_at IS NULL"
        )
        return sorted(name for (name,) in rows)


def test_kill_in_the_middle_of_publishing(
    fresh_database: Pool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(fresh_database) as conn:
        url = database_url.replace("/postgres?", f"/{conn.info.dbname}?")
    segments = PostgresSegments(fresh_database)
    chance = random.Random(5)
    for attempt in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", PUBLISHER, url, str(tmp_path), str(attempt)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "go\n"
        before, deadline = segments.list(), time.monotonic() + 150
        while segments.list() == before and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(chance.random() * 0.2)
        process.kill()
        process.communicate()

        with transaction(fresh_database) as conn:
            conn.execute("LOCK TABLE catalog_generation")  # the killed one's transaction has ended
        index = opened(fresh_database, tmp_path)
        assert found(index) == current(fresh_database) != []
        assert index.verify() == {}
        assert not any(segment.damaged for segment in index.status().segments)
        deadline = time.monotonic() + 30
        while not index.publish() and time.monotonic() < deadline:
            time.sleep(0.01)  # until the server has noticed that the killed one is gone
        assert index.status().memory_rows == 0
        assert found(index) == found(opened(fresh_database, tmp_path)) == current(fresh_database)
    monkeypatch.setattr(retrieval.index.access, "_ORPHAN_S", -1.0)
    index.publish()
    assert {path.name for path in (tmp_path / "segments").iterdir()} == {info.name for info in segments.list()}


class Writer:
    def __init__(self, pool: Pool, folder: Path) -> None:
        self.store = PostgresDocumentStore(pool, BlobStore(folder / "blobs"))

    def put(self, source: str, text: str, allow: frozenset[str] = LEGAL, day: str | None = None) -> None:
        original = text.encode()
        document = Document(source, "t", "text/plain", hashlib.sha256(original).hexdigest(), text, ())
        chunks = [Chunk(f"{source}-{text}-{n}", document.id, n, n, n + 1, text[n], "t") for n in range(2)]
        self.store.add_version(document, chunks, np.ones((2, 8), np.float32), allow, original, day)


def test_processes_share_segments_while_documents_change(fresh_database: Pool, tmp_path: Path) -> None:
    """Two indexes publish and search against each other, and in the end both have what the database has."""
    writer = Writer(fresh_database, tmp_path)
    for number in range(20):
        writer.put(f"kept{number}", f"kept{number}")
    kept = current(fresh_database)
    one, other = opened(fresh_database, tmp_path), opened(fresh_database, tmp_path)
    stop = threading.Event()

    def search(index: AccessIndex) -> None:
        while not stop.is_set():
            names = found(index)
            assert set(kept) <= set(names)
            assert len(set(names)) == len(names)

    def publish(index: AccessIndex) -> None:
        while not stop.is_set():
            index.publish()

    with ThreadPoolExecutor(4) as executor:
        running = [executor.submit(work, index) for work in (search, publish) for index in (one, other)]
        for number in range(40):
            writer.put(f"new{number % 7}", f"text {number}", LEGAL if number % 3 else HR)
            if number % 5 == 0:
                writer.store.delete(document_id(f"new{number % 7}"), OPERATOR)
        stop.set()
        for work in running:
            work.result()
    everybody = Principal("root", frozenset({"legal", "hr"}))
    assert found(one, None, everybody) == found(other, None, everybody) == current(fresh_database)
    one.publish()
    assert found(opened(fresh_database, tmp_path), None, everybody) == current(fresh_database)


def test_versions_as_of_a_day(fresh_database: Pool, tmp_path: Path) -> None:
    """A, B, A, where the first A was for legal alone and the document was later opened for HR too."""
    writer, index = Writer(fresh_database, tmp_path), opened(fresh_database, tmp_path)
    ben = Principal("ben", frozenset({"hr"}))
    writer.put("a", "AA", LEGAL, "2020")
    writer.put("a", "BB", BOTH, "2021-06")
    days = [date(2019, 12, 31), date(2020, 1, 1), date(2021, 5, 31), date(2021, 6, 1), None]
    a, b = ["a-AA-0", "a-AA-1"], ["a-BB-0", "a-BB-1"]
    for published in (False, True):
        if published:
            index.publish()
        assert [found(index, day) for day in days] == [[], a, a, b, b]
        assert [found(index, day, ben) for day in days] == [[], [], [], b, b]
    writer.put("a", "AA", BOTH, "2022-01-01")
    before = {path: path.read_bytes() for path in (tmp_path / "segments").rglob("*.npy")}
    assert [found(index, day) for day in [*days, date(2022, 1, 1)]] == [[], a, a, b, a, a]
    assert [found(index, day, ben) for day in [*days, date(2022, 1, 1)]] == [[], [], [], b, a, a]
    assert index.status().memory_rows == 0  # the same content is not indexed twice
    index.publish()
    assert {path: path.read_bytes() for path in (tmp_path / "segments").rglob("*.npy")} == before
    writer.store.relabel(document_id("a"), HR)
    assert [found(index, day) for day in days] == [[]] * 5
