"""How well scores tell hallucinated from supported: counts, curves, thresholds, and how sure the numbers are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAMPLES = 1000
SEED = 20261122
BLOCKED = 0.2  # share of the supported responses that may be blocked
_Z = 1.959964  # 97.5 % of a normal distribution

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
    positive, negative = scores[truth], np.sort(scores[~truth])
    if not len(positive) or not len(negative):
        return math.nan
    below = np.searchsorted(negative, positive, "left") + np.searchsorted(negative, positive, "right")
    return float(below.mean() / 2 / len(negative))


def average_precision(scores: Floats, truth: Flags) -> float:
    """The sum over falling thresholds of precision times the recall gained; equal scores share a threshold."""
    if not truth.any():
        return math.nan
    caught, flagged = _curve(scores, truth)
    gained = np.diff(caught, prepend=0.0) / truth.sum()
    return float((gained * caught / flagged).sum())


def best_threshold(scores: Floats, truth: Flags) -> float:
    """The score from which flagging gives the best F1, the highest such; midway to the next lower score."""
    caught, flagged = _curve(scores, truth)
    values = np.unique(scores)[::-1]
    best = int(np.argmax(2 * caught / (flagged + truth.sum())))
    return float((values[best] + values[best + 1]) / 2 if best + 1 < len(values) else values[best])


def best_f1(scores: Floats, truth: Flags) -> float:
    """The F1 of the best threshold on these very data: an oracle, no result."""
    caught, flagged = _curve(scores, truth)
    return float((2 * caught / (flagged + truth.sum())).max())


def passed_at(scores: Floats, truth: Flags, blocked: float = BLOCKED) -> float:
    """Share of the positives below the threshold at which `blocked` of the negatives are flagged, by straight lines
    between the points of the ROC curve (which splits ties as chance would); nan without both kinds."""
    if truth.all() or not truth.any():
        return math.nan
    caught, flagged = _curve(scores, truth)
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
    """The 95 % interval of `statistic(row numbers)` over whole groups drawn with replacement (Efron 1979)."""
    by_group: dict[str, list[int]] = {}
    for at, group in enumerate(groups):
        by_group.setdefault(group, []).append(at)
    rows = [np.array(numbers, np.intp) for numbers in by_group.values()]
    random = np.random.default_rng(SEED)
    drawn = [
        statistic(np.concatenate([rows[at] for at in random.integers(0, len(rows), len(rows))])) for _ in range(SAMPLES)
    ]
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927); (0, 1) of nothing."""
    if not count:
        return 0.0, 1.0
    share, spread = hits / count, _Z**2 / count
    middle = (share + spread / 2) / (1 + spread)
    reach = math.sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _curve(scores: Floats, truth: Flags) -> tuple[Floats, Floats]:
    """(caught, flagged) for every threshold, the highest first: positives and all at or above it."""
    values, places = np.unique(-scores, return_inverse=True)
    caught = np.bincount(places, weights=truth, minlength=len(values)).cumsum()
    return caught, np.bincount(places, minlength=len(values)).cumsum().astype(np.float64)
