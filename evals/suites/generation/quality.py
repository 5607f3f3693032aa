"""Suite "quality", step "score": every reply measured, the variants side by side."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from api.terminal import note
from evals.datasets.question_sets import Question
from evals.measuring.code import JUDGING, code
from evals.measuring.ratios import Compared, Parts, compare
from evals.measuring.results import ResultFile
from evals.measuring.tables import percent, ranged, table
from evals.suites.generation.measures import MEASURES, parts
from evals.suites.generation.reading import read
from evals.suites.generation.support import Judging, judge
from evals.systems.replay import context
from generation.types import Limits

SUITE = "quality"
ALL = "all sets"
TIMES = ("prompt_tokens", "completion_tokens", "first_token_s", "first_sentence_s", "total_s")
Row = dict[str, Any]
Scored = Mapping[str, Parts]


async def score(
    gate: Judging,
    limits: Limits,
    questions: Sequence[Question],
    contexts: Sequence[Row],
    replies: Mapping[str, Sequence[Row]],
    results: ResultFile,
) -> dict[str, Scored]:
    """By variant and question key the parts of all measures, over the questions that every variant replied to."""
    by_question = {question.key: question for question in questions}
    shown = {row["key"]: context(row["context"]) for row in contexts}
    keys = common(replies)
    found: dict[str, Scored] = {}
    for name, rows in replies.items():
        kept = [row for row in rows if row["key"] in keys]
        supports = await judge(gate, code(*JUDGING), contexts, kept, results, name)
        found[name] = {
            row["key"]: parts(
                by_question[row["key"]],
                shown[row["key"]],
                read(row["raw"], shown[row["key"]], cut=row["cut"]),
                supports[row["key"]],
                limits,
            )
            for row in kept
        }
    return found


def common(replies: Mapping[str, Sequence[Row]]) -> set[str]:
    """The questions that every variant replied to; says how many are left out."""
    keys = [{row["key"] for row in rows} for rows in replies.values()]
    both, either = set.intersection(*keys), set.union(*keys)
    if len(both) < len(either):
        note(f"{len(either) - len(both)} questions are left out: not every variant has replied to them.")
    return both


def summaries(
    questions: Sequence[Question], scored: Mapping[str, Scored], replies: Mapping[str, Sequence[Row]]
) -> list[Row]:
    """A row for each set and one for all together, with intervals, differences to the first variant, and times."""
    keys = [question.key for question in questions if question.key in next(iter(scored.values()))]
    found = []
    sets = list(dict.fromkeys(key.partition(":")[0] for key in keys))
    for name in [*sets, *([ALL] if len(sets) > 1 else [])]:
        wanted = [key for key in keys if name in (key.partition(":")[0], ALL)]
        held = set(wanted)
        compared = compare({variant: [parts[key] for key in wanted] for variant, parts in scored.items()}, MEASURES)
        times = {variant: medians([row for row in rows if row["key"] in held]) for variant, rows in replies.items()}
        found.append({"set": name, "questions": len(wanted), **asdict(compared), "medians": times})
        _say(name, len(wanted), compared, times)
    return found


def medians(rows: Sequence[Row]) -> dict[str, float]:
    return {name: round(statistics.median(row[name] for row in rows), 3) for name in TIMES}


def _say(name: str, count: int, compared: Compared, times: Mapping[str, Mapping[str, float]]) -> None:
    variants = list(compared.numbers)
    lines: list[Sequence[object]] = [
        (measure, *(_shown(compared.numbers[variant][measure]) for variant in variants)) for measure in MEASURES
    ]
    lines += [(f"median {time}", *(times[variant][time] for variant in variants)) for time in TIMES]
    table(f"{name}, {count} questions: percent [95 % interval] of how many", ("", *variants), lines)
    if compared.differences:
        lines = [
            (measure, *(ranged(asdict(found[measure])) for found in compared.differences.values()))
            for measure in MEASURES
        ]
        table(f"{name}: points more than {variants[0]}, paired", ("", *compared.differences), lines)


def _shown(number: Any) -> str:
    return f"{percent(number.value)} [{percent(number.low)}, {percent(number.high)}] of {number.of:g}"
