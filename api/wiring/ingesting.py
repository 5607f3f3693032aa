"""Reports of an ingestion as they come, for commands and measurements: a bar on a terminal, a line for each file."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, TypeVar

from api.terminal import note
from api.wiring.job_reports import followed, titled
from api.wiring.jobs import JobDesk
from api.wiring.telling import coverage_words, warning_lines
from infra.postgres.errors import DatabaseUnavailable, JobFinished
from infra.postgres.jobs import PostgresJobs
from ingest.errors import FootnoteError
from ingest.jobs import JobRequest
from ingest.languages import measured, named_language
from ingest.local_files import SourceFile
from ingest.protocols import Outcome
from ingest.storing import FileReport
from ingest.types import OPERATOR

if TYPE_CHECKING:
    from api.wiring.working import Workers

Item = TypeVar("Item")


class Own(Protocol):
    """What a command needs of its process to do a job itself."""

    @property
    def jobs(self) -> PostgresJobs: ...
    @property
    def desk(self) -> JobDesk: ...
    def workers_for(self, job_id: str | None, slots: int) -> Workers: ...
    def publish(self) -> None: ...


def ingested(own: Own, files: Sequence[SourceFile], request: JobRequest, *, slots: int) -> Iterator[FileReport]:
    """A job of the operator's, done by this process and whichever else has workers; a report as each file ends.

    Stopped in the middle, what waits is cancelled: the same again goes on. So it does after a kill, where the job of
    before is cancelled first.
    """
    jobs, sources = own.jobs, [file.source for file in files]
    job_id = jobs.open(OPERATOR, request, title=titled(sources), sources=sources)
    workers = own.workers_for(job_id, slots)
    handing = threading.Thread(target=_hand_in, args=(own, job_id, files), name="hand-in")
    handing.start()
    workers.start()
    try:
        yield from followed(jobs, job_id)
    finally:
        with suppress(JobFinished, DatabaseUnavailable):  # else the same again cancels it
            jobs.cancel(job_id, None)
        workers.stop()
        handing.join()
        own.publish()


def _hand_in(own: Own, job_id: str, files: Sequence[SourceFile]) -> None:
    try:
        for _ in own.desk.hand_in(job_id, [own.desk.local(file) for file in files]):
            pass
    except (FootnoteError, OSError) as error:
        note(f"Not all files could be handed in: {error}")
    finally:
        with suppress(DatabaseUnavailable):  # upkeep ends it
            own.jobs.seal(job_id)


def shown(reports: Iterable[FileReport], total: int, *, as_json: bool = False) -> Iterator[FileReport]:
    """The reports as they come, with a progress bar on a terminal and plain lines otherwise."""
    for report in progress(reports, total, "Ingesting"):
        for one in report.all():
            _tell(one, as_json)
        yield report


def _tell(report: FileReport, as_json: bool) -> None:
    if report.outcome is Outcome.FAILED:
        note(f"failed     {report.source}: {report.reason}")
    elif not as_json and report.outcome is not Outcome.UNCHANGED:
        pages = coverage_words(report.coverage, report.pages) or "no pages"
        chunks = "1 chunk" if report.chunks == 1 else f"{report.chunks} chunks"
        language = "" if measured(report.language) else f"; {named_language(report.language)}"
        note(f"{report.outcome:<10} {report.source} ({pages}; {chunks}{language})")
    if not as_json:
        for line in warning_lines(report.warnings):
            note(f"           ! {line}")


def progress(reports: Iterable[Item], total: int, doing: str) -> Iterator[Item]:
    """The same, with a bar on a terminal."""
    if not sys.stderr.isatty():
        yield from reports
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=total)
        for report in reports:
            bar.advance(task)
            yield report
