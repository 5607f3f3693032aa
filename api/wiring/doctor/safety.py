"""Whether the record holds: its chain, its head, its end, and what runs as whom."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta

from api.wiring.doctor.examined import Examined
from api.wiring.doctor.findings import Area, Found, Row, failing, listed, ok, warning
from infra.postgres.chain import AuditRow, Head, seal
from infra.postgres.head import HEAD_GONE, HeadFile

_END_ROWS = 1000
_LAG = timedelta(minutes=1)
_STOP = "Take the service off the network, keep the database and the home folder as they are, and find out who did it."


def trail_head(it: Examined) -> Found:
    head = _head(it)
    rows = it.audit.stored(limit=1)
    last = rows[0].seq if rows else 0
    if head is None:
        return failing("The head file of the trail is gone.", HEAD_GONE)
    if head.seq > last:
        return failing(
            f"The trail ends at record {last}, and its head says {head.seq}: records are missing.",
            "If a backup was put back by hand, do it with `footnote restore`, which records it. Else: " + _STOP,
        )
    if rows and head.seq < last and rows[0].recorded_at < datetime.now(UTC) - _LAG:
        return warning(f"The head is {last - head.seq} records behind.", "The next record moves it; see the log why.")
    return ok(f"The head is at record {head.seq} of {last}.")


def trail_whole(it: Examined) -> Found:
    if it.thorough:
        report = it.audit.verify()
        if report.ok:
            left = f" {len(report.open)} answers were left open." if report.open else ""
            return ok(f"The whole trail verifies: {report.rows} records.{left}")
        return failing(f"The trail was tampered with: {report.problem}", _STOP)
    rows = it.audit.stored(limit=_END_ROWS)
    if problem := _end_problem(it.audit_key, rows[::-1], _head(it)):
        return failing(problem, _STOP)
    return ok(f"The last {len(rows)} records verify. `footnote audit verify` reads them all.")


def trail_writable(it: Examined) -> Found:
    it.audit.check()
    return ok("A record could be written now.")


def open_answers(it: Examined) -> Found:
    """Among the newest records, or all: what closes an answer comes after what opens it."""
    before = datetime.now(UTC) - timedelta(hours=1)
    if it.thorough:
        left = [one.id for one in it.audit.verify().open if one.opened_at < before]
    else:
        left = _left_open(it.audit.stored(limit=_END_ROWS), before)
    if left:
        return warning(
            f"{len(left)} answers were opened and never closed: {listed(left)}.",
            "A crash does that. Look at each: footnote audit show ID.",
        )
    return ok("Every answer that was opened is closed.")


def witnessed(it: Examined) -> Found:
    if not it.settings.witnesses:
        return warning(
            "No witness is named: whoever holds this machine can roll the whole trail back, unnoticed.",
            "Name one that is elsewhere in FOOTNOTE_WITNESSES (docs/audit-proofs.md).",
        )
    told = it.witnesses.report()[1:]
    if wrong := [f"{one.name}: {one.problem}" for one in told if one.problem]:
        return failing(f"A witness does not agree with the trail, or was not reached: {listed(wrong)}", _STOP)
    if behind := [one.name for one in told if one.behind or not one.checkpoints]:
        return warning(f"Checkpoints are not given to {listed(behind)} yet.", "Run: footnote audit witness now")
    return ok(f"{len(told)} witnesses have every checkpoint, and agree with the trail.")


def not_root(it: Examined) -> Found:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return warning("This runs as root.", "Run the service as a user of its own, as the Dockerfile does.")
    return ok("This does not run as root.")


def _head(it: Examined) -> Head | None:
    it.audit.settle()
    return HeadFile(it.settings.home / "audit" / "head.json", it.audit_key).read()


def _end_problem(key: bytes, rows: tuple[AuditRow, ...], head: Head | None) -> str:
    """What is wrong with the newest rows, oldest of them first: each must be sealed and follow the one before."""
    last: Head | None = None
    for row in rows:
        before = last or Head(row.seq - 1, row.prev_hash)
        if (row.seq - 1, row.prev_hash) != (before.seq, before.hash):
            return f"Record {row.seq} does not follow the one before it."
        if seal(key, before, row.id, row.recorded_at, row.principal, row.record) != row:
            return f"Record {row.seq} was changed, or written with another key."
        if head is not None and head.seq == row.seq and head.hash != row.hash:
            return f"Record {row.seq} is not the one that the head names."
        last = Head(row.seq, row.hash)
    return ""


def _left_open(rows: tuple[AuditRow, ...], before: datetime) -> list[str]:
    """The ids of answers that these rows, newest first, open before then and do not close."""
    closed = {json.loads(row.record).get("answer_id") for row in rows if '"kind":"closed"' in row.record}
    opened = (row for row in rows if '"kind":"opened"' in row.record and row.recorded_at < before)
    return [row.id for row in opened if row.id not in closed]


ROWS = tuple(
    Row(name, Area.SAFETY, asks, look)
    for name, asks, look in (
        ("trail-head", "The trail reaches as far as its head outside the database", trail_head),
        ("trail-whole", "The trail is as it was written", trail_whole),
        ("trail-writable", "A record can be written", trail_writable),
        ("open-answers", "Answers that were opened are closed", open_answers),
        ("witnesses", "The trail is witnessed outside this machine", witnessed),
        ("not-root", "Nothing runs as root", not_root),
    )
)
