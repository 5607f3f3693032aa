"""A sheet for a reader who judges answers without knowing which copy they came from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from api.terminal import UsageError
from evals.datasets.answers.questions import Question
from evals.suites.answers.asked import Row

RIGHT, WRONG = "right", "wrong"
_BLOCK = re.compile(r"^== (\w{12})$.*?^verdict:[ \t]*(\w*)[ \t]*$", re.MULTILINE | re.DOTALL)
Verdicts: TypeAlias = Mapping[str, bool]
"""By key of question and answer, whether the answer is right."""


def write_scans_sheet(path: Path, questions: Sequence[Question], sides: Sequence[Mapping[str, Row]]) -> None:
    """Each answer that was shipped to a question, once and in an order that tells nothing, with gold and facts. A
    reader writes right or wrong after `verdict:`."""
    blocks = []
    for question in questions:
        answers = {_key(question, rows[question.id]): rows[question.id] for rows in sides}
        if question.answerable:
            blocks += [_block(key, question, row) for key, row in sorted(answers.items()) if row["sentences"]]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


def verdicts(path: Path) -> Verdicts:
    """Raises `UsageError` for a missing file or a verdict that is neither right nor wrong."""
    if not path.is_file():
        raise UsageError(f"--labels {path}: there is no such file.")
    found = {}
    for key, said in _BLOCK.findall(path.read_text(encoding="utf-8")):
        if said not in {RIGHT, WRONG}:
            raise UsageError(f"--labels {path}: the verdict of {key} is {said!r}, not {RIGHT} or {WRONG}.")
        found[key] = said == RIGHT
    return found


def verdict(read: Verdicts, question: Question, row: Row) -> bool:
    """Raises `UsageError` if the reader has not seen this answer."""
    try:
        return read[_key(question, row)]
    except KeyError as error:
        raise UsageError(f"--labels has no verdict of the answer to {question.id}: write the sheet again.") from error


def _key(question: Question, row: Row) -> str:
    return hashlib.sha256(f"{question.id}\0{row['answer']}".encode()).hexdigest()[:12]


def _block(key: str, question: Question, row: Row) -> str:
    return "\n".join([
        f"== {key}",
        f"{question.id} ({question.kind}): {question.question}",
        *(f"  gold {place.part}: page {place.page}: {place.quote}" for place in question.gold),
        f"  facts: {' AND '.join(' | '.join(facts) for facts in question.facts)}",
        f"  note: {question.note}",
        f"  answer: {' '.join(row['answer'].split())}",
        "verdict: ",
    ])  # fmt: skip
