"""What a job, its files and their turns are in the database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from psycopg.types.json import Jsonb

from infra.postgres.pool import Connection
from infra.postgres.writing import as_uuid
from ingest.jobs import FileState, JobRequest, JobState, Urgency
from ingest.types import Author, Coverage, FileWarning, document_id

# Queues: what somebody waits for, the other files, and the turns of folders and connectors.
INTERACTIVE, BULK, WHOLE = "interactive", "bulk", "whole"
URGENCY = {Urgency.HIGH: 1_000_000, Urgency.NORMAL: 0, Urgency.LOW: -1_000_000}


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file whose bytes are staged in the blob folder, and the source of the document that it is a version of.
    `report`: what became of it already, as where it could not even be read; there are no bytes then."""

    name: str
    source: str
    content_sha256: str
    bytes: int
    report: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """The job under which something was handed in; `new`: not under an idempotency key of before."""

    id: str
    new: bool


@dataclass(frozen=True, slots=True)
class Quota:
    """How much an owner may have waiting at once."""

    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Task:
    """One file's turn, or at number 0 that of the job as a whole. `lock` is shared by the files that become the same
    document."""

    job: str
    number: int
    queue: str
    priority: int
    lock: str


Deferring: TypeAlias = Callable[[Connection, Sequence[Task]], Sequence[int]]
"""Queues the tasks in the transaction of that connection; returns their numbers."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. `cut_short`: it was cancelled before all its files were known. `event` counts what has
    changed in it. `number`: when it was handed in, in microseconds, which orders the jobs of an owner and tells
    nothing of those of others."""

    id: str
    kind: str
    title: str
    owner: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancelled: bool
    sealed: bool
    cut_short: bool
    files: int
    done: int
    failed_files: int
    cancelled_files: int
    event: int
    number: int

    @property
    def state(self) -> JobState:
        if self.finished_at is None:
            begun = self.started_at is not None or self.cancelled
            return JobState.RUNNING if begun else JobState.QUEUED
        if self.cancelled and (self.cancelled_files or self.cut_short or not self.files):
            return JobState.CANCELLED
        if not self.failed_files:
            return JobState.SUCCEEDED
        return JobState.PARTIAL if self.done else JobState.FAILED

    @property
    def ended(self) -> int:
        """Files that are waited for no longer."""
        return self.done + self.failed_files + self.cancelled_files


@dataclass(frozen=True, slots=True)
class JobFile:
    """A file of a job. `report`: what became of it, as `api.wiring.jobs` packs a `FileReport`."""

    number: int
    name: str
    source: str
    bytes: int
    state: FileState
    attempt: int
    started_at: datetime | None
    ended_at: datetime | None
    report: Mapping[str, Any] | None
    event: int


@dataclass(frozen=True, slots=True)
class Begun:
    """A file that was begun. Only who holds the latest `attempt` can end it. `tries`: how often it was begun since it
    was last asked for; `lost`: how many processes have begun it
    and died, this one among them until it ends; `before`: the version that was there at first, 0: none."""

    name: str
    source: str
    content_sha256: str
    attempt: int
    tries: int
    lost: int
    before: int
    author: Author
    request: JobRequest


@dataclass(frozen=True, slots=True)
class StoredReport:
    """What is known of a stored document's current version."""

    version: int
    pages: int
    chunks: int
    warnings: tuple[FileWarning, ...]
    coverage: Coverage
    language: str


def lock_of(source: str) -> str:
    """The same for all files that become versions of one document."""
    return f"document {document_id(source)}"


def own_queue(job_id: str) -> str:
    """Of a job that its own process works on."""
    return f"job-{job_id}"


def whole(job_id: str, priority: int) -> Task:
    """The turn of a job as a whole."""
    return Task(job_id, 0, WHOLE, priority, f"job {job_id}")


def job_file(number: int, name: str, source: str, size: int, state: str, *rest: Any) -> JobFile:
    return JobFile(number, name, source, size, FileState(state), *rest)


def state_of(file: NewFile) -> FileState:
    """What has a report waits for nothing."""
    if file.report is None:
        return FileState.QUEUED
    return FileState.FAILED if file.report["outcome"] == "failed" else FileState.DONE


def file_row(job_id: str, number: int, file: NewFile) -> dict[str, object]:
    return {
        "job": as_uuid(job_id),
        "number": number,
        "name": file.name,
        "source": file.source,
        "content_sha256": file.content_sha256,
        "bytes": file.bytes,
        "state": state_of(file),
        "report": Jsonb(dict(file.report)) if file.report is not None else None,
    }


def digest_of(request: JobRequest, files: Sequence[object]) -> str:
    """Of all that is handed in, whichever request did it."""
    what = {name: value for name, value in request.packed().items() if name != "request_id"}
    told = repr((sorted(what.items()), list(files)))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
