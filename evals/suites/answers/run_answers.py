"""`footnote bench answers`: plain questions over contracts and annual reports, and where their answers are lost."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from api.terminal import UsageError, note
from evals.datasets.answers.corpus import LABEL, Document, documents, sources
from evals.datasets.answers.questions import chosen, load
from evals.measuring.results import ResultFile
from evals.suites.answers.asked import ROW, Row, answered
from evals.suites.answers.report import say_report
from evals.suites.answers.reports import of_reports, run_reports
from evals.suites.answers.scans import ScansRun, run_scans
from evals.suites.answers.sheet import write_sheet
from evals.systems.asking import Setup
from evals.systems.installations import Installation, ingested, opened
from evals.systems.stages import Watch
from ingest.local_files import SourceFile
from ingest.protocols import Outcome


@dataclass(frozen=True, slots=True)
class AnswersRun:
    """What the command line asks for."""

    data: Path
    split: str
    suite: Literal["answers", "reports", "scans"]
    kinds: Sequence[str]
    limit: int = 0
    home: Path | None = None
    out: Path | None = None
    baseline: Path | None = None
    sheet: Path | None = None
    labels: Path | None = None
    contracts: int = 20


def run(wanted: AnswersRun) -> int:
    """Measures in the data folder `home`, else `<out>.home`, from which a second run goes on, else a temporary one."""
    questions, found = chosen(load(wanted.split), wanted.kinds, wanted.limit), documents(wanted.data)
    if not questions:
        raise UsageError("No question is of these kinds.")
    known = None if wanted.baseline is None else baseline(wanted.baseline)
    results = ResultFile(wanted.out)
    beside = wanted.out.resolve().with_name(wanted.out.name + ".home") if wanted.out else None
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as temporary:
        folder = wanted.home or beside or Path(temporary)
        if wanted.suite == "scans":
            scans = ScansRun(wanted.data, wanted.contracts, folder, wanted.sheet, wanted.labels)
            return run_scans(scans, questions, found, results)
        with opened(home=folder, DATABASE_URL="") as parts:
            _ingest(parts, found)
            if wanted.suite == "reports":
                return run_reports(parts, wanted.data, sources(found), of_reports(questions), results)
            watch = Watch(parts)
            setup = asdict(Setup.of(parts))
            rows = asyncio.run(answered(watch, questions, setup, results))
    say_report(questions, rows, sources(found), setup, known)
    if wanted.sheet:
        write_sheet(wanted.sheet, questions, rows, sources(found))
    return 0


def baseline(path: Path) -> dict[str, Row]:
    """The newest answer to each question in a result file, by the question's id."""
    if not path.is_file():
        raise UsageError(f"--baseline {path}: there is no such file.")
    lines = path.read_text(encoding="utf-8").splitlines()
    return {row["id"]: row for row in map(json.loads, filter(str.strip, lines)) if row.get("row") == ROW}


def _ingest(parts: Installation, found: Sequence[Document]) -> None:
    files = [SourceFile(document.file, document.source) for document in found]
    note(f"{len(files)} documents go into {parts.settings.home}.")
    failed = [report for report in ingested(parts, files, LABEL) if report.outcome is Outcome.FAILED]
    if failed:
        note(f"{len(failed)} of {len(files)} documents could not be read: questions about them count as missed.")
