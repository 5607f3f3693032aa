"""BM25 over a view, equal to `rank_bm25.BM25Plus` fitted on just the rows of that view."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.index.view import View

K1, B, DELTA = 1.5, 0.75, 1.0  # rank_bm25's defaults


def bm25(view: View, query_terms: Sequence[str]) -> tuple[list[NDArray[np.float64]], float]:
    """BM25+ of every row, one (n,) array per segment view, and the score of a row that holds no term.

    Rows outside the view hold that floor and mean nothing.

    Lv and Zhai 2011, "Lower-bounding term frequency normalization". Document frequency, N and mean length
    are counted over the visible rows, so that no hidden row can move a score. As in rank_bm25, a term
    adds idf * delta to every row once it occurs in the view at all.
    """
    scores = [np.zeros(len(part.segment)) for part in view.segments]
    floor = 0.0
    for term in query_terms:
        hits = []
        for part in view.segments:
            rows, counts = part.segment.postings(term)
            seen = part.mask[rows]
            hits.append((rows[seen], counts[seen].astype(np.float64)))
        frequency = sum(len(rows) for rows, _ in hits)
        if frequency == 0:
            continue
        idf = math.log((view.row_count + 1) / frequency)
        floor += idf * DELTA
        for part, (rows, tf), score in zip(view.segments, hits, scores, strict=True):
            length = part.segment.lengths[rows] / view.mean_length
            score[rows] += idf * (tf * (K1 + 1)) / (K1 * (1 - B + B * length) + tf)
    return [score + floor for score in scores], floor
