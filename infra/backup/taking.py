"""Taking a backup while the service runs.

Originals are copied first, then the head of the trail, then one snapshot of the database is dumped, then the originals
that it names and that came meanwhile. So every row has its original, and the trail reaches at least as far as its head.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from infra.backup import manifest as manifests
from infra.backup import sealing
from infra.backup.errors import BackupRefused
from infra.backup.manifest import Manifest
from infra.backup.programs import program, run
from infra.files.blobs import BlobStore
from infra.files.durable import make_folder, sync_folder, write_durably
from infra.files.errors import BlobDamaged, BlobMissing
from infra.postgres.audit import PostgresAudit
from infra.postgres.pool import Connection, Pool, transaction
from infra.postgres.quotes import check_quotes
from infra.postgres.sql import SQL

TABLES = ("documents", "versions", "chunks", "facts", "audit", "api_keys", "people", "jobs")
_UNFINISHED = "unfinished.json"
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Installation:
    """What is backed up: `url` as psycopg takes it."""

    home: Path
    url: str
    pool: Pool
    audit: PostgresAudit
    program: str

    @property
    def blobs(self) -> BlobStore:
        return BlobStore(self.home / "blobs")


@dataclass(frozen=True, slots=True)
class Keys:
    """Where the keys go: sealed by `words`, into a folder `apart`, or, with neither, inside in the clear."""

    words: bytes | None = None
    apart: Path | None = None

    @property
    def where(self) -> str:
        return "sealed" if self.words else "apart" if self.apart else "inside"


def take(one: Installation, folder: Path, keys: Keys, note: Callable[[str], None]) -> Manifest:
    """Makes `folder` a backup, or goes on with one that was interrupted there.

    Raises `BackupRefused`, `DatabaseUnavailable`, `DiskFull` or `OSError`.
    """
    backup_id, begun_at = _begin(folder)
    copy = BlobStore(folder / "blobs")
    note("Copying originals...")
    _copy(one.blobs, copy, one.blobs.hashes())
    _put_keys(one, folder, keys)
    sealing.put(sealing.in_folder(one.home / "audit"), folder / "audit")
    if (one.home / "adapters").is_dir():
        shutil.copytree(one.home / "adapters", folder / "adapters", dirs_exist_ok=True)
    for attempt in range(1, _ATTEMPTS + 1):
        note("Dumping the database...")
        with _snapshot(one.pool) as (conn, snapshot):
            facts = _facts(conn)
            needed, staged = _hashes(conn, SQL["backup_originals"]), _hashes(conn, SQL["backup_staged"])
            dumped_by = _dump(one.url, folder, snapshot, int(str(facts["server"])))
        _copy(one.blobs, copy, staged)
        missing = _copy(one.blobs, copy, needed)
        if not missing or attempt == _ATTEMPTS:  # else some were purged meanwhile: a newer snapshot does not name them
            break
    for extra in set(copy.hashes()) - needed - staged:
        copy.delete(extra)
    quotes, trail = check_quotes(one.pool, one.audit.vault), one.audit.verify()
    dump = folder / "database.dump"
    made = Manifest(
        id=backup_id, begun_at=begun_at, finished_at=datetime.now(UTC), program=one.program, dumped_by=dumped_by,
        dump_sha256=manifests.sha256_of(dump), dump_bytes=dump.stat().st_size, originals=len(needed - set(missing)),
        missing=tuple(missing), trail_whole=trail.ok, citations=quotes.looked, gone=quotes.gone, secrets=keys.where,
        **facts,  # type: ignore[arg-type]
    )  # fmt: skip
    made = made.sealed((one.home / "secrets" / "audit.key").read_bytes())
    manifests.write(folder, made)
    (folder / _UNFINISHED).unlink()
    sync_folder(folder)
    return made


def _begin(folder: Path) -> tuple[str, datetime]:
    """The id and the beginning of the backup in this folder, which is new, empty or was interrupted."""
    if (folder / manifests.NAME).exists():
        raise BackupRefused(f"There is a finished backup in {folder}. Choose another folder.")
    unfinished = folder / _UNFINISHED
    if unfinished.exists():
        return str(json.loads(unfinished.read_bytes())["id"]), datetime.now(UTC)
    if folder.is_dir() and any(folder.iterdir()):
        raise BackupRefused(f"{folder} holds something else. Choose a folder that is not there yet, or empty.")
    make_folder(folder)
    folder.chmod(0o700)
    backup_id = str(uuid.uuid4())
    write_durably(unfinished, json.dumps({"id": backup_id}).encode())
    return backup_id, datetime.now(UTC)


def _put_keys(one: Installation, folder: Path, keys: Keys) -> None:
    files = sealing.in_folder(one.home / "secrets")
    if keys.words:
        write_durably(folder / "secrets.sealed", sealing.sealed(files, keys.words))
    elif keys.apart:
        make_folder(keys.apart)
        sealing.put(files, keys.apart)
    else:
        sealing.put(files, folder / "secrets")


def _copy(source: BlobStore, target: BlobStore, hashes: Iterator[str] | set[str]) -> list[str]:
    """Copies what is not there yet, each checked by its hash; returns those that are gone or damaged."""
    missing = []
    for sha256 in hashes:
        if not target.path(sha256).exists():
            try:
                target.put(source.get(sha256))
            except (BlobMissing, BlobDamaged):
                missing.append(sha256)
    return sorted(missing)


@contextmanager
def _snapshot(pool: Pool) -> Iterator[tuple[Connection, str]]:
    with transaction(pool) as conn:
        conn.execute(SQL["snapshot"])
        yield conn, str(conn.execute(SQL["backup_export"]).fetchall()[0][0])


def _facts(conn: Connection) -> Mapping[str, object]:
    tail = conn.execute(SQL["audit_tail"]).fetchone()
    counts = conn.execute(SQL["backup_counts"]).fetchall()[0]
    return {
        "server": conn.info.server_version // 10000,
        "migrations": tuple(name for name, _ in conn.execute(SQL["applied_migrations"])),
        "rows": dict(zip(TABLES, counts, strict=True)),
        "seq": tail[0] if tail else 0,
        "hash": tail[1].hex() if tail else "",
    }


def _hashes(conn: Connection, statement: bytes) -> set[str]:
    return {sha256 for (sha256,) in conn.execute(statement)}


def _dump(url: str, folder: Path, snapshot: str, server: int) -> int:
    """Row security stays on: FORCE binds an ordinary owner too, whose policy shows it everything."""
    pg_dump, major = program("pg_dump", server)
    staged = folder / "database.dump.new"
    options = ["--format=custom", f"--snapshot={snapshot}", "--enable-row-security", f"--file={staged}"]
    run([pg_dump, *options], url)
    staged.chmod(0o600)
    staged.replace(folder / "database.dump")
    return major
