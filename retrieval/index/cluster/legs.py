"""The legs of search over many machines: two passes over all segments of a view, put together as on one machine.

The scores of a row depend on the row, the query and the sums over the view alone, see `requests`; so however the
segments are placed, and whichever host answers, the result is the same, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from retrieval.index.cluster.gathering import Gathering
from retrieval.index.cluster.requests import Count, First, Languages, Near, Rank, Request, Second
from retrieval.index.dense import Rows, Scores
from retrieval.index.find import Found, Scored
from retrieval.index.legs import Ranking
from retrieval.index.sparse import Weights
from retrieval.index.view import View
from retrieval.index.workers import thread_count

Reply = tuple[Sequence[int], Any]  # the places of some segments in the view, and what was replied about them


class ClusterLegs:
    """`retrieval.index.legs.Legs`. Published segments are asked of hosts; those that only this process has it searches
    itself, while it waits."""

    def __init__(self, gathering: Gathering, *, threads: int = 0) -> None:
        self._gathering = gathering
        self._threads = threads
        self._languages: WeakKeyDictionary[View, frozenset[str]] = WeakKeyDictionary()

    def find(
        self, view: View, vector: NDArray[np.float32], terms: Sequence[str], k: int, lap: Callable[[str], object]
    ) -> Found:
        asked = First(vector, tuple(terms), k)
        replies = self._replies(view, lambda places: asked)
        near = _nearest(len(view.segments), replies, k)
        lap("dense")
        weights = Weights.of(view, _sum(len(terms), [reply.frequencies for _, reply in replies]))
        scored = _joined(
            self._replies(
                view, lambda places: Second(vector, asked.terms, k, weights, tuple(near[place] for place in places))
            )
        )
        lap("sparse")
        return _kept(scored, k).found(weights.floor)

    def ranked(self, view: View, terms: Sequence[str], k: int) -> Ranking:
        asked = tuple(terms)
        counts = [reply for _, reply in self._replies(view, lambda places: Count(asked))]
        weights = Weights.of(view, _sum(len(asked), counts))
        found = [reply for _, reply in self._replies(view, lambda places: Rank(asked, k, weights))]
        nothing = Ranking(np.zeros(0, "S32"), np.zeros(0, "S16"), np.zeros(0), 0.0, ())
        ids, documents, scores = (
            np.concatenate([getattr(one, name) for one in (nothing, *found)]) for name in ("ids", "documents", "scores")
        )
        least = np.partition(scores, len(scores) - k)[len(scores) - k] if len(scores) > k else -np.inf
        kept = scores >= least
        return Ranking(ids[kept], documents[kept], scores[kept], weights.floor, weights.idf)

    def languages(self, view: View) -> frozenset[str]:
        known = self._languages.get(view)
        if known is None:
            replies = self._replies(view, lambda places: Languages())
            known = self._languages[view] = frozenset[str]().union(*(reply for _, reply in replies))
        return known

    def _replies(self, view: View, request: Callable[[Sequence[int]], Request]) -> list[Reply]:
        elsewhere = [at for at, part in enumerate(view.segments) if part.segment.published]
        here = [at for at, part in enumerate(view.segments) if not part.segment.published]
        own: list[Reply] = []

        def search_here() -> None:
            if here:
                part = View(tuple(view.segments[at] for at in here), "")
                own.append((here, request(here).over(part, self._threads or thread_count())))

        replies = self._gathering.ask(
            [view.segments[at] for at in elsewhere],
            lambda places: request([elsewhere[place] for place in places]),
            search_here,
        )
        return own + [([elsewhere[place] for place in places], reply) for places, reply in replies]


def _sum(terms: int, frequencies: Sequence[Rows]) -> list[int]:
    return [int(value) for value in reduce(np.add, frequencies, np.zeros(terms, np.int64))]


def _nearest(count: int, replies: Sequence[tuple[Sequence[int], Near]], k: int) -> list[Rows]:
    """Of each of `count` segments the rows, ascending, that are among the k nearest of all."""
    none = np.zeros(0, np.int64)
    places = np.concatenate([none, *(np.array(own)[one.parts] for own, one in replies)])
    rows = np.concatenate([none, *(one.rows for _, one in replies)])
    scores = np.concatenate([np.zeros(0), *(one.scores for _, one in replies)])
    ids = np.concatenate([np.zeros(0, "S32"), *(one.ids for _, one in replies)])
    kept = _best(scores, ids, k)
    return [np.sort(rows[kept][places[kept] == at]) for at in range(count)]


def _joined(replies: Sequence[tuple[Sequence[int], Scored]]) -> Scored:
    none = np.zeros(0)
    nothing = Scored(none.astype("S32"), none, none, none, none.astype("S16"), none.astype(bool), none.astype(bool))
    every = [nothing, *(reply for _, reply in replies)]
    return Scored(*(np.concatenate([getattr(one, name) for one in every]) for name in Scored.__slots__))


def _kept(scored: Scored, k: int) -> Scored:
    """What is near, and of the best of each host the best of all."""
    best = np.flatnonzero(scored.best)
    kept = scored.near.copy()
    kept[best[_best(scored.sparse[best], scored.ids[best], k)]] = True
    return Scored(*(getattr(scored, name)[kept] for name in Scored.__slots__))


def _best(scores: Scores, ids: NDArray[np.bytes_], k: int) -> Rows:
    """Places of the k highest scores; of those that tie with the last, the ones with the least content ids."""
    return np.lexsort((ids, -scores))[:k]
