"""What was done, one entry each, as the records of the audit trail tell it: a record of accesses holds many."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from generation.people import TrailFilter
from infra.postgres.chain import AuditRow, canonical

LATE = timedelta(minutes=10)  # an access that was written later than that counts from when it was written
_ABOUT = 300  # characters
_TOLD = ("query", "question", "source", "document_id", "connector", "collection", "name", "person_id")


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """`id`: of the record, with ".N" where that holds many; `number` is N, 0 otherwise. `action`: what was done, and of
    an answer `opened`, `sentence` or `closed`. `refused`: the code, where nothing was shown. `record`: all of it."""

    id: str
    seq: int
    number: int
    at: datetime
    recorded_at: datetime
    action: str
    principal: str
    refused: str
    about: str
    record: Mapping[str, Any]
    hash: str


def entries_of(row: AuditRow) -> Iterator[TrailEntry]:
    """Newest first. What cannot be read any more is an entry too: verify tells that it was changed."""
    try:
        record = json.loads(row.record)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        record = {"action": "unreadable"}
    accesses = record.get("accesses") if record.get("kind") == "accesses" else None
    if not isinstance(accesses, list):
        yield _entry(row, record, row.id, 0, row.recorded_at, row.principal)
        return
    for number, access in reversed(list(enumerate(accesses))):
        told: Mapping[str, Any] = access if isinstance(access, dict) else {"action": "unreadable"}
        at = _moment(told.get("at")) or row.recorded_at
        yield _entry(row, told, f"{row.id}.{number}", number, at, str(told.get("principal", "")))


def _moment(told: object) -> datetime | None:
    """None for what is no time with a zone."""
    try:
        at = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _entry(row: AuditRow, record: Mapping[str, Any], id_: str, number: int, at: datetime, principal: str) -> TrailEntry:
    action = str(record.get("action") or record.get("kind") or "answer")
    told = (*_TOLD, "key_id") if record.get("kind") == "change" else _TOLD
    about = next((str(record[name]) for name in told if record.get(name)), "")
    return TrailEntry(
        id=id_,
        seq=row.seq,
        number=number,
        at=at,
        recorded_at=row.recorded_at,
        action=action,
        principal=principal,
        refused=str(record.get("refused", "")),
        about=" ".join(about.split())[:_ABOUT],
        record=record,
        hash=row.hash.hex(),
    )


def fits(entry: TrailEntry, wanted: TrailFilter) -> bool:
    at = entry.at if entry.recorded_at - entry.at <= LATE else entry.recorded_at
    return (
        wanted.action in ("", entry.action)
        and wanted.user in ("", entry.principal)
        and wanted.refused in ("", entry.refused)
        and (wanted.since is None or at >= wanted.since)
        and (wanted.until is None or at < wanted.until)
        and _holds(entry, wanted)
    )


def _holds(entry: TrailEntry, wanted: TrailFilter) -> bool:
    if not wanted.document and not wanted.text:
        return True
    text = canonical(entry.record)
    return (not wanted.document or f'"document_id":"{wanted.document}"' in text) and escaped(
        wanted.text
    ).lower() in text.lower()


def escaped(text: str) -> str:
    """As it stands in a record."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
