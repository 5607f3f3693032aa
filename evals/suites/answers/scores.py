"""Where one answer was lost: what each stage kept of the gold, from a result row and its question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evals.datasets.answers.questions import Kind, Place, Question
from evals.metrics.facts import states
from evals.metrics.quoted import overlaps, stands_in

TOP = 5
Row = Mapping[str, Any]
Scores = dict[str, bool | None]
"""By stage; None where the stage says nothing about such a question."""

FOUND = "found"
STAGES = {
    "document": "document found",
    "page": "page found",
    FOUND: "gold found",
    "shown": "gold shown",
    "shown_of_found": "gold shown of gold found",
    "drafted": "drafted right",
    "drafted_of_page": "drafted right of page found",
    "right": "answered right",
    "right_of_drafted": "answered right of drafted right",
    "wrong": "answered wrong",
    "incomplete": "... with some of the facts",
    "silent": "abstained",
    "withheld": "... though drafted right",
    "cited_gold": "cited the gold words",
    "cited_page": "cited a gold page",
    "refused": "refused right",
    "made_up": "answered wrongly",
}


def scores(question: Question, row: Row, stored: Mapping[str, str]) -> Scores:
    """`stored`: sources in the store by those of the question."""
    if not question.answerable:
        shipped = bool(row["sentences"])
        document = document_found(question, row["hits"], stored)
        return dict.fromkeys(STAGES) | {"document": document, "refused": not shipped, "made_up": shipped}
    drafted = states("\n".join(row["drafted"]), question.facts, question.forbidden)
    shipped = bool(row["sentences"])
    right = shipped and states(row["answer"], question.facts, question.forbidden)
    page = _every_part(question, lambda place: _on_page(place, row["hits"][:TOP], stored))
    found = _every_part(question, lambda place: _in_a_hit(place, row["hits"], stored))
    shown = _every_part(question, lambda place: _quoted(place, row["shown"], stored))
    return {
        "document": document_found(question, row["hits"], stored),
        "page": page,
        "found": found,
        "shown": shown,
        "shown_of_found": shown if found else None,
        "drafted": drafted,
        "drafted_of_page": drafted if page else None,
        "right": right,
        "right_of_drafted": right if drafted else None,
        "wrong": shipped and not right,
        "incomplete": shipped and not right and _some(question, row["answer"]),
        "silent": not shipped,
        "withheld": not shipped and drafted,
        "cited_gold": _cited(question, row, stored, lambda cited, gold: overlaps(cited["quote"], gold.quote)),
        "cited_page": _cited(question, row, stored, lambda cited, gold: cited["page"] == gold.page),
        "refused": None,
        "made_up": None,
    }


def document_found(question: Question, hits: Sequence[Row], stored: Mapping[str, str]) -> bool:
    """Whether the first hit is of a gold document, or without gold of one that was asked of; of two documents, whether
    both are among the first five."""
    if question.kind is not Kind.TWO_DOCUMENTS:
        names = [place.source for place in question.gold] or question.sources
        return bool(hits) and hits[0]["source"] in {stored[name] for name in names}
    among = {hit["source"] for hit in hits[:TOP]}
    return all(any(stored[place.source] in among for place in part) for part in question.parts)


def _some(question: Question, text: str) -> bool:
    return any(states(text, [facts], question.forbidden) for facts in question.facts)


def _every_part(question: Question, holds: Callable[[Place], bool]) -> bool:
    return all(any(holds(place) for place in part) for part in question.parts)


def _on_page(place: Place, hits: Sequence[Row], stored: Mapping[str, str]) -> bool:
    """A hit that begins on the page, or holds the words: a chunk may reach over the end of its page."""
    return any(hit["page"] == place.page for hit in hits if hit["source"] == stored[place.source]) or _in_a_hit(
        place, hits, stored
    )


def _in_a_hit(place: Place, hits: Sequence[Row], stored: Mapping[str, str]) -> bool:
    return any(stands_in(place.quote, hit["text"]) for hit in hits if hit["source"] == stored[place.source])


def _quoted(place: Place, shown: Sequence[Row], stored: Mapping[str, str]) -> bool:
    """In one passage, or in those of the document one after another."""
    texts = [passage["text"] for passage in shown if passage["source"] == stored[place.source]]
    return any(stands_in(place.quote, text) for text in [*texts, " ".join(texts)])


def _cited(
    question: Question, row: Row, stored: Mapping[str, str], points_at: Callable[[Row, Place], bool]
) -> bool | None:
    if not row["sentences"]:
        return None
    return any(
        cited["source"] == stored[place.source] and points_at(cited, place)
        for cited in row["citations"]
        for place in question.gold
    )
