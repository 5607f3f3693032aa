"""How much waits in the database, for metrics."""

from __future__ import annotations

from collections.abc import Mapping

from infra.postgres.pool import Pool, connection
from infra.postgres.sql import SQL


def job_files(pool: Pool) -> Mapping[tuple[str, ...], float]:
    """Files of jobs that are kept: queued, running, failed. Raises `DatabaseUnavailable`."""
    with connection(pool) as conn:
        rows = conn.execute(SQL["files_by_state"]).fetchall()
    return {(state,): float(count) for state, count in rows}


def connections(pool: Pool) -> Mapping[tuple[str, ...], float]:
    """In the pool: open, idle, the most that there may be; and those who wait for one."""
    stats = pool.get_stats()
    named = {"open": "pool_size", "idle": "pool_available", "most": "pool_max", "waiting": "requests_waiting"}
    return {(state,): float(stats.get(name, 0)) for state, name in named.items()}
