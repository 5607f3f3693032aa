"""The questions of suite "answers": the golden set, and questions about contracts that no other benchmark asks."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evals.datasets import golden as sample
from evals.datasets.cuad import ClauseQuestion, load_questions, split_questions
from evals.types import Case

SEED = 20261122
ASKED_BY_OTHERS = 40  # the default of `footnote bench cuad`
EVERY = 1_000_000
Source = Literal["sample", "cuad"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the documents that it is put to, and for a contract the source of that contract."""

    source: Source
    case: Case
    contract: str = ""

    @property
    def key(self) -> str:
        return f"{self.source}:{self.case.id}"


def questions(qa: Path, contracts: int) -> tuple[Asked, ...]:
    """The golden questions and `contracts` clause questions, half of them about clauses that are not there.

    Sources and kinds are mixed evenly, so that any beginning of the list holds them in about the same proportion.
    """
    asked = [Asked("sample", case) for case in sample.load_cases()]
    asked += [Asked("cuad", question.case, question.contract) for question in fresh(qa, contracts)]
    return evenly(asked)


def fresh(qa: Path, count: int) -> list[ClauseQuestion]:
    """A random sample (always the same) of the questions that the benches cuad and retrieval leave."""
    others = [load_questions(qa, ASKED_BY_OTHERS), split_questions(qa, "dev"), split_questions(qa, "test")]
    taken = {question.case.id for questions in others for question in questions}
    left = sorted((q for q in load_questions(qa, EVERY) if q.case.id not in taken), key=lambda q: q.case.id)
    held = [question for question in left if not question.case.kind.wants_abstention]
    absent = [question for question in left if question.case.kind.wants_abstention]
    chooser = random.Random(SEED)
    return [
        *chooser.sample(held, min(count - count // 2, len(held))),
        *chooser.sample(absent, min(count // 2, len(absent))),
    ]


def evenly(asked: Iterable[Asked]) -> tuple[Asked, ...]:
    """The questions of each source, with and without an answer, spread evenly over the whole list."""
    groups: dict[tuple[Source, bool], list[Asked]] = {}
    for question in asked:
        groups.setdefault((question.source, question.case.kind.wants_abstention), []).append(question)
    placed = [(place, *entry) for group in groups.values() for place, entry in _places(group)]
    return tuple(question for _, _, question in sorted(placed, key=lambda entry: entry[:2]))


def _places(group: Sequence[Asked]) -> list[tuple[float, tuple[str, Asked]]]:
    """(position in [0, 1], (key, question)), in random order."""
    shuffled = random.Random(SEED).sample(group, len(group))
    return [((at + 0.5) / len(group), (question.key, question)) for at, question in enumerate(shuffled)]
