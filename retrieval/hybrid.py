"""Access-filtered hybrid search: view, dense and sparse candidates, fusion, secured reading, reranking."""

from __future__ import annotations

import asyncio
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.access import AccessIndex
from retrieval.errors import InvalidQuery
from retrieval.fusion import min_max, rrf, weighted_min_max
from retrieval.index.dense import exact, nearest
from retrieval.index.sparse import bm25
from retrieval.index.tokens import terms
from retrieval.index.view import View
from retrieval.protocols import ChunkReader, QueryEmbedder, Reranker
from retrieval.types import Candidate, Hit, Principal, SearchResult

MAX_QUERY_CHARS = 4000


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """`candidates` per leg, `rerank` how many of the fused head the cross-encoder reads (0: off),
    `rerank_weight` its share in the final score, `fusion` "min_max" or "rrf"."""

    candidates: int = 100
    rerank: int = 16
    rerank_weight: float = 0.5
    fusion: str = "min_max"
    dense_weight: float = 0.65


class HybridSearch:
    """Implements `generation.protocols.Search`. The result depends on nothing that the principal may not read."""

    def __init__(
        self,
        index: AccessIndex,
        chunks: ChunkReader,
        embedder: QueryEmbedder,
        reranker: Reranker | None,
        options: SearchOptions | None = None,
    ) -> None:
        self._index = index
        self._chunks = chunks
        self._embedder = embedder
        self._reranker = reranker
        self.options = options or SearchOptions()

    async def search(self, query: str, principal: Principal, top_k: int) -> SearchResult:
        return await asyncio.to_thread(self.search_now, query, principal, top_k)

    def search_now(self, query: str, principal: Principal, top_k: int) -> SearchResult:
        """The `top_k` best chunks for the query among those that the principal may read."""
        query = clean_query(query)
        clock = _Clock()
        view = self._index.view(principal)
        clock.lap("view")
        vector = self._embedder.embed_query(query)
        clock.lap("embed")
        candidates = self._candidates(view, vector, query)
        clock.lap("index")
        hits = self._read(candidates[: max(top_k, self.options.rerank)], principal)
        clock.lap("read")
        hits = self._rerank(query, hits)
        clock.lap("rerank")
        return SearchResult(query, tuple(hits[:top_k]), view.digest, clock.laps)

    def _candidates(self, view: View, vector: NDArray[np.float32], query: str) -> list[Candidate]:
        """Union of both legs' candidates, each scored exactly by both, fused, best first."""
        k = self.options.candidates
        sparse, floor = bm25(view, terms(query))
        parts = []
        for at, near in nearest(view, vector, k):
            segment = view.segments[at].segment
            rows = np.union1d(near, _best(sparse[at], k, floor))
            parts.append((segment.chunk_ids[rows], exact(segment.vectors[rows], vector), sparse[at][rows]))
        if not parts:
            return []
        ids, dense_scores, sparse_scores = (np.concatenate(column) for column in zip(*parts, strict=True))
        keep = _head(dense_scores, ids, k) | (_head(sparse_scores, ids, k) & (sparse_scores > floor))
        ids, dense_scores, sparse_scores = ids[keep], dense_scores[keep], sparse_scores[keep]
        fused = self._fuse(dense_scores, sparse_scores, ids)
        return [
            Candidate(
                ids[i].decode(),
                float(fused[i]),
                {"dense": float(dense_scores[i]), "sparse": float(sparse_scores[i]), "fused": float(fused[i])},
            )
            for i in np.lexsort((ids, -fused))
        ]

    def _fuse(
        self, dense: NDArray[np.float64], sparse: NDArray[np.float64], ids: NDArray[np.bytes_]
    ) -> NDArray[np.float64]:
        if self.options.fusion == "rrf":
            return rrf(dense, sparse, ids)
        return weighted_min_max(dense, sparse, dense_weight=self.options.dense_weight)

    def _read(self, candidates: Sequence[Candidate], principal: Principal) -> list[Hit]:
        """Text under row-level security; a chunk which that refuses is not in the result."""
        by_id = {candidate.chunk_id: candidate for candidate in candidates}
        chunks = self._chunks.read(list(by_id), principal)
        return [Hit(chunk, by_id[chunk.chunk_id].score, by_id[chunk.chunk_id].scores) for chunk in chunks]

    def _rerank(self, query: str, hits: list[Hit]) -> list[Hit]:
        """The head reordered by a blend of fused score and cross-encoder probability; the tail stays below it."""
        head, tail = hits[: self.options.rerank], hits[self.options.rerank :]
        if self._reranker is None or not head:
            return hits
        logits = self._reranker.score(query, [hit.chunk.indexed_text for hit in head]).astype(np.float64)
        relevance = 1.0 / (1.0 + np.exp(-logits))
        fused = min_max(np.array([hit.score for hit in head]))
        weight = self.options.rerank_weight
        blended = 1.0 + weight * relevance + (1.0 - weight) * fused
        scored = [
            Hit(hit.chunk, float(score), {**hit.scores, "rerank": float(logit)})
            for hit, score, logit in zip(head, blended, logits, strict=True)
        ]
        return sorted(scored, key=lambda hit: (-hit.score, hit.chunk.chunk_id)) + tail


def clean_query(query: str) -> str:
    """The query in NFC without control characters and outer blanks; raises `InvalidQuery`."""
    text = unicodedata.normalize("NFC", query)
    text = "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else c for c in text)
    text = " ".join(text.split())
    if not text:
        raise InvalidQuery("The question is empty: write what you want to know.")
    if len(text) > MAX_QUERY_CHARS:
        raise InvalidQuery(
            f"The question has {len(text):,} characters; the limit is {MAX_QUERY_CHARS:,}. Ask it in fewer words."
        )
    return text


def _best(scores: NDArray[np.float64], k: int, floor: float) -> NDArray[np.int64]:
    """Rows above the floor among the k best, with everything that ties with the last of them."""
    rows = np.flatnonzero(scores > floor)
    if len(rows) > k:
        matched = scores[rows]
        rows = rows[matched >= np.partition(matched, len(matched) - k)[len(matched) - k]]
    return rows


def _head(scores: NDArray[np.float64], ids: NDArray[np.bytes_], k: int) -> NDArray[np.bool_]:
    """(n,) True for the k best scores, ties broken by content id."""
    head = np.zeros(len(scores), np.bool_)
    head[np.lexsort((ids, -scores))[:k]] = True
    return head


class _Clock:
    """Milliseconds of each stage."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round((now - self._last) * 1000, 2)
        self._last = now
