"""How good a ranked list is, as BEIR and trec_eval count, and how sure the difference between two systems is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAMPLES = 10_000
_BLOCK = 500  # resamples drawn at once
Gains = Mapping[str, float]


def ndcg(ranked: Sequence[str], gains: Gains, top: int) -> float:
    """Normalised discounted cumulative gain of the first `top` ids: trec_eval's ndcg_cut, so gains count linearly
    and the ideal list holds every judged document (Jarvelin and Kekalainen 2002). 0 without any gain."""
    found = sum(gains.get(item, 0.0) / math.log2(rank + 1) for rank, item in enumerate(ranked[:top], 1))
    best = sorted((gain for gain in gains.values() if gain > 0), reverse=True)[:top]
    ideal = sum(gain / math.log2(rank + 1) for rank, gain in enumerate(best, 1))
    return found / ideal if ideal else 0.0


def recall(ranked: Sequence[str], gains: Gains, top: int) -> float:
    """Share of the relevant documents (gain above 0) among the first `top` ids; 0 without any."""
    relevant = {item for item, gain in gains.items() if gain > 0}
    return len(relevant & set(ranked[:top])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[str], gains: Gains, top: int) -> float:
    """1 / rank of the first relevant id among the first `top`, else 0; its mean is MRR@top."""
    return next((1.0 / rank for rank, item in enumerate(ranked[:top], 1) if gains.get(item, 0.0) > 0), 0.0)


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of ours minus theirs, the 95 % interval of it, and the share of resamples in which ours is not better."""

    mean: float
    low: float
    high: float
    p: float


def paired_bootstrap(
    groups: Sequence[tuple[Sequence[float], Sequence[float]]], *, seed: int, samples: int = SAMPLES
) -> Difference:
    """Ours against theirs on the same queries; every group is a set, and the sets weigh the same (macro mean).

    Queries are drawn with replacement within their set (Efron and Tibshirani 1993; Sakai 2006 for retrieval).
    Raises `ValueError` if the two sides of a group differ in length or a group is empty.
    """
    random = np.random.default_rng(seed)
    means, drawn = [], []
    for ours, theirs in groups:
        if len(ours) != len(theirs) or not ours:
            raise ValueError(f"{len(ours)} scores cannot be paired with {len(theirs)}")
        differences = np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)
        means.append(float(differences.mean()))
        drawn.append(_resampled(differences, random, samples))
    macro = np.mean(drawn, axis=0)
    low, high = (float(value) for value in np.quantile(macro, (0.025, 0.975)))
    return Difference(float(np.mean(means)), low, high, float((macro <= 0).mean()))


def _resampled(differences: NDArray[np.float64], random: np.random.Generator, samples: int) -> NDArray[np.float64]:
    """(samples,) means of as many differences drawn with replacement."""
    count = len(differences)
    blocks = [min(_BLOCK, samples - done) for done in range(0, samples, _BLOCK)]
    return np.concatenate([differences[random.integers(0, count, (block, count))].mean(axis=1) for block in blocks])
