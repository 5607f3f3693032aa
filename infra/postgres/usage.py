"""What answers have cost, by day and person: counted from the trail, of which nothing that was said is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import psycopg

from infra.postgres.chain import AuditRow, Opened
from infra.postgres.errors import AuditBroken
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL

_EVALUATION = "evaluation"


@dataclass(frozen=True, slots=True)
class Used:
    """Answers of one person on one day (UTC). `principal`: `user:NAME`, or what is left of one who was erased;
    `failed`: those that were broken off; `seconds`: from the question to the end of the answer, together;
    `evaluation`: asked by an evaluation; `model`: that wrote them, "" where the trail does not say."""

    day: date
    principal: str
    evaluation: bool
    model: str
    answered: int
    partial: int
    abstained: int
    failed: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float


class PostgresUsage:
    """`opened` reads a row of the trail as it was before it was sealed; raises `VaultError`."""

    def __init__(self, pool: Pool, opened: Callable[[AuditRow], Opened]) -> None:
        self._pool = pool
        self._opened = opened

    def between(self, since: date, until: date) -> Sequence[Used]:
        """Of these days, both included, in their order. Raises `AuditBroken`."""
        asked = {"since": since, "until": until}
        try:
            with transaction(self._pool) as conn:
                conn.execute(SQL["snapshot"])
                rows = conn.execute(SQL["usage_of_answers"], asked).fetchall()
                who = {row[3]: AuditRow(*row) for row in conn.execute(SQL["askers_of_answers"], asked).fetchall()}
        except psycopg.DataError as error:
            raise AuditBroken("The trail cannot be read as it was written. Run `footnote audit verify`.") from error
        names = {stored: self._opened(row).row.principal for stored, row in who.items()}
        return [_used(day, names.get(stored, stored), *told) for day, stored, *told in rows]


def _used(day: date, principal: str, purpose: str, model: str, *counts: float) -> Used:
    *numbers, seconds = counts
    answered, partial, abstained, failed, asked, written = map(int, numbers)
    own = purpose == _EVALUATION
    return Used(day, principal, own, model, answered, partial, abstained, failed, asked, written, seconds)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who has signed in, by this way last at `at`; `groups` as that way gave them, None: those that are
    synced."""

    user: str
    way: str
    at: datetime
    groups: tuple[str, ...] | None


def signed_in(pool: Pool) -> tuple[SignedIn, ...]:
    """Of the sessions that are kept, by user and way."""
    with transaction(pool) as conn:
        rows = conn.execute(SQL["who_signed_in"]).fetchall()
    return tuple(SignedIn(user, way, at, None if groups is None else tuple(groups)) for user, way, at, groups in rows)
