"""What an examination asks PostgreSQL. Nothing here writes or migrates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.postgres.pool import Connection, Pool, transaction
from infra.postgres.sql import SQL
from retrieval.types import EVERYONE


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """`address`: that of the server, empty over a socket of this machine. `clock`: the server's. `above`: the
    connecting user is above row-level security."""

    version: int
    address: str
    encrypted: bool
    clock: datetime
    above: bool


@dataclass(frozen=True, slots=True)
class JobHealth:
    """Workers that are alive, files that wait, tasks whose worker died, and files that failed within a day."""

    workers: int
    waiting: int
    stalled: int
    failed: int


class PostgresHealth:
    """Each call is one transaction; raises `DatabaseUnavailable`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def server(self) -> ServerHealth:
        return ServerHealth(*self._row(SQL["health_server"]))

    def unguarded(self) -> list[str]:
        """Tables that the reader may read and that no row-level security binds, and those that it may write."""
        with transaction(self._pool) as conn:
            rows = [*conn.execute(SQL["health_unguarded"]), *conn.execute(SQL["health_writable"])]
        return sorted({name for (name,) in rows})

    def reader_is_bound(self) -> bool:
        """Whether the reader is neither above row-level security nor a member of another role."""
        return not self._row(SQL["health_reader_powers"])[0]

    def seen_by(self, tokens: Sequence[str]) -> bool:
        """Whether somebody of these tokens, who is nobody, sees any row at all as the reader."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["read_as"], {"tokens": list(tokens)})
            return bool(_first(conn, SQL["health_seen"])[0])

    def documents(self, days: int) -> tuple[int, int]:
        """All documents, and those that were deleted longer ago and are still here."""
        total, overdue = self._row(SQL["health_documents"], days=days)
        return total, overdue

    def unfinished_erasures(self) -> int:
        return int(self._row(SQL["health_erasures"])[0])

    def open_to_all(self) -> int:
        """Documents whose label names everybody."""
        return int(self._row(SQL["health_for_all"], everyone=EVERYONE)[0])

    def jobs(self, stalled_s: float) -> JobHealth:
        return JobHealth(*self._row(SQL["health_jobs"], seconds=stalled_s))

    def index(self) -> tuple[str | None, int | None]:
        """The embedder that vectors are bound to, and their dimension; None where nothing is stored."""
        embedder, dimension = self._row(SQL["health_index"])
        return embedder, dimension

    def late_connectors(self) -> list[tuple[str, str]]:
        """Connectors that have a problem, or were not in step for long, by name."""
        with transaction(self._pool) as conn:
            return [(name, problem) for name, problem in conn.execute(SQL["health_connectors"])]

    def _row(self, statement: bytes, **given: object) -> tuple[Any, ...]:
        with transaction(self._pool) as conn:
            return _first(conn, statement, **given)


def _first(conn: Connection, statement: bytes, **given: object) -> tuple[Any, ...]:
    return conn.execute(statement, given).fetchall()[0]
