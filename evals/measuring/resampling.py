"""How sure ratios of sums are: percentile bootstrap over questions (Efron and Tibshirani 1993)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.suites.generation.measures import Parts

SAMPLES, SEED = 10_000, 20261123
_BLOCK = 500  # resamples drawn at once
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Number:
    """A ratio, or a difference of two, with its 95 % interval; None of nothing. `of`: the denominator, or the smaller
    of two."""

    value: float | None
    low: float | None
    high: float | None
    of: float


@dataclass(frozen=True, slots=True)
class Compared:
    """Each variant's measures, and those of every variant but the first less the first's, on the same resamples."""

    numbers: Mapping[str, Mapping[str, Number]]
    differences: Mapping[str, Mapping[str, Number]]


def compare(rows: Mapping[str, Sequence[Parts]], measures: Sequence[str], *, samples: int = SAMPLES) -> Compared:
    """`rows`: by variant a row for every question, in the same order. Raises `ValueError` if they cannot be paired."""
    counts = {len(parts) for parts in rows.values()}
    if len(counts) != 1 or not counts - {0}:
        raise ValueError(f"rows of {sorted(counts)} questions cannot be paired")
    (count,) = counts
    tops = {name: _array(parts, measures, 0) for name, parts in rows.items()}
    bottoms = {name: _array(parts, measures, 1) for name, parts in rows.items()}
    drawn: dict[str, list[Floats]] = {name: [] for name in rows}
    for weights in _weights(count, samples):
        for name in rows:
            drawn[name].append(_ratios(weights @ tops[name], weights @ bottoms[name]))
    resampled = {name: np.concatenate(blocks) for name, blocks in drawn.items()}
    values = {name: _ratios(tops[name].sum(0), bottoms[name].sum(0)) for name in rows}
    sizes = {name: bottoms[name].sum(0) for name in rows}
    first, *others = rows
    return Compared(
        {name: _numbers(measures, values[name], resampled[name], sizes[name]) for name in rows},
        {
            name: _numbers(
                measures,
                values[name] - values[first],
                resampled[name] - resampled[first],
                np.minimum(sizes[name], sizes[first]),
            )
            for name in others
        },
    )


def _array(parts: Sequence[Parts], measures: Sequence[str], at: int) -> Floats:
    """(questions, measures)."""
    return np.array([[row[measure][at] for measure in measures] for row in parts], np.float64)


def _weights(count: int, samples: int) -> Iterator[Floats]:
    """(resamples, questions): how often each question was drawn, block by block."""
    random = np.random.default_rng(SEED)
    for done in range(0, samples, _BLOCK):
        size = min(_BLOCK, samples - done)
        yield random.multinomial(count, np.full(count, 1 / count), size).astype(np.float64)


def _ratios(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)


def _numbers(measures: Sequence[str], values: Floats, resampled: Floats, sizes: Floats) -> dict[str, Number]:
    """Resamples that hold nothing of a measure are left out of its interval."""
    found = {}
    for at, measure in enumerate(measures):
        column = resampled[:, at][~np.isnan(resampled[:, at])]
        if np.isnan(values[at]) or not len(column):
            found[measure] = Number(None, None, None, float(sizes[at]))
        else:
            low, high = (float(end) for end in np.quantile(column, (0.025, 0.975)))
            found[measure] = Number(float(values[at]), low, high, float(sizes[at]))
    return found
