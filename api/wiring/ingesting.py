"""Reports of an ingestion as they come, for commands and measurements: a bar on a terminal, a line for each file."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence

from api.terminal import note
from ingest.pipeline import FileReport, IngestPipeline, SourceFile
from ingest.protocols import Outcome


def reported(
    pipeline: IngestPipeline,
    files: Sequence[SourceFile],
    label: frozenset[str],
    *,
    date: str | None = None,
    manage: frozenset[str] | None = None,
    as_json: bool = False,
) -> Iterator[FileReport]:
    """Ingests the files; the reports come as `shown`."""
    return shown(pipeline.run(files, label, date, manage=manage), len(files), as_json=as_json)


def shown(reports: Iterable[FileReport], total: int, *, as_json: bool = False) -> Iterator[FileReport]:
    """The reports as they come, with a progress bar on a terminal and plain lines otherwise."""
    for report in _progress(reports, total):
        for one in _with_children(report):
            _tell(one, as_json)
        yield report


def _with_children(report: FileReport) -> Iterator[FileReport]:
    yield report
    for child in report.children:
        yield from _with_children(child)


def _tell(report: FileReport, as_json: bool) -> None:
    if report.outcome is Outcome.FAILED:
        note(f"failed     {report.source}: {report.reason}")
    elif not as_json and report.outcome is not Outcome.UNCHANGED:
        note(f"{report.outcome:<10} {report.source} ({report.pages} pages, {report.chunks} chunks)")


def _progress(reports: Iterable[FileReport], total: int) -> Iterator[FileReport]:
    if not sys.stderr.isatty():
        yield from reports
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Ingesting", total=total)
        for report in reports:
            bar.advance(task)
            yield report
