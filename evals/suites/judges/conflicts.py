"""Part "conflicts": questions whose documents give different answers. Does the answer say that they differ?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from api.terminal import note
from evals.datasets.judged import Disputed, drawn
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.statistics import seconds, wilson
from evals.measuring.tables import number, ranged, table
from evals.systems.asking import Setup, timed
from evals.systems.installations import Installation, ingest_apart
from generation.errors import GenerationError
from generation.types import Answer, Note, Status
from retrieval.types import Principal

Row = dict[str, Any]
ROW = "conflict"
READER = "bench"


def chosen(items: Sequence[Disputed], count: int) -> tuple[Disputed, ...]:
    """At random, half with a conflict among their documents and half without; mixed, so that any beginning is."""
    half = count // 2
    conflicting = drawn([one for one in items if one.conflict], count - half)
    agreeing = drawn([one for one in items if not one.conflict], half)
    return tuple(sorted((*conflicting, *agreeing), key=lambda one: one.id))


def measure(parts: Installation, questions: Sequence[Disputed], results: ResultFile) -> list[Row]:
    """Each question is asked by somebody who may read its own documents and no others."""
    setup = Setup.of(parts)
    head = {"row": ROW, "setup": asdict(setup)}
    known = {row["key"]: row for row in results.rows if head.items() <= row.items()}
    waiting = [one for one in questions if one.id not in known]
    if waiting:
        note(f"{len(waiting)} questions; first their documents are ingested, where they are not yet.")
        ingest_apart(parts, {_group(one): one.documents for one in waiting})
    with asyncio.Runner() as loop, progress("conflicts", len(waiting)) as step:
        for one in waiting:
            try:
                got = loop.run(timed(parts, one.question, Principal(READER, frozenset({_group(one)}))))
            except GenerationError as error:
                step(f"{one.id}  not asked: {error}")
                continue
            row = known[one.id] = results.add(head | {"key": one.id, **scored(one, got.answer), "seconds": got.seconds})
            step(f"{one.id}  {row['status']}{'  says that they differ' if row['said'] else ''}  {got.seconds} s")
    return [known[one.id] for one in questions if one.id in known]


def scored(one: Disputed, answer: Answer) -> Row:
    """`said`: it tells that its sources differ. `complete`: all right answers and no wrong one stand in it."""
    text = answer.answer.casefold()
    held = [item.casefold() in text for item in one.right]
    lies = [item.casefold() in text for item in one.wrong]
    return {
        "status": answer.status.value,
        "conflict": one.conflict,
        "said": any(sentence.note is Note.CONFLICT for sentence in answer.sentences),
        "one right": any(held),
        "complete": all(held) and not any(lies),
        "wrong": any(lies),
    }


def say_conflicts(rows: Sequence[Row]) -> Row:
    """Recall among questions with a conflict, and among those of them that were answered; the share of the others that
    are said to differ. Precision is of this mix, half and half, not of anybody's documents."""
    differ = [row for row in rows if row["conflict"]]
    answered = [row for row in differ if row["status"] != Status.ABSTAINED]
    others = [row for row in rows if not row["conflict"]]
    said = [row for row in rows if row["said"]]
    found: Row = {
        "recall": _share(differ, "said"),
        "recall of answered": _share(answered, "said"),
        "said where none is": _share(others, "said"),
        "precision": _share(said, "conflict"),
        "one right answer": _share(rows, "one right"),
        "all right, none wrong": _share(rows, "complete"),
        "a wrong one": _share(rows, "wrong"),
        "answered": _share([row | {"answered": row["status"] != Status.ABSTAINED} for row in rows], "answered"),
    }
    title = f"{len(rows)} questions, {len(differ)} of them with documents that conflict, %"
    table(title, ("", "share, 95 %", "of"), [(name, ranged(one), one["of"]) for name, one in found.items()])
    times = seconds(row["seconds"] for row in rows)
    table("seconds", ("p50", "p95"), [(number(times.p50), number(times.p95))])
    return found


def _share(rows: Sequence[Row], name: str) -> Row:
    hits = sum(bool(row[name]) for row in rows)
    low, high = wilson(hits, len(rows))
    return {"value": hits / len(rows) if rows else None, "low": low, "high": high, "of": len(rows)}


def _group(one: Disputed) -> str:
    return f"ramdocs-{one.id}"
