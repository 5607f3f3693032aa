"""Whether evaluations are fresh, for metrics, for `footnote doctor` and for who starts the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from infra.postgres.pool import Pool, connection
from infra.postgres.sql import SQL


@dataclass(frozen=True, slots=True)
class EvaluationHealth:
    """`finished_at`: when the last finished night by what is in use ended, also if it led to the promotion; a release
    that is tried tells nothing. `seen_at`: when such a night last began or ended. `outcomes`: counts of the last
    finished one. `stale`: its cases whose gold is gone or does not stand any more. `sets`: the case files that it asked
    of this installation, and when each version of them was first asked."""

    finished_at: datetime | None
    seen_at: datetime | None
    outcomes: Mapping[str, int]
    stale: int
    sets: Mapping[str, datetime]


def evaluation_health(pool: Pool) -> EvaluationHealth:
    """Raises `DatabaseUnavailable`."""
    with connection(pool) as conn:
        ((finished, seen),) = conn.execute(SQL["evaluations_seen"]).fetchall()
        outcomes = dict(conn.execute(SQL["last_evaluation_outcomes"]).fetchall())
        ((stale,),) = conn.execute(SQL["last_evaluation_stale"]).fetchall()
        sets = dict(conn.execute(SQL["last_evaluation_sets"]).fetchall())
    return EvaluationHealth(finished, seen, outcomes, stale, sets)


def evaluation_finished(pool: Pool) -> Mapping[tuple[str, ...], float]:
    """When the last finished night ended, in Unix time; empty before the first."""
    found = evaluation_health(pool).finished_at
    return {} if found is None else {(): found.timestamp()}


def evaluation_cases(pool: Pool) -> Mapping[tuple[str, ...], float]:
    return {(outcome,): float(count) for outcome, count in evaluation_health(pool).outcomes.items()}
