"""Jobs and their files: handed in by an owner, done by whichever process has a worker, told as they go.

A job and the tasks of its files are one transaction, and so is what became of a file and the count of it: whatever is
killed, nothing is lost and nothing counted twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from infra.postgres.errors import IdempotencyConflict, JobFinished, JobMissing, QuotaExceeded
from infra.postgres.job_rows import (
    BULK,
    URGENCY,
    Begun,
    Deferring,
    Job,
    JobFile,
    NewFile,
    Quota,
    StoredReport,
    Submitted,
    Task,
    digest_of,
    file_row,
    job_file,
    lock_of,
    own_queue,
    state_of,
    whole,
)
from infra.postgres.layout import unpack_coverage, unpack_warnings
from infra.postgres.pool import Connection, Pool, transaction
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid
from ingest.jobs import FileState, JobRequest, Urgency
from ingest.languages import UNKNOWN
from ingest.types import OPERATOR, Author, document_id

_FORSAKEN_S = 600  # without a new file: who was handing them in is gone
_ORPHANED_S = 30  # without a sign of the process that works on a job of its own
_FARTHEST = 900_000  # of the files that an owner has waiting, as the priority tells them apart


class PostgresJobs:
    def __init__(self, pool: Pool, defer: Deferring) -> None:
        self._pool = pool
        self._defer = defer

    def submit(
        self,
        author: Author,
        request: JobRequest,
        files: Sequence[NewFile],
        *,
        title: str,
        queue: str = BULK,
        urgency: Urgency = Urgency.NORMAL,
        key: str = "",
        quota: Quota | None = None,
    ) -> Submitted:
        """A job with all its files; under a `key` of before the one of before.

        Raises `QuotaExceeded`, and `IdempotencyConflict` where something else was handed in under that key.
        """
        asked = digest_of(request, [(file.source, file.content_sha256) for file in files])
        with transaction(self._pool) as conn:
            if before := _under(conn, author, key, asked):
                return Submitted(before, new=False)
            conn.execute(SQL["lock_generation"])  # so that no sweep takes the staged files for unused ones
            job_id = _open(conn, author, request, title=title, queue=queue, urgency=urgency, key=key, asked=asked)
            self._add(conn, job_id, files, quota)
            conn.execute(SQL["seal_job"], {"id": as_uuid(job_id)})
        return Submitted(job_id, new=True)

    def open(
        self,
        author: Author,
        request: JobRequest,
        *,
        title: str,
        queue: str = "",
        urgency: Urgency = Urgency.NORMAL,
        key: str = "",
        sources: Sequence[str] = (),
    ) -> str:
        """A job to which files can be added until it is sealed; `queue`: its own if none is named. That of a folder or
        a connector has a task of its own, which adds them. With `sources`, an unfinished one for the same is cancelled,
        as a kill leaves it. `key`: as in `submit`."""
        asked = digest_of(request, sources) if sources or key else ""
        with transaction(self._pool) as conn:
            if before := _under(conn, author, key, asked):
                return before
            for (alike,) in conn.execute(SQL["unfinished_alike"], {"asked": asked}).fetchall() if sources else ():
                conn.execute(SQL["lock_job"], {"id": alike})
                conn.execute(SQL["cancel_job_files"], {"id": alike})
            job_id = _open(conn, author, request, title=title, queue=queue, urgency=urgency, key=key, asked=asked)
            if request.kind != "ingest":
                self._defer(conn, [whole(job_id, URGENCY[urgency])])
        return job_id

    def add(self, job_id: str, files: Sequence[NewFile], quota: Quota | None = None) -> bool:
        """False: the job was cancelled or takes no more files. Raises `QuotaExceeded` and `JobMissing`."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["lock_generation"])
            return self._add(conn, job_id, files, quota)

    def request(self, job_id: str) -> JobRequest | None:
        """None: there is no such job, or it takes no more files."""
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["open_request"], {"id": as_uuid(job_id)}).fetchone()
        return None if row is None else JobRequest.unpacked(row[0])

    def sources(self, job_id: str) -> frozenset[str]:
        """Of the files that it has so far."""
        with transaction(self._pool) as conn:
            return frozenset(source for (source,) in conn.execute(SQL["sources_of_job"], {"id": as_uuid(job_id)}))

    def seal(self, job_id: str) -> None:
        """No more files will come."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["lock_job"], {"id": as_uuid(job_id)})
            conn.execute(SQL["seal_job"], {"id": as_uuid(job_id)})

    def _add(self, conn: Connection, job_id: str, files: Sequence[NewFile], quota: Quota | None) -> bool:
        place = {"id": as_uuid(job_id)}
        row = conn.execute(SQL["lock_job"], place).fetchone()
        if row is None:
            raise JobMissing(f"There is no job {job_id}.")
        owner, _, queue, priority, _, cancelled, sealed, _ = row
        if cancelled or sealed:
            return False
        waiting, size = _waiting(conn, owner)
        if quota:
            _within(quota, waiting, size, len(files), sum(file.bytes for file in files))
        ((count,),) = conn.execute(SQL["last_job_file"], place).fetchall()
        with conn.cursor() as cursor:
            cursor.executemany(
                SQL["add_job_file"], [file_row(job_id, count + at, file) for at, file in enumerate(files, 1)]
            )
        states = [state_of(file) for file in files]
        counts = {"count": len(files), "failed": states.count(FileState.FAILED), "done": states.count(FileState.DONE)}
        conn.execute(SQL["count_job_files"], place | counts)
        tasks = [
            Task(job_id, count + at, queue, priority - min(waiting + at, _FARTHEST), lock_of(file.source))
            for at, file in enumerate(files, 1)
            if file.report is None
        ]
        self._queue(conn, tasks)
        return True

    def _queue(self, conn: Connection, tasks: Sequence[Task]) -> None:
        """Whoever hands in much waits behind those who hand in little; an older file of the same source never waits
        behind a newer one."""
        if not tasks:
            return
        most = max(tasks, key=lambda task: task.priority)
        before = {"priority": most.priority, "queue": most.queue, "locks": [task.lock for task in tasks]}
        conn.execute(SQL["raise_tasks_before"], before)
        numbers = self._defer(conn, tasks)
        rows = [
            {"task": number, "job": as_uuid(task.job), "number": task.number}
            for number, task in zip(numbers, tasks, strict=True)
        ]
        with conn.cursor() as cursor:
            cursor.executemany(SQL["note_task"], rows)

    # One file's turn

    def owner(self, job_id: str) -> str | None:
        """None: the operator's, or there is no such job."""
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["owner_of_job"], {"id": as_uuid(job_id)}).fetchone()
        return None if row is None else row[0]

    def begin(self, job_id: str, number: int) -> Begun | None:
        """None: the file is done with, or its job is gone or cancelled."""
        place = {"job": as_uuid(job_id), "number": number}
        with transaction(self._pool) as conn:
            job = conn.execute(SQL["lock_job"], {"id": as_uuid(job_id)}).fetchone()
            source = conn.execute(SQL["source_of_job_file"], place).fetchone()
            if job is None or source is None:
                return None
            document = as_uuid(document_id(source[0]))
            row = conn.execute(SQL["begin_job_file"], place | {"document": document}).fetchone()
            if row is None:
                return None
            conn.execute(SQL["begin_job"], {"id": as_uuid(job_id)})
        name, source, sha256, attempt, tries, lost, before, owner, tokens, admin, request = row
        author = OPERATOR if owner is None else Author(owner, frozenset(tokens), admin)
        return Begun(name, source, sha256, attempt, tries, lost, before, author, JobRequest.unpacked(request))

    def end(self, job_id: str, number: int, attempt: int, report: Mapping[str, Any], *, failed: bool) -> bool:
        """What became of the file; False if another process has begun it since, which will say so itself."""
        row = {
            "job": as_uuid(job_id),
            "number": number,
            "attempt": attempt,
            "state": FileState.FAILED if failed else FileState.DONE,
            "report": Jsonb(dict(report)),
        }
        with transaction(self._pool) as conn:
            conn.execute(SQL["lock_job"], {"id": row["job"]})
            return conn.execute(SQL["end_job_file"], row).rowcount == 1

    def hand_back(self, job_id: str, number: int, attempt: int) -> None:
        """The file was not done, and whoever had begun it lives: it waits for its next turn."""
        row, place = {"job": as_uuid(job_id), "number": number, "attempt": attempt}, {"id": as_uuid(job_id)}
        with transaction(self._pool) as conn:
            job = conn.execute(SQL["lock_job"], place).fetchone()
            conn.execute(SQL["hand_back_job_file"], row)
            if job is not None and job[5]:  # it was cancelled meanwhile
                conn.execute(SQL["cancel_job_files"], place)

    def stored_report(self, id_: str) -> StoredReport | None:
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["stored_report"], {"id": as_uuid(id_)}).fetchone()
        if row is None:
            return None
        version, pages, warnings, counts, language, chunks = row
        return StoredReport(
            version, pages or 0, chunks, unpack_warnings(warnings), unpack_coverage(counts), language or UNKNOWN
        )

    # As their owner sees them; `owner` None: the operator, who sees all

    def list(self, owner: str | None, *, before: int | None = None, limit: int = 50) -> tuple[Job, ...]:
        """Newest first; `before`: those handed in before the job of that `number`."""
        return self._read(owner, None, before, limit)

    def find(self, job_id: str, owner: str | None) -> Job:
        """Raises `JobMissing`, for another's job too."""
        id_ = as_uuid(job_id)
        found = self._read(owner, id_, None, 1) if id_ is not None else ()
        if not found:
            raise JobMissing("There is no such job of yours.")
        return found[0]

    def pace(self, job_id: str) -> float:
        """Files a second, in the last minute; 0 where none was done."""
        with transaction(self._pool) as conn:
            count, seconds = conn.execute(SQL["job_pace"], {"id": as_uuid(job_id)}).fetchall()[0]
        return float(count / max(seconds, 0.001)) if count else 0.0

    def outcomes(self, job_id: str) -> dict[str, int]:
        with transaction(self._pool) as conn:
            return dict(conn.execute(SQL["job_outcomes"], {"id": as_uuid(job_id)}).fetchall())

    def outcomes_of(self, job_ids: Sequence[str]) -> dict[str, dict[str, int]]:
        """`outcomes` of each of these jobs that has any."""
        found: dict[str, dict[str, int]] = {}
        with transaction(self._pool) as conn:
            for job_id, outcome, count in conn.execute(SQL["jobs_outcomes"], {"ids": list(map(as_uuid, job_ids))}):
                found.setdefault(job_id, {})[outcome] = count
        return found

    def beginning(self, text: str) -> tuple[str, ...]:
        """The ids of jobs that begin so, two of them at most."""
        with transaction(self._pool) as conn:
            return tuple(id_ for (id_,) in conn.execute(SQL["jobs_beginning"], {"first": text.lower()}))

    def files(
        self, job_id: str, *, after: int = 0, limit: int = 1000, state: FileState | None = None
    ) -> tuple[JobFile, ...]:
        """By number, those after `after`."""
        asked = {"id": as_uuid(job_id), "after": after, "limit": limit, "state": state}
        return self._files(SQL["read_job_files"], asked)

    def changed(self, job_id: str, since: tuple[int, int], limit: int = 1000) -> tuple[JobFile, ...]:
        """Files that changed after this event and number, in the order in which they did."""
        event, number = since
        return self._files(
            SQL["changed_job_files"], {"id": as_uuid(job_id), "event": event, "after": number, "limit": limit}
        )

    def cancel(self, job_id: str, owner: str | None) -> None:
        """Files that wait are not done; those under way are. Raises `JobMissing`, and `JobFinished`."""
        self.find(job_id, owner)
        place = {"id": as_uuid(job_id)}
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["lock_job"], place).fetchone()
            if row is None or row[-1]:
                raise JobFinished("The job has ended; there is nothing left to cancel.")
            conn.execute(SQL["cancel_job_files"], place)

    def retry(self, job_id: str, owner: str | None, quota: Quota | None = None) -> int:
        """What failed or was cancelled waits for its turn again; of a folder also what could not be read and
        is looked for anew. Returns how many files. Raises `JobMissing` and `QuotaExceeded`."""
        whose = self.find(job_id, owner).owner
        place = {"id": as_uuid(job_id)}
        with transaction(self._pool) as conn:
            conn.execute(SQL["lock_owner_jobs"], {"owner": whose})
            row = conn.execute(SQL["lock_job"], place).fetchone()
            if row is None:
                raise JobMissing("There is no such job of yours.")
            _, kind, queue, priority, _, cancelled, sealed, _ = row
            waiting, size = _waiting(conn, whose)
            files = conn.execute(SQL["retry_job_files"], place).fetchall()
            if quota and kind == "ingest":  # a folder was handed in whatever is in it
                more, bytes_ = _waiting(conn, whose)
                _within(quota, waiting, size, more - waiting, bytes_ - size)
            self._queue(conn, [Task(job_id, n, queue, priority - n, lock_of(source)) for n, source in files])
            unread = 0
            if kind == "folder" and sealed:
                ((unread,),) = conn.execute(SQL["drop_unstaged_files"], place).fetchall()
            if kind == "folder" and (cancelled or unread):  # cancelled perhaps before all its files were found
                conn.execute(SQL["unseal_job"], place)
                self._defer(conn, [whole(job_id, priority)])
        return len(files) + int(unread)

    def give_up(self, owner: str, most: int) -> tuple[str, ...]:
        """Keeps so many bytes of what an owner's ended jobs did not do, those of the newest jobs; returns the hashes of
        the other staged files, which cannot be done by `retry` any more."""
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["give_up_kept"], {"owner": owner, "bytes": most}).fetchall()
        return tuple(sha256 for (sha256,) in rows)

    def touch(self, job_id: str) -> None:
        """Its process works on it."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["touch_job"], {"id": as_uuid(job_id)})

    # Upkeep, by every worker

    def recover(self, stalled_s: float) -> int:
        """Tasks of workers that gave no sign of life for so long wait for another one, as do those of a process that
        had a queue of its own; jobs whose files were still being handed in get no more. Returns how many tasks."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["forsaken_jobs"], {"seconds": _FORSAKEN_S})
            conn.execute(SQL["adopt_tasks"], {"seconds": _ORPHANED_S, "bulk": BULK})
            return conn.execute(SQL["stalled_tasks"], {"seconds": stalled_s}).rowcount

    def requeue_lost(self, limit: int = 10_000) -> int:
        """Files and folders that wait without a task, which can only come of one that was cut off where nothing should
        be; how many."""
        count = 0
        with transaction(self._pool) as conn:
            for job_id, number, source in conn.execute(SQL["lost_tasks"], {"limit": limit}).fetchall():
                row = conn.execute(SQL["lock_job"], {"id": as_uuid(job_id)}).fetchone()
                if row is not None:
                    self._queue(conn, [Task(job_id, number, row[2], row[3] - number, lock_of(source))])
                    count += 1
            folders = conn.execute(SQL["lost_folders"]).fetchall()
            self._defer(conn, [whole(job_id, priority) for job_id, priority in folders])
        return count + len(folders)

    def purge(self, days: int) -> tuple[str, ...]:
        """Forgets jobs that ended longer ago; returns the hashes of staged files that are needed by none of them."""
        with transaction(self._pool) as conn:
            hashes = tuple(sha256 for (sha256,) in conn.execute(SQL["staged_of_old_jobs"], {"days": days}))
            conn.execute(SQL["purge_jobs"], {"days": days})
        return hashes

    def _read(self, owner: str | None, id_: uuid.UUID | None, before: int | None, limit: int) -> tuple[Job, ...]:
        asked = {"everyone": owner is None, "owner": owner, "id": id_, "before": before, "limit": limit}
        with transaction(self._pool) as conn:
            return tuple(Job(*row) for row in conn.execute(SQL["read_jobs"], asked))

    def _files(self, query: bytes, asked: Mapping[str, object]) -> tuple[JobFile, ...]:
        with transaction(self._pool) as conn:
            rows = conn.execute(query, asked).fetchall()
        return tuple(job_file(*row) for row in rows)


def _waiting(conn: Connection, owner: str | None) -> tuple[int, int]:
    """How many files and bytes of an owner wait."""
    ((files, size),) = conn.execute(SQL["waiting_of_owner"], {"owner": owner}).fetchall()
    return files, size


def _within(quota: Quota, waiting: int, size: int, files: int, more: int) -> None:
    """Raises `QuotaExceeded` where so many more files and bytes are too many."""
    if waiting + files > quota.files or size + more > quota.bytes:
        raise QuotaExceeded(
            f"You have {waiting:,} files waiting ({size >> 20:,} MiB); {quota.files:,} files and "
            f"{quota.bytes >> 20:,} MiB may wait at once. Wait for some of them, or cancel a job."
        )


def _under(conn: Connection, author: Author, key: str, asked: str) -> str:
    """The job that was handed in under this key before, "" if none was. Others of the owner wait from here on. Raises
    `IdempotencyConflict`."""
    owner = {"owner": author.user}
    conn.execute(SQL["lock_owner_jobs"], owner)
    found = conn.execute(SQL["find_job_by_key"], owner | {"key": key}).fetchone() if key else None
    if found is not None and found[1] != asked:
        raise IdempotencyConflict("Under this idempotency key something else was handed in. Choose another key.")
    return "" if found is None else str(found[0])


def _open(
    conn: Connection,
    author: Author,
    request: JobRequest,
    *,
    title: str,
    queue: str,
    urgency: Urgency,
    key: str = "",
    asked: str = "",
) -> str:
    job_id = str(uuid.uuid4())
    row = {
        "id": as_uuid(job_id),
        "kind": request.kind,
        "title": title,
        "owner": author.user,
        "tokens": sorted(author.tokens),
        "admin": author.admin,
        "queue": queue or own_queue(job_id),
        "priority": URGENCY[urgency],
        "key": key or None,
        "request_sha256": asked,
        "request": Jsonb(request.packed()),
    }
    conn.execute(SQL["add_job"], row)
    return job_id
