"""Records that stand in the clear are written again, sealed, with a new chain, in one transaction that says so itself.

Read `reseal` first. What each record's hash and leaf were is kept: older checkpoints of witnesses name them.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from infra.postgres.chain import GENESIS, AuditRow, Former, Head, Resealed, Vault, canonical, problem_at, seal, who
from infra.postgres.errors import AuditBroken
from infra.postgres.head import HEAD_GONE, HeadFile
from infra.postgres.pool import Connection, Pool, connection, transaction
from infra.postgres.sql import SQL

_BATCH_ROWS = 500
RESEAL = "reseal"  # the action of the record

Leaf = Callable[[AuditRow], bytes]


class Digest:
    """SHA-256 over hash and leaf of each record, in order: what the record of a re-sealing vouches for."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()

    def add(self, seq: int, former: Former) -> None:
        self._sha256.update(seq.to_bytes(8, "big") + former.hash + former.leaf)

    def hex(self) -> str:
        return self._sha256.hexdigest()


def reseal(
    pool: Pool, key: bytes, head: HeadFile, vault: Vault, leaf: Leaf, note: Callable[[int], None] = lambda done: None
) -> Resealed | None:
    """Seals every record that stands in the clear; None if there is none. `leaf`: of a row as it stands. Nobody else
    writes meanwhile; a kill leaves all as it was, or all of it done. `note` hears how many records were read.

    Raises `AuditBroken` for a trail that does not verify, and `DatabaseUnavailable`.
    """
    with transaction(pool) as conn:
        conn.execute(SQL["lock_audit"])
        head.settle(lambda seq: hash_at(conn, seq), locked=True)
        known = head.read()
        if known is None:
            raise AuditBroken(HEAD_GONE)
        done = _Resealing(conn, key, vault, leaf).run(known, note)
        if done is None:
            return None
        resealed, last = done
        head.stage(last)
    head.settle_on(last)
    with connection(pool) as conn:
        conn.execute(SQL["vacuum_audit"])
    return resealed


class _Resealing:
    def __init__(self, conn: Connection, key: bytes, vault: Vault, leaf: Leaf) -> None:
        self._conn, self._key, self._vault, self._leaf = conn, key, vault, leaf
        self._digest = Digest()
        self._round = int(conn.execute(SQL["next_reseal_round"]).fetchall()[0][0])

    def run(self, known: Head, note: Callable[[int], None]) -> tuple[Resealed, Head] | None:
        """What was done, and the head of the new chain."""
        old = new = Head(0, GENESIS)
        first = rows = 0
        changed: list[dict[str, Any]] = []
        for row in self._rows(known):
            if problem := problem_at(row, old, self._key, known):
                raise AuditBroken(f"Record {row.seq}: {problem}. Run `footnote audit verify`.")
            old = Head(row.seq, row.hash)
            plain = '"sealing":1' not in row.record
            first = first or (row.seq if plain else 0)
            rows += plain
            if not first:
                new = old
                continue
            again = self._again(row, new, plain)
            changed.append(self._columns(row, again))
            new = Head(again.seq, again.hash)
            if len(changed) >= _BATCH_ROWS:
                self._write(changed)
                note(row.seq)
        if known.seq > old.seq:
            raise AuditBroken("Records are missing at the end of the trail. Run `footnote audit verify`.")
        if not first:
            return None
        self._write(changed)
        return Resealed(datetime.now(UTC), first, old.seq, rows), self._told(old, new, first, rows)

    def _rows(self, known: Head) -> Iterator[AuditRow]:
        with self._conn.cursor(name="audit_reseal") as cursor:
            cursor.itersize = _BATCH_ROWS
            cursor.execute(SQL["audit_chain"])
            for columns in cursor:
                yield AuditRow(*columns)

    def _again(self, row: AuditRow, last: Head, plain: bool) -> AuditRow:
        if not plain:
            return seal(self._key, last, row.id, row.recorded_at, row.principal, row.record)
        stored = self._vault.lock(row.id, row.recorded_at, json.loads(row.record))
        again = seal(self._key, last, row.id, row.recorded_at, who(stored), canonical(stored))
        opened = self._vault.open(again)
        if not opened.erased and (opened.row.record, opened.row.principal) != (row.record, row.principal):
            raise AuditBroken(f"Record {row.seq} would not be read again as it stands. Nothing was changed.")
        return again

    def _columns(self, row: AuditRow, again: AuditRow) -> dict[str, Any]:
        former = Former(row.hash, self._leaf(row))
        self._digest.add(row.seq, former)
        return {
            "seq": row.seq, "principal": again.principal, "prev_hash": again.prev_hash, "record": again.record,
            "hash": again.hash, "round": self._round, "former": former.hash, "leaf": former.leaf,
        }  # fmt: skip

    def _write(self, changed: list[dict[str, Any]]) -> None:
        with self._conn.cursor() as cursor:
            cursor.executemany(SQL["rewrite_audit"], changed)
            cursor.executemany(SQL["add_resealed"], changed)
        changed.clear()

    def _told(self, old: Head, new: Head, first: int, rows: int) -> Head:
        """The record of it, in the same transaction."""
        record = {
            "kind": "change", "action": RESEAL, "principal": "operator", "first": first, "last": old.seq,
            "rows": rows, "head": old.hash.hex(), "former": self._digest.hex(),
        }  # fmt: skip
        row_id, at = str(uuid.uuid4()), datetime.now(UTC)
        stored = self._vault.lock(row_id, at, record)
        row = seal(self._key, new, row_id, at, who(stored), canonical(stored))
        self._conn.execute(SQL["append_audit"], {name: getattr(row, name) for name in AuditRow.__slots__})
        return Head(row.seq, row.hash)


def former(pool: Pool, key: bytes, start: int, at: Head) -> Mapping[int, Former] | None:
    """What the records from `start` up to `at` were when the last of them had this hash, as far as they were written
    again since; None if it never had it. Rows that no record of a re-sealing vouches for do not count: whoever can
    write the database may have planted them, to make a table that was rolled back fit its checkpoints."""
    with transaction(pool) as conn:
        kept = {number for (number,) in conn.execute(SQL["reseal_rounds"], {"seq": at.seq, "hash": at.hash})}
        vouched = _vouched(conn, key) if kept else []
        then = [number for number, (first, last) in enumerate(vouched, 1) if number in kept and first <= at.seq <= last]
        if not then:
            return None
        asked = {"start": start, "last": at.seq, "round": then[0], "newest": len(vouched)}
        return {seq: Former(*one) for seq, *one in conn.execute(SQL["resealed_rows"], asked)}


def _vouched(conn: Connection, key: bytes) -> list[tuple[int, int]]:
    """The first and the last record of each re-sealing, oldest first, by the records of them that are as they were
    written."""
    rows = [AuditRow(*row) for row in conn.execute(SQL["records_of_reseals"])]
    told = [json.loads(row.record) for row in rows if not problem_at(row, Head(row.seq - 1, row.prev_hash), key, None)]
    return [(said["first"], said["last"]) for said in told if (said["kind"], said["action"]) == ("change", RESEAL)]


def told_of(pool: Pool, rows: Sequence[int]) -> tuple[tuple[Resealed, ...], str]:
    """The re-sealings among these rows of a trail whose chain was checked before, and what is wrong with what was kept
    of them: "" if nothing is."""
    found, problem = [], ""
    with transaction(pool) as conn:
        records = conn.execute(SQL["audit_records"], {"positions": list(rows)}).fetchall()
        told = ((at, said) for at, said in records if (said.get("kind"), said.get("action")) == ("change", RESEAL))
        for number, (at, said) in enumerate(told, 1):
            found.append(Resealed(at, said["first"], said["last"], said["rows"]))
            digest = Digest()
            for seq, *one in conn.execute(SQL["resealed_round"], {"round": number}):
                digest.add(seq, Former(*one))
            if digest.hex() != said["former"]:
                problem = problem or f"what was kept of records {said['first']} to {said['last']} was changed"
        if conn.execute(SQL["stray_reseals"], {"rounds": len(found)}).fetchall()[0][0]:
            problem = problem or "records are kept as re-sealed that no record says were: somebody has planted them"
    return tuple(found), problem


def hash_at(conn: Connection, seq: int) -> bytes | None:
    row = conn.execute(SQL["audit_hash"], {"seq": seq}).fetchone()
    return None if row is None else bytes(row[0])
