"""The audit trail in PostgreSQL: append-only, hash-chained, with its head kept outside the database."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg import DataError, ProgrammingError
from psycopg import Error as PostgresError

from generation.errors import AuditUnavailable, AuditUnsealed
from infra.postgres.chain import (
    GENESIS,
    AuditReport,
    AuditRow,
    Former,
    Head,
    OpenAnswer,
    Opened,
    Plain,
    Resealed,
    Vault,
    canonical,
    check,
    problem_at,
    seal,
    who,
)
from infra.postgres.errors import AuditBroken, StoreError
from infra.postgres.head import HEAD_GONE, HeadFile
from infra.postgres.pool import Connection, Pool, transaction
from infra.postgres.resealing import RESEAL, Leaf, former, hash_at, reseal, told_of
from infra.postgres.sql import SQL
from infra.postgres.verifying import Progress, verified
from ingest.errors import DiskFull, FootnoteError

BATCH_ROWS = 500
_FAILURES = (FootnoteError, OSError, PostgresError)
log = logging.getLogger("footnote")


class PostgresAudit:
    """Implements `generation.protocols.AuditLog`.

    `key` is secret and stays the same for the life of the trail; `head` is a file that must survive the
    database. Whoever can write the database can be caught as long as he has neither. `vault` seals what each record
    says before it is stored. `permitted` is asked before each record; it raises `AuditUnavailable` where none may be
    written.
    """

    def __init__(
        self,
        pool: Pool,
        key: bytes,
        head: Path,
        *,
        vault: Vault = Plain(),  # noqa: B008  stateless
        permitted: Callable[[], None] = lambda: None,
    ) -> None:
        if len(key) < 16:
            raise ValueError("the audit key needs at least 16 bytes")
        self._permitted = permitted
        self._pool = pool
        self._key = key
        self.vault = vault
        self._head = HeadFile(head, key)
        self._broken = False

    async def append(self, record: Mapping[str, Any]) -> str:
        """Returns the row's id once row and head are durable.

        Raises `AuditUnavailable` when they cannot be: no database, no disk space, a trail that is broken already, or a
        record that is not JSON; `AuditUnsealed` if the row is there, and its head is not. `record["principal"]` is who
        asked: a name, or a mapping with the key `user`.
        """
        return await asyncio.to_thread(self.append_now, record)

    def append_now(self, record: Mapping[str, Any]) -> str:
        """`append`, for callers without an event loop."""
        row_id = str(uuid.uuid4())
        self._permitted()
        try:
            stored = self._locked(row_id, record)
            with transaction(self._pool) as conn:
                row = self._add(conn, row_id, *stored)
        except _FAILURES as error:
            raise self._unwritable(error) from error
        except (TypeError, ValueError) as error:
            raise AuditUnavailable(f"The audit record is not JSON: {error}.") from error
        self.advance(Head(row.seq, row.hash), row_id)
        self._writable()
        return row_id

    def check(self) -> None:
        """Raises `AuditUnavailable` if no record could be written now: writes one, and takes it back."""
        self._permitted()
        try:
            row_id = str(uuid.uuid4())
            stored = self._locked(row_id, {"principal": "user:nobody"})  # the keys have to be there, too
            with transaction(self._pool) as conn, conn.transaction(force_rollback=True):
                self._add(conn, row_id, *stored)
            self._head.probe()
        except _FAILURES as error:
            raise self._unwritable(error) from error
        self._writable()

    def verify(self, progress: Progress = lambda done, total: None) -> AuditReport:
        """Reads the whole trail; raises `DatabaseUnavailable`. The head is read first: rows may be added meanwhile.
        `progress` is told how many rows of how many were read, if there are many."""
        try:
            self.settle()
            head = self._head.read()
        except AuditBroken as error:
            return AuditReport(0, False, None, str(error))
        try:
            report, reseals = self._verified(head, progress) or self._read_through(head)
        except (DataError, ProgrammingError) as error:  # no row of ours: a time that is none, a table that is gone
            return AuditReport(0, False, None, f"the table of the trail cannot be read as it was written: {error}")
        report = replace(report, open=tuple(map(self._named, report.open)))
        if not report.ok:
            return report
        told, problem = told_of(self._pool, reseals)
        return replace(report, ok=not problem, problem=problem, resealed=told)

    def times(self, positions: Sequence[int]) -> dict[int, datetime]:
        """When the records at these places were written, as far as there are any. Raises `DatabaseUnavailable`."""
        with transaction(self._pool) as conn:
            return dict(conn.execute(SQL["audit_times"], {"positions": list(positions)}).fetchall())

    def settle(self) -> None:
        """Finishes what a kill has left of a re-sealing. Raises `AuditBroken` and `DatabaseUnavailable`."""
        with transaction(self._pool) as conn:
            self._head.settle(lambda seq: hash_at(conn, seq), locked=False)

    def reseal(self, leaf: Leaf, note: Callable[[int], None]) -> Resealed | None:
        """Seals what stands in the clear, as `infra.postgres.resealing` has it."""
        return reseal(self._pool, self._key, self._head, self.vault, leaf, note)

    def former(self, start: int, at: Head) -> Mapping[int, Former] | None:
        """Hash and leaf that the records from `start` to `at` had, of those that were sealed since; None if the last of
        them never had this hash."""
        return former(self._pool, self._key, start, at)

    def _verified(self, head: Head | None, progress: Progress) -> tuple[AuditReport, list[int]] | None:
        """None for what has to be read through: a short trail, or one that is not whole."""
        if head is None:
            return None
        with suppress(DataError, ProgrammingError), transaction(self._pool) as conn:
            conn.execute(SQL["snapshot"])
            return verified(conn, self._key, head, progress)
        return None

    def _read_through(self, head: Head | None) -> tuple[AuditReport, list[int]]:
        left: dict[str, OpenAnswer] = {}
        reseals: list[int] = []
        with transaction(self._pool) as conn, conn.cursor(name="audit_chain") as cursor:
            cursor.itersize = BATCH_ROWS
            cursor.execute(SQL["audit_chain"])
            report = check(_noting((AuditRow(*row) for row in cursor), left, reseals), self._key, head)
        return replace(report, open=tuple(left.values())), reseals

    def show(self, audit_id: str | None = None, limit: int = 20) -> tuple[AuditRow, ...]:
        """All rows of the answer with this id (or the one row that has it), or the newest rows; newest first, opened as
        far as they are not erased."""
        return tuple(self.vault.open(row).row for row in self.stored(audit_id, limit))

    def answers(self, ids: Collection[str]) -> dict[str, tuple[AuditRow, ...]]:
        """As `show`, of several answers at once, by id, without what was recorded between opening and closing them."""
        found: dict[str, list[AuditRow]] = {}
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["audit_answers"], {"ids": list(ids)}).fetchall()
        for answer_id, *row in rows:
            found.setdefault(answer_id, []).append(self.vault.open(AuditRow(*row)).row)
        return {answer_id: tuple(opened) for answer_id, opened in found.items()}

    def opened(self, audit_id: str) -> tuple[tuple[AuditRow, Opened], ...]:
        """As `show`, each row as it is stored, and opened."""
        return tuple((row, self.vault.open(row)) for row in self.stored(audit_id))

    def stored(self, audit_id: str | None = None, limit: int = 20) -> tuple[AuditRow, ...]:
        """As `show`, as they are stored."""
        try:
            wanted = None if audit_id is None else uuid.UUID(audit_id)
        except ValueError:
            return ()
        if audit_id and str(wanted) != audit_id.lower():  # as `as_uuid` has it
            return ()
        with transaction(self._pool) as conn:
            if wanted is None:
                rows = conn.execute(SQL["show_audit"], {"limit": limit})
            else:
                rows = conn.execute(SQL["audit_answer"], {"id": str(wanted)})
            return tuple(AuditRow(*row) for row in rows)

    def following(self, last: Head, limit: int) -> list[AuditRow]:
        """Up to so many rows that follow `last`, each checked. Raises `AuditBroken` where `last` is not in the trail or
        one of them is not as it was written, and `DatabaseUnavailable`."""
        try:
            with transaction(self._pool) as conn:
                there = conn.execute(SQL["audit_hash"], {"seq": last.seq}).fetchone()
                found = conn.execute(SQL["audit_following"], {"seq": last.seq, "limit": limit}).fetchall()
        except (DataError, ProgrammingError) as error:
            raise AuditBroken("The trail cannot be read as it was written. Run `footnote audit verify`.") from error
        rows = [AuditRow(*row) for row in found]
        if there is not None and there != (last.hash,) and self.former(last.seq, last) is not None:
            last = Head(last.seq, bytes(there[0]))
        if last.seq and there != (last.hash,):
            raise AuditBroken(f"Row {last.seq} of the trail is missing or changed. Run `footnote audit verify`.")
        for row in rows:
            if problem := problem_at(row, last, self._key, None):
                raise AuditBroken(f"Row {last.seq + 1} of the trail: {problem}. Run `footnote audit verify`.")
            last = Head(row.seq, row.hash)
        return rows

    def head(self) -> Head:
        """How far the trail is known to reach. Raises `AuditBroken`."""
        head = self._head.read()
        if head is None:
            raise AuditBroken(HEAD_GONE)
        return head

    def hashes(self, positions: Sequence[int]) -> dict[int, bytes]:
        """Of the rows at these positions, where there are any. Raises `DatabaseUnavailable`."""
        with transaction(self._pool) as conn:
            return dict(conn.execute(SQL["audit_hashes"], {"positions": list(positions)}).fetchall())

    def _last(self, conn: Connection) -> Head:
        """The row to follow. A trail that lacks the head's row is not continued: that would hide the loss."""
        tail = conn.execute(SQL["audit_tail"]).fetchone()
        last = Head(0, GENESIS) if tail is None else Head(*tail)
        self._head.settle(lambda seq: hash_at(conn, seq), locked=True)
        head = self._head.read()
        if head is None:
            raise AuditBroken(HEAD_GONE)
        if head.seq and conn.execute(SQL["audit_hash"], {"seq": head.seq}).fetchone() != (head.hash,):
            raise AuditBroken(f"Row {head.seq} of the trail is missing or changed. Run `footnote audit verify`.")
        return last

    def append_within(self, conn: Connection, record: Mapping[str, Any]) -> Head:
        """Adds the record to a transaction of the caller's, which commits both or neither, and returns the head to
        `advance` after the commit. Raises `AuditUnavailable`."""
        self._permitted()
        row_id = str(uuid.uuid4())
        try:
            row = self._add(conn, row_id, *self._locked(row_id, record))
        except _FAILURES as error:
            raise AuditUnavailable(f"Nothing was changed: the audit record cannot be written. {error}") from error
        return Head(row.seq, row.hash)

    def advance(self, head: Head, row_id: str = "") -> None:
        """Moves the head file on; raises `AuditUnsealed`. The next record does it where this fails."""
        try:
            self._head.advance(head)
        except (StoreError, DiskFull, OSError) as error:
            self._unwritable(error)
            said = f"It is recorded, but the head file cannot be written. {error}"
            raise AuditUnsealed(said, row_id=row_id) from error

    def _locked(self, row_id: str, record: Mapping[str, Any]) -> tuple[str, str]:
        """Principal and text as they are stored. Raises `TypeError` or `ValueError` for what is no JSON."""
        stored = self.vault.lock(row_id, datetime.now(UTC), record)
        return who(stored), canonical(stored)

    def _add(self, conn: Connection, row_id: str, principal: str, text: str) -> AuditRow:
        conn.execute(SQL["lock_audit"])
        row = seal(self._key, self._last(conn), row_id, datetime.now(UTC), principal, text)
        conn.execute(SQL["append_audit"], _columns(row))
        return row

    def _named(self, left: OpenAnswer) -> OpenAnswer:
        """With the name of who asked, where it can still be told."""
        try:
            with transaction(self._pool) as conn:
                rows = conn.execute(SQL["audit_opening"], {"id": left.id}).fetchall()
            return replace(left, principal=self.vault.open(AuditRow(*rows[0])).row.principal) if rows else left
        except FootnoteError:  # without keys the trail is verified all the same
            return left

    def _unwritable(self, error: Exception) -> AuditUnavailable:
        if not self._broken:
            log.error("The audit trail cannot be written, so nothing is answered. %s", error)
        self._broken = True
        return AuditUnavailable(f"The audit record cannot be written. {error}")

    def _writable(self) -> None:
        if self._broken:
            log.warning("The audit trail can be written again.")
        self._broken = False


def _noting(rows: Iterable[AuditRow], left: dict[str, OpenAnswer], reseals: list[int]) -> Iterator[AuditRow]:
    """The rows; `left` has the answers by id that were opened and not closed in the rows so far, `reseals` the rows
    that tell of a re-sealing."""
    for row in rows:
        try:
            record = json.loads(row.record)
        except (ValueError, RecursionError):  # what was changed is told by the chain
            record = None
        kind = record.get("kind") if isinstance(record, dict) else None
        if kind == "opened":
            left[row.id] = OpenAnswer(row.id, row.recorded_at, row.principal)
        elif kind == "closed":
            left.pop(str(record["answer_id"]) if "answer_id" in record else "", None)
        elif kind == "change" and record.get("action") == RESEAL:
            reseals.append(row.seq)
        yield row


def _columns(row: AuditRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in AuditRow.__slots__}
