"""Suite "ranking": nDCG@10, recall and MRR of every system on BEIR sets, each passage one chunk."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from evals.datasets.beir import SEED, RankingSet, load_set
from evals.measuring.machine import known
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.statistics import Difference, paired_bootstrap
from evals.metrics.ranking import ndcg, recall, reciprocal_rank
from evals.suites.retrieval.compared import System

SUITE = "ranking"
METRICS = {
    "nDCG@10": (ndcg, 10),
    "recall@10": (recall, 10),
    "recall@100": (recall, 100),
    "MRR@10": (reciprocal_rank, 10),
}
_STEP = 50  # questions between two lines of progress
Row = dict[str, Any]


def measure(
    data: Path, names: Sequence[str], systems: Sequence[System], queries: int, results: ResultFile
) -> list[Row]:
    """A row for each set and system, measured now or by an earlier run of the same setup; `queries` of each set (0:
    all) are asked. A run that stops loses the set it was at, for the system it was at."""
    rows = []
    for name in names:
        found: RankingSet | None = None
        for system in systems:
            wanted = {"suite": SUITE, "set": name, "system": system.name, "sample": queries, "setup": system.setup}
            row = known(results, wanted)
            if row is None:
                found = found or load_set(data, name).sample(queries)
                row = results.add(wanted | _measured(found, system))
            rows.append(row)
    return rows


def _measured(found: RankingSet, system: System) -> Row:
    started = time.perf_counter()
    rank = system.build(found)
    built = time.perf_counter() - started
    scores: dict[str, list[float]] = {metric: [] for metric in METRICS}
    spent = []
    with progress(f"{found.name}: {system.name}", -(-len(found.queries) // _STEP)) as step:
        for number, query in enumerate(found.queries, 1):
            started = time.perf_counter()
            ranked = rank(query.text)
            spent.append(time.perf_counter() - started)
            for metric, (score, top) in METRICS.items():
                scores[metric].append(round(score(ranked, query.gains, top), 5))
            if number % _STEP == 0 or number == len(found.queries):
                step(f"{number} questions, nDCG@10 {np.mean(scores['nDCG@10']):.3f}")
    return {
        "passages": len(found.ids),
        "queries": [query.id for query in found.queries],
        "scores": scores,
        "seconds": {"build": round(built, 3), "query_p50": round(median(spent), 5)},
    }


def means(rows: Sequence[Row], metric: str) -> dict[str, dict[str, float]]:
    """System -> set -> mean of the metric, with the macro mean over sets as "macro"."""
    table: dict[str, dict[str, float]] = {}
    for row in rows:
        table.setdefault(row["system"], {})[row["set"]] = float(np.mean(row["scores"][metric]))
    return {system: sets | {"macro": float(np.mean(list(sets.values())))} for system, sets in table.items()}


def differences(rows: Sequence[Row], system: str, metric: str = "nDCG@10") -> dict[str, dict[str, Difference]]:
    """Other system -> set (and "macro") -> how much better `system` is, by paired bootstrap with a fixed seed."""
    scores = {(row["system"], row["set"]): row["scores"][metric] for row in rows}
    sets = list(dict.fromkeys(row["set"] for row in rows))
    others = [name for name in dict.fromkeys(row["system"] for row in rows) if name != system]
    found: dict[str, dict[str, Difference]] = {}
    for other in others:
        pairs = {name: (scores[system, name], scores[other, name]) for name in sets}
        each = {name: paired_bootstrap([pair], seed=SEED) for name, pair in pairs.items()}
        found[other] = each | {"macro": paired_bootstrap(list(pairs.values()), seed=SEED)}
    return found


def narrowed(rows: Sequence[Row], asked: Mapping[str, Sequence[str]]) -> list[Row]:
    """The rows as they would be on these queries of each set: what a system that was asked fewer is compared with."""
    cut = []
    for row in rows:
        kept = [row["queries"].index(query) for query in asked[row["set"]]]
        scores = {metric: [values[at] for at in kept] for metric, values in row["scores"].items()}
        cut.append(row | {"queries": list(asked[row["set"]]), "scores": scores})
    return cut


def summary(rows: Sequence[Row], against: Sequence[str]) -> Row:
    """Everything as plain data."""
    return {
        "seed": SEED,
        "metrics": {metric: means(rows, metric) for metric in METRICS},
        "differences": {
            system: {
                other: {name: asdict(value) for name, value in sets.items()}
                for other, sets in differences(rows, system).items()
            }
            for system in against
        },
    }
