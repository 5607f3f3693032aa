"""Both legs of hybrid search over a view: the exact top k of each, every row scored exactly by both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.index.dense import CpuScan, Rows, Scan, Scores, exact, nearest
from retrieval.index.sparse import bm25, coverage
from retrieval.index.view import View
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
    near = top(view, nearest(view, vector, k, scan or CpuScan(threads)), k)
    lap("dense")
    found = bm25(view, query_terms, k, [rows for rows, _ in near], threads)
    lap("sparse")
    best = top(view, [(matches.rows, matches.scores) for matches in found.matches], k)
    wanted = [(rows, matches.wanted) for (rows, _), matches in zip(near, found.matches, strict=True)]
    known = [scores for _, scores in near]
    rows = score_both(view, wanted, best, found.spans, vector, found.weights.idf, known)
    return rows.found(found.weights.floor)


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Rows in no order, the columns of `Found`, and of each row, (n,), in which leg it is among the best."""

    ids: NDArray[np.bytes_]
    dense: Scores
    sparse: Scores
    coverage: Scores
    documents: NDArray[np.bytes_]
    near: NDArray[np.bool_]
    best: NDArray[np.bool_]

    def found(self, floor: float) -> Found:
        at = np.argsort(self.ids)
        return Found(self.ids[at], self.dense[at], self.sparse[at], self.coverage[at], self.documents[at], floor)


def score_both(
    view: View,
    near: Sequence[Ranked],
    best: Sequence[Ranked],
    spans: Sequence[tuple[Rows, Rows]],
    vector: NDArray[np.float32],
    idf: Sequence[float],
    known: Sequence[Scores] = (),
) -> Scored:
    """Of each segment the rows that are near or best, once each, with both scores: those `near` come with what BM25
    says of them, the `best` with the same. `known`: the exact dense scores of those near, if they are there."""
    kinds = "S32", np.float64, np.float64, np.float64, DOCUMENT, np.bool_, np.bool_
    columns: list[list[NDArray[Any]]] = [[np.zeros(0, kind)] for kind in kinds]
    for at, (part, (rows, scores), others) in enumerate(zip(view.segments, near, best, strict=True)):
        segment, new = part.segment, ~_is_in(others[0], rows)
        every = np.concatenate([rows, others[0][new]])
        first = known[at] if known else exact(segment.vectors, rows, vector)
        cells = (
            segment.chunk_ids[every],
            np.concatenate([first, exact(segment.vectors, others[0][new], vector)]),
            np.concatenate([scores, others[1][new]]),
            coverage(segment, every, spans[at], idf),
            segment.documents_at(every),
            np.arange(len(every)) < len(rows),
            np.concatenate([_is_in(rows, others[0]), np.ones(int(new.sum()), np.bool_)]),
        )
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell)
    return Scored(*(np.concatenate(column) for column in columns))


def _is_in(rows: Rows, others: Rows) -> NDArray[np.bool_]:
    """(len(rows),) True where a row is one of the others; both ascending."""
    if not len(others):
        return np.zeros(len(rows), np.bool_)
    at = np.minimum(np.searchsorted(others, rows), len(others) - 1)
    return np.asarray(others[at] == rows, np.bool_)


def top(view: View, found: Sequence[Ranked], k: int) -> list[Ranked]:
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
