"""What the trail says of its own sealing; it takes no key to read it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from infra.postgres.chain import AuditRow, Head, problem_at
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL


@dataclass(frozen=True, slots=True)
class Erasure:
    """The record of one, and which keys were destroyed, by index."""

    audit_id: str
    at: datetime
    indices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unsealed:
    """Records that stand in the clear, as they once were written: the first one, the last one, how many. 0: none."""

    first: int = 0
    last: int = 0
    count: int = 0


def is_unused(pool: Pool) -> bool:
    """Whether nothing is sealed yet. Raises `DatabaseUnavailable`."""
    with transaction(pool) as conn:
        return bool(conn.execute(SQL["vault_is_unused"]).fetchall()[0][0])


def unsealed(pool: Pool) -> Unsealed:
    with transaction(pool) as conn:
        return Unsealed(*(number or 0 for number in conn.execute(SQL["vault_unsealed"]).fetchall()[0]))


def erasures(pool: Pool, key: bytes | None = None) -> tuple[Erasure, ...]:
    """Oldest first. With the trail's `key` those alone whose record is as it was written: who can write the database
    may have planted others."""
    with transaction(pool) as conn:
        rows = [AuditRow(*row) for row in conn.execute(SQL["vault_erased"])]
    return tuple(
        Erasure(row.id, row.recorded_at, tuple(json.loads(row.record).get("indices", ())))
        for row in rows
        if key is None or not problem_at(row, Head(row.seq - 1, row.prev_hash), key, None)
    )
