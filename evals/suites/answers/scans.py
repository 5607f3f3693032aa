"""Suite `scans`: the same questions over contracts as they are, and over scanned copies of them in a store of their
own. What does recognition cost?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from api.terminal import UsageError, note
from evals.datasets.answers.corpus import ASKER, LABEL, Document, sources
from evals.datasets.answers.questions import Question
from evals.datasets.answers.scanned import about, scan, some_contracts
from evals.datasets.beir import json_lines
from evals.measuring.results import ResultFile
from evals.suites.answers.asked import Row, answered
from evals.suites.answers.scans_report import SCANNED, TEXT, Passage, Side, say_scans
from evals.suites.answers.scans_sheet import verdicts, write_scans_sheet
from evals.systems.asking import Setup
from evals.systems.installations import Installation, ingested, opened, version_texts
from evals.systems.stages import Watch
from ingest.local_files import SourceFile
from ingest.storing import FileReport


@dataclass(frozen=True, slots=True)
class ScansRun:
    """`folder`: work folder with the scans and both stores, from which a second run goes on. `labels`: a sheet with a
    reader's verdicts."""

    data: Path
    contracts: int
    folder: Path
    sheet: Path | None
    labels: Path | None


def run_scans(wanted: ScansRun, questions: Sequence[Question], found: Sequence[Document], results: ResultFile) -> int:
    """Raises `UsageError` if nothing is asked of single contracts, or a contract cannot be read."""
    names = some_contracts(questions, wanted.data, wanted.contracts)
    asked = about(questions, names)
    if not asked:
        raise UsageError("No question is about a single contract.")
    documents = [document for document in found if document.name in names]
    stored = sources(documents)
    passages = tuple(_labelled(wanted.data / "cuad" / "qa.jsonl", stored))
    sides = {}
    for side in (TEXT, SCANNED):
        files = [SourceFile(_copy(document, side, wanted.folder), document.source) for document in documents]
        with opened(home=wanted.folder / side, DATABASE_URL="") as parts:
            reports = list(ingested(parts, files, LABEL))
            if failed := [report.source for report in reports if report.failed]:
                raise UsageError(f"{side}: {', '.join(failed)} could not be read.")
            watch = Watch(parts)
            setup = {**asdict(Setup.of(parts)), "copies": side}
            sides[side] = asyncio.run(_side(parts, watch, reports, asked, setup, results))
    read = verdicts(wanted.labels) if wanted.labels else None
    say_scans(asked, sides, stored, passages, read)
    if wanted.sheet:
        write_scans_sheet(wanted.sheet, asked, [sides[side].rows for side in (TEXT, SCANNED)])
    return 0


def _copy(document: Document, side: str, folder: Path) -> Path:
    """The file itself, or a scan of it, made once."""
    if side == TEXT:
        return document.file
    copy = folder / "copies" / document.file.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    if not copy.is_file():
        scan(document.file, copy)
        note(f"scanned    {document.source}")
    return copy


async def _side(
    parts: Installation, watch: Watch, reports: Sequence[FileReport], asked: Sequence[Question],
    setup: Mapping[str, Any], results: ResultFile,
) -> Side:  # fmt: skip
    texts = {}
    for report in reports:
        stored = await version_texts(parts).text(report.document_id, report.version, ASKER)
        texts[report.source] = stored.text if stored else ""
    rows: dict[str, Row] = await answered(watch, asked, setup, results)
    return Side(rows, texts, setup)


def _labelled(qa: Path, stored: Mapping[str, str]) -> Iterator[Passage]:
    """What people labelled in the contracts: passages of CUAD's answers."""
    if not qa.is_file():
        return
    by_file = {name.rpartition("/")[2]: source for name, source in stored.items()}
    known = set()
    for row in json_lines(qa):
        source = by_file.get(row["pdf"])
        for evidence in row.get("evidence") or () if source else ():
            passage = Passage(str(source), evidence["text"])
            if passage not in known:
                known.add(passage)
                yield passage
