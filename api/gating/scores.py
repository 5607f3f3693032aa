"""Paired scores and paired durations of the same cases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

_RESAMPLES = 999
_LEAST_SPREAD = 1e-12  # where every case moved by the whole scale
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
    """Mean of new - old; `span` is the width of the scale. A paired t-test with one case more that moved by the whole
    scale against what is to be shown: of scores of which one in ten falls by half the scale and the others stay, 100
    cases often hold too few, and the plain test at 5 % ships that harm of a margin of 0.05 in 12 % of nights."""
    sides = _both(new, old)
    differences = sides[0] - sides[1]
    down, up = _against(differences, -span), _against(differences, span)
    t = stats.t(len(differences))
    reach = float(t.isf((1 - confidence) / 2))
    unseen = (1 - min(1.0, margin / span)) ** len(differences) if differences.min() >= 0 else 0.0
    return Paired(
        change=float(differences.mean()),
        low=down[0] - reach * down[1],
        high=up[0] + reach * up[1],
        spread=down[1],
        p_not_worse=max(unseen, float(t.sf((down[0] + margin) / down[1]))),
        p_better=float(t.sf(down[0] / down[1])),
        p_worse=float(t.cdf(up[0] / up[1])),
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


def _against(differences: Floats, case: float) -> tuple[float, float]:
    """Mean and standard error of the differences and one case more."""
    more = np.append(differences, case)
    return float(more.mean()), max(float(more.std(ddof=1)) / math.sqrt(len(more)), _LEAST_SPREAD)


def _both(new: Sequence[float], old: Sequence[float]) -> Floats:
    if len(new) != len(old) or len(new) < 2:
        raise ValueError(f"{len(new)} values cannot be paired with {len(old)}")
    sides = np.asarray([new, old], np.float64)
    if not np.isfinite(sides).all():
        raise ValueError("a value is not a number: leave its case out on both sides, and count it")
    return sides


def _share(hit: NDArray[np.bool_]) -> float:
    return float((hit.sum() + 1) / (len(hit) + 1))
