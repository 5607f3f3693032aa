"""Suite "cuad": 120 contracts in one store; is the contract that a question names first, and is a gold page found?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, Literal

from evals.datasets.beir import sampled
from evals.datasets.cuad import ASKER, ClauseQuestion, qa_file, split_questions
from evals.measuring.machine import known
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.statistics import seconds
from evals.suites.retrieval.compared import OURS
from evals.systems.installations import Installation, PageSpan, ingest_contracts, opened
from retrieval.types import ChunkText, SearchOptions

SUITE = "cuad"
TOP = 5
Row = dict[str, Any]


def measure(
    data: Path, home: Path, split: Literal["dev", "test"], code: str, queries: int, results: ResultFile
) -> list[Row]:
    """A row for each system of ours, in the data folder `home`; what it does not hold yet is ingested.

    "dev" questions are for choosing settings; only "test" numbers are reported.
    """
    questions = split_questions(qa_file(data), split)
    asked = [questions[at] for at in sampled(len(questions), queries)]
    rows = []
    with opened(home=home, DATABASE_URL="") as parts:
        for system, options in OURS.items():
            setup = {"code": code, "options": asdict(options), "embedder": parts.settings.embedder}
            wanted = {"suite": SUITE, "set": split, "system": system, "sample": queries, "setup": setup}
            row = known(results, wanted)
            if row is None:
                ingest_contracts(parts, data)
                row = results.add(wanted | {"scores": _scores(parts, asked, options, system)})
            rows.append(row)
    return rows


def _scores(parts: Installation, asked: Sequence[ClauseQuestion], options: SearchOptions, system: str) -> list[Row]:
    """For each question: is the contract first, is a gold page among the first five, and how long it took.

    `gold_page` goes by the page that a hit begins on, `gold_page_touched` by all pages that it stands on; both are
    None for a question whose contract has no such clause.
    """

    @cache
    def pages(document_id: str, version: int) -> Sequence[PageSpan]:
        view = parts.documents.text(document_id, version, ASKER)
        return view.pages if view else ()

    scores = []
    with progress(f"cuad: {system}", len(asked)) as step:
        for question in asked:
            case = question.case
            started = time.perf_counter()
            hits = parts.search.search_now(case.question, ASKER, TOP, options=options).hits
            spent = round(time.perf_counter() - started, 4)
            chunks = [hit.chunk for hit in hits]
            begun = {(chunk.source, chunk.page) for chunk in chunks}
            touched = {(chunk.source, page) for chunk in chunks for page in _touched(chunk, pages)}
            gold = {(entry.source, entry.page) for entry in case.gold}
            row = {
                "id": case.id,
                "contract_first": bool(chunks) and chunks[0].source == question.contract,
                "gold_page": bool(gold & begun) if gold else None,
                "gold_page_touched": bool(gold & touched) if gold else None,
                "seconds": spent,
            }
            scores.append(row)
            step(f"{case.id}  contract first: {row['contract_first']}  gold page: {row['gold_page']}  {spent:.2f} s")
    return scores


def _touched(chunk: ChunkText, pages: Any) -> list[int]:
    spans: Sequence[PageSpan] = pages(chunk.document_id, chunk.version)
    return [span.page for span in spans if span.start < chunk.end and chunk.start < span.end]


def numbers(row: Row) -> Row:
    """Shares over the questions that a share can be given for."""
    scores = row["scores"]
    paged = [score for score in scores if score["gold_page"] is not None]
    return {
        "questions": len(scores),
        "right contract first": _share(scores, "contract_first"),
        "with gold pages": len(paged),
        f"gold page in first {TOP}": _share(paged, "gold_page"),
        f"gold page touched in first {TOP}": _share(paged, "gold_page_touched"),
        "seconds p50": seconds(score["seconds"] for score in scores).p50,
        "seconds p95": seconds(score["seconds"] for score in scores).p95,
    }


def _share(scores: Sequence[Row], name: str) -> float | None:
    return round(sum(score[name] for score in scores) / len(scores), 4) if scores else None
