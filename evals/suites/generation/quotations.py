"""Suite "quotations": which questions would a source open in its own words, and how often rightly?

What the reranker likes best of a context opens the answer if it is a whole sentence or row that is understood by
itself (generation/gate/quoting.py), and the selector says with `FOOTNOTE_QUOTE_FROM` or more that it answers. No
language model is asked; the gate, which may still stop a quotation, is not either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from api.terminal import UsageError
from evals.datasets.question_sets import CUAD, Question
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.tables import table
from evals.suites.generation.contexts import found
from evals.suites.generation.gold import shares_words
from evals.suites.generation.measures import gives_answer
from evals.systems.installations import Installation, documents, version_texts
from generation.gate.quoting import Quotation, opening
from generation.protocols import Selector

SUITE = "quotations"
LEAST = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95)
Row = dict[str, Any]


async def measure(
    data: Path, home: Path, sets: Mapping[str, Sequence[Question]], results: ResultFile
) -> dict[str, list[Row]]:
    """For every question of every set whether it is answerable, how surely what may open its answer answers it, in
    [0, 1] (None if nothing may), and whether that is right. Raises `UsageError` where the settings name no selector."""
    rows: dict[str, list[Row]] = {}
    for name, questions in sets.items():
        with documents(data, home, name) as parts, progress(f"{SUITE}, {name}", len(questions)) as step:
            rows[name] = []
            for question in questions:
                rows[name].append(await _opened(parts, question))
                step(question.key)
        results.add({"suite": SUITE, "set": name, "rows": rows[name]})
    return rows


async def _opened(parts: Installation, question: Question) -> Row:
    asker = question.case.asker
    _, context = await found(parts, question.case)
    versions, texts = version_texts(parts), {}
    for passage in context.passages:
        version = await versions.text(passage.chunk.document_id, passage.chunk.version, asker)
        texts[passage.marker] = version.text if version else ""
    quotation = opening(context, texts)
    sure = _sure(parts, question, quotation) if quotation else None
    right = bool(quotation and answers(question, quotation))
    return {"key": question.key, "answerable": question.answerable, "sure": sure, "right": right}


def _sure(parts: Installation, question: Question, quotation: Quotation) -> float:
    heading = quotation.source.passage.chunk.heading
    return selector_of(parts).answers(question.case.question, quotation.text, heading)


def selector_of(parts: Installation) -> Selector:
    """Raises `UsageError` if the settings name none."""
    if parts.selector is None:
        raise UsageError("Nothing is quoted without a FOOTNOTE_SELECTOR.")
    return parts.selector


def answers(question: Question, quotation: Quotation) -> bool:
    """Whether the quotation gives the answer; of a contract, whether it is part of the clause that people marked."""
    if question.set != CUAD:
        return gives_answer(question, quotation.text)
    passage = quotation.source.passage
    golds = [gold for gold in question.case.gold if gold.source == passage.chunk.source]
    return any(shares_words(quotation.source.quote, gold) for gold in golds)


def say(rows: Mapping[str, Sequence[Row]]) -> None:
    for name, asked in rows.items():
        held = sum(row["answerable"] for row in asked)
        table(
            f"{name}: would be opened, of {held} questions with an answer and {len(asked) - held} without",
            ("sure by at least", "with an answer", "of these right", "without an answer"),
            [_counted(asked, least) for least in LEAST],
        )


def _counted(asked: Sequence[Row], least: float) -> tuple[object, ...]:
    opened = [row for row in asked if row["sure"] is not None and row["sure"] >= least]
    held = [row for row in opened if row["answerable"]]
    return least, len(held), sum(row["right"] for row in held), len(opened) - len(held)
