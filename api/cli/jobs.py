"""`footnote jobs` and `footnote worker`."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.local import opened
from api.cli.options import Json, LogLevel, given
from api.cli.registry import Registry
from api.terminal import UsageError, counted, note, say, say_json, say_table

if TYPE_CHECKING:
    from api.bootstrap import Container
    from api.http.job_desk import Job
    from api.http.schemas.jobs import JobOut

_SHORTEST = 8  # of the beginnings of an id
JobId = Annotated[
    str, typer.Argument(metavar="ID", help="As `footnote jobs list` shows it, or its first 8 characters.")
]


def register(commands: Registry) -> None:
    group = commands.add_group("jobs", "What was handed in to be ingested: how it stands, cancel it, do it again.")
    group.add(list_all, "list")
    group.add(show, "show")
    group.add(follow, "follow")
    group.add(cancel, "cancel")
    group.add(retry, "retry")
    commands.add(worker, "worker")


def worker(
    slots: Annotated[int, typer.Option(min=1, max=64, help="Files to work on at once.")] = 2,
    log_level: LogLevel = None,
) -> int:
    """Work on jobs beside the service, or instead of it, until stopped; several may run at once."""
    with opened(service=True, **given(log_level=log_level)) as parts:
        parts.open_metrics_port()
        workers = parts.workers_for(None, slots)
        parts.publisher.start()
        workers.start()
        say(
            f"Working on jobs, {counted(slots, 'file')} at once. "
            "Stop with Ctrl-C; what is under way then waits for its next turn."
        )
        try:
            while True:
                time.sleep(3600)
        finally:
            parts.stop_ingesting()
            workers.stop()


def list_all(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many of the newest.")] = 20, as_json: Json = False
) -> int:
    """Jobs of everybody, newest first."""
    from api.http.schemas.jobs import JobOut

    with opened() as parts:
        found = parts.jobs.list(None, limit=limit)
        outcomes = parts.jobs.outcomes_of([job.id for job in found])
    told = [JobOut.of(job, outcomes.get(job.id)) for job in found]
    if as_json:
        say_json({"jobs": told})
        return 0
    header = ("id", "status", "files", "came of it", "owner", "handed in", "what")
    rows = [
        (
            job.id,
            job.status,
            _so_many(job),
            _came_of(job) or "-",
            handed.owner or "operator",
            _day(job.created_at),
            job.title,
        )
        for handed, job in zip(found, told, strict=True)
    ]
    say_table(header, rows)
    return 0


def show(job_id: JobId, as_json: Json = False) -> int:
    """How a job stands, and which of its files failed and why."""
    from api.http.schemas.jobs import JobDetail, JobFileOut, JobOut
    from ingest.jobs import FileState

    with opened() as parts:
        job, jobs = _found(parts, job_id), parts.jobs
        job_id = job.id
        told = JobOut.of(job, jobs.outcomes(job_id), jobs.pace(job_id))
        files = jobs.files(job_id, limit=100_000, state=None if as_json else FileState.FAILED)
    if as_json:
        say_json(JobDetail(**dict(told), files=[JobFileOut.of(file, None) for file in files], next=None))
        return 0
    say(f"{job.title}: {_standing(told)}")
    for file in (JobFileOut.of(one, None) for one in files):
        say(f"failed     {file.source}: {file.reason}")
    return 0


def follow(job_id: JobId, as_json: Json = False) -> int:
    """Tell of each file as it ends, until the job has ended; exit code 1 if any failed."""
    from api.http.schemas.jobs import JobOut
    from api.wiring.ingesting import shown
    from api.wiring.job_reports import followed

    with opened() as parts:
        job = _found(parts, job_id)
        job_id, total = job.id, job.files
        reports = list(shown(followed(parts.jobs, job_id), total, as_json=as_json))
        told = JobOut.of(parts.jobs.find(job_id, None), parts.jobs.outcomes(job_id))
    say_json(told) if as_json else say(_standing(told))
    return 1 if any(report.failed for report in reports) else 0


def cancel(job_id: JobId) -> int:
    """Files that wait are not done any more; those under way are finished."""
    with opened() as parts:
        job_id = _found(parts, job_id).id
        parts.jobs.cancel(job_id, None)
    say(f"Cancelled {job_id}. `footnote jobs retry {job_id}` does what was left.")
    return 0


def retry(job_id: JobId) -> int:
    """Do again what failed or was cancelled."""
    with opened() as parts:
        count = parts.jobs.retry(_found(parts, job_id).id, None)
    if not count:
        note("Nothing in it failed or was cancelled, or it could not even be read: hand it in anew.")
        return 1
    again = "1 file waits again. It is" if count == 1 else f"{count} files wait again. They are"
    say(f"{again} done by the service, or by `footnote worker`.")
    return 0


def _found(parts: Container, job_id: str) -> Job:
    """By its id, or by how that begins, if no other does. Raises `UsageError`."""
    known = parts.jobs.beginning(job_id) if len(job_id) >= _SHORTEST else ()
    if len(known) > 1:
        raise UsageError(f"Several jobs begin with {job_id}. Give more of the id: `footnote jobs list`.")
    if not known:
        raise UsageError(f"There is no job {job_id}: `footnote jobs list`.")
    return parts.jobs.find(known[0], None)


def _standing(job: JobOut) -> str:
    total = counted(job.total, "file")
    files = total if job.finished_at else f"{job.ended} of {total}"
    came, left = _came_of(job), f", about {job.seconds_left:.0f} s left" if job.seconds_left is not None else ""
    return f"{job.status}, {files}{f' ({came})' if came else ''}{left}"


def _so_many(job: JobOut) -> str:
    return str(job.total) if job.finished_at else f"{job.ended} of {job.total}"


def _came_of(job: JobOut) -> str:
    counts = {**job.outcomes, "cancelled": job.cancelled}
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)


def _day(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")
