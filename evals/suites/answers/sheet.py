"""A sheet for a person who checks the program's verdicts: question, gold, draft and what was shipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from evals.datasets.answers.questions import Question
from evals.suites.answers.scores import STAGES, Row, scores


def write_sheet(path: Path, questions: Sequence[Question], rows: Mapping[str, Row], stored: Mapping[str, str]) -> None:
    """Plain text, one block a question."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(_block(q, rows[q.id], stored) for q in questions) + "\n", encoding="utf-8")


def _block(question: Question, row: Row, stored: Mapping[str, str]) -> str:
    found = scores(question, row, stored)
    lines = [
        f"{question.id} ({question.kind}): {question.question}",
        *(f"  gold {place.part}: {place.source}, page {place.page}: {place.quote}" for place in question.gold),
        f"  facts: {' AND '.join(' | '.join(facts) for facts in question.facts) or '(none: must be refused)'}",
        f"  note: {question.note}",
        *(f"  drafted: {text}" for text in row["drafted"]),
        *(f"  withheld by {item['stage']} ({item['reason']}): {item['text']}" for item in row["withheld"]),
        f"  {row['status']}: {row['answer']}",
        *(f"  cites {cited['source']}, page {cited['page']}: {cited['quote']}" for cited in row["citations"]),
        f"  verdict: {', '.join(STAGES[stage] for stage, said in found.items() if said)}",
        f"  missed: {', '.join(STAGES[stage] for stage, said in found.items() if said is False)}",
    ]
    return "\n".join(lines)
