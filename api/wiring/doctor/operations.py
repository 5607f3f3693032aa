"""Whether it runs: database, service, jobs, index, disk, clock, backups."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.wiring.doctor.examined import Examined
from api.wiring.doctor.findings import Area, Found, Row, failing, listed, ok, warning
from infra.backup.manifest import newest
from infra.jobs.lanes import STALLED_S
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.migrate import pending
from infra.postgres.segments import PostgresSegments
from retrieval.index.access import AccessIndex

_LITTLE, _NEXT_TO_NOTHING = 5 << 30, 500 << 20
_CLOCK_S, _CLOCK_WRONG_S = 2.0, 30.0
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "[::1]"}  # noqa: S104  which is looked for, not used


def database(it: Examined) -> Found:
    behind = pending(it.any_pool)
    if behind:
        return failing(f"The schema lacks {len(behind)} migrations, from {behind[0]} on.", "Run: footnote migrate")
    return ok(f"PostgreSQL {it.health.server().version // 10000} answers, with this version's schema.")


def service(it: Examined) -> Found:
    host = _ANYWHERE.get(it.settings.host, it.settings.host)
    address = f"http://{host}:{it.settings.port}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}/readyz", timeout=10):
            return ok(f"The service at {address} can answer.")
    except urllib.error.HTTPError as error:
        return failing(f"The service at {address} is not ready: {_told(error)}.", "Its log says why.")
    except OSError as error:
        return warning(
            f"No service listens at {address} ({getattr(error, 'reason', error)}).",
            "Start it: footnote serve. Run the doctor with the service's own settings.",
        )


def workers(it: Examined) -> Found:
    jobs = it.health.jobs(STALLED_S)
    if not jobs.workers:
        told, do = "No worker is alive", "Start `footnote serve` with FOOTNOTE_WORKERS, or `footnote worker`."
        return failing(f"{told}, and {jobs.waiting} files wait.", do) if jobs.waiting else warning(f"{told}.", do)
    return ok(f"{jobs.workers} lanes of workers are alive; {jobs.waiting} files wait.")


def jobs_move(it: Examined) -> Found:
    jobs = it.health.jobs(STALLED_S)
    if jobs.stalled:
        return failing(f"{jobs.stalled} files are held by a worker that died.", "A living worker takes them over.")
    if jobs.failed:
        return warning(f"{jobs.failed} files failed within a day.", "footnote jobs list says which, and why.")
    return ok("No file is stuck, and none failed within a day.")


def connectors(it: Examined) -> Found:
    if late := it.health.late_connectors():
        told = [f"{name} ({problem})" if problem else name for name, problem in late]
        return warning(f"Not in step with their sources: {listed(told)}.", "footnote connectors list says more.")
    return ok("Every connector is in step with its source.")


def index(it: Examined) -> Found:
    _, dimension = it.health.index()
    segments, root = PostgresSegments(it.pool), it.settings.home / "segments"
    if dimension is None:
        return ok("Nothing is indexed yet.")
    gone = [info.name for info in segments.list() if not (root / info.name).is_dir()]
    if gone:
        return failing(f"{len(gone)} segments are not on the disk.", "Run: footnote index compact")
    found = AccessIndex(PostgresCatalog(it.pool), segments, root, dimension=dimension)
    if it.thorough and (damaged := list(found.verify())):
        return failing(f"Damaged: {listed(damaged)}.", "Run: footnote index compact")
    status = found.status()
    if damaged := [segment.name for segment in status.segments if segment.damaged]:
        return failing(f"Damaged: {listed(damaged)}.", "Run: footnote index compact")
    if status.memory_rows > sum(segment.rows for segment in status.segments) // 10 + 10_000:
        return warning(
            f"{status.memory_rows} rows are in no segment: each start makes them anew.",
            "A running service publishes every minute; its log says why it does not.",
        )
    return ok(f"{status.documents} documents, generation {status.generation}; {status.memory_rows} rows not on disk.")


def disk(it: Examined) -> Found:
    free = {str(path): shutil.disk_usage(path).free for path in map(_there, (it.settings.home, it.models.cache_dir))}
    path, least = min(free.items(), key=lambda item: item[1])
    told = f"{path} has {least / 2**30:.1f} GiB free."
    if least < _NEXT_TO_NOTHING:
        return failing(told, "Free some space: nothing is answered where the record cannot be written.")
    return warning(told, "Free some space, or move the data folder.") if least < _LITTLE else ok(told)


def clock(it: Examined) -> Found:
    off = abs((datetime.now(UTC) - it.health.server().clock).total_seconds())
    if off > _CLOCK_WRONG_S:
        return failing(f"This clock and PostgreSQL's are {off:.0f} s apart.", "Let NTP set both.")
    rows = it.audit.stored(limit=1)
    if rows and rows[0].recorded_at > datetime.now(UTC) + timedelta(seconds=_CLOCK_WRONG_S):
        return failing("The newest record lies in the future: the clock was set back.", "Let NTP set the clock.")
    return warning(f"{off:.1f} s apart from PostgreSQL's.", "Let NTP set both.") if off > _CLOCK_S else ok("Right.")


def backups(it: Examined) -> Found:
    folder, hours = it.settings.backups, it.settings.backup_hours
    if folder is None:
        return warning(
            "It is not known whether there are backups.", "Set FOOTNOTE_BACKUPS to where `footnote backup` puts them."
        )
    last = newest(folder)
    if last is None:
        return failing(f"There is no finished backup in {folder}.", "Run: footnote backup --passphrase-file FILE")
    age = (datetime.now(UTC) - last.begun_at).total_seconds() / 3600
    if age > hours:
        return failing(f"The newest backup is {age:.0f} hours old.", "See why the nightly `footnote backup` fails.")
    if not last.trail_whole:
        return failing("The newest backup holds a trail that does not verify.", "Run: footnote audit verify")
    return ok(f"The newest backup is {age:.1f} hours old.")


def _told(error: urllib.error.HTTPError) -> str:
    try:
        checks = json.loads(error.read()).get("checks", {})
    except (ValueError, AttributeError):
        return f"status {error.code}"
    return ", ".join(f"{name}: {state}" for name, state in checks.items() if state != "ok") or f"status {error.code}"


def _there(path: Path) -> Path:
    return next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())


ROWS = tuple(
    Row(name, Area.OPERATIONS, asks, look)
    for name, asks, look in (
        ("database", "PostgreSQL answers and has this version's schema", database),
        ("service", "The service can answer", service),
        ("workers", "Workers are alive", workers),
        ("jobs", "No file is stuck", jobs_move),
        ("connectors", "Connectors are in step", connectors),
        ("index", "The index is whole and not behind", index),
        ("disk", "There is room on the disk", disk),
        ("clock", "The clock is right", clock),
        ("backups", "There is a fresh backup", backups),
    )
)
