"""Jobs as they are handed in and told of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from api.http.numbers import numbered_report
from api.http.schemas.documents import ChunkingName, UploadOut
from api.http.schemas.values import Day
from ingest.jobs import FileState, JobState
from ingest.types import NAME
from retrieval.types import Numbering

if TYPE_CHECKING:
    from api.http.job_desk import Job, JobFile

MAX_PRINCIPALS = 200
Named = Annotated[str, Field(json_schema_extra={"pattern": f"^(user|group):{NAME}$"})]  # `principal_token` says why not
Principals = Annotated[list[Named], Field(max_length=MAX_PRINCIPALS)]


class JobForm(BaseModel):
    """How the files of a job are ingested. `allow`: who may read them, as `group:NAME` or `user:NAME`; only groups of
    the caller's own, or the caller. `manage`: who, besides the caller, may delete and restore them; without it that
    stays as it is. `date`: the day from which they hold. `chunking` and `language`: as for a single upload. `urgency`:
    `high` takes a credential with the scope `admin`."""

    model_config = ConfigDict(extra="forbid")

    allow: Annotated[Principals, Field(min_length=1)]
    manage: Principals = []
    date: Day | None = None
    chunking: ChunkingName | None = None
    language: Annotated[str, Field(max_length=35)] = ""
    urgency: Literal["high", "normal", "low"] = "normal"


class FolderJob(JobForm):
    """`folder`: one that whoever runs the service allows (FOOTNOTE_FOLDERS), or a folder in it; takes the scope
    `admin`."""

    folder: Annotated[str, Field(min_length=1, max_length=4096)]


class ConnectorJob(BaseModel):
    """`connector`: one that whoever runs the service has set up, to be brought in step now; takes the scope `admin`."""

    model_config = ConfigDict(extra="forbid")

    connector: Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    urgency: Literal["high", "normal", "low"] = "normal"


class JobFileOut(BaseModel):
    """A file of a job. `result`: what became of it, with its warnings; `code` and `reason`: why it failed."""

    number: int
    name: str
    source: str
    bytes: int
    status: FileState
    outcome: str | None = None
    code: str = ""
    reason: str = ""
    result: UploadOut | None = None
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, file: JobFile, seen: Numbering | None) -> Self:
        """`seen`: as whoever asks counts versions; None: as they are stored, for the operator."""
        report = file.report or {}
        return cls(
            number=file.number,
            name=file.name,
            source=file.source,
            bytes=file.bytes,
            status=file.state,
            outcome=report.get("outcome"),
            code=report.get("code", ""),
            reason=report.get("reason", ""),
            result=UploadOut.model_validate(uploaded(report, seen)) if report else None,
            started_at=file.started_at,
            ended_at=file.ended_at,
        )


class JobOut(BaseModel):
    """A job. `status` is queued, running, succeeded, partial (some files failed), failed (all did) or cancelled.
    `ended` of `total` files are waited for no longer; `total` still grows while `listing`. `outcomes`: how many were
    added, replaced, unchanged and so on. `files_per_second` and `seconds_left` are of late, None where nothing is
    known."""

    id: str
    kind: str
    title: str
    status: JobState
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancelling: bool
    listing: bool
    total: int
    ended: int
    done: int
    failed: int
    cancelled: int
    outcomes: dict[str, int] = {}
    files_per_second: float | None = None
    seconds_left: float | None = None

    @classmethod
    def of(cls, job: Job, outcomes: Mapping[str, int] | None = None, pace: float = 0.0) -> Self:
        left = job.files - job.ended
        running = job.finished_at is None
        return cls(
            id=job.id,
            kind=job.kind,
            title=job.title,
            status=job.state,
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            cancelling=job.cancelled and running,
            listing=not job.sealed,
            total=job.files,
            ended=job.ended,
            done=job.done,
            failed=job.failed_files,
            cancelled=job.cancelled_files,
            outcomes=dict(outcomes or {}),
            files_per_second=round(pace, 3) if running and pace else None,
            seconds_left=round(left / pace, 1) if running and pace and job.sealed else None,
        )


class JobDetail(JobOut):
    """With its files, by number; `next`: `after` for the rest of them, None at the end."""

    files: list[JobFileOut]
    next: int | None


class JobLimits(BaseModel):
    """What is handed in at once at most: so many files, bytes together, and bytes of one file."""

    files: int
    bytes: int
    file_bytes: int


class JobList(BaseModel):
    """Newest first; `next`: `before` for older ones, None at the end."""

    jobs: list[JobOut]
    next: int | None
    limits: JobLimits


class JobAccepted(BaseModel):
    """`id`: under which the job is found at /v1/jobs/{id}."""

    id: str
    status: JobState


class RetryOut(BaseModel):
    """How many files are done again."""

    files: int


def uploaded(report: Mapping[str, Any], seen: Numbering | None) -> dict[str, Any]:
    """What `UploadOut` has of a report."""
    return _known(numbered_report(report, seen))


def _known(report: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in report.items() if name in UploadOut.model_fields}
    return kept | {"children": [_known(child) for child in report["children"]]}
