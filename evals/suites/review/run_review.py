"""`footnote bench review`: the same questions over many contracts, each cell against its gold."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from api.terminal import counting, note, say
from evals.datasets.cuad import ASKER, LABEL
from evals.datasets.reviews import ReviewSet, Suite, load
from evals.measuring.results import ResultFile
from evals.measuring.statistics import seconds
from evals.measuring.tables import say_times, table
from evals.suites.review.scores import Outcome, on_page, outcome
from evals.systems import reviewing
from evals.systems.asking import Setup
from evals.systems.installations import Installation, opened

_SHOWN_CHARS = 300


def run(data: Path, suite: Suite, documents: int, questions: int, out: Path | None, xlsx: Path | None) -> int:
    """Measures in a data folder of its own: `<out>.home`, from which a second run goes on, else a temporary one.
    Returns 1 if a cell failed."""
    asked = load(data, suite, documents, questions)
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as temporary:
        home = out.resolve().with_name(out.name + ".home") if out else Path(temporary)
        with opened(home=home, DATABASE_URL="") as parts:
            rows = _measure(parts, suite, asked, ResultFile(out), xlsx)
    _say(rows)
    return int(any(row["outcome"] == Outcome.FAILED for row in rows))


def _measure(
    parts: Installation, suite: Suite, asked: ReviewSet, results: ResultFile, xlsx: Path | None
) -> list[dict[str, Any]]:
    note(f"{len(asked.documents)} documents go into {parts.settings.home}.")
    ids = reviewing.stored(parts, asked.documents, LABEL)
    setup = {"suite": suite, "sources": sorted(ids), "questions": dict(asked.questions), **asdict(Setup.of(parts))}
    review_id = _begun(parts, suite, asked, ids, setup, results)
    total = len(ids) * len(asked.questions)
    with counting("Cells") as tell:
        reviewing.finish(parts, review_id, lambda left: tell(total - left, total))
    if xlsx is not None:
        reviewing.export(parts, ASKER, review_id, xlsx)
    known = {
        (row["source"], row["asked"]): row
        for row in results.rows
        if row.get("review") == review_id and row["outcome"] != Outcome.FAILED  # which was asked again
    }
    names = list(asked.questions)
    for cell in reviewing.cells(parts, ASKER, review_id):
        place = cell.source, names[cell.question]
        if place not in known:
            known[place] = results.add(_row(review_id, asked, cell, *place))
    return list(known.values())


def _begun(
    parts: Installation,
    suite: Suite,
    asked: ReviewSet,
    ids: dict[str, str],
    setup: dict[str, Any],
    results: ResultFile,
) -> str:
    """The review of an earlier run under this setup, else a new one."""
    for row in results.rows:
        if row["row"] == "review" and row["setup"] == setup and reviewing.go_on(parts, ASKER, row["id"]):
            return str(row["id"])
    review_id = reviewing.begin(parts, ASKER, f"bench {suite}", list(asked.questions.values()), list(ids.values()))
    results.add({"row": "review", "id": review_id, "setup": setup})
    return review_id


def _row(review_id: str, asked: ReviewSet, cell: reviewing.Done, source: str, name: str) -> dict[str, Any]:
    gold, answer = asked.gold.get((source, name)), cell.answer
    return {
        "row": "cell",
        "review": review_id,
        "source": source,
        "asked": name,
        "status": cell.status,
        "code": cell.code,
        "outcome": outcome(cell.status, answer, gold),
        "on_page": on_page(answer, gold) if answer and gold and gold.places and answer.citations else None,
        "answer": answer.answer[:_SHOWN_CHARS] if answer else "",
        "why": answer.why if answer else "",
        "quotes": [[one.page, one.quote[:_SHOWN_CHARS]] for one in answer.citations] if answer else [],
        "gold": [one.quote[:_SHOWN_CHARS] for one in gold.places] + list(gold.values) if gold else None,
        "seconds": cell.seconds,
    }


def _say(rows: list[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(row["asked"] for row in rows))
    counts = {name: Counter(row["outcome"] for row in rows if row["asked"] == name) for name in names}
    lines = [(name, *(counts[name][one] for one in Outcome)) for name in names]
    every = Counter(row["outcome"] for row in rows)
    table("Cells", ("question", *Outcome), [*lines, ("all", *(every[one] for one in Outcome))])
    paged = [row["on_page"] for row in rows if row["on_page"] is not None]
    if paged:
        say(f"A quote on a labelled page: {sum(paged)} of {len(paged)} answers to what there is.")
    say_times({"answer a cell": seconds(row["seconds"] for row in rows)})
