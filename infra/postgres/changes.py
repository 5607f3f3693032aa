"""Changes that are recorded: what is done and its record in the audit trail are one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from generation.errors import AuditUnsealed
from infra.postgres.chain import Head
from infra.postgres.pool import Connection, Pool, transaction
from infra.postgres.sql import SQL

T = TypeVar("T")


class Trail(Protocol):
    """The audit trail, as those see it who change things. Both raise `AuditUnavailable`."""

    def append_within(self, conn: Connection, record: Mapping[str, Any]) -> Head:
        """Adds the record to the caller's transaction, which is then to end soon: other writers wait for it."""
        ...

    def advance(self, head: Head) -> None:
        """Makes it known, after the commit, that the trail reaches so far."""
        ...


@dataclass(slots=True)
class Change:
    """A transaction and the records of what it does."""

    conn: Connection
    records: list[dict[str, object]] = field(default_factory=list)

    def record(self, action: str, principal: str, **what: object) -> None:
        """`principal`: `user:NAME` or `operator`. No text of a document belongs into `what`,
        but for the value of a fact that a person sets."""
        self.records.append({"kind": "change", "action": action, "principal": principal, **what})


@contextmanager
def changing(pool: Pool, trail: Trail | None) -> Iterator[Change]:
    """A transaction that commits with its records or not at all; raises `AuditUnavailable`.

    The trail's lock is taken last, so that nobody waits for it while documents are written.
    """
    head: Head | None = None
    with transaction(pool) as conn:
        change = Change(conn)
        yield change
        if trail is not None:
            for record in change.records:
                head = trail.append_within(conn, record)
    if trail is not None and head is not None:
        with suppress(AuditUnsealed):  # it is done and recorded; the trail has logged why its head lags behind
            trail.advance(head)


class _Meanwhile(Exception):
    """Something was erased."""


def unless_erased(pool: Pool, trail: Trail | None, still: Callable[[], bool], do: Callable[[Change], T]) -> T | None:
    """Does what is about an answer, in a transaction beside which no erasure ended; None where the answer is gone, as
    `still` tells. That asks by a connection of its own, which must not be waited for while others wait for this one."""
    while True:
        with transaction(pool) as conn:
            before = _erasures(conn)
        if not still():
            return None
        with suppress(_Meanwhile):
            with changing(pool, trail) as change:
                done = do(change)
                change.conn.execute(SQL["lock_audit"])  # an erasure holds it when it ends
                if _erasures(change.conn) != before:
                    raise _Meanwhile
            return done


def _erasures(conn: Connection) -> int:
    ((count,),) = conn.execute(SQL["count_erasures"]).fetchall()
    return int(count)
