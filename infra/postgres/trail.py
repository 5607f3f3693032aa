"""The audit trail as auditors read it: searched page by page, one entry, and a stretch of it to take away."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from generation.people import TrailFilter
from infra.postgres.chain import AuditRow, Head, Plain, Vault, problem_at
from infra.postgres.entries import LATE, TrailEntry, entries_of, escaped, fits
from infra.postgres.errors import AuditBroken
from infra.postgres.head import HEAD_GONE, HeadFile
from infra.postgres.pool import Pool, transaction
from infra.postgres.resealing import hash_at
from infra.postgres.sql import SQL
from infra.postgres.trail_export import Stretch, exported

_ROWS = 100
_LAST = 2**63 - 1
_FAR = 9000  # the year; no later instant is added to
_OF_ANSWERS = {"opened", "sentence", "closed"}
_OLD = "answer"  # in one record, as they were once kept


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Newest first. `last`: record and number of the last entry, if more follow."""

    entries: tuple[TrailEntry, ...]
    last: tuple[int, int] | None


class PostgresTrail:
    """Reads the trail that `PostgresAudit` writes, with the same key and head file. `signer`: gives the key that
    exports are signed with. `vault` opens what is sealed."""

    def __init__(
        self,
        pool: Pool,
        key: bytes,
        head: Path,
        signer: Callable[[], Ed25519PrivateKey],
        *,
        vault: Vault = Plain(),  # noqa: B008  stateless
    ) -> None:
        self._pool = pool
        self._key = key
        self._vault = vault
        self._head = HeadFile(head, key)
        self._signer = signer

    def page(self, wanted: TrailFilter, after: tuple[int, int] | None, limit: int) -> TrailPage:
        """Up to `limit` entries before the place `after`."""
        found: list[TrailEntry] = []
        for row in self._rows(wanted, _LAST if after is None else after[0]):
            told = (
                entry
                for entry in entries_of(self._vault.open(row).row)
                if after is None or (entry.seq, entry.number) < after
            )
            found += (entry for entry in told if fits(entry, wanted))
            if len(found) > limit:
                break
        shown = tuple(found[:limit])
        return TrailPage(shown, (shown[-1].seq, shown[-1].number) if len(found) > limit else None)

    def find(self, entry_id: str) -> tuple[TrailEntry, ...]:
        """One entry, or all entries of a record, newest first; of an answer, those of all its records. Empty if there
        is none."""
        whole, _, number = entry_id.partition(".")
        try:
            wanted = str(uuid.UUID(whole))
        except ValueError:
            return ()
        with transaction(self._pool) as conn:
            rows = [AuditRow(*row) for row in conn.execute(SQL["audit_answer"], {"id": wanted})]
        found = (entry for row in rows for entry in entries_of(self._vault.open(row).row))
        return tuple(entry for entry in found if not number or entry.id == f"{wanted}.{number}")

    def by_release(self, name: str | None, since: datetime) -> Iterator[AuditRow]:
        """The records, opened as far as they are not erased, that closed answers by this release, or by none; newest
        first."""
        asked = {"since": since, "release": f'"release":{json.dumps(name)}', "limit": _ROWS}
        before = _LAST
        while True:
            with transaction(self._pool) as conn:
                rows = conn.execute(SQL["answers_of_release"], {**asked, "before": before}).fetchall()
            for columns in rows:
                opened = self._vault.open(AuditRow(*columns)).row
                if json.loads(opened.record).get("release", "") == name:
                    yield opened
            if len(rows) < _ROWS:
                return
            before = rows[-1][0]

    def export(self, wanted: TrailFilter, by: str) -> Iterator[bytes]:
        """The records that fit, as lines. Raises `AuditBroken`, at any line, and `DatabaseUnavailable`."""
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        about = {"at": at, "by": by, "wanted": wanted.record()}
        yield from exported(self._stretch(wanted), about, self._signer())

    def _stretch(self, wanted: TrailFilter) -> Stretch:
        """From the first record that may fit to the head."""
        with transaction(self._pool) as conn:
            self._head.settle(lambda seq: hash_at(conn, seq), locked=False)
            head = self._head.read()
            if head is None:
                raise AuditBroken(HEAD_GONE)
            bounds = conn.execute(SQL["trail_bounds"], self._asked(wanted)).fetchone()
        first = bounds[0] if bounds and bounds[0] is not None else head.seq + 1
        return Stretch(head, self._checked(wanted, first, head) if first <= head.seq else iter(()))

    def _checked(self, wanted: TrailFilter, first: int, head: Head) -> Iterator[tuple[AuditRow, AuditRow | None]]:
        """Up to the head that was read: what is written meanwhile is left out."""
        last = None
        with transaction(self._pool) as conn, conn.cursor(name="trail") as cursor:
            cursor.execute(SQL["trail_onwards"], {"seq": first})
            for columns in cursor:
                row = AuditRow(*columns)
                if row.seq > head.seq:
                    break
                if problem := problem_at(row, last or Head(first - 1, row.prev_hash), self._key, head):
                    raise AuditBroken(f"Record {row.seq}: {problem}. Run `footnote audit verify`.")
                last = Head(row.seq, row.hash)
                opened = self._vault.open(row).row
                yield row, opened if any(fits(entry, wanted) for entry in entries_of(opened)) else None
        if last is None or last.seq < head.seq:
            raise AuditBroken("Records are missing at the end of the trail. Run `footnote audit verify`.")

    def _rows(self, wanted: TrailFilter, seq: int) -> Iterator[AuditRow]:
        """Those that may hold what is wanted, newest first, beginning with `seq`."""
        asked = self._asked(wanted)
        statement = SQL["trail_matching"] if asked["terms"] else SQL["trail_newest"]
        while True:
            with transaction(self._pool) as conn:
                rows = conn.execute(statement, {**asked, "seq": seq, "limit": _ROWS}).fetchall()
            yield from (AuditRow(*row) for row in rows)
            if len(rows) < _ROWS:
                return
            seq = rows[-1][0] - 1

    def _asked(self, wanted: TrailFilter) -> dict[str, Any]:
        """What PostgreSQL can sort out by itself; `fits` decides. Its idea of case is that of its locale."""
        of_answer = wanted.action in _OF_ANSWERS
        named = {
            "kind" if of_answer else "action": wanted.action if wanted.action != _OLD else "",
            "document_id": wanted.document,
            "refused": wanted.refused,
        }
        terms = [f"{name}:{value}" for name, value in named.items() if value]
        by = [f"principal:{name}" for name in (wanted.user, self._vault.called(wanted.user)) if name]
        text = escaped(wanted.text) if wanted.text.isascii() else ""
        like = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        late = None if wanted.until is None or wanted.until.year > _FAR else wanted.until + LATE
        return {
            "terms": [*terms, *by[:1]],
            "sealed_terms": [*terms, *by[1:]],
            "like": f"%{like}%",
            "since": wanted.since or "-infinity",
            "until": late or "infinity",
        }
