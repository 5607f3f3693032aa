"""What was said of documents that answer a question, and of those that do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from api.terminal import say, say_json
from evals.datasets.answers.corpus import CONTRACT_FOLDER
from evals.datasets.answers.questions import Kind, Question
from evals.measuring.machine import circumstances
from evals.measuring.statistics import seconds, wilson
from evals.measuring.tables import percent, table
from evals.metrics.quoted import stands_in
from generation.absence.types import Presence

Row = Mapping[str, Any]
_WORST = (Presence.ABSENT, Presence.UNSURE, Presence.FOUND)  # first, of a document that holds what is asked for


def presence(question: Question, row: Row, *, gaps: bool) -> Presence:
    """Of all documents of a question. With an answer that of the worst one, for each holds a part of it, and to call
    any of them absent is false; without one as the service says it of all: found in one, or absent from every one. What
    is not stored is unsure. Without `gaps` as if all of each had been read."""
    each = [_of_document(one, gaps) for one in row["documents"]] + [Presence.UNSURE] * row["missing"]
    return (min if question.answerable else max)(each, key=_WORST.index)


def opens_with_gold(question: Question, row: Row, stored: Mapping[str, str]) -> bool:
    """Whether the first passage that is named of each document holds gold words of one part."""
    return all(
        any(one["source"] == stored[place.source] and _stand(place.quote, one, 1) for place in question.gold)
        for one in row["documents"]
    )


def names_gold(question: Question, row: Row, stored: Mapping[str, str]) -> bool:
    """Whether the gold words of every part stand in the passages that are named."""
    return all(
        any(
            one["source"] == stored[place.source] and _stand(place.quote, one)
            for place in part
            for one in row["documents"]
        )
        for part in question.parts
    )


def counts(
    questions: Sequence[Question], rows: Mapping[str, Row], stored: Mapping[str, str], *, gaps: bool
) -> dict[str, tuple[int, int]]:
    """By line of the report, how many of how many."""
    of = {
        wanted: {held: [q for q in questions if q.answerable is held and presence(q, rows[q.id], gaps=gaps) is wanted]
                 for held in (True, False)}
        for wanted in _WORST
    }  # fmt: skip
    held, lacking = (sum(len(of[wanted][half]) for wanted in _WORST) for half in (True, False))

    def those(chosen: Sequence[Question], holds: Callable[..., bool]) -> tuple[int, int]:
        return sum(holds(q, rows[q.id], stored) for q in chosen), len(chosen)

    found, unsure = of[Presence.FOUND][True], of[Presence.UNSURE][True]
    return {
        "false absence: absent, with an answer": (len(of[Presence.ABSENT][True]), held),
        "unsure, with an answer": (len(unsure), held),
        "unsure: all gold words in the passages named": those(unsure, names_gold),
        "found, with an answer": (len(found), held),
        "found: gold words in the first passage": those(found, opens_with_gold),
        "found: all gold words in the passages named": those(found, names_gold),
        "rightly absent": (len(of[Presence.ABSENT][False]), lacking),
        "unsure, without an answer": (len(of[Presence.UNSURE][False]), lacking),
        "found, without an answer": (len(of[Presence.FOUND][False]), lacking),
    }


def say_questions(
    questions: Sequence[Question], rows: Mapping[str, Row], stored: Mapping[str, str], split: str
) -> None:
    """Percent with 95 % intervals (Wilson 1927), each kind by itself, then one JSON object."""
    words, whole = (counts(questions, rows, stored, gaps=gaps) for gaps in (False, True))
    intervals = {name: wilson(*numbers) for name, numbers in words.items()}
    lines = [
        (name, f"{hits} / {of}", percent(hits / of) if of else "-", " to ".join(map(percent, intervals[name])),
         "{} / {}".format(*whole[name]))
        for name, (hits, of) in words.items()
    ]  # fmt: skip
    table(f"{split}: {len(questions)} questions", ("", "by its words", "%", "95 %", "with what was not read"), lines)
    _say_groups(questions, rows)
    if gone := sum(row["missing"] > 0 for row in rows.values()):
        say(f"{gone} of the questions count as unsure, for not all of their documents are stored.")
    spent = seconds(row["seconds"] / max(1, len(row["documents"])) for row in rows.values())
    say(f"A document takes {spent.p50} s in the middle and {spent.p95} s at the 95th percentile.")
    said = {name: {"hits": hits, "of": of, "low": intervals[name][0], "high": intervals[name][1]}
            for name, (hits, of) in words.items()}  # fmt: skip
    say_json({"split": split, "questions": len(questions), "said": said, "with_gaps": whole, **circumstances()})


def _say_groups(questions: Sequence[Question], rows: Mapping[str, Row]) -> None:
    def line(name: str, chosen: Sequence[Question]) -> tuple[str, ...]:
        said = [presence(q, rows[q.id], gaps=False) for q in chosen]
        return name, *(str(sum(one is wanted for one in said)) for wanted in _WORST), str(len(said))

    groups = {str(kind): [q for q in questions if q.kind is kind] for kind in Kind}
    for answerable, words in ((True, "with an answer"), (False, "without")):
        half = [q for q in questions if q.answerable is answerable]
        groups[f"contracts, {words}"] = [q for q in half if _of_contracts(q)]
        groups[f"reports, {words}"] = [q for q in half if not _of_contracts(q)]
    table("By its words", ("", *_WORST, "n"), [line(name, chosen) for name, chosen in groups.items()])


def _of_contracts(question: Question) -> bool:
    return question.sources[0].startswith(f"{CONTRACT_FOLDER}/")


def _of_document(one: Row, gaps: bool) -> Presence:
    status = Presence(one["status"])
    if status is Presence.UNSURE and not gaps and not one["near"]:
        return Presence.ABSENT
    return status


def _stand(quote: str, one: Row, first: int | None = None) -> bool:
    return any(stands_in(quote, near["text"]) for near in one["nearest"][:first])
