"""`footnote index`: what an operator reads, and the exit codes that scripts use."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from api.cli import index
from infra.files.blobs import BlobStore
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.indexes import PostgresIndexes
from infra.postgres.pool import Pool
from infra.postgres.segments import PostgresSegments
from ingest.types import Chunk, Document
from retrieval.index.access import AccessIndex


@dataclass
class Parts:
    index: AccessIndex
    pool: Pool
    settings: SimpleNamespace

    @property
    def indexes(self) -> PostgresIndexes:
        return PostgresIndexes(self.pool)

    def pool_beside(self, index: str) -> Pool:
        assert index == ""
        return self.pool


@pytest.fixture
def parts(fresh_database: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Parts:
    """An index of one published document, which the commands open."""
    original = b"The rent is due."
    document = Document("lease", "t", "text/plain", hashlib.sha256(original).hexdigest(), original.decode(), ())
    chunk = Chunk("0" * 32, document.id, 0, 0, 4, "The ", "t")
    store = PostgresDocumentStore(fresh_database, BlobStore(tmp_path / "blobs"))
    store.add_version(document, [chunk], np.ones((1, 4), np.float32), frozenset({"group:legal"}), original)
    catalog, segments = PostgresCatalog(fresh_database), PostgresSegments(fresh_database)
    whole = AccessIndex(catalog, segments, tmp_path / "segments", dimension=4)
    parts = Parts(whole, fresh_database, SimpleNamespace(home=tmp_path, segment_rows=4_000_000))
    parts.index.publish()

    @contextmanager
    def opened() -> Iterator[Parts]:
        yield parts

    monkeypatch.setattr(index, "opened", opened)
    return parts


def test_damage_is_found_told_and_mended(parts: Parts, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert index.verify(False) == 0
    assert capsys.readouterr().out == "Every segment is as it was written.\n"
    (file,) = (tmp_path / "segments").rglob("vectors.npy")
    file.write_bytes(file.read_bytes()[:-1] + b"x")

    assert index.verify(True) == 1
    report = json.loads(capsys.readouterr().out)
    assert not report["ok"]
    assert list(report["problems"]) == [file.parent.name]
    assert index.verify(False) == 1
    told = capsys.readouterr()
    assert "vectors.npy" in told.out
    assert "`footnote index compact`" in told.err

    assert index.compact(False) == 0
    assert capsys.readouterr().out == "The index is written anew: 1 rows in 1 segments.\n"
    assert index.verify(False) == 0


def test_status(parts: Parts, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert index.status(True) == 0
    found = json.loads(capsys.readouterr().out)
    (segment,) = found.pop("segments")
    assert found == {"generation": 1, "documents": 1, "versions": 1, "memory_rows": 0, "memory_segments": 0}
    assert (segment["rows"], segment["living"], segment["damaged"]) == (1, 1, False)
    assert index.status(False) == 0
    assert "1 document in 1 version; 0 rows wait" in capsys.readouterr().out
    (folder,) = (tmp_path / "segments").iterdir()
    (folder / "segment.json").unlink()
    parts.index = AccessIndex(parts.index._catalog, parts.index._manifest, tmp_path / "segments", dimension=4)
    assert index.status(False) == 0
    told = capsys.readouterr()
    assert "damaged" in told.out
    assert "1 rows wait" in told.out
    assert "`footnote index compact`" in told.err


def test_compaction_waits_its_turn(parts: Parts, fresh_database: Pool, capsys: pytest.CaptureFixture[str]) -> None:
    with PostgresSegments(fresh_database).publishing() as mine:
        assert mine
        assert index.compact(True) == 1
        assert not json.loads(capsys.readouterr().out)["ok"]
        assert index.compact(False) == 1
        assert "Try again" in capsys.readouterr().err
