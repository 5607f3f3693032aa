"""The queue of tasks in PostgreSQL: Procrastinate, whose schema is one of our migrations."""

from __future__ import annotations

from collections.abc import Sequence

from procrastinate import SyncPsycopgConnector, jobs
from procrastinate.manager import JobManager

from infra.postgres.job_rows import Task
from infra.postgres.pool import Connection

TASK = "footnote"
_AT_ONCE = 1000

_manager = JobManager(SyncPsycopgConnector())  # never opened: it is given a connection


def defer(conn: Connection, tasks: Sequence[Task]) -> list[int]:
    """Queues them in the transaction of that connection, for workers to hear of when it commits."""
    numbers: list[int] = []
    for start in range(0, len(tasks), _AT_ONCE):
        rows = [
            jobs.Job(
                id=None,
                queue=task.queue,
                lock=task.lock,
                queueing_lock=None,
                task_name=TASK,
                priority=task.priority,
                task_kwargs={"job": task.job, "number": task.number},
            )
            for task in tasks[start : start + _AT_ONCE]
        ]
        numbers += [row.id for row in _manager.batch_defer_jobs(rows, connection=conn) if row.id is not None]
    return numbers
