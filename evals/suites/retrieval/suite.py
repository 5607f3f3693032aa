"""`footnote bench retrieval`: the suites one after the other, then tables, plots and one summary."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from api.cli.output import UsageError, note
from evals.measuring.machine import code, setting
from evals.measuring.results import ResultFile
from evals.suites.retrieval import contracts, legalbench, ranking, report, systems
from evals.suites.retrieval.scale import suite as scale
from evals.systems.models import Models
from evals.systems.peers import peer
from infra.settings import load_settings

SUITES = (ranking.SUITE, legalbench.SUITE, contracts.SUITE, scale.SUITE)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for; counts of 0 mean all, or none for `hyde`."""

    data: Path
    suites: Sequence[str]
    sets: Sequence[str]
    peers: Sequence[str]
    queries: int
    hyde: int
    split: Literal["dev", "test"]
    sizes: Sequence[int]
    threads: int
    home: Path | None
    out: Path | None
    plots: Path | None


def chosen(text: str, known: Sequence[str], option: str) -> tuple[str, ...]:
    """The names in `a,b`, or all of `known` for "all"; raises `UsageError` for others."""
    names = tuple(known) if text == "all" else tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in known:
            raise UsageError(f"{option} {name}: choose from {', '.join(known)}, or all.")
    return names


def counts(text: str, option: str) -> tuple[int, ...]:
    """The numbers in `a,b`; raises `UsageError` for anything else."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and int(part) for part in parts):
        raise UsageError(f"{option} {text}: write numbers with commas, as in 100000,1000000.")
    return tuple(map(int, parts))


def run(wanted: Wanted) -> int:
    """Measures what the result file does not hold yet; every finished row is kept at once."""
    for name in wanted.peers:
        peer(name)  # a missing extra shows now, not after an hour
    results, models, at = ResultFile(wanted.out), Models(load_settings()), code()
    results.add({"suite": "setting", **setting()})
    found: dict[str, list[Row]] = {}
    for suite in wanted.suites:
        note(f"suite {suite}")
        found[suite] = _measured(suite, wanted, models, at, results)
    summary = report.say_report(found)
    results.add({"suite": "summary", **setting(), **summary})
    if wanted.plots is not None:
        from evals.suites.retrieval.plots import draw

        for path in draw(found, wanted.plots):
            note(f"drawn: {path}")
    return 0


def _measured(suite: str, wanted: Wanted, models: Models, at: str, results: ResultFile) -> list[Row]:
    threads = wanted.threads or load_settings().threads
    match suite:
        case ranking.SUITE:
            compared = [*systems.ours(models, at), *systems.peers(wanted.peers, models)]
            rows = ranking.measure(wanted.data, wanted.sets, compared, wanted.queries, results)
            if wanted.hyde:
                with systems.hyde(models, at) as imagining:
                    asked = min(wanted.hyde, wanted.queries or wanted.hyde)
                    rows += ranking.measure(wanted.data, wanted.sets, [imagining], asked, results)
            return rows
        case legalbench.SUITE:
            return legalbench.measure(wanted.data, models, at, wanted.queries, results)
        case contracts.SUITE:
            with tempfile.TemporaryDirectory(prefix="footnote-bench-") as temporary:
                beside = wanted.out.resolve().with_name(wanted.out.name + ".home") if wanted.out else Path(temporary)
                home = wanted.home or beside
                return contracts.measure(wanted.data, home, wanted.split, at, wanted.queries, results)
        case _:
            asked = wanted.queries or 200
            return scale.measure(wanted.data, wanted.sizes, wanted.peers, threads, asked, at, results)
