"""Jobs in a real PostgreSQL: each file is done once, whoever dies, and told to its owner alone."""

from __future__ import annotations

import hashlib
import importlib.resources
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.files.blobs import BlobStore
from infra.jobs.tasks import defer
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.errors import IdempotencyConflict, JobFinished, JobMissing, QuotaExceeded
from infra.postgres.job_rows import BULK, INTERACTIVE, WHOLE, NewFile, Quota, own_queue
from infra.postgres.jobs import PostgresJobs
from infra.postgres.migrate import MIGRATIONS
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL
from ingest.jobs import FileState, JobRequest, JobState, Urgency
from ingest.types import OPERATOR, Author

ANA = Author("ana", frozenset({"user:ana", "group:legal"}))
LEGAL = JobRequest(frozenset({"group:legal"}), frozenset({"user:ana"}), "2024-01-31", "recursive", "de")
STRANGER = "zoe"


@pytest.fixture
def jobs(fresh_database: Pool) -> PostgresJobs:
    return PostgresJobs(fresh_database, defer)


def new(name: str, text: str = "") -> NewFile:
    data = (text or name).encode()
    return NewFile(name, f"upload/ana/{name}", hashlib.sha256(data).hexdigest(), len(data))


def submitted(jobs: PostgresJobs, *names: str, **options: Any) -> str:
    return jobs.submit(ANA, LEGAL, [new(name) for name in names], title="some", **options).id


def tasks(pool: Pool) -> list[tuple[str, int, str, str]]:
    """Job, number, queue and status of what waits, in the order in which workers take it."""
    with transaction(pool) as conn:
        return conn.execute(
            """SELECT args ->> 'job', (args ->> 'number')::int, queue_name, status::text FROM procrastinate_jobs
            ORDER BY priority DESC, id"""
        ).fetchall()


def test_the_queue_is_what_the_library_brings() -> None:
    theirs = importlib.resources.files("procrastinate.sql").joinpath("schema.sql").read_bytes()
    assert (MIGRATIONS / "0015_procrastinate.sql").read_bytes() == theirs


def test_a_job_goes_from_queued_to_succeeded_file_by_file(jobs: PostgresJobs) -> None:
    job = submitted(jobs, "a.txt", "b.txt")
    assert jobs.find(job, "ana").state is JobState.QUEUED
    first = jobs.begin(job, 1)
    assert first is not None
    assert (first.author, first.request, first.before, first.lost) == (ANA, LEGAL, 0, 1)
    assert jobs.find(job, "ana").state is JobState.RUNNING
    assert jobs.end(job, 1, first.attempt, {"outcome": "added"}, failed=False)
    second = jobs.begin(job, 2)
    assert second is not None
    assert jobs.end(job, 2, second.attempt, {"outcome": "added"}, failed=False)
    done = jobs.find(job, "ana")
    assert (done.state, done.done, done.ended, done.finished_at is not None) == (JobState.SUCCEEDED, 2, 2, True)
    assert jobs.outcomes(job) == {"added": 2}
    other = submitted(jobs, "c.txt")
    assert jobs.outcomes_of([job, other]) == {job: {"added": 2}}
    assert (jobs.beginning(job[:8]), jobs.beginning(""), jobs.beginning("no_such%")) == ((job,), (other, job), ())
    assert [file.state for file in jobs.files(job)] == [FileState.DONE, FileState.DONE]


@pytest.mark.parametrize(("failed", "state"), [((True, False), JobState.PARTIAL), ((True, True), JobState.FAILED)])
def test_failed_files_make_a_partial_or_failed_job_and_are_done_again(
    jobs: PostgresJobs, fresh_database: Pool, failed: tuple[bool, bool], state: JobState
) -> None:
    job = submitted(jobs, "a.txt", "b.txt")
    for number, fails in enumerate(failed, 1):
        begun = jobs.begin(job, number)
        assert begun is not None
        jobs.end(job, number, begun.attempt, {"outcome": "failed" if fails else "added"}, failed=fails)
    assert jobs.find(job, "ana").state is state
    with transaction(fresh_database) as conn:
        conn.execute("DELETE FROM procrastinate_jobs")  # as their workers leave it
    assert jobs.retry(job, "ana") == sum(failed)
    assert jobs.find(job, "ana").state is JobState.RUNNING
    assert [task[1] for task in tasks(fresh_database)] == [n for n, fails in enumerate(failed, 1) if fails]


def test_only_the_latest_attempt_can_end_a_file(jobs: PostgresJobs) -> None:
    job = submitted(jobs, "a.txt")
    paused, other = jobs.begin(job, 1), jobs.begin(job, 1)
    assert paused is not None
    assert other is not None
    assert other.lost == 2
    assert jobs.end(job, 1, other.attempt, {"outcome": "added"}, failed=False)
    assert not jobs.end(job, 1, paused.attempt, {"outcome": "unchanged"}, failed=False)
    assert jobs.find(job, "ana").done == 1
    assert jobs.begin(job, 1) is None


def test_a_file_that_is_handed_back_counts_as_no_death(jobs: PostgresJobs) -> None:
    job = submitted(jobs, "a.txt")
    for _ in range(3):
        begun = jobs.begin(job, 1)
        assert begun is not None
        jobs.hand_back(job, 1, begun.attempt)
    again = jobs.begin(job, 1)
    assert again is not None
    assert again.lost == 1


def test_cancelling_leaves_what_is_under_way_and_takes_the_rest_off_the_queue(
    jobs: PostgresJobs, fresh_database: Pool
) -> None:
    job = submitted(jobs, "a.txt", "b.txt", "c.txt")
    begun = jobs.begin(job, 1)
    assert begun is not None
    with transaction(fresh_database) as conn:
        conn.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE args ->> 'number' = '1'")
    jobs.cancel(job, "ana")
    assert jobs.find(job, "ana").state is JobState.RUNNING
    assert [number for _, number, *_ in tasks(fresh_database)] == [1]
    assert jobs.begin(job, 2) is None
    jobs.end(job, 1, begun.attempt, {"outcome": "added"}, failed=False)
    assert jobs.find(job, "ana").state is JobState.CANCELLED
    with pytest.raises(JobFinished):
        jobs.cancel(job, "ana")
    assert jobs.retry(job, "ana") == 2
    assert {number for _, number, *_ in tasks(fresh_database)} == {1, 2, 3}


def test_the_same_key_is_the_same_job_and_another_request_under_it_is_refused(jobs: PostgresJobs) -> None:
    job = submitted(jobs, "a.txt", key="k")
    assert submitted(jobs, "a.txt", key="k") == job
    assert len(jobs.list("ana")) == 1
    with pytest.raises(IdempotencyConflict):
        submitted(jobs, "b.txt", key="k")
    assert jobs.submit(Author("zoe", frozenset({"user:zoe"})), LEGAL, [new("a.txt")], title="hers", key="k").id != job


def test_a_key_counts_for_folders_too(jobs: PostgresJobs) -> None:
    asked = replace(LEGAL, folder="/srv/scans")
    job = jobs.open(ANA, asked, title="scans", key="k")
    assert jobs.open(ANA, asked, title="scans", key="k") == job
    with pytest.raises(IdempotencyConflict):
        jobs.open(ANA, replace(asked, folder="/srv/other"), title="other", key="k")


def test_a_folder_that_was_cancelled_while_it_was_listed_is_listed_on(jobs: PostgresJobs, fresh_database: Pool) -> None:
    job = jobs.open(ANA, replace(LEGAL, folder="/srv/scans"), title="scans")
    jobs.add(job, [new("a.txt")])
    jobs.cancel(job, "ana")
    assert jobs.request(job) is None
    assert jobs.retry(job, "ana") == 1
    assert jobs.request(job) is not None
    assert {number for _, number, *_ in tasks(fresh_database)} == {0, 1}


def test_a_file_that_comes_back_after_its_job_was_cancelled_is_not_begun_again(jobs: PostgresJobs) -> None:
    job = submitted(jobs, "a.txt")
    begun = jobs.begin(job, 1)
    assert begun is not None
    jobs.cancel(job, "ana")
    jobs.hand_back(job, 1, begun.attempt)
    assert jobs.begin(job, 1) is None
    assert jobs.find(job, "ana").state is JobState.CANCELLED


def test_a_retry_gives_a_file_all_its_tries_again(jobs: PostgresJobs) -> None:
    job = submitted(jobs, "a.txt")
    for tries in (1, 2):
        begun = jobs.begin(job, 1)
        assert begun is not None
        assert (begun.tries, begun.attempt) == (tries, tries)
    jobs.end(job, 1, 2, {"outcome": "failed"}, failed=True)
    jobs.retry(job, "ana")
    again = jobs.begin(job, 1)
    assert again is not None
    assert (again.tries, again.attempt) == (1, 3)


def test_files_of_a_process_that_is_gone_are_anybodys(jobs: PostgresJobs, fresh_database: Pool) -> None:
    alive, gone = (jobs.open(OPERATOR, LEGAL, title=name) for name in ("alive", "gone"))
    for job, name in ((alive, "a.txt"), (gone, "b.txt")):
        jobs.add(job, [new(name)])
    with transaction(fresh_database) as conn:
        conn.execute("UPDATE jobs SET touched_at = now() - interval '1 minute' WHERE title = 'gone'")
        conn.execute(
            "UPDATE procrastinate_jobs SET queue_name = %s", (own_queue(gone),)
        )  # as its newer files raise them
    jobs.recover(stalled_s=15)
    assert {job: queue for job, _, queue, _ in tasks(fresh_database)} == {alive: own_queue(alive), gone: BULK}


def test_jobs_of_others_are_missing(jobs: PostgresJobs) -> None:
    job = submitted(jobs, "a.txt")
    for look in (jobs.find, jobs.cancel, jobs.retry):
        with pytest.raises(JobMissing):
            look(job, STRANGER)
        with pytest.raises(JobMissing):
            look("no id", "ana")
    assert jobs.list(STRANGER) == ()
    assert [one.id for one in jobs.list(None)] == [job]


def test_an_owner_has_so_much_waiting_and_no_more(jobs: PostgresJobs) -> None:
    quota = Quota(files=2, bytes=1000)
    job = submitted(jobs, "a.txt", "b.txt", quota=quota)
    with pytest.raises(QuotaExceeded, match="2 files"):
        submitted(jobs, "c.txt", quota=quota)
    begun = jobs.begin(job, 1)
    assert begun is not None
    jobs.end(job, 1, begun.attempt, {"outcome": "added"}, failed=False)
    submitted(jobs, "c.txt", quota=quota)
    with pytest.raises(QuotaExceeded):
        jobs.submit(ANA, LEGAL, [NewFile("big", "s", "0" * 64, 1001)], title="big", quota=Quota(9, 1000))
    jobs.submit(OPERATOR, LEGAL, [new("o.txt")], title="operator's")


def test_who_hands_in_little_does_not_wait_for_who_hands_in_much(jobs: PostgresJobs, fresh_database: Pool) -> None:
    many = submitted(jobs, *(f"{n}.txt" for n in range(20)))
    other = Author("ben", frozenset({"user:ben"}))
    few = jobs.submit(other, LEGAL, [NewFile("x", "upload/ben/x", "0" * 64, 1)], title="x").id
    assert [job for job, *_ in tasks(fresh_database)][:3] == [many, few, many]


def test_urgent_work_comes_first_and_the_rest_last(jobs: PostgresJobs, fresh_database: Pool) -> None:
    usual, low = submitted(jobs, "a.txt"), submitted(jobs, "b.txt", urgency=Urgency.LOW)
    high = submitted(jobs, "c.txt", urgency=Urgency.HIGH)
    assert [job for job, *_ in tasks(fresh_database)] == [high, usual, low]


def test_an_older_file_of_a_name_never_comes_after_a_newer_one(jobs: PostgresJobs, fresh_database: Pool) -> None:
    older = submitted(jobs, *(f"{n}.txt" for n in range(5)), queue=BULK, urgency=Urgency.LOW)
    newer = submitted(jobs, "4.txt", queue=INTERACTIVE, urgency=Urgency.HIGH)
    order = [(job, number, queue) for job, number, queue, _ in tasks(fresh_database)]
    assert order[:2] == [(older, 5, INTERACTIVE), (newer, 1, INTERACTIVE)]


def test_files_can_be_added_until_the_job_is_sealed(jobs: PostgresJobs) -> None:
    job = jobs.open(OPERATOR, LEGAL, title="folder")
    assert jobs.add(job, [new("a.txt")])
    begun = jobs.begin(job, 1)
    assert begun is not None
    jobs.end(job, 1, begun.attempt, {"outcome": "added"}, failed=False)
    assert jobs.find(job, None).state is JobState.RUNNING  # more may come
    unread: Mapping[str, Any] = {"outcome": "failed", "reason": "gone"}
    assert jobs.add(job, [NewFile("b.txt", "b", "", 0, unread)])
    jobs.seal(job)
    assert jobs.find(job, None).state is JobState.PARTIAL
    assert not jobs.add(job, [new("c.txt")])
    assert jobs.retry(job, None) == 0  # there are no bytes to try with


def test_a_job_whose_files_nobody_hands_in_any_more_comes_to_its_end(jobs: PostgresJobs, fresh_database: Pool) -> None:
    job = jobs.open(OPERATOR, LEGAL, title="folder")
    jobs.recover(stalled_s=15)
    assert not jobs.find(job, None).sealed
    with transaction(fresh_database) as conn:
        conn.execute("UPDATE jobs SET touched_at = now() - interval '20 minutes'")
    jobs.recover(stalled_s=15)
    assert jobs.find(job, None).state is JobState.SUCCEEDED


def test_tasks_of_silent_workers_wait_again_and_those_of_live_ones_do_not(
    jobs: PostgresJobs, fresh_database: Pool
) -> None:
    submitted(jobs, "live.txt", "silent.txt", "pruned.txt")
    with transaction(fresh_database) as conn:
        for number, silent_s in ((1, 0), (2, 60)):
            (worker,) = conn.execute(
                """INSERT INTO procrastinate_workers (last_heartbeat)
                VALUES (now() - %s * interval '1 second') RETURNING id""",
                (silent_s,),
            ).fetchall()[0]
            conn.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE args ->> 'number' = %s",
                (worker, str(number)),
            )
        conn.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE args ->> 'number' = '3'")
    assert jobs.recover(stalled_s=15) == 2
    assert {number: status for _, number, _, status in tasks(fresh_database)} == {1: "doing", 2: "todo", 3: "todo"}


def test_a_file_without_a_task_gets_one(jobs: PostgresJobs, fresh_database: Pool) -> None:
    job = submitted(jobs, "a.txt", "b.txt")
    with transaction(fresh_database) as conn:
        conn.execute("DELETE FROM procrastinate_jobs WHERE args ->> 'number' = '2'")
    assert jobs.requeue_lost() == 1
    assert sorted(tasks(fresh_database)) == [(job, 1, BULK, "todo"), (job, 2, BULK, "todo")]
    assert jobs.requeue_lost() == 0


def test_a_folder_whose_turn_was_cut_off_gets_another(jobs: PostgresJobs, fresh_database: Pool) -> None:
    job = jobs.open(ANA, replace(LEGAL, folder="/srv/scans"), title="scans", queue=BULK)
    assert tasks(fresh_database) == [(job, 0, WHOLE, "todo")]
    assert jobs.requeue_lost() == 0
    with transaction(fresh_database) as conn:
        conn.execute("DELETE FROM procrastinate_jobs")
    assert jobs.requeue_lost() == 1
    assert tasks(fresh_database) == [(job, 0, WHOLE, "todo")]
    assert jobs.request(job) == replace(LEGAL, folder="/srv/scans")
    jobs.seal(job)
    assert (jobs.request(job), jobs.requeue_lost()) == (None, 0)


def test_changes_come_in_order_and_none_is_missed(jobs: PostgresJobs) -> None:
    job = submitted(jobs, "a.txt", "b.txt", "c.txt")
    seen: list[tuple[int, FileState]] = []
    since = (0, 0)
    for number in (2, 1):
        begun = jobs.begin(job, number)
        assert begun is not None
        jobs.end(job, number, begun.attempt, {"outcome": "added"}, failed=False)
    jobs.cancel(job, "ana")
    while files := jobs.changed(job, since, limit=2):
        seen += [(file.number, file.state) for file in files]
        since = files[-1].event, files[-1].number
    assert seen[-3:] == [(2, FileState.DONE), (1, FileState.DONE), (3, FileState.CANCELLED)]


def test_locks_of_one_kind_are_for_one_thing() -> None:
    classes = [
        number
        for block in SQL.values()
        for number in re.findall(rb"advisory_xact_lock\((\d+),|advisory_lock\((\d+),", block)
    ]
    found = [one or other for one, other in classes]
    assert len(found) == len(set(found)) > 1


def test_staged_files_stay_as_long_as_a_job_may_need_them(
    jobs: PostgresJobs, fresh_database: Pool, tmp_path: Path
) -> None:
    blobs = BlobStore(tmp_path / "blobs")
    store = PostgresDocumentStore(fresh_database, blobs)
    with transaction(fresh_database) as conn:
        conn.execute("UPDATE catalog_generation SET generation = 1")  # a database that has held documents
    sha256 = blobs.put(b"a.txt")
    job = submitted(jobs, "a.txt")
    assert store.sweep_blobs() == 0
    begun = jobs.begin(job, 1)
    assert begun is not None
    jobs.end(job, 1, begun.attempt, {"outcome": "failed"}, failed=True)
    assert store.sweep_blobs() == 0
    assert jobs.purge(days=30) == ()
    with transaction(fresh_database) as conn:
        conn.execute("UPDATE jobs SET finished_at = now() - interval '31 days'")
    assert jobs.purge(days=30) == (sha256,)
    assert store.sweep([sha256]) == 1
    assert jobs.list(None) == ()


def failed(jobs: PostgresJobs, job: str, number: int) -> None:
    begun = jobs.begin(job, number)
    assert begun is not None
    jobs.end(job, number, begun.attempt, {"outcome": "failed"}, failed=True)


def test_a_job_that_was_cancelled_before_its_files_were_known_is_cancelled(jobs: PostgresJobs) -> None:
    empty = jobs.open(ANA, replace(LEGAL, folder="/srv/scans"), title="scans")
    jobs.cancel(empty, "ana")
    jobs.seal(empty)  # as the worker that listed it
    assert jobs.find(empty, "ana").state is JobState.CANCELLED
    half = jobs.open(ANA, replace(LEGAL, folder="/srv/more"), title="more")
    jobs.add(half, [new("a.txt")])
    begun = jobs.begin(half, 1)
    assert begun is not None
    jobs.cancel(half, "ana")
    jobs.end(half, 1, begun.attempt, {"outcome": "added"}, failed=False)
    assert jobs.find(half, "ana").state is JobState.CANCELLED
    assert jobs.retry(half, "ana") == 0
    assert jobs.request(half) is not None  # it is listed on
    jobs.seal(half)
    assert jobs.find(half, "ana").state is JobState.SUCCEEDED


def test_a_folder_with_files_that_could_not_be_read_is_looked_through_again(
    jobs: PostgresJobs, fresh_database: Pool
) -> None:
    unread: Mapping[str, Any] = {"outcome": "failed", "reason": "gone"}
    job = jobs.open(ANA, replace(LEGAL, folder="/srv/scans"), title="scans")
    jobs.add(job, [NewFile("a.txt", "a", "", 0, unread), new("b.txt")])
    jobs.seal(job)
    failed(jobs, job, 2)
    assert jobs.find(job, "ana").state is JobState.FAILED
    assert jobs.retry(job, "ana") == 2
    assert jobs.request(job) is not None
    assert jobs.sources(job) == {"upload/ana/b.txt"}
    assert {number for _, number, *_ in tasks(fresh_database)} == {0, 2}
    jobs.add(job, [NewFile("a.txt", "a", "0" * 64, 1)])
    jobs.seal(job)
    for number in (2, 3):
        begun = jobs.begin(job, number)
        assert begun is not None
        jobs.end(job, number, begun.attempt, {"outcome": "added"}, failed=False)
    done = jobs.find(job, "ana")
    assert (done.state, done.files, done.done) == (JobState.SUCCEEDED, 2, 2)


def test_what_is_retried_is_within_the_quota(jobs: PostgresJobs) -> None:
    quota = Quota(files=2, bytes=1000)
    first, second = submitted(jobs, "a.txt", "b.txt", quota=quota), ""
    jobs.cancel(first, "ana")
    second = submitted(jobs, "c.txt", quota=quota)
    with pytest.raises(QuotaExceeded, match="2 files"):
        jobs.retry(first, "ana", quota)
    assert jobs.find(first, "ana").state is JobState.CANCELLED
    jobs.cancel(second, "ana")
    assert jobs.retry(first, "ana", quota) == 2
    assert jobs.retry(second, None) == 1  # the operator


def test_of_what_was_not_done_the_newest_is_kept_and_so_much_of_it(jobs: PostgresJobs) -> None:
    others = jobs.submit(Author("zoe", frozenset()), LEGAL, [new("z.txt")], title="hers").id
    jobs.cancel(others, "zoe")
    made = [submitted(jobs, name) for name in ("a.txt", "b.txt", "c.txt", "d.txt")]
    for job in made[:3]:
        jobs.cancel(job, "ana")
    assert jobs.give_up("ana", 10) == (new("a.txt").content_sha256,)
    assert jobs.give_up("ana", 10) == ()
    assert [jobs.retry(job, "ana") for job in made[:3]] == [0, 1, 1]
    assert jobs.begin(made[3], 1) is not None
    assert jobs.retry(others, "zoe") == 1


def test_the_place_of_a_job_tells_nothing_of_the_jobs_of_others(jobs: PostgresJobs) -> None:
    made = [submitted(jobs, "a.txt")]
    for n in range(5):
        jobs.submit(Author("zoe", frozenset()), LEGAL, [NewFile("z", f"z{n}", "0" * 64, 1)], title="hers")
    made.append(submitted(jobs, "b.txt"))
    found = jobs.list("ana")
    assert [job.id for job in found] == made[::-1]
    for job in found:
        told = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=job.number)
        assert told == job.created_at
    assert [job.id for job in jobs.list("ana", before=found[0].number)] == made[:1]
    assert jobs.list("ana", before=2**63 - 1) == found
