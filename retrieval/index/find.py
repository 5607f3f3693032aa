"""Both legs of hybrid search over a view: the exact top k of each, every row scored exactly by both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.index.dense import CpuScan, Rows, Scan, Scores, exact, nearest
from retrieval.index.segment import documents_of
from retrieval.index.sparse import bm25, coverage
from retrieval.index.view import SegmentView, View
from retrieval.index.workers import thread_count
from retrieval.types import DOCUMENT

Ranked = tuple[Rows, Scores]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Rows in the order of their content ids, (n,) each; `floor` is the BM25 score of a row without any term.

    `sparse` is rank_bm25's BM25Plus; `coverage` what BM25+ as published adds to it, see `sparse.coverage`.
    """

    ids: NDArray[np.bytes_]  # S32
    dense: Scores
    sparse: Scores
    coverage: Scores
    documents: NDArray[np.bytes_]  # DOCUMENT
    floor: float


def find(
    view: View,
    vector: NDArray[np.float32],
    query_terms: Sequence[str],
    k: int,
    *,
    scan: Scan | None = None,
    threads: int = 0,
    lap: Callable[[str], object] = lambda leg: None,
) -> Found:
    """The k nearest rows and the k best by BM25 (fewer if fewer hold a term), ties by content id, once each.

    A function of the visible rows and the query alone: not of hidden rows, of how the rows are spread over
    segments, of the first pass `scan`, or of `threads` (0: as many as the machine has). `lap` is told of each leg when
    it is at its end.
    """
    threads = threads or thread_count()
    near = _top(view, nearest(view, vector, k, scan or CpuScan(threads)), k)
    lap("dense")
    found = bm25(view, query_terms, k, [rows for rows, _ in near], threads)
    lap("sparse")
    best = _top(view, [(matches.rows, matches.scores) for matches in found.matches], k)
    columns = [
        _union(part, mine, matches.wanted, others, vector, spans, found.idf)
        for part, mine, matches, others, spans in zip(
            view.segments, near, found.matches, best, found.spans, strict=True
        )
    ]
    empty = (np.zeros(0, "S32"), np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0, DOCUMENT))
    ids, dense, sparse, covered, documents = (np.concatenate(column) for column in zip(empty, *columns, strict=True))
    order = np.argsort(ids)
    return Found(ids[order], dense[order], sparse[order], covered[order], documents[order], found.floor)


def _union(
    part: SegmentView,
    near: Ranked,
    wanted: Scores,
    best: Ranked,
    vector: NDArray[np.float32],
    spans: tuple[Rows, Rows],
    idf: Sequence[float],
) -> tuple[NDArray[np.bytes_], Scores, Scores, Scores, NDArray[np.bytes_]]:
    """(ids, dense, sparse, coverage, documents) of one segment's rows; `wanted` the BM25 scores of those `near`."""
    segment = part.segment
    new = ~_is_in(best[0], near[0])
    rows = np.concatenate([near[0], best[0][new]])
    dense = np.concatenate([near[1], exact(segment.vectors, best[0][new], vector)])
    sparse = np.concatenate([wanted, best[1][new]])
    slots = np.searchsorted(segment.slot_starts, rows, side="right") - 1
    covered = coverage(segment, rows, spans, idf)
    return segment.chunk_ids[rows], dense, sparse, covered, documents_of(segment.slot_keys[slots])


def _is_in(rows: Rows, others: Rows) -> NDArray[np.bool_]:
    """(len(rows),) True where a row is one of the others; both ascending."""
    if not len(others):
        return np.zeros(len(rows), np.bool_)
    at = np.minimum(np.searchsorted(others, rows), len(others) - 1)
    return np.asarray(others[at] == rows, np.bool_)


def _top(view: View, found: Sequence[Ranked], k: int) -> list[Ranked]:
    """The k best of all, in their places; of those that tie with the last, the ones with the least content ids."""
    scores = np.concatenate([np.zeros(0), *(scores for _, scores in found)])
    if len(scores) <= k:
        return list(found)
    least = np.partition(scores, len(scores) - k)[len(scores) - k]
    if np.count_nonzero(scores >= least) == k:
        return [(rows[values >= least], values[values >= least]) for rows, values in found]
    places = k - int(np.count_nonzero(scores > least))
    tied = [rows[scores == least] for rows, scores in found]
    ids = [part.segment.chunk_ids[rows] for part, rows in zip(view.segments, tied, strict=True)]
    last = _smallest(np.concatenate(ids), places)[-1]
    result = []
    for part, (rows, values) in zip(view.segments, found, strict=True):
        keep = values > least
        at = np.flatnonzero(values == least)
        keep[at[part.segment.chunk_ids[rows[at]] <= last]] = True
        result.append((rows[keep], values[keep]))
    return result


def _smallest(ids: NDArray[np.bytes_], count: int) -> NDArray[np.bytes_]:
    """The `count` smallest content ids, ascending."""
    heads = np.ascontiguousarray(ids).view(">u8").reshape(len(ids), -1)[:, 0].astype(np.uint64)
    ids = ids[heads <= np.partition(heads, count - 1)[count - 1]]  # integers first: of a million ties few remain
    ids.sort()
    return ids[:count]
