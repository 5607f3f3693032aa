"""Weights and bounds of a proof of absence, chosen on the calibration half alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation.absence.types import AbsenceBounds
from generation.absence.weighing import Limits, Weights, log_odds

RISK_FOUND = 0.1
OCR = 0.9  # chosen, not measured: pages that are less sure are told of anyway, by their unsure lines
_RIDGE = 0.1
_ROUNDS = 50
_STEP = 1e-6
Row = Mapping[str, Any]
Floats = NDArray[np.float64]


def fitted(rows: Sequence[Row], risk: float) -> Limits:
    """A logistic regression on each document's best passage, which the weights themselves choose, and the bounds of a
    stated risk (Angelopoulos et al. 2022, arXiv 2208.02814): a new document with the clause is called absent with a
    probability of at most `risk`, one without it is called found with at most `RISK_FOUND`."""
    held = np.array([row["held"] for row in rows], np.float64)
    weights = Weights(0.0, 0.5, 0.5)
    for _ in range(_ROUNDS):
        best = np.array([_best(row, weights) for row in rows])
        again = _regression(best, held)
        if math.isclose(again.bias, weights.bias, abs_tol=1e-6) and math.isclose(
            again.relevance, weights.relevance, abs_tol=1e-6
        ):
            break
        weights = again
    weights = Weights(*(round(value, 4) for value in (weights.bias, weights.relevance, weights.answers)))
    scores = [score_of(row, weights) for row in rows]
    having = sorted(score for score, row in zip(scores, rows, strict=True) if row["held"])
    lacking = sorted((score for score, row in zip(scores, rows, strict=True) if not row["held"]), reverse=True)
    below, above = _allowed(having, risk, 0.0), _allowed(lacking, RISK_FOUND, 1.0)
    below, above = _cut(below), _cut(above) + _STEP
    bounds = AbsenceBounds(below, max(round(above, 6), below), OCR, risk, RISK_FOUND)
    return Limits(weights, bounds)


def score_of(row: Row, weights: Weights) -> float:
    """Of a document: that of its best passage."""
    return max((weights.score(one["relevance"], one["answers"]) for one in row["passages"]), default=0.0)


def as_toml(limits: Limits, about: Mapping[str, object]) -> str:
    """`about`: what the file says of itself before its tables."""
    lines = ["# Written by `footnote bench absence --split calibration --limits`; do not edit by hand."]
    lines += [f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {value}" for name, value in about.items()]
    for name, table in (("weights", limits.weights), ("bounds", limits.bounds)):
        lines += ["", f"[{name}]", *(f"{key} = {value}" for key, value in asdict(table).items())]
    return "\n".join(lines) + "\n"


def _best(row: Row, weights: Weights) -> tuple[float, float]:
    if not row["passages"]:
        return -12.0, log_odds(0.0)
    best = max(row["passages"], key=lambda one: weights.score(one["relevance"], one["answers"]))
    return best["relevance"], log_odds(best["answers"])


def _regression(features: Floats, held: Floats) -> Weights:
    """Newton's method from zero, with a small ridge on all but the bias."""
    x, found = np.column_stack([np.ones(len(features)), features]), np.zeros(3)
    ridge = np.diag([0.0, _RIDGE, _RIDGE])
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-x @ found))
        slope = x.T @ (held - chance) - ridge @ found
        found = found + np.linalg.solve((x.T * (chance * (1 - chance))) @ x + ridge + 1e-9 * np.eye(3), slope)
    return Weights(*map(float, found))


def _cut(score: float) -> float:
    """Not rounded up, for what has this very score must stay on its side."""
    return round(math.floor(score / _STEP) * _STEP, 6)


def _allowed(ranked: Sequence[float], risk: float, none: float) -> float:
    """The score of the first document, the worst ones ahead, that must not fall on the wrong side: so many before it
    may that (their number + 1) / (n + 1) <= risk; `none` where not even none may."""
    allowed = math.floor(risk * (len(ranked) + 1)) - 1
    return ranked[allowed] if 0 <= allowed < len(ranked) else none
