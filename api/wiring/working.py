"""The workers of a process, over its pipeline."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from api.wiring.job_work import JobWork
from infra.jobs.lanes import STALLED_S, Lane, lanes
from infra.postgres.job_rows import own_queue
from infra.postgres.jobs import PostgresJobs

if TYPE_CHECKING:
    from infra.jobs.workers import Workers as Workers

_SELDOM = 12  # of the sweeps one that looks for files without a task


def workers(
    url: str | Callable[[], str], work: JobWork, jobs: PostgresJobs, *, slots: int, job_id: str | None = None
) -> Workers:
    """To be started. With a `job_id` they work on that job alone, which must have a queue of its own."""
    from infra.jobs.workers import Workers

    of = lanes(slots) if job_id is None else (Lane((own_queue(job_id),), slots),)
    rounds = count()

    def sweep() -> None:
        jobs.recover(STALLED_S)
        if job_id is not None:
            jobs.touch(job_id)
        if next(rounds) % _SELDOM == _SELDOM - 1:
            jobs.requeue_lost()

    return Workers(url, of, work, jobs.requeue_lost, sweep)
