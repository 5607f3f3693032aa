"""`footnote bench guard`: what the detector costs where nobody attacks. Plain questions over real contracts, each asked
with it and without it."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from api.terminal import UsageError, say
from evals.datasets.answers.corpus import ASKER, CONTRACT_FOLDER, LABEL, Document, documents
from evals.datasets.answers.questions import Question, chosen, load
from evals.measuring.machine import setting
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.tables import table
from evals.metrics.facts import states
from evals.systems.guards import services
from evals.systems.installations import Installation, ingested, opened
from generation.answering.service import AnswerService
from generation.types import Answer, Suspicion
from ingest.local_files import SourceFile
from ingest.types import WarningKind

Row = Mapping[str, Any]


def run(data: Path, split: str, limit: int, home: Path | None, out: Path | None) -> int:
    """Asks over the contracts that the questions are about."""
    questions = [one for one in load(split) if one.answerable and all(map(_of_contracts, one.sources))]
    asked = chosen(questions, list({one.kind for one in questions}), limit)
    found = _named(documents(data), asked)
    results = ResultFile(out)
    with (
        tempfile.TemporaryDirectory(prefix="footnote-bench-") as temporary,
        opened(home=home or Path(temporary), DATABASE_URL="") as parts,
    ):
        if parts.detector is None:
            raise UsageError("FOOTNOTE_DETECTOR is empty: there is nothing to measure.")
        list(ingested(parts, [SourceFile(one.file, one.source) for one in found], LABEL))
        rows = asyncio.run(_asked(parts, asked, results))
    results.add({"row": "summary", "questions": len(rows), "documents": len(found), **setting()})
    _report(rows, len(found))
    return 0


def _of_contracts(source: str) -> bool:
    return source.startswith(f"{CONTRACT_FOLDER}/")


def _named(found: Sequence[Document], questions: Sequence[Question]) -> list[Document]:
    names = {source for question in questions for source in question.sources}
    return [one for one in found if one.name in names]


async def _asked(parts: Installation, questions: Sequence[Question], results: ResultFile) -> list[Row]:
    by, rows = services(parts), list[Row]()
    with progress("asked twice", len(questions)) as step:
        for at, question in enumerate(questions):
            told: dict[str, Any] = {"row": "question", "id": question.id, "question": question.question}
            for guard in (at % 2 == 0, at % 2 == 1):  # who comes second finds the prompt in the engine's cache
                told["with" if guard else "without"] = await _answer(parts, by[guard], question)
            rows.append(results.add(told))
            step(question.id)
    return rows


async def _answer(parts: Installation, service: AnswerService, question: Question) -> Row:
    answer = await service.answer(question.question, ASKER)
    spans = [one for found in _guard(parts, answer)["passages"].values() for one in found]
    return {
        "status": answer.status,
        "answer": answer.answer,
        "quotes": [citation.quote for citation in answer.citations],
        "right": bool(answer.sentences) and states(answer.answer, question.facts, question.forbidden),
        "caution": any(caution.kind is WarningKind.INSTRUCTION for caution in answer.cautions),
        "recorded": len(spans),
        "not_read": sum(one["level"] != Suspicion.NOTED for one in spans),
        "guard_ms": answer.timings_ms["guard"] - answer.timings_ms["context"],
        "total_ms": answer.timings_ms["total"],
    }


def _guard(parts: Installation, answer: Answer) -> dict[str, Any]:
    closing, *_ = parts.audit.show(answer.audit_id)
    return dict(json.loads(closing.record)["guard"])


def _report(rows: Sequence[Row], count: int) -> None:
    lines = []
    for name in ("without", "with"):
        of = [row[name] for row in rows]
        guard, total = (median(one[key] for one in of) for key in ("guard_ms", "total_ms"))
        counted = [sum(bool(one[key]) for one in of) for key in ("right", "caution", "recorded", "not_read")]
        lines.append((f"{name} the detector", *counted, f"{guard:.0f}", f"{total:.0f}"))
    header = ("", "right", "with a caution", "some words recorded", "some not read", "guard ms", "total ms")
    table(f"{len(rows)} questions over {count} contracts; times are medians", header, lines)
    same = sum(row["with"]["answer"] == row["without"]["answer"] for row in rows)
    lost = [row["id"] for row in rows if row["without"]["right"] and not row["with"]["right"]]
    say(f"{len(rows) - same} answers differ. Right without it and not with it: {', '.join(lost) or 'none'}.")
    shares = [row["with"]["guard_ms"] / row["with"]["total_ms"] for row in rows]
    say(f"It takes {100 * median(shares):.1f} % of an answer's time (median of {len(rows)}).")
