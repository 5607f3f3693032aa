"""Paired scores and paired durations of the same cases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

_RESAMPLES = 1_999
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Paired:
    """A change and one-sided p-values, small if it is not worse by the margin, if it is better, if it is worse."""

    change: float
    low: float
    high: float
    spread: float  # standard error of the change
    p_not_worse: float
    p_better: float
    p_worse: float


def means(new: Sequence[float], old: Sequence[float], margin: float, confidence: float, span: float = 1.0) -> Paired:
    """Mean of new - old, by the paired t-test; `span` is the width of the scale. Without any spread a harm of `margin`
    would have to hide in margin / span of the cases, of which none was drawn."""
    sides = _both(new, old)
    differences = sides[0] - sides[1]
    n, change = len(differences), float(differences.mean())
    error = float(differences.std(ddof=1)) / math.sqrt(n)
    if error < 1e-12 * span:
        unseen = (1 - min(1.0, margin / span)) ** n
        better, worse = (unseen if change > 0 else 1.0), (unseen if change < 0 else 1.0)
        return Paired(change, change, change, 0.0, unseen if change > -margin else 1.0, better, worse)
    t = stats.t(n - 1)
    reach = float(t.isf((1 - confidence) / 2)) * error
    at = change / error
    return Paired(
        change=change,
        low=change - reach,
        high=change + reach,
        spread=error,
        p_not_worse=float(t.sf((change + margin) / error)),
        p_better=float(t.sf(at)),
        p_worse=float(t.cdf(at)),
    )


def medians(new: Sequence[float], old: Sequence[float], margin: float, confidence: float, seed: int = 0) -> Paired:
    """log(median(new) / median(old)) with its sign turned, so that faster is more, by the paired bootstrap (Efron and
    Tibshirani 1993). `margin` is a share: 0.1 allows a median of 1.1 times the old one. Durations are above 0."""
    sides = _both(new, old)
    if (sides <= 0).any():
        raise ValueError("durations must be above 0")
    rows = np.random.default_rng(seed).integers(0, sides.shape[1], (_RESAMPLES, sides.shape[1]))
    drawn = np.log(np.median(sides[1][rows], axis=1) / np.median(sides[0][rows], axis=1))
    change = float(np.log(np.median(sides[1]) / np.median(sides[0])))
    low, high = (float(value) for value in np.quantile(drawn, ((1 - confidence) / 2, (1 + confidence) / 2)))
    return Paired(
        change=change,
        low=low,
        high=high,
        spread=float(drawn.std(ddof=1)),
        p_not_worse=_share(drawn <= -math.log1p(margin)),
        p_better=_share(drawn <= 0),
        p_worse=_share(drawn >= 0),
    )


def _both(new: Sequence[float], old: Sequence[float]) -> Floats:
    if len(new) != len(old) or len(new) < 2:
        raise ValueError(f"{len(new)} values cannot be paired with {len(old)}")
    sides = np.asarray([new, old], np.float64)
    if not np.isfinite(sides).all():
        raise ValueError("a value is not a number: leave its case out on both sides, and count it")
    return sides


def _share(hit: NDArray[np.bool_]) -> float:
    return float((hit.sum() + 1) / (len(hit) + 1))
