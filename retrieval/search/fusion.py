"""Fusing the dense and the sparse ranking."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.index.find import Found
from retrieval.types import SearchOptions

RRF_K = 60


def fuse(found: Found, options: SearchOptions) -> NDArray[np.float64]:
    """(n,) scores in [0, 1], by the fusion that the options name. The sparse leg of a fusion is BM25+ as published."""
    if options.fusion == "dense":
        return min_max(found.dense)
    if options.fusion == "sparse":
        return min_max(found.sparse)
    sparse = found.sparse + found.coverage
    if options.fusion == "rrf":
        return min_max(rrf(found.dense, sparse, found.ids))
    return weighted_min_max(found.dense, sparse, dense_weight=options.dense_weight)


def rrf(dense: NDArray[np.float64], sparse: NDArray[np.float64], ids: NDArray[np.bytes_]) -> NDArray[np.float64]:
    """Reciprocal rank fusion (Cormack, Clarke and Buettcher 2009): sum of 1 / (60 + rank), (n,).

    Equal scores rank by content id, so that the result does not depend on the order of the rows.
    """
    return sum((1.0 / (RRF_K + ranks(scores, ids)) for scores in (dense, sparse)), np.zeros(len(ids)))


def weighted_min_max(
    dense: NDArray[np.float64], sparse: NDArray[np.float64], *, dense_weight: float = 0.65
) -> NDArray[np.float64]:
    """Convex combination of min-max normalised scores (Bruch, Gai and Ingber 2023, arXiv 2210.11934), (n,)."""
    return dense_weight * min_max(dense) + (1.0 - dense_weight) * min_max(sparse)


def min_max(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores scaled to [0, 1]; all equal scores become 0."""
    if len(scores) == 0:
        return scores
    low, high = float(scores.min()), float(scores.max())
    return (scores - low) / (high - low) if high > low else np.zeros_like(scores)


def ranks(scores: NDArray[np.float64], ids: NDArray[np.bytes_]) -> NDArray[np.float64]:
    """1-based rank of each row, best first, ties by id."""
    order = np.lexsort((ids, -scores))
    found = np.empty(len(scores))
    found[order] = np.arange(1, len(scores) + 1)
    return found


def places(found: Found, fused: NDArray[np.float64], candidates: int) -> list[dict[str, int]]:
    """Of each row its ranks, "dense", "sparse" and "fused"; of a leg where it is one of the `candidates` that the leg
    gave, which in the sparse one hold a word of the question."""
    legs = {"dense": ranks(found.dense, found.ids), "sparse": ranks(found.sparse, found.ids)}
    legs["sparse"][found.sparse <= found.floor] = np.inf
    rows: list[dict[str, int]] = [{} for _ in fused]
    for name, column in legs.items():
        for row, rank in zip(rows, column.tolist(), strict=True):
            if rank <= candidates:
                row[name] = int(rank)
    for row, rank in zip(rows, ranks(fused, found.ids).tolist(), strict=True):
        row["fused"] = int(rank)
    return rows
