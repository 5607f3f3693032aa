"""Haystack's InMemoryBM25Retriever and InMemoryEmbeddingRetriever, joined by reciprocal rank fusion."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from haystack import Document
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore

from evals.systems.peers import Search
from ingest.protocols import Embedder


def build(texts: Sequence[str], embedder: Embedder, tiers: Sequence[int] | None = None) -> Search:
    """The store as by default (BM25L, dot product, and our vectors are of unit length)."""
    store = InMemoryDocumentStore(shared=False)
    vectors = embedder.embed_documents(texts)
    store.write_documents(
        [
            Document(id=str(row), content=text, meta={"tier": tiers[row] if tiers else 0}, embedding=vector.tolist())
            for row, (text, vector) in enumerate(zip(texts, vectors, strict=True))
        ]
    )
    sparse, dense = InMemoryBM25Retriever(store), InMemoryEmbeddingRetriever(store)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion")

    def search(query: str, k: int, tier: int | None = None) -> Sequence[int]:
        kept: dict[str, Any] = {"top_k": k}
        if tier is not None:
            kept["filters"] = {"field": "meta.tier", "operator": "<=", "value": tier}
        found = [
            sparse.run(query=query, **kept)["documents"],
            dense.run(query_embedding=embedder.embed_query(query).tolist(), **kept)["documents"],
        ]
        return [int(document.id) for document in joiner.run(documents=found, top_k=k)["documents"]]

    return search
