"""The questions of `footnote bench answers`: files of JSON lines, read strictly."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any

from api.terminal import UsageError

TRAIN, DEV, BLIND = SPLITS = ("train", "dev", "blind")


class Kind(StrEnum):
    """Where the answer stands: in one place, in a table, in two places of one document or two documents, nowhere."""

    SINGLE = "single"
    TABLE = "table"
    TWO_PLACES = "two_places"
    TWO_DOCUMENTS = "two_documents"
    UNANSWERABLE = "unanswerable"

    @property
    def several(self) -> bool:
        """Whether the answer has several parts."""
        return self in {Kind.TWO_PLACES, Kind.TWO_DOCUMENTS}


@dataclass(frozen=True, slots=True)
class Place:
    """The exact words that hold part `part` (from 1) of the answer, on a page (1-based) of a file below the data
    folder. Several places of one part are alternatives."""

    source: str
    page: int
    quote: str
    part: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its right answer: one string of every list in `facts`, and none of `forbidden`.

    `sources` are the files below the data folder that it is asked of. A question without an answer has neither gold
    nor facts.
    """

    id: str
    question: str
    kind: Kind
    named_by: str
    sources: tuple[str, ...]
    gold: tuple[Place, ...]
    facts: tuple[tuple[str, ...], ...]
    forbidden: tuple[str, ...]
    note: str

    @property
    def answerable(self) -> bool:
        return self.kind is not Kind.UNANSWERABLE

    @property
    def parts(self) -> tuple[tuple[Place, ...], ...]:
        """The alternatives of each part, in the order of the parts."""
        numbers = sorted({place.part for place in self.gold})
        return tuple(tuple(place for place in self.gold if place.part == number) for number in numbers)


def load(split: str) -> tuple[Question, ...]:
    """The questions of a split; raises `UsageError` if its file is missing or wrong."""
    file = files("evals.datasets.answers").joinpath(f"{split}.jsonl")
    if not file.is_file():
        raise UsageError(f"There are no questions for --split {split} here.")
    return parsed(file.read_text(encoding="utf-8"), f"{split}.jsonl")


def parsed(text: str, name: str) -> tuple[Question, ...]:
    """The questions in JSON lines; raises `UsageError` with the line and the field that is wrong."""
    found: dict[str, Question] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            question = _question(line, f"{name}, line {number}")
            if question.id in found:
                raise UsageError(f"{name}, line {number}: the id {question.id} is there already.")
            found[question.id] = question
    return tuple(found.values())


def chosen(questions: Sequence[Question], kinds: Sequence[str], limit: int) -> tuple[Question, ...]:
    """The `limit` (0: all) first of these kinds by the hash of their ids; a smaller choice is part of a larger one."""
    wanted = [question for question in questions if question.kind in kinds]
    if not limit:
        return tuple(wanted)
    return tuple(sorted(wanted, key=lambda question: hashlib.sha256(question.id.encode()).hexdigest())[:limit])


def _question(line: str, where: str) -> Question:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise UsageError(f"{where}: no JSON ({error.msg}).") from error
    if not isinstance(row, dict):
        raise UsageError(f"{where}: a JSON object is wanted.")
    kind = _text(row, "kind", where)
    if kind not in list(Kind):
        raise UsageError(f"{where}, field kind: {kind!r} is none of {', '.join(Kind)}.")
    question = Question(
        id=_text(row, "id", where),
        question=_text(row, "question", where),
        kind=Kind(kind),
        named_by=_text(row, "named_by", where),
        sources=_texts(row.get("sources"), "sources", where),
        gold=tuple(_place(entry, where) for entry in _entries(row.get("gold"), "gold", where)),
        facts=tuple(_texts(entry, "facts", where) for entry in _entries(row.get("facts"), "facts", where)),
        forbidden=_texts(row.get("forbidden"), "forbidden", where, empty=True),
        note=_text(row, "note", where),
    )
    _consistent(question, where)
    return question


def _consistent(question: Question, where: str) -> None:
    if question.answerable != bool(question.gold):
        raise UsageError(f"{where}, field gold: {'empty' if question.answerable else 'must be empty'}.")
    if question.answerable != bool(question.facts):
        raise UsageError(f"{where}, field facts: {'empty' if question.answerable else 'must be empty'}.")
    if question.kind.several and len(question.parts) < len("ab"):
        raise UsageError(f"{where}, field gold: {question.kind} needs two parts.")
    for place in question.gold:
        if place.source not in question.sources:
            raise UsageError(f"{where}, field gold: {place.source} is not in sources.")


def _place(entry: Any, where: str) -> Place:
    if not isinstance(entry, dict):
        raise UsageError(f"{where}, field gold: a list of objects is wanted.")
    for name in ("page", "part"):
        if type(entry.get(name)) is not int or entry[name] < 1:
            raise UsageError(f"{where}, field gold.{name}: a whole number from 1 is wanted.")
    return Place(_text(entry, "source", where), entry["page"], _text(entry, "quote", where), entry["part"])


def _text(row: Mapping[str, Any], name: str, where: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{where}, field {name}: words are wanted.")
    return value


def _entries(value: Any, name: str, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise UsageError(f"{where}, field {name}: a list is wanted.")
    return value


def _texts(value: Any, name: str, where: str, *, empty: bool = False) -> tuple[str, ...]:
    entries = _entries(value, name, where)
    if not (entries or empty) or not all(isinstance(entry, str) and entry.strip() for entry in entries):
        raise UsageError(f"{where}, field {name}: a list of words is wanted.")
    return tuple(entries)
