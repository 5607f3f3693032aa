"""Step "contexts": what search finds and what a model would be shown, recorded once, so that all see the same."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from api.terminal import note
from evals.datasets.question_sets import Question
from evals.measuring.code import SHOWING, code
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.systems.installations import Installation, documents
from evals.types import Case
from generation.answering.service import AnswerOptions
from generation.prompts import Prompt, sources
from generation.types import ChatMessage
from retrieval.types import Context, SearchResult

ROW = "context"
Row = dict[str, Any]


async def record(data: Path, home: Path, sets: dict[str, tuple[Question, ...]], results: ResultFile) -> list[Row]:
    """A row for every question, recorded now or before under the same settings and code of search
    and context."""
    rows = []
    for name, questions in sets.items():
        with documents(data, home, name) as parts:
            rows += await recorded_in(parts, questions, results)
    return rows


async def recorded_in(parts: Installation, questions: Sequence[Question], results: ResultFile) -> list[Row]:
    """The same for the questions over one store."""
    setup = setup_of(parts)
    head = {"row": ROW, "setup": setup, "setup_digest": digest(setup)}
    known = {row["key"]: row for row in results.rows if head.items() <= row.items()}
    todo = [question for question in questions if question.key not in known]
    with progress("contexts", len(todo)) as step:
        for question in todo:
            started = time.perf_counter()
            row = await _row(parts, question)
            spent = round(time.perf_counter() - started, 3)
            known[question.key] = results.add({**head, **row, "seconds": spent})
            step(f"{question.key}  {len(row['context'])} passages  {spent:.2f} s")
    return [known[question.key] for question in questions]


def latest(questions: Sequence[Question], results: ResultFile) -> list[Row]:
    """What the file holds of these questions, under the settings that were recorded with last."""
    rows = [row for row in results.rows if row.get("row") == ROW]
    if not rows:
        return []
    known = {row["key"]: row for row in rows if row["setup_digest"] == rows[-1]["setup_digest"]}
    found = [known[question.key] for question in questions if question.key in known]
    if len(found) < len(questions):
        note(f"{len(questions) - len(found)} of {len(questions)} questions have no context yet (--step contexts).")
    return found


def setup_of(parts: Installation) -> Row:
    """What decides a context besides question and documents."""
    settings, pinned = parts.settings, parts.models.digest
    return {
        "search": asdict(parts.answer_search.options),
        "passages_searched": AnswerOptions().passages_searched,
        "context": {**asdict(parts.context_options), "shown_chars": settings.shown_chars},
        "embedder": f"{settings.embedder}@{pinned(settings.embedder)[:12]}",
        "reranker": f"{settings.reranker}@{pinned(settings.reranker)[:12]}",
        "code": code(*SHOWING),
    }


def digest(setup: Row) -> str:
    return hashlib.sha256(json.dumps(setup, sort_keys=True).encode()).hexdigest()[:12]


def messages(prompt: Prompt, query: str, context: Context) -> tuple[ChatMessage, ...]:
    """What the answer service asks of its model."""
    return prompt.messages(sources=sources(context.passages), question=query)


async def found(parts: Installation, case: Case) -> tuple[SearchResult, Context]:
    """What the answer service finds for a question, and what it shows of it."""
    result = await parts.answer_search.search(case.question, case.asker, AnswerOptions().passages_searched)
    return result, await parts.context_builder.build(result.asked, result, case.asker)


async def _row(parts: Installation, question: Question) -> Row:
    case = question.case
    result, context = await found(parts, case)
    return {
        "key": question.key,
        "question": case.question,
        "asker": {"user": case.asker.user, "groups": sorted(case.asker.groups)},
        "result": {**asdict(result), "timings_ms": {}},
        "context": [asdict(passage) for passage in context.passages],
    }
