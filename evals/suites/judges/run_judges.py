"""`footnote bench judges`: its parts one after the other, then tables and one summary."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from api.terminal import UsageError, note
from evals.datasets.judged import Labelled, disputed, drawn, labelled, preferences
from evals.measuring.code import CHECKING, JUDGING, WRITING, code
from evals.measuring.machine import command_line, setting
from evals.measuring.results import ResultFile
from evals.suites.judges import conflicts, intervals, labels, pairs
from evals.systems.installations import Installation, opened
from evals.systems.ragas_scores import pinned
from evals.systems.second_opinions import JudgeAt, check_judge, judge_of, ragas_of
from generation.gate.checking import Checker

Row = dict[str, Any]
PARTS = LABELS, POWERED, PAIRS, CONFLICTS = ("labels", "powered", "pairs", "conflicts")


@dataclass(frozen=True, slots=True)
class JudgesRun:
    """What the command line asks for. `judge`: where another language model judges than the service's."""

    data: Path
    parts: Sequence[str]
    limit: int
    pairs: int
    questions: int
    home: Path | None
    seconds: float
    judge: JudgeAt
    out: Path | None


def run(wanted: JudgesRun) -> int:
    """Measures what the result file does not hold yet; every finished row is kept at once."""
    if CONFLICTS in wanted.parts and wanted.home is None:
        raise UsageError("conflicts: name a data folder with --home; the documents are ingested into it.")
    check_judge(wanted.judge)
    results = ResultFile(wanted.out)
    found: Row = {}
    measured = {LABELS, POWERED, PAIRS} & {*wanted.parts}
    if measured:
        with opened() as parts:
            found |= asyncio.run(_models(parts, wanted, results))
    if CONFLICTS in wanted.parts:
        with opened(home=wanted.home, DATABASE_URL="") as parts:
            asked = conflicts.chosen(disputed(wanted.data), wanted.questions)
            found[CONFLICTS] = conflicts.say_conflicts(conflicts.measure(parts, asked, results))
    results.add({"row": "summary", "command": command_line(), **setting(), "found": found})
    return 0


async def _models(parts: Installation, wanted: JudgesRun, results: ResultFile) -> Row:
    found: Row = {}
    if {LABELS, POWERED} & {*wanted.parts}:
        found |= await _labels(parts, wanted, results)
    if PAIRS in wanted.parts:
        chosen = drawn([pair for pair in preferences(wanted.data) if pair.sided], wanted.pairs)
        rows = await pairs.measure(judge_of(parts, wanted.judge), chosen, results)
        found[PAIRS] = pairs.say_pairs(chosen, rows)
    return found


async def _labels(parts: Installation, wanted: JudgesRun, results: ResultFile) -> Row:
    """The trained judge on all labelled answers, which takes it little; the others, for "labels", on the drawn ones."""
    everything = labelled(wanted.data)
    chosen = drawn(everything, wanted.limit)
    powered = POWERED in wanted.parts
    checker = Checker(parts.judge, replace(parts.limits, ship=math.inf))
    asked = labels.Asked(results, _setups(parts, wanted))
    alone = await asked.of(labels.ALONE, everything if powered else chosen, labels.by_judge(checker, parts.limits.ship))
    rows = {labels.ALONE: alone}
    found: Row = {}
    if LABELS in wanted.parts:
        rows |= await _judged(parts, wanted, asked, chosen)
        among = {item.id for item in chosen}
        said = {name: [row for row in rows[name] if row["key"] in among] for name in labels.SYSTEMS}
        found[LABELS] = labels.say_labels(chosen, said)
    if powered:
        truth = {item.id: not item.hallucinated for item in everything}
        found[POWERED] = intervals.say_powered(truth, rows)
    return found


async def _judged(
    parts: Installation, wanted: JudgesRun, asked: labels.Asked, chosen: Sequence[Labelled]
) -> dict[str, list[Row]]:
    gate = await asked.of(labels.GATE, chosen, labels.by_gate(parts.gate))
    note(f"RAGAS, at most {wanted.seconds:g} s an answer")
    ragas = await asked.of(labels.RAGAS, chosen, labels.by_ragas(ragas_of(parts, wanted.judge, wanted.seconds)))
    return {labels.RAGAS: ragas, labels.GATE: gate}


def _setups(parts: Installation, wanted: JudgesRun) -> dict[str, Row]:
    """What decides a score besides the answer; of the gate and RAGAS only where they are asked."""
    alone = {"judge": parts.judge.name, "ship": parts.limits.ship, "code": code(*CHECKING)}
    if LABELS not in wanted.parts:
        return {labels.ALONE: alone}
    judge = judge_of(parts, wanted.judge).name
    written = code(*WRITING, "evals.systems.ragas_scores")
    ragas = {"ragas": pinned(), "judge": judge, "seconds": wanted.seconds, "code": written}
    gate = {"gate": parts.gate.name, "code": code(*JUDGING)}
    return {labels.ALONE: alone, labels.GATE: gate, labels.RAGAS: ragas}
