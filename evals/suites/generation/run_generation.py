"""`footnote bench generation`: contexts, replies and scores; then tables and one summary."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from api.terminal import UsageError, note, say
from evals.datasets.question_sets import Question, load
from evals.measuring.code import FINDING, JUDGING, code
from evals.measuring.machine import command_line, setting
from evals.measuring.results import ResultFile
from evals.suites.generation import (
    checks,
    contexts,
    engines,
    limit,
    own_engines,
    quality,
    quotations,
    replies,
    rows,
    writing_speed,
)
from evals.systems.installations import opened
from evals.systems.variants import Variant, chosen, variant
from generation.gate.gate import CascadeGate
from infra.settings import Settings, load_settings

SUITES = (quality.SUITE, writing_speed.SUITE)  # of "all"
# The last needs a vLLM.
NAMED = (*SUITES, checks.SUITE, rows.SUITE, quotations.SUITE, limit.SUITE, own_engines.SUITE, engines.SUITE)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class GenerationRun:
    """What the command line asks for. `limit`: questions of each set (0: all); `prompt`: forced on every variant."""

    data: Path
    suites: Sequence[str]
    sets: Sequence[str]
    models: str
    step: Literal["contexts", "generate", "score", "all"]
    home: Path | None
    out: Path | None
    limit: int = 0
    prompt: str = ""


def run(wanted: GenerationRun) -> int:
    """Measures what the result file does not hold yet of the same setup, and the suites "checks", "rows",
    "quotations" and "limit" whatever it holds; every finished row is kept at once."""
    settings = load_settings()
    if wanted.step != "all" and wanted.out is None:
        raise UsageError(f"--step {wanted.step} goes on from a results file: name it with --json.")
    variants = chosen(wanted.models, settings, wanted.prompt) if wanted.step != "contexts" else ()
    results = ResultFile(wanted.out)
    circumstances = {
        "command": command_line(),
        "threads": settings.threads,
        "code": code(*FINDING, *JUDGING),
        **setting(),
    }
    results.add({"suite": "setting", **circumstances})
    found: Row = {}
    for suite in wanted.suites:
        note(f"suite {suite}")
        if suite == quality.SUITE:
            found[suite] = _quality(wanted, variants, settings, results)
        elif suite in {engines.SUITE, own_engines.SUITE}:
            found[suite] = _engines(suite, wanted, variants, settings, results)
        elif suite == checks.SUITE:
            found[suite] = asyncio.run(_checks(wanted, variants, settings, results))
        elif suite == rows.SUITE:
            found[suite] = _rows(wanted, settings, results)
        elif suite == quotations.SUITE:
            found[suite] = asyncio.run(_quotations(wanted, results))
        elif suite == limit.SUITE:
            found[suite] = _limit(wanted, results)
        elif variants:
            found[suite] = asyncio.run(_speed(variants, settings, results))
    results.add({"suite": "summary", **circumstances, "found": found})
    say(f"\ncommit {circumstances.get('commit')}, {circumstances['cpu']}, {settings.threads} threads, "
        f"load {circumstances['load_average']} at the start: {circumstances['command']}")  # fmt: skip
    return 0


def _quality(wanted: GenerationRun, variants: Sequence[Variant], settings: Settings, results: ResultFile) -> Row:
    """Empty unless the step is "score" or "all"."""
    sets = {name: load(wanted.data, name, wanted.limit) for name in wanted.sets}
    questions = [question for part in sets.values() for question in part]
    shown = _contexts(wanted, sets, questions, results)
    if wanted.step in {"generate", "all"}:
        for one in variants:
            asyncio.run(replies.generate(one, settings, shown, results))
    if wanted.step in {"contexts", "generate"}:
        return {}
    written = {one.name: replies.replies(one, shown, results) for one in variants}
    missing = [name for name, rows in written.items() if not rows]
    if missing:
        raise UsageError(f"There are no replies of {', '.join(missing)} to these contexts. Run --step generate first.")
    with opened() as parts:
        gate, limits = CascadeGate(parts.judge, parts.limits), parts.limits
        scored = asyncio.run(quality.score(gate, limits, questions, shown, written, results))
    if not next(iter(scored.values())):
        raise UsageError("There is no question that every variant has replied to. Run --step generate first.")
    settings_used = {
        "variants": {one.name: {**one.setup, "threads": one.threads} for one in variants},
        "context": shown[0]["setup"],
        "judge": gate.name,
        "limits": asdict(limits),
    }
    _say_settings(settings_used)
    return {"settings": settings_used, "sets": quality.summaries(questions, scored, written)}


def _engines(
    suite: str, wanted: GenerationRun, variants: Sequence[Variant], settings: Settings, results: ResultFile
) -> Row:
    """Our own engines, or llama.cpp and vLLM on the contexts that the file holds."""
    if suite == own_engines.SUITE:
        return {one.name: asyncio.run(own_engines.measure(one, settings, results)) for one in variants}
    questions = [question for name in wanted.sets for question in load(wanted.data, name, wanted.limit)]
    shown = contexts.latest(questions, results)
    if not shown or len(variants) != 1:
        raise UsageError("engines: name one model with --models, and record contexts first (--step contexts).")
    return asyncio.run(engines.measure(variants[0], settings, shown, results))


async def _quotations(wanted: GenerationRun, results: ResultFile) -> Row:
    home = _home(wanted)
    sets = {name: load(wanted.data, name, wanted.limit) for name in wanted.sets}
    found = await quotations.measure(wanted.data, home, sets, results)
    quotations.say(found)
    return {"questions": {name: len(rows) for name, rows in found.items()}}


def _limit(wanted: GenerationRun, results: ResultFile) -> Row:
    with opened() as parts:
        found = limit.measure(parts.reranker, quotations.selector_of(parts), wanted.data, results)
    limit.tell(found)
    return {"questions": len(found), "quote_from": limit.least(found)}


def _home(wanted: GenerationRun) -> Path:
    if wanted.home is None:
        raise UsageError("Name a data folder for the documents with --home; they are ingested into it.")
    return wanted.home


def _contexts(
    wanted: GenerationRun, sets: dict[str, tuple[Question, ...]], questions: Sequence[Question], results: ResultFile
) -> list[Row]:
    if wanted.step in {"generate", "score"}:
        found = contexts.latest(questions, results)
        if not found:
            raise UsageError(f"{wanted.out} holds no contexts of these questions. Run --step contexts first.")
        return found
    found = asyncio.run(contexts.record(wanted.data, _home(wanted), sets, results))
    blank = sum(not row["context"] for row in found)
    if blank:
        note(f"{blank} questions find nothing at all: no model is asked, and they are not counted.")
    return found


async def _checks(wanted: GenerationRun, variants: Sequence[Variant], settings: Settings, results: ResultFile) -> Row:
    with opened() as parts:
        asked = await asyncio.to_thread(checks.load, parts, wanted.data, wanted.limit)
    found = []
    for one in variants:
        async with variant(one, settings) as running:
            found.append(await checks.measure(running, asked, results))
    checks.say(found)
    return {"variants": found}


def _rows(wanted: GenerationRun, settings: Settings, results: ResultFile) -> Row:
    with opened() as parts:
        selector, asked = quotations.selector_of(parts), rows.load(wanted.data, wanted.limit)
        found = rows.measure(parts.reranker, selector, asked, settings.quote_from, results)
    rows.say(found)
    return found


async def _speed(variants: Sequence[Variant], settings: Settings, results: ResultFile) -> Row:
    measured = []
    for one in variants:
        held = writing_speed.known(one, results)
        if held is None:
            async with variant(one, settings) as running:
                held = await writing_speed.measure(running, results)
        measured.append({**held, "name": one.name})
    writing_speed.say_speed(measured)
    return {"variants": measured}


def _say_settings(used: Row) -> None:
    for name, setup in used["variants"].items():
        say(f"{name}: " + ", ".join(f"{key} {value or 'none'}" for key, value in setup.items()))
    say(f"judge {used['judge']}, ships from {used['limits']['ship']:g}, grey from {used['limits']['grey']:g}")
    say("contexts: " + ", ".join(f"{key} {value}" for key, value in used["context"].items()))
