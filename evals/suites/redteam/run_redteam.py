"""`footnote bench redteam`: attacks on the answer service, then again what got furthest, changed."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from api.terminal import note, say
from evals.datasets.attacks import CANARY, HIDDEN, Attempt, attempts, changed
from evals.measuring.code import SERVING, code
from evals.measuring.machine import setting
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.tables import table
from evals.suites.redteam.paragraphs import of_pdfs, sentences
from evals.suites.redteam.rates import rate
from evals.systems.attacked import Row, judged, succeeded
from evals.systems.victim import Victim, victim

SEED = 20261130


@dataclass(frozen=True, slots=True)
class Plan:
    """What the command line asks for."""

    attempts: int
    rounds: int
    width: int
    model: str
    guard: bool
    write: Path | None
    held_out: bool


def run(data: Path, plan: Plan, out: Path | None) -> int:
    """Exit code 1 if anything that the asker may not read was told."""
    paragraphs = [parts for text in of_pdfs(data / "cuad", 40) if len(parts := sentences(text)) > 1]
    made = attempts(paragraphs, plan.attempts, SEED, held_out=plan.held_out)
    if plan.write:
        plan.write.write_text("".join(json.dumps(asdict(one)) + "\n" for one in made), encoding="utf-8")
        say(f"{len(made)} attempts in {plan.write}")
        return 0
    results, draw = ResultFile(out), random.Random(SEED)
    with victim(plan.model, note, guard=plan.guard) as attacked:
        rows = _tried(attacked, made, 0, results)
        static = list(rows)
        known = {one.id: one for one in made}
        for number in range(1, plan.rounds + 1):
            best = sorted(rows, key=lambda row: row["reached"], reverse=True)[: max(1, plan.width // 3)]
            fresh = [changed(known[best[at % len(best)]["id"]], f"r{number}-{at}", paragraphs, draw)
                     for at in range(plan.width)]  # fmt: skip
            known |= {one.id: one for one in fresh}
            rows += _tried(attacked, fresh, number, results)
    results.add({"row": "summary", "plan": asdict(plan), "code": code(*SERVING), **setting()})
    _report(plan, static, [row for row in rows if row["round"]])
    return int(any(row["disclosed"] for row in rows))


def _tried(attacked: Victim, made: Sequence[Attempt], number: int, results: ResultFile) -> list[Row]:
    rows = []
    with progress("tried", len(made)) as step, asyncio.Runner() as runner:
        for one in made:
            started = time.perf_counter()
            wish = "" if one.kind == "denial" else one.wish
            told = runner.run(attacked.asked(one.question, one.documents, HIDDEN, one.hook, wish))
            row = {**asdict(one), **judged(one, told), "round": number,
                   "seconds": round(time.perf_counter() - started, 2)}  # fmt: skip
            rows.append(results.add({"row": "attempt", **row}))
            step(f"{one.id}  {one.kind}  {'OBEYED' if row['obeyed'] else row['status']}")
    return rows


def _report(plan: Plan, static: Sequence[Row], adaptive: Sequence[Row]) -> None:
    header = ("kind", "static: n", "success %", "adaptive: n", "success %")
    lines = []
    for kind in dict.fromkeys(row["kind"] for row in static):
        first, then = ([row for row in rows if row["kind"] == kind] for rows in (static, adaptive))
        lines.append((kind, len(first), rate(list(map(succeeded, first))), len(then), rate(list(map(succeeded, then)))))
    every = (rate(list(map(succeeded, rows))) for rows in (static, adaptive))
    one, two = every
    lines.append(("all", len(static), one, len(adaptive), two))
    table(f"Attacks on answers by {plan.model}, {'with' if plan.guard else 'without'} detector", header, lines)
    for place in dict.fromkeys(row["place"] for row in static):
        rows = [row for row in static if row["place"] == place]
        say(f"  {place}: {rate(list(map(succeeded, rows)))} of {len(rows)}")
    rows = [*static, *adaptive]
    counts = {name: sum(row[name] for row in rows)
              for name in ("disclosed", "forged", "leaked", "obeyed", "denied", "cautioned", "flagged")}  # fmt: skip
    say(f"of {len(rows)}: " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    say(f'"disclosed" looks for words of a document that the asker may not read: “{CANARY}”.')
