"""`footnote bench follow-ups`: is the second of two questions answered right, and by which way of asking it?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from api.terminal import say, say_json
from evals.datasets.two_turns import TwoTurns, load_two_turns
from evals.measuring.machine import circumstances
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.statistics import matched_interval
from evals.measuring.tables import percent, table
from evals.metrics.chosen import right
from evals.systems.asking import Setup, timed
from evals.systems.installations import Installation, ingest_sample, opened
from retrieval.understanding.follow_ups import carried_on

ALONE, RULE, REWRITTEN = WAYS = ("alone", "rule", "rewritten")


@dataclass(frozen=True, slots=True)
class Record:
    """One second question, asked in one way: a line of the results file."""

    id: str
    way: str
    typed: str
    asked: str
    by: str
    status: str
    right: bool
    seconds: float
    answer: str
    setup: Setup


def run_follow_ups(limit: int, ways: Sequence[str], out: Path | None, *, as_json: bool) -> int:
    """Asks each second question in each way; what `out` holds of the same setup is not asked again."""
    pairs = load_two_turns()[: limit or None]
    results = ResultFile(out)
    with opened() as parts:
        ingest_sample(parts)
        rows = asyncio.run(_ask_all(parts, pairs, ways, Setup.of(parts), results))
    counts = {way: sum(row["right"] for row in rows if row["way"] == way) for way in ways}
    compared = [_compared(rows, old, new) for old, new in ((ALONE, RULE), (RULE, REWRITTEN)) if {old, new} <= {*ways}]
    if as_json:
        say_json({"questions": len(pairs), "right": counts, "paired": compared, "rows": rows, **circumstances()})
        return 0
    written = sum(row["by"] == "model" for row in rows if row["way"] == REWRITTEN)
    shown = [(way, f"{count} of {len(pairs)}") for way, count in counts.items()]
    table("Second questions answered right", ("asked", "right"), shown)
    for one in compared:
        low, high = one["interval"]
        change = f"{one['gained']} gained, {one['lost']} lost, 95 % interval {percent(low)} to {percent(high)} points"
        say(f"{one['new']} against {one['old']}: {change}")
    if REWRITTEN in ways:
        say(f"Of the rewritten ones the model has written {written}; the others are the rule's.")
    return 0


async def _ask_all(
    parts: Installation, pairs: Sequence[TwoTurns], ways: Sequence[str], setup: Setup, results: ResultFile
) -> list[Mapping[str, Any]]:
    known = {(row["id"], row["way"], row["typed"]): row for row in results.rows if row["setup"] == asdict(setup)}
    rows: list[Mapping[str, Any]] = []
    with progress("asked", len(pairs) * len(ways)) as step:
        for pair in pairs:
            for way in ways:
                place = (pair.case.id, way, pair.case.question)
                row = known.get(place) or results.add(await _ask(parts, pair, way, setup))
                rows.append(row)
                verdict = "right" if row["right"] else "wrong"
                step(f"{row['id']:<8} {way:<9} {verdict}  {row['seconds']:.1f} s  {row['asked']}")
    return rows


async def _ask(parts: Installation, pair: TwoTurns, way: str, setup: Setup) -> Record:
    case = pair.case
    asked = carried_on(case.question, [pair.first])[0] if way == RULE else case.question
    got = await timed(parts, asked, case.asker, earlier=[pair.first] if way == REWRITTEN else ())
    follow_up = got.answer.follow_up
    return Record(
        id=case.id,
        way=way,
        typed=case.question,
        asked=follow_up.asked if follow_up else asked,
        by=follow_up.by if follow_up else "",
        status=got.answer.status,
        right=right(case, got.answer),
        seconds=got.seconds,
        answer=got.answer.answer,
        setup=setup,
    )


def _compared(rows: Sequence[Mapping[str, Any]], old: str, new: str) -> dict[str, Any]:
    """The same questions, asked in two ways."""
    by = {(row["id"], row["way"]): row["right"] for row in rows}
    ids = [row["id"] for row in rows if row["way"] == new]
    gained = sum(by[id_, new] and not by[id_, old] for id_ in ids)
    lost = sum(by[id_, old] and not by[id_, new] for id_ in ids)
    interval = matched_interval(gained, lost, len(ids))
    return {"old": old, "new": new, "gained": gained, "lost": lost, "interval": interval}
