"""The audit trail in PostgreSQL: append-only, hash-chained, with its head kept outside the database."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from generation.errors import AuditUnavailable
from infra.postgres.chain import GENESIS, AuditReport, AuditRow, Head, canonical, check, seal
from infra.postgres.errors import AuditBroken, StoreError
from infra.postgres.head import HeadFile
from infra.postgres.pool import Connection, Pool, transaction
from infra.postgres.sql import SQL
from ingest.errors import DiskFull

BATCH_ROWS = 500


class PostgresAudit:
    """Implements `generation.protocols.AuditLog`.

    `key` is secret and stays the same for the life of the trail; `head` is a file that must survive the
    database. Whoever can write the database can be caught as long as he has neither.
    """

    def __init__(self, pool: Pool, key: bytes, head: Path) -> None:
        if len(key) < 16:
            raise ValueError("the audit key needs at least 16 bytes")
        self._pool = pool
        self._key = key
        self._head = HeadFile(head, key)

    async def append(self, record: Mapping[str, Any]) -> str:
        """Returns the row's id once row and head are durable.

        Raises `AuditUnavailable` when they cannot be: no database, no disk space, a trail that is broken
        already, or a record that is not JSON. `record["principal"]` is who asked: a name, or a mapping with
        the key `user`.
        """
        return await asyncio.to_thread(self.append_now, record)

    def append_now(self, record: Mapping[str, Any]) -> str:
        """`append`, for callers without an event loop."""
        row_id = str(uuid.uuid4())
        try:
            text = canonical(record)
            with transaction(self._pool) as conn:
                conn.execute(SQL["lock_audit"])
                last = self._last(conn)
                row = seal(self._key, last, row_id, datetime.now(UTC), _who(record), text)
                conn.execute(SQL["append_audit"], _columns(row))
            self._head.advance(Head(row.seq, row.hash))
        except (StoreError, DiskFull, OSError) as error:
            raise AuditUnavailable(f"The audit record cannot be written. {error}") from error
        except (TypeError, ValueError) as error:
            raise AuditUnavailable(f"The audit record is not JSON: {error}.") from error
        return row_id

    def verify(self) -> AuditReport:
        """Reads the whole trail; raises `DatabaseUnavailable`. The head is read first: rows may be added meanwhile."""
        try:
            head = self._head.read()
        except AuditBroken as error:
            return AuditReport(0, False, None, str(error))
        with transaction(self._pool) as conn, conn.cursor(name="audit_chain") as cursor:
            cursor.itersize = BATCH_ROWS
            cursor.execute(SQL["audit_chain"])
            return check((AuditRow(*row) for row in cursor), self._key, head)

    def show(self, audit_id: str | None = None, limit: int = 20) -> tuple[AuditRow, ...]:
        """The row with this id, or the newest rows, newest first."""
        try:
            wanted = None if audit_id is None else uuid.UUID(audit_id)
        except ValueError:
            return ()
        with transaction(self._pool) as conn:
            return tuple(AuditRow(*row) for row in conn.execute(SQL["show_audit"], {"id": wanted, "limit": limit}))

    def _last(self, conn: Connection) -> Head:
        """The row to follow. A trail that lacks the head's row is not continued: that would hide the loss."""
        tail = conn.execute(SQL["audit_tail"]).fetchone()
        last = Head(0, GENESIS) if tail is None else Head(*tail)
        head = self._head.read()
        if head is None:
            if last.seq:
                raise AuditBroken("The trail's head file is gone. Restore it from a backup.")
            self._head.advance(last)
        elif head.seq and conn.execute(SQL["audit_hash"], {"seq": head.seq}).fetchone() != (head.hash,):
            raise AuditBroken(f"Row {head.seq} of the trail is missing or changed. Run `footnote audit verify`.")
        return last

    def append_within(self, conn: Connection, record: Mapping[str, Any]) -> Head:
        """Adds the record to a transaction of the caller's, which commits both or neither, and returns the head to
        `advance` after the commit. Raises `AuditUnavailable`."""
        try:
            conn.execute(SQL["lock_audit"])
            last = self._last(conn)
            row = seal(self._key, last, str(uuid.uuid4()), datetime.now(UTC), _who(record), canonical(record))
            conn.execute(SQL["append_audit"], _columns(row))
        except (StoreError, DiskFull, OSError) as error:
            raise AuditUnavailable(f"Nothing was changed: the audit record cannot be written. {error}") from error
        return Head(row.seq, row.hash)

    def advance(self, head: Head) -> None:
        """Moves the head file on; raises `AuditUnavailable`. The next record does it where this fails."""
        try:
            self._head.advance(head)
        except (StoreError, DiskFull, OSError) as error:
            raise AuditUnavailable(f"The change was made and recorded, but not sealed. {error}") from error


def _who(record: Mapping[str, Any]) -> str:
    principal = record.get("principal", "")
    return str(principal.get("user", "")) if isinstance(principal, Mapping) else str(principal)


def _columns(row: AuditRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in AuditRow.__slots__}
