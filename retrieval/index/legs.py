"""What search asks of the index over one view, in this process or over many machines, with the same results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.index.dense import Scan, Scores
from retrieval.index.find import Found, find
from retrieval.index.sparse import Matches, Weights, bm25
from retrieval.index.view import View
from retrieval.types import DOCUMENT


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Rows by BM25 alone, in no order, (n,) each: content ids, documents (DOCUMENT), scores; the score of a row without
    any term, and the idf of each term of the query."""

    ids: NDArray[np.bytes_]  # S32
    documents: NDArray[np.bytes_]
    scores: Scores
    floor: float
    idf: tuple[float, ...]


class Legs(Protocol):
    """Each method is a function of the view's content and the query alone. Those over many machines raise
    `IndexUnavailable` where not all of the view can be searched, and never leave a part of it out."""

    def find(
        self, view: View, vector: NDArray[np.float32], terms: Sequence[str], k: int, lap: Callable[[str], object]
    ) -> Found:
        """The k best of each leg: `retrieval.index.find.find`."""
        ...

    def ranked(self, view: View, terms: Sequence[str], k: int) -> Ranking:
        """The k best by BM25, with all that tie with the last of them."""
        ...

    def languages(self, view: View) -> frozenset[str]:
        """`View.languages`."""
        ...


@dataclass(frozen=True, slots=True)
class LocalLegs:
    """In this process. `scan`: the first pass of the dense leg, by default on the CPU."""

    scan: Scan | None = None

    def find(
        self, view: View, vector: NDArray[np.float32], terms: Sequence[str], k: int, lap: Callable[[str], object]
    ) -> Found:
        return find(view, vector, terms, k, scan=self.scan, lap=lap)

    def ranked(self, view: View, terms: Sequence[str], k: int) -> Ranking:
        return ranked(view, terms, k)

    def languages(self, view: View) -> frozenset[str]:
        return view.languages


def ranked(view: View, terms: Sequence[str], k: int) -> Ranking:
    """`Legs.ranked` over segments in this process."""
    found = bm25(view, terms, k, [np.zeros(0, np.int64)] * len(view.segments))
    return ranking(view, found.matches, found.weights)


def ranking(view: View, matches: Sequence[Matches], weights: Weights) -> Ranking:
    """What BM25 found in each segment of the view."""
    empty = (np.zeros(0, "S32"), np.zeros(0, DOCUMENT), np.zeros(0))
    columns = [
        (part.segment.chunk_ids[one.rows], part.segment.documents_at(one.rows), one.scores)
        for part, one in zip(view.segments, matches, strict=False)
    ]
    ids, documents, scores = (np.concatenate(column) for column in zip(empty, *columns, strict=True))
    return Ranking(ids, documents, scores, weights.floor, weights.idf)
