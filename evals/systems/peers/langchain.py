"""LangChain's EnsembleRetriever over BM25Retriever (rank-bm25) and a FAISS store: weights 0.5 and 0.5, c = 60."""

# mypy: disable-error-code="import-not-found,misc"
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_classic.retrievers import EnsembleRetriever
from langchain_community.retrievers import BM25Retriever
from langchain_community.vectorstores import FAISS
from langchain_core.embeddings import Embeddings

from evals.systems.peers import Search
from ingest.protocols import Embedder


class _Embeddings(Embeddings):
    """One of our embedders where LangChain takes its own."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._embedder.embed_documents(texts).tolist()  # type: ignore[no-any-return]

    def embed_query(self, text: str) -> list[float]:
        return self._embedder.embed_query(text).tolist()  # type: ignore[no-any-return]


def build(texts: Sequence[str], embedder: Embedder, tiers: Sequence[int] | None = None) -> Search:
    """Default preprocessing (`str.split`) and the default k1 and b of BM25Okapi.

    BM25Retriever has no filter: its whole list is fused, and what the asker may not read is dropped by us. FAISS
    filters the `fetch_k` rows it fetched (20 by default; k, if that is more).
    """
    metadatas = [{"row": row, "tier": tiers[row] if tiers else 0} for row in range(len(texts))]
    sparse = BM25Retriever.from_texts(list(texts), metadatas=metadatas)
    store = FAISS.from_texts(list(texts), _Embeddings(embedder), metadatas=metadatas)

    def search(query: str, k: int, tier: int | None = None) -> Sequence[int]:
        sparse.k = k
        kept: dict[str, Any] = {} if tier is None else {"filter": {"tier": {"$lte": tier}}, "fetch_k": max(20, k)}
        dense = store.as_retriever(search_kwargs={"k": k, **kept})
        ensemble = EnsembleRetriever(retrievers=[sparse, dense], weights=[0.5, 0.5])
        found = (document.metadata for document in ensemble.invoke(query))
        return [metadata["row"] for metadata in found if tier is None or metadata["tier"] <= tier]

    return search
