"""How far two people, or a judge and people, say the same."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.measuring.statistics import over_groups

SAMPLES = 1000
SEED = 20261130
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `n` cases that both spoke of: the share in which they agree, and Cohen's kappa with its 95 % interval, over
    whole groups drawn anew. None of nothing, and kappa also where one of both always says the same."""

    n: int
    agree: float | None
    kappa: float | None
    low: float | None
    high: float | None

    @property
    def told(self) -> dict[str, Any]:
        return asdict(self)


def kappa(one: Flags, other: Flags) -> float:
    """Cohen 1960: agreement beyond what their own shares of yes would give by chance; nan where chance gives all."""
    agree = float((one == other).mean()) if len(one) else math.nan
    yes, also = (float(flags.mean()) if len(flags) else math.nan for flags in (one, other))
    chance = yes * also + (1 - yes) * (1 - also)
    return math.nan if not chance < 1 else (agree - chance) / (1 - chance)


def agreement(one: Sequence[bool], other: Sequence[bool], groups: Sequence[str]) -> Agreement:
    """Raises `ValueError` unless all three are of the same cases."""
    if not len(one) == len(other) == len(groups):
        raise ValueError(f"{len(one)}, {len(other)} and {len(groups)} are not of the same cases")
    if not len(one):
        return Agreement(0, None, None, None, None)
    left, right = np.asarray(one, bool), np.asarray(other, bool)
    share, value = float((left == right).mean()), kappa(left, right)
    if math.isnan(value):
        return Agreement(len(left), share, None, None, None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # where no draw has a kappa there is no interval
        low, high = over_groups(lambda rows: kappa(left[rows], right[rows]), groups, seed=SEED, samples=SAMPLES)
    return Agreement(len(left), share, value, *(None if math.isnan(end) else end for end in (low, high)))
