"""Two questions in a row over the sample documents, of which the second goes on from the first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files

from evals.types import Case, Kind
from retrieval.types import Principal


@dataclass(frozen=True, slots=True)
class TwoTurns:
    """`case`: the second question, with the facts of its right answer; `first`: the one before it."""

    first: str
    case: Case


def load_two_turns() -> tuple[TwoTurns, ...]:
    """All of them, in the order of the file."""
    text = files("evals").joinpath("datasets", "sample", "two_turns.jsonl").read_text(encoding="utf-8")
    return tuple(_two_turns(line) for line in text.splitlines() if line.strip())


def _two_turns(line: str) -> TwoTurns:
    row = json.loads(line)
    asker = Principal(row["asker"]["user"], frozenset(row["asker"]["groups"]))
    facts = tuple(map(tuple, row["must_contain"]))
    return TwoTurns(row["first"], Case(row["id"], Kind.ANSWERABLE, row["question"], asker, must_contain=facts))
