"""`footnote ingest`: files and folders, with progress and a line for each file."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.local import opened
from api.cli.options import DAY, DAY_SHOWN, Json, chosen_chunking
from api.cli.registry import Registry
from api.terminal import UsageError, counted, note, say, say_json

if TYPE_CHECKING:
    from api.bootstrap import Container
    from ingest.jobs import JobRequest
    from ingest.local_files import SourceFile
    from ingest.storing import FileReport


def register(commands: Registry) -> None:
    commands.add(ingest, "ingest")


def ingest(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Files and folders.")],
    allow: Annotated[list[str], typer.Option("--allow", metavar="group:NAME", help="Who may read; repeatable.")],
    manage: Annotated[
        list[str] | None,
        typer.Option("--manage", metavar="group:NAME", help="Who may delete and restore; repeatable."),
    ] = None,
    source_prefix: Annotated[
        str | None, typer.Option(help="Name documents PREFIX/relative path instead of by absolute path.")
    ] = None,
    date: Annotated[
        datetime | None,
        typer.Option(
            formats=DAY,
            metavar=DAY_SHOWN,
            help="The day from which these versions hold; else the day they are added, a first version since ever.",
        ),
    ] = None,
    chunking: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="structure, recursive, semantic, small-to-big or code, each also with +summary; else as before, a new "
            "document as FOOTNOTE_CHUNKING says.",
        ),
    ] = "",
    language: Annotated[
        str, typer.Option("--language", metavar="CODE", help="Of the words, as de or fr, where it is not as it looks.")
    ] = "",
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on: ingest what is added or changed, until stopped.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Add files and folders as a job; exit code 1 if any file, or one in it, failed. Run it again after an
    interruption."""
    from api.demo.home import refuse_ingest
    from api.wiring.folder_changes import changes, unbroken
    from api.wiring.telling import MULTILINGUAL
    from ingest.jobs import JobRequest
    from ingest.languages import language_code
    from retrieval.types import principal_token

    label = frozenset(principal_token(token) for token in allow)
    managers = frozenset(principal_token(token) for token in manage) if manage else None
    code = language_code(language) if language else ""
    files = _files(paths, source_prefix, empty=watch)
    day = date.date().isoformat() if date else None
    kind = str(chosen_chunking(chunking)) if chunking else ""
    request = JobRequest(label, managers, day, kind, code)
    with opened() as parts:
        refuse_ingest(parts)
        if parts.settings.profile == "multilingual":
            note(MULTILINGUAL)
        later = changes(lambda: _files(paths, source_prefix, empty=True), files, tell=note)
        failed = _ingest(parts, files, request, as_json) if files else False
        if watch:
            note("Watching for new and changed files. Stop with Ctrl-C.")
            for changed in later:
                unbroken(partial(_ingest, parts, changed, request, as_json), note)
    return 1 if failed else 0


def _ingest(parts: Container, files: Sequence[SourceFile], request: JobRequest, as_json: bool) -> bool:
    """A job with its reports on the terminal; whether any file failed or was not done."""
    from api.wiring.ingesting import ingested, shown
    from ingest.protocols import Outcome

    started = time.perf_counter()
    reports = list(shown(ingested(parts, files, request, slots=parts.slots), len(files), as_json=as_json))
    seconds = time.perf_counter() - started
    if as_json:
        counts = Counter(report.outcome for report in reports)
        named = {outcome.value: counts[outcome] for outcome in Outcome}
        say_json({"files": [asdict(report) for report in reports], "seconds": round(seconds, 2), **named})
    else:
        _sum_up(reports, seconds)
    if left := len(files) - len(reports):
        note(f"Not done, since the job was cancelled: {counted(left, 'file')}. Run it again to go on.")
    return bool(left) or any(report.failed for report in reports)


def _sum_up(reports: Sequence[FileReport], seconds: float) -> None:
    from api.wiring.telling import attention, spoken
    from ingest.types import WarningKind

    every = [one for report in reports for one in report.all()]
    outcomes = sorted(Counter(one.outcome for one in every).items())
    inner = len(every) - len(reports)
    within = f" ({inner} of them inside others)" if inner else ""
    say(
        f"{counted(len(every), 'file')}{within}: {', '.join(f'{count} {outcome}' for outcome, count in outcomes)}. "
        f"{counted(sum(one.pages or 0 for one in every), 'page')}, "
        f"{counted(sum(one.chunks for one in every), 'chunk')}, {seconds:.1f} s."
    )
    if others := spoken(one.language for one in every):
        say(others)
    if look := attention(one.warnings for one in every):
        kept = any(warning.kind is not WarningKind.OTHER_WORDS for one in every for warning in one.warnings)
        later = ", and so does `footnote documents show ID`" if kept else ""
        say(f"{look}: the lines with ! above say why{later}.")


def _files(names: Sequence[str], prefix: str | None, *, empty: bool = False) -> list[SourceFile]:
    """Raises `UsageError` unless there are files in all that is named; `empty`: there need be none."""
    from ingest.local_files import source_files

    if "" in names:  # as an unset shell variable gives; to Path it would be the current folder
        raise UsageError("One of the paths is empty. Name the files and folders to ingest.")
    paths = [Path(name) for name in names]
    absent = [str(path) for path in paths if not path.exists()]
    if absent and not empty:
        raise UsageError(f"There is no file or folder {', '.join(absent)}.")
    files = source_files(paths, prefix=prefix)
    if not files and not empty:
        raise UsageError("There are no files in what you named.")
    return files
