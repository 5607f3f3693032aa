"""What must be true of an installation after any crash, looked up in the installation itself."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evals.systems.installations import Installation
from generation.people import TrailFilter
from infra.postgres.errors import DatabaseUnavailable
from infra.postgres.pool import transaction
from infra.postgres.segments import PostgresSegments
from retrieval.index.access import AccessIndex
from retrieval.protocols import SegmentInfo
from retrieval.types import Principal

_PAGE = 200
_WAIT_S = 0.1
_WAITING = """
    SELECT count(*) FROM job_files f JOIN jobs j ON j.id = f.job_id
    WHERE f.state IN ('queued', 'running') AND j.finished_at IS NULL"""
_HALF = {
    "documents without their current version": """
        SELECT d.id FROM documents d
        LEFT JOIN versions v ON v.document_id = d.id AND v.version = d.current_version WHERE v.version IS NULL""",
    "chunks of no version": """
        SELECT c.id FROM chunks c
        LEFT JOIN versions v ON v.document_id = c.document_id AND v.reading = c.reading WHERE v.version IS NULL""",
    "versions without chunks": """
        SELECT v.document_id FROM versions v
        LEFT JOIN chunks c ON c.document_id = v.document_id AND c.reading = v.reading
        GROUP BY v.document_id, v.version HAVING count(c.id) = 0""",
    "versions without their key": "SELECT document_id FROM versions WHERE index_key IS NULL",
    "documents that are there and retired": "SELECT id FROM documents JOIN retired_documents ON document_id = id",
}


def back(parts: Installation, within_s: float) -> bool:
    """Whether the database answers this process within so long: one that was killed replays its log first."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            parts.audit.show(limit=1)
        except DatabaseUnavailable:
            if time.monotonic() > deadline:
                return False
        else:
            return True


def entries(parts: Installation, after: int) -> list[dict[str, Any]]:
    """What the trail tells of its rows behind the first `after`, oldest first, each with the `id` and `seq` of its row;
    accesses are left out."""
    found: list[dict[str, Any]] = []
    place: tuple[int, int] | None = None
    while True:
        page = parts.trail.page(TrailFilter(), place, _PAGE)
        for entry in page.entries:
            if entry.seq <= after:
                return found[::-1]
            if entry.id.count(".") == 0 and "kind" in entry.record:
                found.append({**entry.record, "id": entry.id, "seq": entry.seq})
        if page.last is None:
            return found[::-1]
        place = page.last


def waiting(parts: Installation, within_s: float) -> int:
    """How many files of jobs still wait or are worked on after so long; 0 as soon as there is none."""
    deadline = time.monotonic() + within_s
    while True:
        with transaction(parts.pool) as conn:
            count = int(conn.execute(_WAITING).fetchall()[0][0])
        if count == 0 or time.monotonic() > deadline:
            return count
        time.sleep(_WAIT_S)


def half(parts: Installation) -> list[str]:
    """What is there in part, in words."""
    found = []
    with transaction(parts.pool) as conn:
        for what, query in _HALF.items():
            if rows := conn.execute(query.encode()).fetchall():
                found.append(f"{what}: {len(rows)}")
        originals = {sha256 for (sha256,) in conn.execute("SELECT content_sha256 FROM versions")}
    missing = originals - set(parts.blobs.hashes())
    return found + ([f"versions without their original: {len(missing)}"] if missing else [])


def differing_rows(parts: Installation, principals: Sequence[Principal]) -> int:
    """How many rows of the index, as these may see it, are not those of one that is made anew from the database, and
    how many published segments are damaged."""
    dimension = parts.embedder.dimension
    published, home = PostgresSegments(parts.pool), parts.settings.home
    kept = AccessIndex(parts.catalog, published, home / "segments", dimension=dimension)
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as folder:
        anew = AccessIndex(parts.catalog, _Nothing(), Path(folder), dimension=dimension)
        found = sum(len(_rows(kept, one).items() ^ _rows(anew, one).items()) for one in principals)
    return found + len(kept.verify())


def _rows(index: AccessIndex, principal: Principal) -> Mapping[bytes, tuple[bytes, int]]:
    """Vector and length of each visible row by its id and place, so that one that is there twice counts."""
    rows: dict[bytes, tuple[bytes, int]] = {}
    for part in index.view(principal).segments:
        segment = part.segment
        for row in part.mask.nonzero()[0].tolist():
            name = bytes(segment.chunk_ids[row])
            while name in rows:
                name += b"+"
            rows[name] = segment.vectors[row].tobytes(), int(segment.lengths[row])
    return rows


class _Nothing:
    """A list of segments that is empty: all that is read from it is made of the catalog."""

    def list(self) -> Sequence[SegmentInfo]:
        return ()

    def replace(self, removed: Sequence[str], added: SegmentInfo | None) -> None:
        raise NotImplementedError

    @contextmanager
    def publishing(self) -> Iterator[bool]:
        yield False
