"""Questions asked of an installation, one result row each, gone on from where an earlier run ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from evals.datasets.answers.corpus import ASKER
from evals.datasets.answers.questions import Question
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.systems.stages import Staged, Watch

ROW = "answer"
Row = dict[str, Any]


async def answered(
    watch: Watch, questions: Sequence[Question], setup: Mapping[str, Any], results: ResultFile
) -> dict[str, Row]:
    """A row for every question by its id, in their order: asked now, or known from an earlier run of this setup."""
    known = {
        (row["id"], row["question"]): row for row in results.rows if row.get("row") == ROW and row.get("setup") == setup
    }
    todo = [question for question in questions if (question.id, question.question) not in known]
    with progress("answered", len(todo)) as step:
        for question in todo:
            row = results.add(_row(question, await watch.asked(question.question, ASKER), setup))
            known[question.id, question.question] = row
            step(f"{question.id}  {question.kind:<13}  {row['status']:<9}  {row['seconds']:.1f} s")
    return {question.id: known[question.id, question.question] for question in questions}


def _row(question: Question, staged: Staged, setup: Mapping[str, Any]) -> Row:
    answer = staged.answer
    return {
        "row": ROW,
        "id": question.id,
        "kind": question.kind,
        "question": question.question,
        "status": answer.status,
        "answer": answer.answer,
        "sentences": [{"text": sentence.text, "note": sentence.note} for sentence in answer.sentences],
        "citations": [{"source": c.source, "page": c.page, "quote": c.quote} for c in answer.citations],
        "cautions": [caution.kind for caution in answer.cautions],
        "drafted": staged.drafted,
        "withheld": staged.withheld,
        "shown": [asdict(words) for words in staged.shown],
        "hits": [asdict(words) for words in staged.hits],
        "own_seconds": staged.own_seconds,
        "first_seconds": staged.first_seconds,
        "seconds": staged.seconds,
        "prompt_tokens": answer.usage.prompt_tokens,
        "completion_tokens": answer.usage.completion_tokens,
        "timings_ms": answer.timings_ms,
        "setup": setup,
    }
