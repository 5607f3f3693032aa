"""How sure ratios of sums are, over questions drawn anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.measuring.statistics import SAMPLES, interval, resampled

SEED = 20261123
Floats = NDArray[np.float64]
Part = tuple[float, float]
Parts = Mapping[str, Part]
"""What one question adds to each measure, as (numerator, denominator)."""


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
    numbers: dict[str, dict[str, Number]] = {name: {} for name in rows}
    differences: dict[str, dict[str, Number]] = {name: {} for name in list(rows)[1:]}
    for measure in measures:
        pairs = np.array([[row[measure] for row in parts] for parts in rows.values()], np.float64)
        tops, bottoms = pairs[..., 0], pairs[..., 1]  # (variants, questions)
        drawn = resampled([tops, bottoms], _ratio, seed=SEED, count=samples, paired=True)
        values, sizes = _ratio(tops, bottoms), bottoms.sum(axis=-1)
        for at, name in enumerate(rows):
            numbers[name][measure] = _number(values[at], drawn[at], sizes[at])
            if at:
                size = min(sizes[at], sizes[0])
                differences[name][measure] = _number(values[at] - values[0], drawn[at] - drawn[0], size)
    return Compared(numbers, differences)


def _ratio(top: Floats, bottom: Floats, axis: int = -1) -> Floats:
    above, below = top.sum(axis=axis), bottom.sum(axis=axis)
    found: Floats = np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
    return found


def _number(value: float, drawn: Floats, size: float) -> Number:
    """Resamples that hold nothing of a measure are left out of its interval."""
    if np.isnan(value) or np.isnan(drawn).all():
        return Number(None, None, None, float(size))
    return Number(float(value), *interval(drawn), float(size))
