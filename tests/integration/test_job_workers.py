"""Workers over a real queue: every task is taken once, a stop gives it back, and PostgreSQL may come and go."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.jobs.lanes import Again, lanes
from infra.jobs.tasks import defer
from infra.jobs.workers import Workers
from infra.postgres.errors import DatabaseUnavailable
from infra.postgres.job_rows import INTERACTIVE, NewFile
from infra.postgres.jobs import PostgresJobs
from infra.postgres.migrate import migrate
from infra.postgres.pool import Pool, open_pool, transaction
from infra.postgres.server import EmbeddedServer, embedded_server
from ingest.jobs import JobRequest
from ingest.types import Author

ANA = Author("ana", frozenset({"user:ana"}))


@pytest.fixture
def server(server_folder: Path) -> Iterator[EmbeddedServer]:
    with embedded_server(server_folder) as running:
        yield running


@pytest.fixture
def pool(server: EmbeddedServer) -> Iterator[Pool]:
    with open_pool(server.revived) as pool:
        migrate(pool)
        yield pool


def submitted(jobs: PostgresJobs, count: int, queue: str = INTERACTIVE) -> str:
    files = [NewFile(f"{n}.txt", f"{queue}/{n}", hashlib.sha256(b"%d" % n).hexdigest(), 1) for n in range(count)]
    return jobs.submit(ANA, JobRequest(frozenset({"user:ana"})), files, title="some", queue=queue).id


@contextmanager
def working(server: EmbeddedServer, jobs: PostgresJobs, work: Callable[[str, int], None]) -> Iterator[Workers]:
    workers = Workers(server.revived, lanes(2), work, jobs.requeue_lost, lambda: jobs.recover(15))
    workers.start()
    try:
        yield workers
    finally:
        workers.stop()


def until(holds: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def waiting(pool: Pool) -> list[str]:
    with transaction(pool) as conn:
        return [status for (status,) in conn.execute("SELECT status::text FROM procrastinate_jobs")]


def test_every_task_is_done_once_and_forgotten(server: EmbeddedServer, pool: Pool) -> None:
    jobs, done = PostgresJobs(pool, defer), list[int]()
    with working(server, jobs, lambda job, number: done.append(number)):
        submitted(jobs, 30)
        until(lambda: len(done) == 30 and not waiting(pool))
    assert sorted(done) == list(range(1, 31))


def test_small_work_is_taken_up_while_large_work_has_all_other_slots(server: EmbeddedServer, pool: Pool) -> None:
    jobs, done, large = PostgresJobs(pool, defer), list[str](), threading.Event()
    bulk = submitted(jobs, 5, "bulk")

    def work(job: str, number: int) -> None:
        if job == bulk:
            large.wait(30)
        done.append(job)

    with working(server, jobs, work):
        time.sleep(1)
        small = submitted(jobs, 1)
        until(lambda: done == [small], 10)
        large.set()


def test_what_cannot_be_done_now_is_done_later(server: EmbeddedServer, pool: Pool) -> None:
    jobs, tries = PostgresJobs(pool, defer), list[float]()

    def work(job: str, number: int) -> None:
        tries.append(time.monotonic())
        if len(tries) < 3:
            raise Again(0.2)

    with working(server, jobs, work):
        submitted(jobs, 1)
        until(lambda: len(tries) == 3 and not waiting(pool))


def test_a_stop_gives_back_what_is_under_way(server: EmbeddedServer, pool: Pool) -> None:
    jobs, begun, stopping = PostgresJobs(pool, defer), threading.Event(), threading.Event()

    def work(job: str, number: int) -> None:
        begun.set()
        stopping.wait(30)
        raise Again

    with working(server, jobs, work) as workers:
        submitted(jobs, 1)
        assert begun.wait(30)
        workers.end()
        stopping.set()
    assert waiting(pool) == ["todo"]


def test_workers_outlive_a_server_that_is_killed(server: EmbeddedServer, pool: Pool, server_folder: Path) -> None:
    jobs, done = PostgresJobs(pool, defer), set[tuple[str, int]]()  # done but not yet ticked off: done again
    with working(server, jobs, lambda job, number: done.add((job, number))):
        submitted(jobs, 1)
        until(lambda: len(done) == 1)
        killed = postmaster(server_folder)
        os.kill(killed, signal.SIGKILL)
        until(lambda: _answers(pool) and postmaster(server_folder) != killed)
        submitted(jobs, 3)
        until(lambda: len(done) == 4)


def postmaster(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def _answers(pool: Pool) -> bool:
    try:
        return waiting(pool) is not None
    except DatabaseUnavailable:
        return False
