"""The audit trail's hash chain, without a database: sealing a record and checking a sequence of rows."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

GENESIS = bytes(32)
ERASED = "[erased]"  # in the place of what was sealed under keys that are destroyed
UNREADABLE = "[unreadable]"  # and of what was sealed under other keys than those that are here
NOT_READ = (ERASED, UNREADABLE)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row of the trail. `record` is canonical JSON; `hash` seals every other field with the key."""

    seq: int
    id: str
    recorded_at: datetime
    principal: str
    prev_hash: bytes
    record: str
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row that is known to be durable, kept outside the database. seq 0 with `GENESIS`: none yet."""

    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """An answer without a closing row: its writer was killed, or still writes."""

    id: str
    opened_at: datetime
    principal: str


@dataclass(frozen=True, slots=True)
class Former:
    """What a record was before it was sealed."""

    hash: bytes
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Resealed:
    """Records `first` to `last` were written again; so many of them had stood in the clear."""

    at: datetime
    first: int
    last: int
    rows: int


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The outcome of a check: rows read, the first row that is not as it was written, with the reason, the answers
    that were opened and not closed, and what was written again to seal it."""

    rows: int
    ok: bool
    first_bad_seq: int | None = None
    problem: str = ""
    open: tuple[OpenAnswer, ...] = ()
    resealed: tuple[Resealed, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A row as it was before it was stored: principal and record in plain words, but for what is `erased`. `salts`: for
    the fields that are sealed and can be shown, by which their commitments are proved."""

    row: AuditRow
    erased: bool = False
    salts: Mapping[str, bytes] = field(default_factory=dict)


class Vault(Protocol):
    """Seals records before the chain does, so that what they say can be erased and the chain still holds. All methods
    raise a `FootnoteError` where the keys are missing."""

    def lock(self, row_id: str, at: datetime, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is stored of the record. Raises `TypeError` or `ValueError` for what is no JSON."""
        ...

    def open(self, row: AuditRow) -> Opened: ...

    def called(self, principal: str) -> str:
        """What the stored records call them."""
        ...


class Plain:
    """Implements `Vault`: everything is stored as it is."""

    def lock(self, row_id: str, at: datetime, record: Mapping[str, Any]) -> Mapping[str, Any]:
        return record

    def open(self, row: AuditRow) -> Opened:
        return Opened(row)

    def called(self, principal: str) -> str:
        return principal


def is_erased(value: Any) -> bool:
    """Whether any of it cannot be read any more."""
    if isinstance(value, Mapping):
        return any(map(is_erased, value.values()))
    return any(map(is_erased, value)) if isinstance(value, list) else value in NOT_READ


def is_unknown(principal: str) -> bool:
    """Whether a pseudonym is all that is left of them."""
    return principal.startswith("person:")


def who(record: Mapping[str, Any]) -> str:
    """The principal: a name, or a mapping with the key `user`."""
    principal = record.get("principal", "")
    return str(principal.get("user", "")) if isinstance(principal, Mapping) else str(principal)


def canonical(record: Mapping[str, Any]) -> str:
    """Sorted keys, no spaces, UTF-8; a lone surrogate is escaped. Raises `TypeError` or `ValueError` if not JSON."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace").decode()


def seal(key: bytes, last: Head, row_id: str, recorded_at: datetime, principal: str, record: str) -> AuditRow:
    """The row that follows `last`."""
    seq = last.seq + 1
    digest = _digest(key, last.hash, seq, row_id, recorded_at, principal, record)
    return AuditRow(seq, row_id, recorded_at, principal, last.hash, record, digest)


def check(rows: Iterable[AuditRow], key: bytes, head: Head | None) -> AuditReport:
    """Checks rows in the order of `seq` against each other and against the head; stops at the first bad one.

    Rows beyond the head are fine if they chain: their writer was killed before it moved the head.
    """
    last = Head(0, GENESIS)
    for row in rows:
        problem = problem_at(row, last, key, head)
        if problem:
            return AuditReport(last.seq + 1, False, last.seq + 1, problem)
        last = Head(row.seq, row.hash)
    if head is None:
        return AuditReport(
            last.seq, False, last.seq or None, "the head file is gone, so rows may be missing at the end"
        )
    if head is not None and head.seq > last.seq:
        return AuditReport(last.seq, False, last.seq + 1, f"rows {last.seq + 1} to {head.seq} are missing at the end")
    return AuditReport(last.seq, True)


def problem_at(row: AuditRow, last: Head, key: bytes, head: Head | None) -> str:
    """Why the row is not the one that follows `last`; "" if it is."""
    if row.seq != last.seq + 1:
        return f"row {row.seq} follows row {last.seq}: rows are missing or were added"
    if not hmac.compare_digest(row.prev_hash, last.hash):
        return "the row does not follow the one before it: rows were replaced or reordered"
    expected = _digest(key, row.prev_hash, row.seq, row.id, row.recorded_at, row.principal, row.record)
    if not hmac.compare_digest(row.hash, expected):
        return "the row was changed, or was written with another key"
    if head is not None and head.seq == row.seq and not hmac.compare_digest(row.hash, head.hash):
        return "the row is not the one that the head file names"
    return ""


def _digest(
    key: bytes, prev_hash: bytes, seq: int, row_id: str, recorded_at: datetime, principal: str, record: str
) -> bytes:
    """HMAC-SHA256 over all fields, each led by its length so that none can borrow from its neighbour."""
    moment = recorded_at.astimezone(UTC).isoformat(timespec="microseconds")
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for one in (prev_hash, str(seq).encode(), row_id.encode(), moment.encode(), principal.encode(), record.encode()):
        mac.update(len(one).to_bytes(8, "big") + one)
    return mac.digest()
