"""The questions of `footnote bench answers` as cases, so that they are asked beside others."""

from __future__ import annotations

from collections.abc import Mapping

from evals.datasets.answers.corpus import ASKER
from evals.datasets.answers.questions import Kind, Question
from evals.types import Case, Gold
from evals.types import Kind as CaseKind

_KINDS = {
    Kind.SINGLE: CaseKind.ANSWERABLE,
    Kind.TABLE: CaseKind.TABLE,
    Kind.TWO_PLACES: CaseKind.ANSWERABLE,
    Kind.TWO_DOCUMENTS: CaseKind.MULTI_DOCUMENT,
    Kind.UNANSWERABLE: CaseKind.UNANSWERABLE,
}


def case_of(question: Question, stored: Mapping[str, str]) -> Case:
    """`stored`: sources in the store by those of the question."""
    gold = tuple(Gold(stored[place.source], place.page, place.quote) for place in question.gold)
    kind = _KINDS[question.kind]
    return Case(question.id, kind, question.question, ASKER, gold, question.facts, question.forbidden)
