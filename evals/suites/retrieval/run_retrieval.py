"""`footnote bench retrieval`: the suites one after the other, then tables, plots and one summary."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from api.terminal import note
from evals.measuring.code import FINDING, code
from evals.measuring.machine import setting
from evals.measuring.results import ResultFile
from evals.measuring.statistics import library
from evals.suites.retrieval import compared, contracts, legalbench, ranking, report
from evals.suites.retrieval.scale import steps as scale
from evals.systems.models import Models
from evals.systems.peers import peer
from infra.settings import load_settings

SUITES = (ranking.SUITE, legalbench.SUITE, contracts.SUITE, scale.SUITE)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RetrievalRun:
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


def run(wanted: RetrievalRun) -> int:
    """Measures what the result file does not hold yet; every finished row is kept at once."""
    for name in wanted.peers:
        peer(name)  # a missing extra shows now, not after an hour
    if ranking.SUITE in wanted.suites:
        library("ir_measures")
    results, models, at = ResultFile(wanted.out), Models(load_settings()), code(*FINDING)
    results.add({"suite": "setting", "code": at, **setting()})
    found: dict[str, list[Row]] = {}
    for suite in wanted.suites:
        note(f"suite {suite}")
        found[suite] = _measured(suite, wanted, models, at, results)
    summary = report.say_report(found)
    results.add({"suite": "summary", "code": at, **setting(), **summary})
    if wanted.plots is not None:
        from evals.suites.retrieval.plots import draw

        for path in draw(found, wanted.plots):
            note(f"drawn: {path}")
    return 0


def _measured(suite: str, wanted: RetrievalRun, models: Models, at: str, results: ResultFile) -> list[Row]:
    threads = wanted.threads or load_settings().threads
    match suite:
        case ranking.SUITE:
            rankers = [*compared.ours(models, at), *compared.peers(wanted.peers, models)]
            rows = ranking.measure(wanted.data, wanted.sets, rankers, wanted.queries, results)
            if wanted.hyde:
                with compared.hyde(models, at) as imagining:
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
