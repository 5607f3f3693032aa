"""What suite "ragtruth" found, beside what others published."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from api.terminal import say
from evals.measuring.detection import (
    BLOCKED,
    Flags,
    Floats,
    auc,
    average_precision,
    best_f1,
    best_threshold,
    cross_fitted,
    detection,
    interval,
    passed_at,
)
from evals.measuring.tables import percent, ranged, table
from evals.suites.gate.bench import Row
from evals.suites.gate.ragtruth import OURS, PUBLISHED, Response, blocked, scores, shown

Rows = NDArray[np.intp]
PASSED = f"hallucinated passed at {BLOCKED:.0%} blocked"


def say_ragtruth(responses: Sequence[Response], rows: Sequence[Row], ship: float) -> Row:
    """Prints everything; the numbers as plain data."""
    truth = np.array([response.hallucinated for response in responses])
    groups = [response.source for response in responses]
    variants = scores(rows, ship)
    found = {name: numbers(values, truth, groups, blocked(name, values, ship)) for name, values in variants.items()}
    ours, flagged = variants[OURS], blocked(OURS, variants[OURS], ship)
    _say_beside(found[OURS])
    _say_variants(found)
    models = by(("model", (r.model for r in responses)), ours, flagged, truth)
    kinds = by_kind([r.kind for r in responses], ours, flagged, truth)
    _say_parts("by model", models)
    _say_parts("by what the hallucinations are to the passages (against all supported responses)", kinds)
    stages = _stages(rows, truth, ship)
    table("lowest sentence of blocked responses, by the stage that caught it", ("stage", "hallucinated", "supported"), [
        (stage, *counts) for stage, counts in stages.items()
    ])  # fmt: skip
    return {"responses": len(truth), "variants": found, "by_model": models, "by_kind": kinds, "stages": stages}


def numbers(values: Floats, truth: Flags, groups: Sequence[str], flagged: Flags) -> Row:
    """Every number with its 95 % interval, by source resampled."""
    fitted = cross_fitted(values, truth, groups)

    def sure(statistic: Callable[[Rows], float]) -> Row:
        low, high = interval(statistic, groups)
        return {"value": statistic(np.arange(len(truth))), "low": low, "high": high}

    def counted(flags: Flags) -> Row:
        return {
            name: sure(lambda at, name=name: getattr(detection(flags[at], truth[at]), name))  # type: ignore[misc]
            for name in ("precision", "recall", "f1")
        } | {"flagged": int(flags.sum())}

    return {
        "shipped limit": counted(flagged),
        "cross-fitted": counted(fitted),
        "oracle": {"f1": sure(lambda at: best_f1(values[at], truth[at])), "score": best_threshold(values, truth)},
        "auc": sure(lambda at: auc(values[at], truth[at])),
        "average precision": sure(lambda at: average_precision(values[at], truth[at])),
        "supported blocked": sure(lambda at: _share(flagged[at], ~truth[at])),
        "hallucinated passed": sure(lambda at: 1.0 - _share(flagged[at], truth[at])),
        PASSED: sure(lambda at: passed_at(values[at], truth[at])),
    }


def by(part: tuple[str, Iterable[str]], values: Floats, flagged: Flags, truth: Flags) -> Mapping[str, Row]:
    """Counts at the shipped limit and AUC of each part of the responses."""
    names = np.array(list(part[1]))
    found = {}
    for name in sorted(set(names.tolist())):
        own = names == name
        found[name] = asdict(detection(flagged[own], truth[own])) | {"auc": auc(values[own], truth[own])}
    return found


def by_kind(kinds: Sequence[str], values: Floats, flagged: Flags, truth: Flags) -> Mapping[str, Row]:
    """For the hallucinated responses of each kind: how many are caught, and AUC against all supported ones.

    "entailment" are those whose spans people marked as true, though the passages do not say it.
    """
    names = np.array(kinds)
    found = {}
    for name in sorted({str(kind) for kind in names[truth]}):
        own = truth & (names == name)
        against = own | ~truth
        caught = detection(flagged[own], truth[own])
        found[name] = {"n": caught.n, "recall": caught.recall, "auc": auc(values[against], truth[against])}
    return found


def _say_beside(ours: Row) -> None:
    lines = [(name, *(f"{value:.1f}" for value in row)) for name, row in PUBLISHED.items()]
    lines += [
        (f"ours, {name}", *(ranged(ours[name][part]) for part in ("precision", "recall", "f1")))
        for name in ("shipped limit", "cross-fitted")
    ]
    lines.append(("ours, best threshold on the test itself (no result)", "", "", ranged(ours["oracle"]["f1"])))
    table("RAGTruth, QA: responses with hallucinations, %", ("system", "precision", "recall", "F1"), lines)
    for name in ("auc", "average precision", "supported blocked", "hallucinated passed", PASSED):
        say(f"{name}: {ranged(ours[name])} %")


def _say_variants(found: Mapping[str, Row]) -> None:
    lines = [
        (
            name,
            ranged(row["shipped limit"]["f1"]),
            ranged(row["cross-fitted"]["f1"]),
            percent(row["oracle"]["f1"]["value"]),
            ranged(row["auc"]),
            ranged(row["average precision"]),
            ranged(row[PASSED]),
        )
        for name, row in found.items()
    ]
    header = ("variant", "F1 shipped", "F1 cross-fitted", "F1 oracle", "AUC", "average precision", PASSED)
    table("variants, % (fixed before they were run)", header, lines)


def _say_parts(title: str, parts: Mapping[str, Row]) -> None:
    header = list(next(iter(parts.values())))
    lines = [
        (name, *(value if isinstance(value, int) else percent(value) for value in row.values()))
        for name, row in parts.items()
    ]
    table(title, ("", *header), lines)


def _stages(rows: Sequence[Row], truth: Flags, ship: float) -> dict[str, tuple[int, int]]:
    """Of the blocked responses, hallucinated and supported, how many each stage's catch decided."""
    found: dict[str, tuple[int, int]] = {}
    for row, hallucinated in zip(rows, truth, strict=True):
        weakest = min(shown(row["sentences"]), key=lambda sentence: sentence["gate"], default=None)
        if weakest is None or weakest["gate"] >= ship:
            continue
        right, wrong = found.get(weakest["stage"], (0, 0))
        found[weakest["stage"]] = (right + int(hallucinated), wrong + int(not hallucinated))
    return found


def _share(flags: Flags, of: Flags) -> float:
    return float(flags[of].mean()) if of.any() else math.nan
