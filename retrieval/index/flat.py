"""FAISS over float32 vectors, range by range: on the CPU for small views, on a GPU for any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.index.view import SegmentView

Found = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]
Best = tuple[NDArray[np.float32], NDArray[np.int64]]  # (scores, rows), (k,) each, best first
Search = Callable[[NDArray[np.float32], Any, int], Best]


def faiss_knn(query: NDArray[np.float32], vectors: Any, k: int) -> Best:
    """The k rows with the largest inner products."""
    import faiss

    scores, rows = faiss.knn(query[None, :], vectors, k, metric=faiss.METRIC_INNER_PRODUCT)
    return scores[0], rows[0]


@dataclass(frozen=True, slots=True)
class FlatScan:
    """The first pass in float32: `search` finds the k best of some vectors, `most` is the largest k it can do."""

    search: Search = faiss_knn
    most: int = 2**31

    def bounds(self, part: SegmentView, query: NDArray[np.float32], k: int, vectors: Any) -> Found:
        """(rows, lower, upper), see `dense.Bounds`, of unit vectors; `vectors`: those of the segment, sliceable."""
        margin = len(query) * 2.0**-23 * float(np.linalg.norm(query))  # no float32 sum of d products is off by more
        found = [
            self._range(vectors, int(first), int(last), query, k, margin)
            for first, last in zip(part.starts, part.stops, strict=True)
        ]
        rows, scores, margins = (np.concatenate(column) for column in zip(*found, strict=True))
        return rows, scores - margins, scores + margins

    def _range(
        self, vectors: Any, first: int, last: int, query: NDArray[np.float32], k: int, margin: float
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """The k best rows of one range and every row that may tie with the last of them: (rows, scores, margins)."""
        count = last - first
        take = min(2 * k, count)
        while take <= self.most:
            scores, rows = self.search(query, vectors[first:last], take)
            if take == count or scores[-1] < scores[min(k, take) - 1] - 2 * margin:
                return rows.astype(np.int64) + first, scores.astype(np.float64), np.full(take, margin)
            take = min(2 * take, count)
        return np.arange(first, last, dtype=np.int64), np.zeros(count), np.full(count, np.inf)
