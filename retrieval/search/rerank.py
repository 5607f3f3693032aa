"""Cross-encoder reranking: each (question, text) pair scored on its own, no more pairs than it takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from ingest.protocols import Encoder
from retrieval.protocols import Reranker
from retrieval.types import Hit

_STEP = 8  # pairs between two looks at whether the head is settled
_HOPED = 0.6  # the relevance that an unread hit is given the benefit of


class CrossEncoderReranker:
    """Relevance logits of a cross-encoder (Nogueira and Cho 2019, arXiv 1901.04085) over an `Encoder`. `begin` is
    called in each of its threads."""

    def __init__(
        self, encoder: Encoder, *, name: str, threads: int = 2, begin: Callable[[], object] | None = None
    ) -> None:
        self.name = name
        self._encoder, self._threads = encoder, threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="rerank", initializer=begin)

    def beside(self, begin: Callable[[], object]) -> CrossEncoderReranker:
        """The same model with threads of its own: what is asked of the one never waits for the other's pairs."""
        return CrossEncoderReranker(self._encoder, name=self.name, threads=self._threads, begin=begin)

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n,) logits, higher is more relevant; a score depends on its own pair only."""
        rows = self._pool.map(lambda text: float(self._encoder.encode(query, text)[0]), texts)
        return np.fromiter(rows, np.float32, len(texts))


def rerank(hits: Sequence[Hit], reranker: Reranker, *, limit: int, weight: float, settle: int) -> list[Hit]:
    """The hits by score + `weight` * relevance, where relevance in [-1, 1] is a tenth of the clipped logit.

    At most `limit` hits are read, best first, each against its own `question`; one that is not read counts as
    irrelevant. Reading stops once no unread hit could get among the first `settle` even with a relevance of 0.6,
    which few reach.
    """
    read: list[Hit] = []
    while len(read) < min(limit, len(hits)):
        unread = hits[len(read) : min(len(read) + _STEP, limit)]
        if len(read) >= settle and sorted(hit.score for hit in read)[-settle] > unread[0].score + weight * _HOPED:
            break
        read += [
            replace(hit, score=hit.score + weight * _relevance(logit), scores={**hit.scores, "rerank": logit})
            for hit, logit in zip(unread, _logits(unread, reranker), strict=True)
        ]
    read = _placed(read)
    rest = [replace(hit, score=hit.score - weight) for hit in hits[len(read) :]]
    return sorted(read + rest, key=lambda hit: (-hit.score, hit.chunk.chunk_id))


def _placed(read: Sequence[Hit]) -> list[Hit]:
    """With their ranks by the cross-encoder alone."""
    order = sorted(range(len(read)), key=lambda at: (-read[at].scores["rerank"], read[at].chunk.chunk_id))
    ranks = {at: rank for rank, at in enumerate(order, 1)}
    return [replace(hit, ranks={**hit.ranks, "rerank": ranks[at]}) for at, hit in enumerate(read)]


def _logits(hits: Sequence[Hit], reranker: Reranker) -> list[float]:
    """The logit of each hit, neighbours with the same question scored side by side."""
    groups = [list(group) for _, group in groupby(hits, key=lambda hit: hit.question)]
    scores = [reranker.score(group[0].question, [hit.chunk.indexed_text for hit in group]) for group in groups]
    return [float(logit) for group in scores for logit in group]


def _relevance(logit: float) -> float:
    return max(-1.0, min(1.0, logit / 10.0))
