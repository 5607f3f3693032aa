"""What the questions came to: a table of stages by kind, times and sizes, then one JSON object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from api.terminal import say, say_json
from evals.datasets.answers.questions import Kind, Question
from evals.measuring.machine import circumstances
from evals.measuring.statistics import paired_bootstrap, seconds
from evals.measuring.tables import percent, say_times, table
from evals.suites.answers.scores import STAGES, Row, Scores, scores

OVERALL = "all"
Counts = Mapping[str, Mapping[str, tuple[int, int]]]
"""By kind and stage: how many did it, of how many that the stage says something about."""


def say_report(
    questions: Sequence[Question],
    rows: Mapping[str, Row],
    stored: Mapping[str, str],
    setup: Mapping[str, Any],
    baseline: Mapping[str, Row] | None,
) -> None:
    """`rows`: by id of the question."""
    found = {question.id: scores(question, rows[question.id], stored) for question in questions}
    counted = counts(questions, found)
    kinds = list(counted)
    lines = [(STAGES[stage], *(_of(counted[kind][stage]) for kind in kinds)) for stage in STAGES]
    table(f"{len(questions)} questions", ("", *kinds), lines)
    say()
    answers = list(rows.values())
    times = {
        "the generator's own first sentence": seconds(row["own_seconds"] for row in answers),
        "the first sentence": seconds(row["first_seconds"] for row in answers),
        "the end": seconds(row["seconds"] for row in answers),
    }
    say_times(times)
    sizes = {
        "characters shown": seconds(sum(len(p["text"]) for p in row["shown"]) for row in answers),
        "prompt tokens": seconds(row["prompt_tokens"] or None for row in answers),
    }
    for name, size in sizes.items():
        say(f"{name.capitalize()}: p50 {size.p50 or 0:.0f}, p95 {size.p95 or 0:.0f} (n = {size.n})")
    summary: dict[str, Any] = {"stages": counted, "seconds": times, "sizes": sizes}
    if baseline is not None:
        summary["differences"] = _say_difference(questions, found, baseline, stored)
    say()
    say_json({**summary, "setup": setup, **circumstances()})


def counts(questions: Sequence[Question], found: Mapping[str, Scores]) -> Counts:
    by_kind: dict[str, list[Scores]] = {OVERALL: [found[question.id] for question in questions]}
    for kind in Kind:
        if of_kind := [found[question.id] for question in questions if question.kind is kind]:
            by_kind[kind.value] = of_kind
    return {
        kind: {stage: _counted([entry[stage] for entry in entries]) for stage in STAGES}
        for kind, entries in by_kind.items()
    }


def differences(
    questions: Sequence[Question], new: Mapping[str, Scores], old: Mapping[str, Scores]
) -> dict[str, dict[str, Any]]:
    """By stage, over the questions that both builds were asked and of which the stage says something in both: the share
    of each, and the mean difference with its 95 % interval by the paired bootstrap."""
    found = {}
    for stage in STAGES:
        pairs = [
            (float(bool(new[q.id][stage])), float(bool(old[q.id][stage])))
            for q in questions
            if q.id in old and new[q.id][stage] is not None and old[q.id][stage] is not None
        ]
        if pairs:
            ours, theirs = zip(*pairs, strict=True)
            found[stage] = {
                "n": len(pairs),
                "new": sum(ours) / len(pairs),
                "old": sum(theirs) / len(pairs),
                **asdict(paired_bootstrap([(ours, theirs)], seed=0)),
            }
    return found


def _say_difference(
    questions: Sequence[Question], found: Mapping[str, Scores], baseline: Mapping[str, Row], stored: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    old = {q.id: scores(q, baseline[q.id], stored) for q in questions if q.id in baseline}
    compared = differences(questions, found, old)
    lines = [
        (
            STAGES[stage],
            d["n"],
            percent(d["old"]),
            percent(d["new"]),
            f"{100 * d['mean']:+.1f} [{100 * d['low']:+.1f}, {100 * d['high']:+.1f}]",
        )
        for stage, d in compared.items()
    ]
    table("Against the baseline, in percent", ("", "n", "then", "now", "difference"), lines)
    return compared


def _counted(values: Sequence[bool | None]) -> tuple[int, int]:
    said = [value for value in values if value is not None]
    return sum(said), len(said)


def _of(count: tuple[int, int]) -> str:
    return f"{count[0]} of {count[1]}" if count[1] else "-"
