"""How well scores tell hallucinated from supported: counts, curves, thresholds, and how sure the numbers are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.measuring import statistics
from evals.measuring.statistics import library

SAMPLES = 1000
SEED = 20261122
BLOCKED = 0.2  # share of the supported responses that may be blocked

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Detection:
    """Of flagged against true: `n` responses, `positive` of them hallucinated, `flagged` of them blocked."""

    n: int
    positive: int
    flagged: int
    precision: float
    recall: float
    f1: float


def detection(flagged: Flags, truth: Flags) -> Detection:
    """Positive is hallucinated; 0 where nothing is flagged or nothing is positive."""
    hits, said, true = int((flagged & truth).sum()), int(flagged.sum()), int(truth.sum())
    precision = hits / said if said else 0.0
    recall = hits / true if true else 0.0
    return Detection(len(truth), true, said, precision, recall, 2 * hits / (said + true) if said + true else 0.0)


def auc(scores: Floats, truth: Flags) -> float:
    """P(a positive scores above a negative), ties half; nan without both."""
    return statistics.auc(scores[truth], scores[~truth])


def average_precision(scores: Floats, truth: Flags) -> float:
    """The sum over falling thresholds of precision times the recall gained; equal scores share a threshold."""
    if not truth.any():
        return math.nan
    return float(library("sklearn.metrics").average_precision_score(truth, scores))


def best_threshold(scores: Floats, truth: Flags) -> float:
    """The score from which flagging gives the best F1, the highest such; midway to the next lower score."""
    caught, flagged, values = _curve(scores, truth)
    best = int(np.argmax(2 * caught / (flagged + truth.sum())))
    return float((values[best] + values[best + 1]) / 2 if best + 1 < len(values) else values[best])


def best_f1(scores: Floats, truth: Flags) -> float:
    """The F1 of the best threshold on these very data: an oracle, no result."""
    caught, flagged, _ = _curve(scores, truth)
    return float((2 * caught / (flagged + truth.sum())).max())


def passed_at(scores: Floats, truth: Flags, blocked: float = BLOCKED) -> float:
    """Share of the positives below the threshold at which `blocked` of the negatives are flagged, by straight lines
    between the points of the ROC curve (which splits ties as chance would); nan without both kinds."""
    if truth.all() or not truth.any():
        return math.nan
    caught, flagged, _ = _curve(scores, truth)
    wrong = np.concatenate([[0.0], (flagged - caught) / (~truth).sum()])
    right = np.concatenate([[0.0], caught / truth.sum()])
    at = int(np.searchsorted(wrong, blocked, "right"))  # the first point with more blocked than that
    if at == len(wrong):
        return float(1.0 - right[-1])
    share = (blocked - wrong[at - 1]) / (wrong[at] - wrong[at - 1])
    return float(1.0 - (right[at - 1] + share * (right[at] - right[at - 1])))


def cross_fitted(scores: Floats, truth: Flags, groups: Sequence[str]) -> Flags:
    """Flags by thresholds that were chosen on the other half; the halves are of whole groups."""
    names = sorted(set(groups))
    shuffled = np.random.default_rng(SEED).permutation(len(names))
    first = {names[at] for at in shuffled[: len(names) // 2]}
    half = np.array([group in first for group in groups])
    flags = np.zeros(len(scores), bool)
    for own in (half, ~half):
        if own.any() and (~own).any():
            flags[own] = scores[own] >= best_threshold(scores[~own], truth[~own])
    return flags


def interval(statistic: Callable[[NDArray[np.intp]], float], groups: Sequence[str]) -> tuple[float, float]:
    """The 95 % interval of `statistic(row numbers)` over whole groups drawn with replacement."""
    return statistics.over_groups(statistic, groups, seed=SEED, samples=SAMPLES)


def _curve(scores: Floats, truth: Flags) -> tuple[Floats, Floats, Floats]:
    """(caught, flagged, threshold) for every threshold, the highest first: positives and all at or above it."""
    _, wrong, _, caught, thresholds = library("sklearn.metrics").confusion_matrix_at_thresholds(truth, scores)
    return caught, caught + wrong, thresholds
