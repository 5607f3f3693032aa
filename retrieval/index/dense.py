"""Exact inner-product search over a view with FAISS, rescored in double precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.index.view import SegmentView, View

_MARGIN = 1e-5  # more than float32 summation can be off for unit vectors of up to 1,024 dimensions


def nearest(view: View, query: NDArray[np.float32], k: int) -> list[tuple[int, NDArray[np.int64]]]:
    """Rows of each segment view that can be among the k nearest: (index of the segment view, rows).

    A superset of the exact answer: everything within the rounding margin of the k-th score comes along,
    so that the caller's exact scores and tie-break decide, not the layout of the index.
    """
    found = [(at, *_scan(part, query, k)) for at, part in enumerate(view.segments)]
    scores = np.concatenate([scores for _, _, scores in found]) if found else np.zeros(0, np.float32)
    if len(scores) > k:
        threshold = float(np.partition(scores, len(scores) - k)[len(scores) - k]) - _MARGIN
        return [(at, rows[scores >= threshold]) for at, rows, scores in found]
    return [(at, rows) for at, rows, _ in found]


def exact(vectors: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n,) inner products in double precision; each depends on its own row only (no BLAS blocking)."""
    products: NDArray[np.float64] = vectors.astype(np.float64) * query.astype(np.float64)
    totals: NDArray[np.float64] = products.sum(axis=1)
    return totals


def _scan(part: SegmentView, query: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    rows, scores = [], []
    for first, last in part.ranges:
        near, found = _range(part.segment.vectors[first:last], query, k)
        rows.append(near + first)
        scores.append(found)
    return np.concatenate(rows), np.concatenate(scores)


def _range(
    vectors: NDArray[np.float32], query: NDArray[np.float32], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The k best rows of one range and every row that ties with the last of them."""
    import faiss

    take = min(k, len(vectors))
    while True:
        scores, rows = faiss.knn(query[None, :], vectors, take, metric=faiss.METRIC_INNER_PRODUCT)
        complete = take == len(vectors) or scores[0, -1] < scores[0, min(k, take) - 1] - _MARGIN
        if complete:
            return rows[0], scores[0]
        take = min(2 * take, len(vectors))
