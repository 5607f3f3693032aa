"""A disk that fills up while the index is written: a real small file system, which needs the right to mount."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.postgres.pool import Pool, transaction

WRITER = """
import hashlib, subprocess, sys
from pathlib import Path
import numpy as np
from infra.files.blobs import BlobStore
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.pool import open_pool
from infra.postgres.segments import PostgresSegments
from ingest.errors import DiskFull
from ingest.types import Chunk, Document
from retrieval.index import access
from retrieval.index.access import AccessIndex
from retrieval.types import Principal

pool, small, spill = open_pool(sys.argv[1]), Path(sys.argv[2]), sys.argv[4] == "spill"
store = PostgresDocumentStore(pool, BlobStore(Path(sys.argv[3])))
opened = lambda: AccessIndex(PostgresCatalog(pool), PostgresSegments(pool), small, dimension=256)
ana = Principal("ana", frozenset({"legal"}))

def put(source):
    original = source.encode() * 100
    document = Document(source, "t", "text/plain", hashlib.sha256(original).hexdigest(), original.decode(), ())
    chunks = [Chunk(f"{source}-{i}", document.id, i, i, i + 1, f"word{i} x", "t") for i in range(1000)]
    store.add_version(document, chunks, np.ones((1000, 256), np.float32), frozenset({"group:legal"}), original)

def found(index):
    return sum(int(part.mask.sum()) for part in index.view(ana).segments)

index = opened()
put("a")
index.publish()
published = PostgresSegments(pool).list()
for source in "bcdef":
    put(source)
if spill:
    access._BATCH_ROWS = 1000
for process in (index, opened()):
    for attempt in (process.publish, process.compact):
        try:
            attempt()
            print("published?")
        except DiskFull as error:
            assert "Free some space" in str(error), error
        assert found(process) == 6000
        assert not [path.name for path in small.iterdir() if path.name.startswith(".building")]
        if not spill:
            assert PostgresSegments(pool).list() == published
        assert {path.name for path in small.iterdir()} == {info.name for info in PostgresSegments(pool).list()}
        assert process.verify() == {}
subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
assert index.publish()
assert index.status().memory_rows == 0
assert found(index) == found(opened()) == 6000
print("done")
"""


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """An empty file system of 4 MiB."""
    with tempfile.TemporaryDirectory() as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, check=False
        )
        if mounted.returncode:
            pytest.skip("this user may not mount a file system")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize("way", ["merge", "spill"])
def test_a_full_disk_ends_the_writing_of_the_index_and_nothing_else(
    fresh_database: Pool, database_url: str, tmp_path: Path, small_disk: Path, way: str
) -> None:
    with transaction(fresh_database) as conn:
        url = database_url.replace("/postgres?", f"/{conn.info.dbname}?")
    done = subprocess.run(
        [sys.executable, "-c", WRITER, url, str(small_disk), str(tmp_path), way],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr  # not -7, SIGBUS
