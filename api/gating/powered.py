"""The mean of human labels, from few of them and a judge's scores of many cases (prediction-powered inference)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

FEWEST = 10  # labels
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Powered:
    """`weight` is how far the judge is believed, 0 not at all; `worth` how many labels alone would be as sure."""

    mean: float
    low: float
    high: float
    weight: float
    labels_alone: tuple[float, float]
    worth: float


def mean(
    labels: Sequence[float],
    judged: Sequence[float],
    unlabelled: Sequence[float],
    *,
    confidence: float = 0.95,
    scale: tuple[float, float] = (0.0, 1.0),
) -> Powered:
    """`labels` and `judged` of the same cases, drawn at random from those whose judge's scores are `unlabelled`.

    Angelopoulos, Bates, Fannjiang, Jordan and Zrnic, Science 382, 2023; the weight of PPI++ (Angelopoulos, Duchi and
    Zrnic 2023), so that a judge that knows nothing costs nothing. For a difference of two systems give differences.
    A good judge errs so rarely that few labels may show none of it: half a case at each corner of the scale is added
    (Agresti and Min 2005). Raises `ValueError` under `FEWEST` labels."""
    if len(labels) != len(judged) or len(labels) < FEWEST or len(unlabelled) < FEWEST:
        raise ValueError(
            f"{len(labels)} labels, {len(judged)} scores of them, {len(unlabelled)} others: at least {FEWEST} each"
        )
    corners = [(label, score) for label in scale for score in scale]
    people = np.asarray([*labels, *(label for label, _ in corners)], np.float64)
    judge = np.asarray([*judged, *(score for _, score in corners)], np.float64)
    counts = np.asarray([1.0] * len(labels) + [0.5] * len(corners))
    rest = np.asarray(unlabelled, np.float64)
    n, others = float(counts.sum()), len(rest)
    weight = _weight(people, judge, counts, rest)
    error = _variance(people - weight * judge, counts) / n + weight**2 * float(rest.var(ddof=1)) / others
    alone = _variance(people, counts) / n
    first = float(np.average(people, weights=counts))
    middle = first + weight * float(rest.mean() - np.average(judge, weights=counts))
    t = float(stats.t(len(labels) - 1).isf((1 - confidence) / 2))
    reach, reach_alone = t * math.sqrt(error), t * math.sqrt(alone)
    return Powered(
        mean=middle,
        low=middle - reach,
        high=middle + reach,
        weight=weight,
        labels_alone=(first - reach_alone, first + reach_alone),
        worth=len(labels) * alone / error,
    )


def _weight(people: Floats, judge: Floats, counts: Floats, rest: Floats) -> float:
    """Covariance of labels and scores, over (1 + n / N) times the variance of scores; within 0 and 1."""
    n = float(counts.sum())
    together = float(np.cov(people, judge, aweights=counts, ddof=0)[0, 1])
    spread = (n * _variance(judge, counts) + len(rest) * float(rest.var(ddof=1))) / (n + len(rest))
    return min(1.0, max(0.0, together / ((1 + n / len(rest)) * spread)))


def _variance(values: Floats, counts: Floats) -> float:
    return float(np.cov(values, aweights=counts, ddof=0)) * float(counts.sum()) / (float(counts.sum()) - 1)
