"""What the trail says of its own sealing; it takes no key to read it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

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


def erasures(pool: Pool) -> tuple[Erasure, ...]:
    """Oldest first."""
    with transaction(pool) as conn:
        rows = conn.execute(SQL["vault_erased"]).fetchall()
    return tuple(Erasure(row_id, at, tuple(json.loads(record).get("indices", ()))) for row_id, at, record in rows)
