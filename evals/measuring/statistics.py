"""How good and how sure numbers are: percentiles, areas under curves and intervals, as scipy computes them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.gating.shares import gap_interval as gap_interval  # of shares, beside what is here
from api.gating.shares import wilson as wilson
from api.terminal import UsageError

SAMPLES = 10_000
CONFIDENCE = 0.95
_TAILS = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)
_NORMAL = 1.959964  # of the standard normal distribution, two-sided
_BATCH = 100  # resamples drawn at once
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Seconds:
    """Percentiles (nearest rank) of `n` durations; None without any."""

    n: int
    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of ours minus theirs, the 95 % interval of it, and the share of resamples in which ours is not better."""

    mean: float
    low: float
    high: float
    p: float


def library(module: str) -> Any:
    """A module of the extra `eval`; raises `UsageError` that says so if it is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"This needs the package {error.name}: pip install -c constraints.txt -e '.[eval]' in Footnote's folder."
        ) from error


def seconds(values: Iterable[float | None]) -> Seconds:
    """Percentiles of the durations that are known."""
    known = [value for value in values if value is not None]
    if not known:
        return Seconds(0, None, None)
    p50, p95 = (float(value) for value in np.quantile(known, (0.5, 0.95), method="inverted_cdf"))
    return Seconds(len(known), p50, p95)


def auc(positive: Floats, negative: Floats) -> float:
    """P(a positive is above a negative), ties half: the Mann-Whitney statistic, and the area under the ROC curve; nan
    without both."""
    if not len(positive) or not len(negative):
        return math.nan
    from scipy.stats import mannwhitneyu

    above = mannwhitneyu(positive, negative, method="asymptotic").statistic
    return float(above) / (len(positive) * len(negative))


def resampled(
    samples: Sequence[Any],
    statistic: Callable[..., Any],
    *,
    seed: int,
    count: int = SAMPLES,
    paired: bool = False,
    vectorized: bool = True,
) -> Floats:
    """(..., count): the statistic of the samples, (..., n) each, drawn with replacement along the last axis; if
    `paired` all of them by the same draw (Efron and Tibshirani 1993). `statistic(*samples, axis)` if `vectorized`."""
    from scipy.stats import DegenerateDataWarning, bootstrap

    # scipy draws from two observations or more; what is drawn from one is always that one.
    enough = [np.repeat(one, 2, axis=-1) if np.shape(one)[-1] == 1 else np.asarray(one) for one in samples]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DegenerateDataWarning)  # a resample that says nothing is nan
        found = bootstrap(
            enough,
            statistic,
            n_resamples=count,
            batch=_BATCH,
            vectorized=vectorized,
            paired=paired,
            axis=-1,
            method="percentile",
            rng=np.random.default_rng(seed),
        )
    return np.asarray(found.bootstrap_distribution, np.float64)


def interval(drawn: Floats) -> tuple[float, float]:
    """The 95 % percentile interval of resamples; those that say nothing (nan) are left out."""
    low, high = np.nanquantile(drawn, _TAILS)
    return float(low), float(high)


def paired_interval(
    new: Sequence[bool], old: Sequence[bool], *, resamples: int = SAMPLES, seed: int = 0
) -> tuple[float, float]:
    """The 95 % interval of mean(new) - mean(old) by the paired bootstrap.

    A resample draws questions with replacement, and each question brings both of its answers: a question that both
    get right, however easy, adds no spread (Efron and Tibshirani 1993, chapters 8 and 13).
    """
    differences = np.asarray(new, np.int64) - np.asarray(old, np.int64)
    return interval(resampled([differences], np.mean, seed=seed, count=resamples))


def paired_bootstrap(
    groups: Sequence[tuple[Sequence[float], Sequence[float]]], *, seed: int, samples: int = SAMPLES
) -> Difference:
    """Ours against theirs on the same queries; every group is a set, and the sets weigh the same (macro mean).

    Queries are drawn with replacement within their set (Sakai 2006 for retrieval). Raises `ValueError` if the two
    sides of a group differ in length or a group is empty.
    """
    for ours, theirs in groups:
        if len(ours) != len(theirs) or not ours:
            raise ValueError(f"{len(ours)} scores cannot be paired with {len(theirs)}")
    differences = [np.subtract(ours, theirs, dtype=np.float64) for ours, theirs in groups]
    drawn = resampled(differences, _macro, seed=seed, count=samples)
    low, high = interval(drawn)
    return Difference(float(_macro(*differences)), low, high, float((drawn <= 0).mean()))


def matched_interval(only_new: int, only_old: int, pairs: int) -> tuple[float, float]:
    """The 95 % interval of share(new) - share(old) over `pairs`, of which `only_new` and `only_old` hold on one side
    alone (Agresti and Min 2005): unlike a bootstrap's it has a width where the sides never differ. (-1, 1) of none."""
    if not pairs:
        return -1.0, 1.0
    new, old, count = only_new + 0.5, only_old + 0.5, pairs + 2
    middle = (new - old) / count
    spread = _NORMAL * math.sqrt(new + old - count * middle**2) / count
    return max(-1.0, middle - spread), min(1.0, middle + spread)


def over_groups(
    statistic: Callable[[NDArray[np.intp]], float], groups: Sequence[str], *, seed: int, samples: int
) -> tuple[float, float]:
    """The 95 % interval of `statistic(row numbers)` over whole groups drawn with replacement (Efron 1979)."""
    by_group: dict[str, list[int]] = {}
    for at, group in enumerate(groups):
        by_group.setdefault(group, []).append(at)
    rows = [np.array(numbers, np.intp) for numbers in by_group.values()]

    def of(drawn: NDArray[np.intp]) -> float:
        return statistic(np.concatenate([rows[at] for at in drawn]))

    return interval(resampled([np.arange(len(rows))], of, seed=seed, count=samples, vectorized=False))


def _macro(*samples: Floats, axis: int = -1) -> Any:
    return np.mean([sample.mean(axis=axis) for sample in samples], axis=0)
