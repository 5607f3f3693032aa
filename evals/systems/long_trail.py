"""A trail of as many records as are wanted, made of recorded ones, in an installation that holds nothing else."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from evals.systems.installations import Installation
from infra.files.secrets import secret
from infra.postgres.chain import GENESIS, AuditRow, Head, seal
from infra.postgres.head import HeadFile
from infra.postgres.pool import transaction

# What the trail is searched by. Verifying reads none of it, and to fill it takes longer than all the rest.
_UNSEARCHABLE = "DROP INDEX IF EXISTS audit_answer_idx, audit_terms_idx, audit_recorded_at_idx"
_COPY = "COPY audit (seq, id, recorded_at, principal, prev_hash, record, hash) FROM STDIN (FORMAT BINARY)"
_TYPES = ("int8", "uuid", "timestamptz", "text", "bytea", "text", "bytea")
_SETTLED = ("VACUUM ANALYZE audit", "CHECKPOINT")
_ANSWER = re.compile(r'"answer_id":"([0-9a-f-]{36})"')
_MOST = 10_000
_EVERY = timedelta(seconds=7)


def recorded(parts: Installation, after: int) -> list[AuditRow]:
    """The rows of a trail behind the first `after`, at most 10,000, oldest first, as they are stored."""
    last = Head(after, parts.audit.hashes([after])[after]) if after else Head(0, GENESIS)
    return parts.audit.following(last, _MOST)


def fill(parts: Installation, rows: Sequence[AuditRow], count: int, done: Callable[[int, int], None]) -> int:
    """Writes `count` records into the empty trail of `parts`, the given ones again and again, with ids of their own
    and a chain that is sealed with the installation's key, and moves the head; returns how many bytes they have."""
    key = secret(parts.settings.home / "secrets" / "audit.key")
    last, size = Head(0, GENESIS), 0
    with transaction(parts.pool) as conn:
        conn.execute(_UNSEARCHABLE)
        with conn.cursor().copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for row in _sealed(key, rows, count):
                copy.write_row(
                    (row.seq, uuid.UUID(row.id), row.recorded_at, row.principal, row.prev_hash, row.record, row.hash)
                )
                last, size = Head(row.seq, row.hash), size + len(row.record)
                if row.seq % 10_000 == 0:
                    done(row.seq, count)
    HeadFile(parts.settings.home / "audit" / "head.json", key).advance(last)
    with parts.pool.connection() as conn:
        for statement in _SETTLED:
            conn.execute(statement)
    return size


def damage(parts: Installation, seq: int) -> None:
    """Changes one letter of the principal of a record, as somebody with the database could."""
    with transaction(parts.pool) as conn:
        conn.execute("UPDATE audit SET principal = principal || 'x' WHERE seq = %s", (seq,))


def _sealed(key: bytes, rows: Sequence[AuditRow], count: int) -> Iterator[AuditRow]:
    last, at = Head(0, GENESIS), datetime(2026, 1, 1, tzinfo=UTC)
    ids: dict[str, str] = {}
    for number in range(count):
        template = rows[number % len(rows)]
        if number % len(rows) == 0:
            ids = {row.id: str(uuid.uuid4()) for row in rows}
        record = _ANSWER.sub(partial(_renamed, ids), template.record)
        row = seal(key, last, ids[template.id], at + number * _EVERY, template.principal, record)
        last = Head(row.seq, row.hash)
        yield row


def _renamed(ids: Mapping[str, str], found: re.Match[str]) -> str:
    return f'"answer_id":"{ids.get(found[1], found[1])}"'
