"""What the routes use of jobs, whoever gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from ingest.jobs import FileState, JobRequest, JobState, Urgency
from ingest.types import Author


class Job(Protocol):
    """A job as it stands. `number` orders the jobs of an owner by when they were handed in; `event` counts what has
    changed in it; `sealed`: all its files are known."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def state(self) -> JobState: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def finished_at(self) -> datetime | None: ...
    @property
    def cancelled(self) -> bool: ...
    @property
    def sealed(self) -> bool: ...
    @property
    def files(self) -> int: ...
    @property
    def done(self) -> int: ...
    @property
    def failed_files(self) -> int: ...
    @property
    def cancelled_files(self) -> int: ...
    @property
    def ended(self) -> int: ...
    @property
    def event(self) -> int: ...
    @property
    def number(self) -> int: ...


class JobFile(Protocol):
    """A file of a job. `report`: what became of it, None as long as that is not known."""

    @property
    def number(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def bytes(self) -> int: ...
    @property
    def state(self) -> FileState: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def report(self) -> Mapping[str, Any] | None: ...
    @property
    def event(self) -> int: ...


class Jobs(Protocol):
    """Jobs, as their owner sees them: those of others are missing. What is missing raises a foreseen error."""

    def list(self, owner: str, *, before: int | None = None, limit: int = 50) -> Sequence[Job]:
        """Newest first, from those handed in before the job of that number."""
        ...

    def find(self, job_id: str, owner: str) -> Job: ...

    def pace(self, job_id: str) -> float:
        """Files a second of late."""
        ...

    def outcomes(self, job_id: str) -> Mapping[str, int]: ...

    def outcomes_of(self, job_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Of each of these jobs that has any."""
        ...

    def files(
        self, job_id: str, *, after: int = 0, limit: int = 1000, state: FileState | None = None
    ) -> Sequence[JobFile]: ...

    def changed(self, job_id: str, since: tuple[int, int], limit: int = 1000) -> Sequence[JobFile]:
        """Files that changed after this event and number, in the order in which they did."""
        ...

    def cancel(self, job_id: str, owner: str) -> None: ...


class Handed(Protocol):
    """A file that is handed in. `source`: the name of the document that it is a version of."""

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    def read(self) -> bytes: ...


class JobDesk(Protocol):
    """Where jobs are handed in: so many files at once, of so many bytes each and together."""

    max_files: int
    max_file_bytes: int
    max_bytes: int

    @property
    def jobs(self) -> Jobs: ...

    def submit(
        self, author: Author, request: JobRequest, files: Sequence[Handed], *, urgency: Urgency, key: str
    ) -> str:
        """The job's id, under a `key` of before the same as then. Raises foreseen errors where that was something else,
        and where too much is waiting."""
        ...

    def submit_connector(self, author: Author, name: str, urgency: Urgency, key: str) -> str:
        """Raises a foreseen error where there is none of that name."""
        ...

    def submit_folder(self, author: Author, request: JobRequest, folder: str, urgency: Urgency, key: str) -> str: ...

    def retry(self, author: Author, job_id: str) -> int:
        """What failed or was cancelled is done again; how many files. Raises foreseen errors where there is no such job
        of theirs, and where too much would wait."""
        ...
