"""`footnote bench guard`: what the detector costs where nobody attacks. Of plain questions over real contracts, what
would the generator read with it and without it? Where that is the same to the byte, so is the answer: decoding is
greedy."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
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
from generation.answering.guarding import guarded
from generation.answering.service import AnswerOptions, AnswerService
from generation.prompts import sources
from ingest.local_files import SourceFile
from ingest.types import WarningKind

Row = Mapping[str, Any]


def run(data: Path, split: str, limit: int, ask: int, home: Path | None, out: Path | None) -> int:
    """Over the contracts that the questions are about. `ask`: so many are asked of the whole service, with the detector
    and without it; those first where the generator reads something else."""
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
        read, answered = asyncio.run(_measured(parts, asked, ask, results))
    results.add({"row": "summary", "questions": len(read), "documents": len(found), **setting()})
    _report_read(read, len(found))
    if answered:
        _report(answered)
    return 0


def _of_contracts(source: str) -> bool:
    return source.startswith(f"{CONTRACT_FOLDER}/")


def _named(found: Sequence[Document], questions: Sequence[Question]) -> list[Document]:
    names = {source for question in questions for source in question.sources}
    return [one for one in found if one.name in names]


async def _measured(
    parts: Installation, questions: Sequence[Question], ask: int, results: ResultFile
) -> tuple[list[Row], list[Row]]:
    read = list[Row]()
    with progress("read", len(questions)) as step:
        for question in questions:
            read.append(results.add({"row": "read", "id": question.id, **await _read(parts, question)}))
            step(question.id)
    other = {row["id"] for row in read if not row["same"]}
    first = sorted(questions, key=lambda question: question.id not in other)[:ask]
    by, rows = services(parts) if first else {}, list[Row]()
    with progress("asked twice", len(first)) as step:
        for at, question in enumerate(first):
            told: dict[str, Any] = {"row": "question", "id": question.id, "question": question.question}
            for guard in (at % 2 == 0, at % 2 == 1):  # who comes second finds the prompt in the engine's cache
                told["with" if guard else "without"] = await _answer(parts, by[guard], question)
            rows.append(results.add(told))
            step(question.id)
    return read, rows


async def _read(parts: Installation, question: Question) -> Row:
    """What the generator is given for a question, with the detector and without it."""
    started = time.perf_counter()
    found = await parts.answer_search.search(question.question, ASKER, AnswerOptions().passages_searched)
    context = await parts.context_builder.build(found.asked, found, ASKER)
    built = time.perf_counter()
    guard = guarded(question.question, context, parts.detector)
    ended = time.perf_counter()
    spans = [one for spans in guard.passages.values() for one in spans]
    return {
        "passages": len(context.passages),
        "chars": sum(len(passage.text) for passage in context.passages),
        "recorded": [asdict(one) for one in spans],
        "headings": len(guard.headings),
        "same": sources(guard.shown(context.passages)) == sources(context.passages),
        "guard_ms": round(1000 * (ended - built), 1),
        "before_ms": round(1000 * (built - started), 1),
    }


async def _answer(parts: Installation, service: AnswerService, question: Question) -> Row:
    answer = await service.answer(question.question, ASKER)
    return {
        "status": answer.status,
        "answer": answer.answer,
        "quotes": [citation.quote for citation in answer.citations],
        "right": bool(answer.sentences) and states(answer.answer, question.facts, question.forbidden),
        "caution": any(caution.kind is WarningKind.INSTRUCTION for caution in answer.cautions),
        "guard_ms": answer.timings_ms["guard"] - answer.timings_ms["context"],
        "total_ms": answer.timings_ms["total"],
    }


def _report_read(rows: Sequence[Row], count: int) -> None:
    chars, guard, before = (median(row[key] for row in rows) for key in ("chars", "guard_ms", "before_ms"))
    other = [row["id"] for row in rows if not row["same"]]
    recorded = sum(bool(row["recorded"]) for row in rows)
    say(f"{len(rows)} questions over {count} contracts, {sum(row['passages'] for row in rows)} passages.")
    say(f"The generator reads something else for {len(other)} of them: {', '.join(other) or 'none'}.")
    say(f"Words that are recorded and change nothing: in the passages of {recorded} questions.")
    say(f"Medians: {chars:.0f} characters are looked at in {guard:.0f} ms; search and context take {before:.0f} ms.")


def _report(rows: Sequence[Row]) -> None:
    lines = []
    for name in ("without", "with"):
        of = [row[name] for row in rows]
        guard, total = (median(one[key] for one in of) for key in ("guard_ms", "total_ms"))
        counted = [sum(bool(one[key]) for one in of) for key in ("right", "caution")]
        lines.append((f"{name} the detector", *counted, f"{guard:.0f}", f"{total:.0f}"))
    header = ("", "right", "with a caution", "guard ms", "total ms")
    table(f"{len(rows)} questions asked of the whole service; times are medians", header, lines)
    same = sum(row["with"]["answer"] == row["without"]["answer"] for row in rows)
    lost = [row["id"] for row in rows if row["without"]["right"] and not row["with"]["right"]]
    say(f"{len(rows) - same} answers differ. Right without it and not with it: {', '.join(lost) or 'none'}.")
    shares = [row["with"]["guard_ms"] / row["with"]["total_ms"] for row in rows]
    say(f"It takes {100 * median(shares):.1f} % of an answer's time (median).")
