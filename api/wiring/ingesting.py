"""Reports of an ingestion as they come, for commands and measurements: a bar on a terminal, a line for each file."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from api.terminal import note
from api.wiring.telling import coverage_words, warning_lines
from ingest.languages import measured, named_language
from ingest.pipeline import IngestPipeline, SourceFile
from ingest.protocols import Outcome
from ingest.storing import FileReport
from ingest.types import Chunking

Item = TypeVar("Item")


def reported(
    pipeline: IngestPipeline,
    files: Sequence[SourceFile],
    label: frozenset[str],
    *,
    date: str | None = None,
    manage: frozenset[str] | None = None,
    chunking: Chunking | None = None,
    language: str = "",
    as_json: bool = False,
) -> Iterator[FileReport]:
    """Ingests the files; the reports come as `shown`."""
    found = pipeline.run(files, label, date, manage=manage, chunking=chunking, language=language)
    return shown(found, len(files), as_json=as_json)


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
