"""`footnote bench absence --suite answers`: questions of `footnote bench answers`, each asked of its own documents."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from api.terminal import UsageError, note
from evals.datasets.answers.corpus import ASKER, LABEL, Document, documents, sources
from evals.datasets.answers.questions import SPLITS, Question, load
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.suites.absence.questions_report import Row, say_questions
from evals.systems.installations import Installation, ingested, opened
from generation.absence.looking import OPTIONS, READ, SELECTED
from generation.absence.types import Absence, DocumentAbsence
from generation.absence.weighing import load_limits
from ingest.local_files import SourceFile
from ingest.protocols import Outcome
from ingest.types import document_id
from retrieval.types import Filter


def run_questions(data: Path, split: str, out: Path | None, home: Path | None, limits: Path | None) -> int:
    """Asks the service as it is shipped, and goes on from what `out` holds. A question is asked of all documents that
    hold its answer or a part of it; one without an answer of those that it is asked of."""
    if split not in SPLITS:
        raise UsageError(f"--suite answers: --split is one of {', '.join(SPLITS)}.")
    if limits:
        raise UsageError("--suite answers goes by the shipped bounds: leave --limits out.")
    questions, results = load(split), ResultFile(out)
    wanted = {name for question in questions for name in question.sources}
    found = [one for one in documents(data) if one.name in wanted]
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as temporary:
        beside = out.resolve().with_name(out.name + ".home") if out else Path(temporary)
        with opened(home=home or beside, DATABASE_URL="") as parts:
            _ingest(parts, found)
            rows = asyncio.run(_asked(parts, questions, sources(found), results))
    say_questions(questions, rows, sources(found), split)
    return 0


def _ingest(parts: Installation, found: Iterable[Document]) -> None:
    files = [SourceFile(one.file, one.source) for one in found]
    failed = [report for report in ingested(parts, files, LABEL) if report.outcome is Outcome.FAILED]
    if failed:
        note(f"{len(failed)} of {len(files)} documents could not be read: questions about them count as unsure.")


async def _asked(
    parts: Installation, questions: Sequence[Question], stored: Mapping[str, str], results: ResultFile
) -> dict[str, Row]:
    """A row for every question by its id: asked now, or known from a run with the same models, options and bounds that
    had all of its documents."""
    setup = _setup(parts)
    known = {(row["id"], row["question"]): row for row in results.rows if row["setup"] == setup and not row["missing"]}
    todo = [question for question in questions if (question.id, question.question) not in known]
    with progress("asked", len(todo)) as step:
        for question in todo:
            started = time.perf_counter()
            only = Filter(documents=frozenset(document_id(stored[name]) for name in question.sources))
            absence = await parts.absence_service.check(question.question, ASKER, only=only)
            spent = round(time.perf_counter() - started, 2)
            row = results.add({**_row(question, absence), "seconds": spent, "setup": setup})
            known[question.id, question.question] = row
            step(f"{question.id}  {question.kind:<13}  {absence.status:<15}  {spent} s")
    return {question.id: known[question.id, question.question] for question in questions}


def _setup(parts: Installation) -> dict[str, Any]:
    models = {name: parts.pinned(getattr(parts.settings, name)) for name in ("embedder", "reranker", "selector")}
    shipped = load_limits(models["reranker"], models["selector"])
    return {**models, "read": READ, "selected": SELECTED, "options": str(OPTIONS), "limits": asdict(shipped)}


def _row(question: Question, absence: Absence) -> dict[str, Any]:
    told = [_document(one) for one in absence.documents]
    return {"id": question.id, "question": question.question, "missing": absence.missing, "documents": told}


def _document(one: DocumentAbsence) -> dict[str, Any]:
    nearest = [
        {"score": near.score, "relevance": near.relevance, "answers": near.answers, "text": near.citation.quote}
        for near in one.nearest
    ]
    return {
        "source": one.source,
        "status": one.status,
        "score": one.score,
        "near": one.near,
        "gaps": sorted({gap.kind for gap in one.gaps}),
        "nearest": nearest,
    }
