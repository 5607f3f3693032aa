"""Weights and bounds of a proof of absence, chosen on the calibration half alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation.absence.types import Bounds
from generation.absence.weighing import Limits, Weights, log_odds

RISK_ABSENT, RISK_FOUND = 0.02, 0.1
OCR = 0.9  # chosen, not measured: pages that are less sure are told of anyway, by their unsure lines
_RIDGE = 0.01
_ROUNDS = 50
Row = Mapping[str, Any]
Floats = NDArray[np.float64]


def fitted(rows: Sequence[Row]) -> Limits:
    """A logistic regression on each document's best passage, which the weights themselves choose, and the bounds of a
    stated risk (Angelopoulos et al. 2022, arXiv 2208.02814): a new document with the clause is called absent with a
    probability of at most `RISK_ABSENT`, one without it is called found with at most `RISK_FOUND`."""
    held = np.array([row["held"] for row in rows], np.float64)
    weights = Weights(0.0, 0.5, 0.5)
    for _ in range(_ROUNDS):
        best = np.array([_best(row, weights) for row in rows])
        again = _regression(best, held, np.array([weights.bias, weights.relevance, weights.answers]))
        if math.isclose(again.bias, weights.bias, abs_tol=1e-6) and math.isclose(
            again.relevance, weights.relevance, abs_tol=1e-6
        ):
            break
        weights = again
    weights = Weights(*(round(value, 4) for value in (weights.bias, weights.relevance, weights.answers)))
    scores = [score_of(row, weights) for row in rows]
    having = sorted(score for score, row in zip(scores, rows, strict=True) if row["held"])
    lacking = sorted((score for score, row in zip(scores, rows, strict=True) if not row["held"]), reverse=True)
    below, above = _allowed(having, RISK_ABSENT, 0.0), _allowed(lacking, RISK_FOUND, 1.0)
    bounds = Bounds(round(below, 6), max(round(above + 1e-6, 6), round(below, 6)), OCR, RISK_ABSENT, RISK_FOUND)
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


def _regression(features: Floats, held: Floats, start: Floats) -> Weights:
    """Newton's method with a small ridge on all but the bias."""
    x, found = np.column_stack([np.ones(len(features)), features]), start
    ridge = np.diag([0.0, _RIDGE, _RIDGE])
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-x @ found))
        slope = x.T @ (held - chance) - ridge @ found
        found = found + np.linalg.solve((x.T * (chance * (1 - chance))) @ x + ridge + 1e-9 * np.eye(3), slope)
    return Weights(*map(float, found))


def _allowed(ranked: Sequence[float], risk: float, none: float) -> float:
    """The score of the worst document that may still fall on the wrong side; `none` where not one may."""
    allowed = math.floor(risk * (len(ranked) + 1)) - 1
    return ranked[allowed + 1] if 0 <= allowed < len(ranked) - 1 else none
