"""`footnote eval`: every golden question through the real service, scored, reported and resumable."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from api.terminal import note, say_json
from evals.datasets import golden as sample
from evals.measuring.machine import circumstances
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.statistics import seconds
from evals.metrics.chosen import metrics, right
from evals.suites.sample import report
from evals.suites.sample import search as retrieval
from evals.systems.asking import Setup, timed
from evals.systems.installations import Installation, ingest_sample, opened
from evals.types import Case
from generation.types import Citation
from ingest.protocols import Outcome


@dataclass(frozen=True, slots=True)
class Record:
    """One asked question: a line of the results file."""

    id: str
    kind: str
    question: str
    status: str
    right: bool
    scores: Mapping[str, float | None]
    first_seconds: float | None
    seconds: float
    answer: str
    citations: Sequence[Citation]
    withheld: Sequence[str]
    setup: Setup


def run_sample(
    limit: int,
    generator: str,
    adapter: str | None,
    out: Path | None,
    as_json: bool,
    questions: Path | None = None,
    release: str = "",
) -> int:
    """Asks the golden questions (`limit` of each kind, 0: all), or those of a file over what is here; what `out` holds
    of the same setup is not asked again.

    Returns 1 if a citation does not resolve, or anything leaked to someone who may not read it.
    """
    overrides = {"generator": generator} if generator else {}
    if release:
        overrides["release"] = release
    if adapter is not None:
        overrides["adapter"] = adapter
    results = ResultFile(out)
    every = sample.load_cases(questions)
    with opened(**overrides) as parts:
        if questions is None and ingest_sample(parts)[Outcome.FAILED]:
            note("Some sample documents could not be read: the scores below are too low.")
        setup = Setup.of(parts)
        cases = sample.chosen(every, limit)
        rows = asyncio.run(ask_all(parts, cases, setup, results))
        with progress("search", len(cases)) as step:
            found = retrieval.measure(parts.deployed.search.search_now, cases, step)
    table = report.by_kind(rows)
    times = {
        "first sentence": seconds(row["first_seconds"] for row in rows),
        "end of answer": seconds(row["seconds"] for row in rows),
    }
    if as_json:
        summary = {"kinds": table, "seconds": times, "retrieval": found, **asdict(setup), **circumstances()}
        say_json(summary)
    else:
        report.say_sample(table, times, found)
    total = table["all"]
    return 1 if total.resolved < total.citations or total.leaked or found.hidden else 0


async def ask_all(
    parts: Installation, cases: Sequence[Case], setup: Setup, results: ResultFile
) -> Sequence[Mapping[str, Any]]:
    """The rows of these cases under this setup, asked now or known from before, in the order of the cases."""
    same = [row for row in results.rows if row["setup"] == asdict(setup)]
    known = {(row["id"], row["question"]): row for row in same}
    open_cases = [case for case in cases if (case.id, case.question) not in known]
    if known:
        note(f"{len(cases) - len(open_cases)} of {len(cases)} questions are answered already in the results file.")
    if len(same) < len(results.rows):
        note("The results file also holds answers of another setup: `footnote adapters promote` takes files of one.")
    with progress("asked", len(open_cases)) as step:
        for case in open_cases:
            row = results.add(await ask(parts, case, setup))
            known[case.id, case.question] = row
            verdict = "right" if row["right"] else "wrong"
            step(f"{case.id:<8} {case.kind:<14} {row['status']:<9} {verdict}  {row['seconds']:.1f} s")
    return [known[case.id, case.question] for case in cases]


async def ask(parts: Installation, case: Case, setup: Setup) -> Record:
    """Asks one question and scores the answer."""
    got = await timed(parts, case.question, case.asker)
    return Record(
        id=case.id,
        kind=case.kind,
        question=case.question,
        status=got.answer.status,
        right=right(case, got.answer),
        scores={name: metric(case, got.answer) for name, metric in metrics(parts.documents).items()},
        first_seconds=got.first_seconds,
        seconds=got.seconds,
        answer=got.answer.answer,
        citations=got.answer.citations,
        withheld=got.withheld,
        setup=setup,
    )
