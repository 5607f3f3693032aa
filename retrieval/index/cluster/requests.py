"""What a host is asked of the visible rows of some segments, and what it replies: the two passes of a search.

Whatever depends on more than one segment (N, mean length, document frequencies, the k-th score) is put together by who
asks and sent back, so that the sums are those of one machine, bit for bit. A reply is a function of the request and of
the segments' content: any host that holds them gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.index.dense import CpuScan, Rows, Scores, nearest
from retrieval.index.find import Scored, score_both, top
from retrieval.index.legs import Ranking, ranking
from retrieval.index.sparse import Weights, count, score
from retrieval.index.view import View


class Request(Protocol):
    """What is asked of the visible rows of some segments."""

    def over(self, view: View, threads: int) -> Any:
        """The reply: of the segments of the view, in their order."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """The k nearest rows of some segments, (m,) each: the number of the segment, row, exact score, content id.
    frequencies (terms,): in how many visible rows each term of the query occurs."""

    parts: NDArray[np.int64]
    rows: Rows
    scores: Scores
    ids: NDArray[np.bytes_]
    frequencies: Rows


@dataclass(frozen=True, slots=True, eq=False)
class First:
    """The first pass: what is nearest, and the counts that BM25 needs."""

    vector: NDArray[np.float32]
    terms: tuple[str, ...]
    k: int

    def over(self, view: View, threads: int) -> Near:
        found = top(view, nearest(view, self.vector, self.k, CpuScan(threads)), self.k)
        frequencies = count(view, self.terms, threads).frequencies
        parts = np.repeat(np.arange(len(found)), [len(rows) for rows, _ in found])
        none = np.zeros(0, "S32")
        ids = [part.segment.chunk_ids[rows] for part, (rows, _) in zip(view.segments, found, strict=True)]
        rows, scores = (np.concatenate([np.zeros(0, kind), *one]) for kind, one in _by_column(found))
        return Near(parts, rows, scores, np.concatenate([none, *ids]), frequencies)


@dataclass(frozen=True, slots=True, eq=False)
class Second:
    """The second pass: BM25 with the weights of the whole view. `near`: of each segment the rows that are among the
    nearest of all, ascending."""

    vector: NDArray[np.float32]
    terms: tuple[str, ...]
    k: int
    weights: Weights
    near: tuple[Rows, ...]

    def over(self, view: View, threads: int) -> Scored:
        counted = count(view, self.terms, threads)
        matches = score(view, counted, self.weights, self.k, self.near, threads)
        best = top(view, [(one.rows, one.scores) for one in matches], self.k)
        near = [(rows, one.wanted) for rows, one in zip(self.near, matches, strict=True)]
        return score_both(view, near, best, counted.spans, self.vector, self.weights.idf)


@dataclass(frozen=True, slots=True, eq=False)
class Count:
    """In how many visible rows each term occurs: (terms,) int64."""

    terms: tuple[str, ...]

    def over(self, view: View, threads: int) -> Rows:
        return count(view, self.terms, threads).frequencies


@dataclass(frozen=True, slots=True, eq=False)
class Rank:
    """The k best by BM25 with the weights of the whole view, and all that tie with the last of them."""

    terms: tuple[str, ...]
    k: int
    weights: Weights

    def over(self, view: View, threads: int) -> Ranking:
        nothing = [np.zeros(0, np.int64)] * len(view.segments)
        matches = score(view, count(view, self.terms, threads), self.weights, self.k, nothing, threads)
        return ranking(view, matches, self.weights)


@dataclass(frozen=True, slots=True)
class Languages:
    """`View.languages`."""

    def over(self, view: View, threads: int) -> frozenset[str]:
        return view.languages


def _by_column(found: Sequence[tuple[Rows, Scores]]) -> list[tuple[type, list[NDArray[Any]]]]:
    return [(np.int64, [rows for rows, _ in found]), (np.float64, [scores for _, scores in found])]
