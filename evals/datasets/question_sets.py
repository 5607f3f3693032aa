"""The three question sets: over the sample documents, over contracts, over encyclopedia paragraphs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from api.terminal import UsageError
from evals.datasets import golden as sample
from evals.datasets.asked import fresh
from evals.datasets.beir import json_lines
from evals.datasets.cuad import ASKER, qa_file
from evals.types import Case, Gold, Kind

GOLDEN, CUAD, SQUAD2 = SETS = ("golden", "cuad", "squad2")
GATE_PAGE = "docs/gate.md"
PARAGRAPHS = "squad2/"  # what the sources of the paragraphs begin with
CUAD_QUESTIONS, SQUAD2_QUESTIONS = 200, 400  # half of each without an answer


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a set. `answers` are right answers in words (none for a question without one); any of
    `Case.gold`, in a passage of its source, is the evidence."""

    set: str
    case: Case
    answers: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.set}:{self.case.id}"

    @property
    def answerable(self) -> bool:
        """Whether the documents that the asker may read hold an answer."""
        return not self.case.kind.wants_abstention


def load(data: Path, name: str, limit: int = 0) -> tuple[Question, ...]:
    """A set, or `limit` questions of it, half of them with an answer; always the same ones, in the same order.

    Raises `UsageError` if `data` does not hold it.
    """
    match name:
        case "golden":
            return half(_golden(), limit)
        case "cuad":
            return half(_contracts(data), limit)
        case _:
            return half(_paragraphs(data), min(limit or SQUAD2_QUESTIONS, SQUAD2_QUESTIONS))


def half(questions: Sequence[Question], count: int) -> tuple[Question, ...]:
    """The `count` (0: all) first by the hash of their ids, half of them without an answer; a smaller choice is part of
    a larger one."""
    if not count:
        return tuple(questions)
    shuffled = sorted(questions, key=lambda question: hashlib.sha256(question.case.id.encode()).hexdigest())
    held = [question for question in shuffled if question.answerable]
    absent = [question for question in shuffled if not question.answerable]
    return (*held[: count - count // 2], *absent[: count // 2])


def paragraphs_file(data: Path) -> Path:
    """The paragraphs of `squad2`; raises `UsageError` if they are not there."""
    path = data / "squad2_dev_half" / "corpus.jsonl"
    if not path.is_file():
        raise UsageError(f"{data} must hold squad2_dev_half/corpus.jsonl and qa.jsonl (see docs/benchmarks.md).")
    return path


def _golden() -> list[Question]:
    text = files("evals").joinpath("datasets", "sample", "golden.jsonl").read_text(encoding="utf-8")
    answers = {row["id"]: row["answer"] for row in map(json.loads, filter(str.strip, text.splitlines()))}
    questions = [Question(GOLDEN, case, (answers[case.id],)) for case in sample.load_cases()]
    return [question if question.answerable else Question(GOLDEN, question.case) for question in questions]


def _contracts(data: Path) -> list[Question]:
    cases = [question.case for question in fresh(qa_file(data, GATE_PAGE), CUAD_QUESTIONS)]
    return [Question(CUAD, case, tuple(gold.quote for gold in case.gold)) for case in cases]


def _paragraphs(data: Path) -> list[Question]:
    """SQuAD 2.0 (Rajpurkar et al. 2018, arXiv 1806.03822)."""
    found = []
    for row in json_lines(paragraphs_file(data).with_name("qa.jsonl")):
        source = f"{PARAGRAPHS}{row['doc']}.html"
        quotes = dict.fromkeys([*(evidence["text"] for evidence in row["evidence"]), *row["answers"]])
        case = Case(
            id=row["id"],
            kind=Kind.ANSWERABLE if row["answerable"] else Kind.UNANSWERABLE,
            question=row["question"],
            asker=ASKER,
            gold=tuple(Gold(source, None, quote) for quote in quotes) if row["answerable"] else (),
        )
        found.append(Question(SQUAD2, case, tuple(row["answers"])))
    return found
