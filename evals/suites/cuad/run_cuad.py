"""`footnote bench cuad`: 120 real contracts ingested, then clause questions searched for and answered."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from api.terminal import note
from evals.datasets.cuad import ASKER, SOURCE_PREFIX, ClauseQuestion, load_questions, qa_file
from evals.measuring.code import SHOWING, code
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.metrics.citation_document import citation_document
from evals.metrics.citation_page import CitationPage
from evals.metrics.citation_resolves import CitationResolves
from evals.metrics.quote_overlap import quote_overlap
from evals.metrics.refusal import refusal
from evals.suites.cuad.by_command import same_by_command
from evals.suites.cuad.report import say_report
from evals.systems.asking import Setup, timed
from evals.systems.installations import Installation, ingested, opened
from evals.types import Metric
from ingest.local_files import source_files
from ingest.protocols import Outcome

TOP = 5
BY_COMMAND = 2
Rows = list[dict[str, Any]]


def run(data: Path, questions: int, out: Path | None) -> int:
    """Measures in a data folder of its own: `<out>.home`, from which a second run goes on, else a temporary one.

    Returns 1 if a citation does not resolve, or `footnote ask` answers otherwise than the service did.
    """
    asked, folder = load_questions(qa_file(data), questions), data / "cuad" / "pdf"
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as temporary:
        home = out.resolve().with_name(out.name + ".home") if out else Path(temporary)
        return _measure(home, folder, asked, ResultFile(out))


def _measure(home: Path, folder: Path, asked: Sequence[ClauseQuestion], results: ResultFile) -> int:
    with opened(home=home, DATABASE_URL="") as parts:
        files = _ingest(parts, folder, results)
        searched = _search(parts, asked, results)
        setup = Setup.of(parts)
        answered = asyncio.run(_answer(parts, asked, setup, results))
    same = same_by_command(home, answered[:BY_COMMAND])
    return say_report(files, searched, answered, setup, same)


def _ingest(parts: Installation, folder: Path, results: ResultFile) -> Rows:
    """A row for every file that was read, in this run or an earlier one; seconds are wall clock, file to file."""
    files = source_files([folder], prefix=SOURCE_PREFIX)
    note(f"{len(files)} contracts go into {parts.settings.home}.")
    parts.embedder.embed_query("warm up")
    before = time.perf_counter()
    for report in ingested(parts, files):
        now = time.perf_counter()
        if report.outcome is not Outcome.UNCHANGED:
            results.add({"row": "file", **asdict(report), "seconds": round(now - before, 3)})
        before = now
    latest = {row["source"]: row for row in results.rows if row["row"] == "file"}
    return list(latest.values())


def _search(parts: Installation, asked: Sequence[ClauseQuestion], results: ResultFile) -> Rows:
    """For every question: is the contract the first hit's, and is a gold page among the first five hits?"""
    setup = {"options": asdict(parts.search.options), "embedder": parts.pinned(parts.settings.embedder),
             "reranker": parts.pinned(parts.settings.reranker), "code": code(*SHOWING)}  # fmt: skip
    known = _known(results, "search", setup)
    todo = [question for question in asked if question.case.question not in known]
    if todo:
        parts.search.search_now("warm up", ASKER, TOP)
    with progress("searched", len(todo)) as step:
        for question in todo:
            case = question.case
            started = time.perf_counter()
            hits = parts.search.search_now(case.question, case.asker, TOP).hits
            seconds = round(time.perf_counter() - started, 3)
            places = [(hit.chunk.source, hit.chunk.page) for hit in hits]
            row = results.add(
                {
                    "row": "search",
                    **_heading(question),
                    "contract_first": bool(hits) and hits[0].chunk.source == question.contract,
                    "gold_page": any((gold.source, gold.page) in places for gold in case.gold) if case.gold else None,
                    "seconds": seconds,
                    "setup": setup,
                }
            )
            known[case.question] = row
            step(f"{case.id}  contract first: {row['contract_first']}  gold page: {row['gold_page']}  {seconds:.2f} s")
    return [known[question.case.question] for question in asked]


async def _answer(parts: Installation, asked: Sequence[ClauseQuestion], setup: Setup, results: ResultFile) -> Rows:
    """The answers under this setup, given now or known from before."""
    known = _known(results, "answer", asdict(setup))
    todo = [question for question in asked if question.case.question not in known]
    metrics: dict[str, Metric] = {
        "refusal": refusal,
        "citation_resolves": CitationResolves(parts.documents),
        "citation_document": citation_document,
        "citation_page": CitationPage(),
        "citation_page_1": CitationPage(tolerance=1),
        "quote_overlap": quote_overlap,
    }
    with progress("answered", len(todo)) as step:
        for question in todo:
            case = question.case
            got = await timed(parts, case.question, case.asker)
            row = results.add(
                {
                    "row": "answer",
                    **_heading(question),
                    "status": got.answer.status,
                    "scores": {name: metric(case, got.answer) for name, metric in metrics.items()},
                    "first_seconds": got.first_seconds,
                    "seconds": got.seconds,
                    "answer": got.answer.answer,
                    "citations": got.answer.citations,
                    "withheld": got.withheld,
                    "setup": setup,
                }
            )
            known[case.question] = row
            step(f"{case.id}  {case.kind:<12}  {row['status']:<9}  {got.seconds:.1f} s")
    return [known[question.case.question] for question in asked]


def _known(results: ResultFile, kind: str, setup: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Rows of earlier runs under this setup by question."""
    return {row["question"]: row for row in results.rows if row["row"] == kind and row.get("setup") == setup}


def _heading(question: ClauseQuestion) -> dict[str, object]:
    case = question.case
    return {
        "id": case.id,
        "kind": case.kind,
        "contract": question.contract,
        "category": question.category,
        "question": case.question,
        "gold_pages": sorted({gold.page for gold in case.gold if gold.page is not None}),
    }
