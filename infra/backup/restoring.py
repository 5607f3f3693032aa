"""Putting a backup back where nothing is yet; it can be interrupted and run again.

Keys, originals and the head first, the database last and in one transaction, then all of it is checked and the restore
is recorded in the trail: who reads it later sees where it goes back, and which records are lost.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.backup import manifest as manifests
from infra.backup import sealing
from infra.backup.errors import BackupDamaged, BackupRefused
from infra.backup.manifest import Manifest
from infra.backup.programs import program, run
from infra.backup.taking import TABLES
from infra.files.blobs import BlobStore
from infra.files.durable import make_folder, write_durably
from infra.postgres.audit import PostgresAudit
from infra.postgres.chain import AuditReport, Head
from infra.postgres.changes import changing
from infra.postgres.head import HeadFile
from infra.postgres.migrate import migrate
from infra.postgres.pool import Pool, connection, transaction
from infra.postgres.quotes import QuoteReport, check_quotes
from infra.postgres.sql import SQL
from ingest.types import OPERATOR

MARKER = "restoring.json"
_OWNER_POLICY = re.compile(
    r" POLICY public \S+ owner "
)  # for a role that need not be here; made anew for whoever connects


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back and found whole. `lost`: the last record that is known to be lost, None: none is."""

    manifest: Manifest
    migrated: tuple[str, ...]
    trail: AuditReport
    quotes: QuoteReport
    lost: Head | None


def begin(home: Path, folder: Path, lost_head: Path | None, *, embedded: bool) -> Manifest:
    """Checks the backup, and that nothing is in `home` but what an interrupted restore of it has left there, or a head
    that survived the loss; that, or `lost_head`, is put aside.

    Raises `BackupDamaged`, `BackupRefused`, `DiskFull` or `OSError`.
    """
    made = manifests.read(folder)
    dump = folder / "database.dump"
    if not dump.exists() or manifests.sha256_of(dump) != made.dump_sha256:
        raise BackupDamaged(f"{dump} is not as it was written. Use another backup.")
    marker = home / MARKER
    if marker.exists():
        if json.loads(marker.read_bytes())["id"] != made.id:
            raise BackupRefused(f"Another backup is half restored in {home}. Finish it, or choose another home.")
        if lost_head:  # which the run before was not given
            write_durably(_survived(home, made), lost_head.read_bytes())
        return made
    names = ("blobs", "secrets", "segments", "adapters", *(("postgres",) if embedded else ()))
    if there := [name for name in names if (home / name).exists()]:
        raise BackupRefused(
            f"{home} holds an installation ({', '.join(there)}). Restore into an empty FOOTNOTE_HOME; of the old one, "
            "bring along audit/head.json alone if it survived: it says which records were lost."
        )
    head = lost_head or home / "audit" / "head.json"
    make_folder(home / "audit")
    if lost_head or head.exists():
        write_durably(_survived(home, made), head.read_bytes())
    write_durably(marker, json.dumps({"id": made.id}).encode())
    return made


def put_files(home: Path, folder: Path, made: Manifest, keys: Mapping[str, bytes]) -> Head | None:
    """Keys, originals, adapters and head; returns the last record that is lost, as a head that survived tells it.

    Raises `BackupRefused`, `BackupDamaged`, `AuditBroken` (a head of another trail survived), `DiskFull` or `OSError`.
    """
    key = keys.get("audit.key")
    if key is None:
        raise BackupRefused("The key of the audit trail is not among the keys. Say where the keys are.")
    if not made.is_sealed(key):
        raise BackupDamaged("The backup was changed after it was taken, or these are not the keys that belong to it.")
    head = HeadFile(_survived(home, made), key).read()
    sealing.put(keys, home / "secrets")
    source, target = BlobStore(folder / "blobs"), BlobStore(home / "blobs")
    for sha256 in source.hashes():
        if not target.path(sha256).exists():
            target.put(source.get(sha256))
    if (folder / "adapters").is_dir():
        shutil.copytree(folder / "adapters", home / "adapters", dirs_exist_ok=True)
    sealing.put(sealing.in_folder(folder / "audit"), home / "audit")
    return head if head is not None and head.seq > made.seq else None


def put_database(pool: Pool, url: str, folder: Path, made: Manifest) -> list[str]:
    """The dump into an empty database, in one transaction; what an earlier run has put there stays. Returns the
    migrations that were applied on top. Raises `BackupRefused`, `BackupDamaged` or `MigrationFailed`."""
    with connection(pool) as conn:
        empty = bool(conn.execute(SQL["backup_is_empty"]).fetchall()[0][0])
        conn.execute(SQL["backup_make_reader"])
        database = conn.info.dbname
    if empty:
        _load(url, database, folder / "database.dump", made.dumped_by)
    with transaction(pool) as conn:
        conn.execute(SQL["backup_own_policies"])
        conn.execute(SQL["backup_forget_segments"])  # which are no part of a backup: the index is written anew
        counts = dict(zip(TABLES, conn.execute(SQL["backup_counts"]).fetchall()[0], strict=True))
    if empty and counts != dict(made.rows):
        raise BackupDamaged(f"The database holds {counts} after the restore, and held {dict(made.rows)}.")
    return migrate(pool)


def check(pool: Pool, audit: PostgresAudit, blobs: BlobStore, made: Manifest) -> tuple[AuditReport, QuoteReport]:
    """Raises `BackupDamaged` unless trail, quotes and originals are as they were taken."""
    trail, quotes = audit.verify(), check_quotes(pool, audit.vault)
    if made.trail_whole and not trail.ok:
        raise BackupDamaged(f"The trail does not verify after the restore: {trail.problem}")
    with transaction(pool) as conn:
        if made.seq and conn.execute(SQL["audit_hash"], {"seq": made.seq}).fetchone() != (bytes.fromhex(made.hash),):
            raise BackupDamaged(f"Record {made.seq} of the trail is not the one that was backed up.")
        needed = {sha256 for (sha256,) in conn.execute(SQL["backup_originals"])}
    if quotes.wrong:
        raise BackupDamaged(f"{len(quotes.wrong)} quotes do not stand at their bytes, such as {quotes.wrong[0]}.")
    if gone := needed - set(blobs.hashes()) - set(made.missing):
        raise BackupDamaged(f"{len(gone)} originals are not there, such as {min(gone)}.")
    return trail, quotes


def record(pool: Pool, audit: PostgresAudit, made: Manifest, lost: Head | None) -> None:
    """Writes the restore into the trail, once, and ends all sessions: who has signed out since stays so."""
    with transaction(pool) as conn:
        if conn.execute(SQL["backup_recorded"], {"seq": made.seq, "backup": made.id}).fetchall()[0][0]:
            return
    with changing(pool, audit) as change:
        change.conn.execute(SQL["backup_end_sessions"])
        what: dict[str, object] = {
            "source": "backup", "backup": made.id, "taken_at": made.finished_at.isoformat(), "last_record": made.seq,
        }  # fmt: skip
        if lost is not None:
            what |= {"lost_from": made.seq + 1, "lost_to": lost.seq, "lost_hash": lost.hash.hex()}
        change.record("restore", OPERATOR.name, **what)


def _survived(home: Path, made: Manifest) -> Path:
    return home / "audit" / f"head-before-{made.id}.json"


def _load(url: str, database: str, dump: Path, dumped_by: int) -> None:
    pg_restore, _ = program("pg_restore", dumped_by)
    listed = run([pg_restore, "--list", dump], url).splitlines()
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".list") as chosen:
        chosen.write("\n".join(line for line in listed if not _OWNER_POLICY.search(line)))
        chosen.flush()
        options = ["--single-transaction", "--exit-on-error", "--no-owner", f"--use-list={chosen.name}"]
        run([pg_restore, *options, f"--dbname={database}", dump], url)
