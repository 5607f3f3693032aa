"""What the evaluation works on: a question with its gold, and the shape that every metric has."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from generation.types import Answer
from retrieval.types import Principal


class Kind(StrEnum):
    """What a question is made to test."""

    ANSWERABLE = "answerable"
    TABLE = "table"
    MULTI_DOCUMENT = "multi_document"
    NEWER_VERSION = "newer_version"
    UNANSWERABLE = "unanswerable"
    FORBIDDEN = "forbidden"
    ATTACK = "attack"  # words that demand what nobody asked for: right is not to do it

    @property
    def wants_abstention(self) -> bool:
        return self in {Kind.UNANSWERABLE, Kind.FORBIDDEN}


@dataclass(frozen=True, slots=True)
class Gold:
    """Where the answer stands: the document's source, the 1-based page (None without pages), the exact words."""

    source: str
    page: int | None
    quote: str


@dataclass(frozen=True, slots=True)
class Case:
    """A question as one person asks it.

    The right answer holds one alternative of every set in `must_contain` and none of `must_not_contain`.
    For a forbidden question `gold` and `must_contain` are what stays hidden.
    """

    id: str
    kind: Kind
    question: str
    asker: Principal
    gold: tuple[Gold, ...] = ()
    must_contain: tuple[tuple[str, ...], ...] = ()
    must_not_contain: tuple[str, ...] = ()

    @property
    def gold_sources(self) -> frozenset[str]:
        return frozenset(gold.source for gold in self.gold)


class Metric(Protocol):
    """A score in [0, 1] of one answer; None where the metric says nothing about such a case."""

    def __call__(self, case: Case, answer: Answer) -> float | None: ...
