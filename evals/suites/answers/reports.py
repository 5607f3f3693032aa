"""Suite `reports`: is the right annual report first, for questions that name an issuer and a period? Search alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from api.terminal import note, say, say_json
from evals.datasets.answers.corpus import ASKER, REPORT_FOLDER, ReportQuestion, report_questions
from evals.datasets.answers.questions import Kind, Question
from evals.measuring.machine import circumstances
from evals.measuring.results import ResultFile
from evals.measuring.statistics import wilson
from evals.measuring.tables import percent, table
from evals.systems.installations import Installation

TOP = 5
OURS, PUBLISHED = "ours", "filings/qa.jsonl"
Row = dict[str, Any]


def of_reports(questions: tuple[Question, ...]) -> tuple[ReportQuestion, ...]:
    """Those about one annual report each; of copies and of an answer that stands in several reports any is right."""
    return tuple(
        ReportQuestion(question.id, question.question, frozenset(question.sources))
        for question in questions
        if question.kind is not Kind.TWO_DOCUMENTS
        and all(source.startswith(f"{REPORT_FOLDER}/") for source in question.sources)
    )


def run_reports(
    parts: Installation, data: Path, stored: Mapping[str, str], ours: tuple[ReportQuestion, ...], results: ResultFile
) -> int:
    """Searches for every question, prints the counts and the questions that were missed."""
    sets = {OURS: ours, PUBLISHED: report_questions(data)}
    found = {name: [_searched(parts, question, stored, results) for question in asked] for name, asked in sets.items()}
    found["all"] = [row for rows in found.values() for row in rows]
    lines = []
    for name, rows in found.items():
        first, among = sum(row["first"] for row in rows), sum(row["among"] for row in rows)
        low, high = wilson(first, len(rows))
        share = percent(first / len(rows) if rows else None)
        lines.append((name, len(rows), first, f"{share} [{percent(low)}, {percent(high)}]", among))
    table("Right report", ("questions", "n", "first", "% [95 % interval]", f"among {TOP}"), lines)
    for row in found["all"]:
        if not row["first"]:
            note(f"missed: {row['id']}: {row['question'][:100]}")
    say()
    say_json({name: {"n": len(rows), "first": sum(row["first"] for row in rows)} for name, rows in found.items()}
             | {"options": asdict(parts.search.options), **circumstances()})  # fmt: skip
    return 0


def _searched(parts: Installation, question: ReportQuestion, stored: Mapping[str, str], results: ResultFile) -> Row:
    hits = parts.answer_search.search_now(question.question, ASKER, TOP).hits
    right, names = {stored[name] for name in question.names}, [hit.chunk.source for hit in hits]
    return results.add(
        {
            "row": "report",
            "id": question.id,
            "question": question.question,
            "first": bool(names) and names[0] in right,
            "among": any(name in right for name in names),
            "hits": names,
        }
    )
