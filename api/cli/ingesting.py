"""`footnote ingest`: files and folders, with progress and a line for each file."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from api.bootstrap import Container
from api.cli.local import opened
from api.cli.output import UsageError, note, say, say_json
from ingest.pipeline import FileReport, SourceFile, source_files
from ingest.protocols import Outcome
from retrieval.types import principal_token


def ingest(names: Sequence[str], allow: Sequence[str], prefix: str | None, date: str | None, as_json: bool) -> int:
    """Ingests and reports; 1 if any file failed."""
    label = frozenset(principal_token(token) for token in allow)
    if "" in names:  # as an unset shell variable gives; to Path it would be the current folder
        raise UsageError("One of the paths is empty. Name the files and folders to ingest.")
    paths = [Path(name) for name in names]
    absent = [str(path) for path in paths if not path.exists()]
    if absent:
        raise UsageError(f"There is no file or folder {', '.join(absent)}.")
    files = source_files(paths, prefix=prefix)
    if not files:
        raise UsageError("There are no files in what you named.")
    started = time.perf_counter()
    with opened() as parts:
        reports = list(reported(parts, files, label, date=date, as_json=as_json))
    counts = Counter(report.outcome for report in reports)
    seconds = time.perf_counter() - started
    pages, chunks = sum(r.pages for r in reports), sum(r.chunks for r in reports)
    if as_json:
        say_json({"files": [asdict(report) for report in reports], "seconds": round(seconds, 2), **_named(counts)})
    else:
        summary = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
        say(f"{len(reports)} files: {summary}. {pages} pages, {chunks} chunks, {seconds:.1f} s.")
    return 1 if counts[Outcome.FAILED] else 0


def reported(
    parts: Container,
    files: Sequence[SourceFile],
    label: frozenset[str],
    *,
    date: str | None = None,
    as_json: bool = False,
) -> Iterator[FileReport]:
    """The reports as they come, with a progress bar on a terminal and plain lines otherwise."""
    for report in _progress(parts.pipeline.run(files, label, date), len(files)):
        if report.outcome is Outcome.FAILED:
            note(f"failed     {report.source}: {report.reason}")
        elif not as_json and report.outcome is not Outcome.UNCHANGED:
            note(f"{report.outcome:<10} {report.source} ({report.pages} pages, {report.chunks} chunks)")
        yield report


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


def _named(counts: Counter[Outcome]) -> dict[str, int]:
    return {outcome.value: counts[outcome] for outcome in Outcome}
