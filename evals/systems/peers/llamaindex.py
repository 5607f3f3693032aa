"""LlamaIndex's QueryFusionRetriever over BM25Retriever (bm25s) and a VectorStoreIndex, reciprocal rerank fusion."""

# mypy: disable-error-code="import-not-found,misc"
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llama_index.core import VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.llms import MockLLM
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import TextNode
from llama_index.core.vector_stores import FilterOperator, MetadataFilter, MetadataFilters
from llama_index.retrievers.bm25 import BM25Retriever
from pydantic import PrivateAttr

from evals.systems.peers import Search
from ingest.protocols import Embedder


class _Embedding(BaseEmbedding):
    """One of our embedders where LlamaIndex takes its own."""

    _embedder: Embedder = PrivateAttr()

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(model_name=embedder.name)
        self._embedder = embedder

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._embedder.embed_documents(texts).tolist()  # type: ignore[no-any-return]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._embedder.embed_query(query).tolist()  # type: ignore[no-any-return]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


def build(texts: Sequence[str], embedder: Embedder, tiers: Sequence[int] | None = None) -> Search:
    """No query generation (`num_queries=1`), so no language model. The row's tier is metadata that is neither
    embedded nor tokenised. A filter is part of a BM25Retriever, so each tier has one over the same index."""
    nodes = [
        TextNode(
            text=text,
            id_=str(row),
            metadata={"tier": tiers[row]} if tiers else {},
            excluded_embed_metadata_keys=["tier"],
        )
        for row, text in enumerate(texts)
    ]
    index = VectorStoreIndex(nodes, embed_model=_Embedding(embedder), insert_batch_size=len(nodes))
    whole = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=min(10, len(nodes)))
    made: dict[tuple[int, int | None], QueryFusionRetriever] = {}

    def retriever(k: int, tier: int | None) -> QueryFusionRetriever:
        filters = None
        if tier is not None:
            filters = MetadataFilters(filters=[MetadataFilter(key="tier", value=tier, operator=FilterOperator.LTE)])
        kept: dict[str, Any] = {} if filters is None else {"filters": filters}
        sparse = BM25Retriever(existing_bm25=whole.bm25, similarity_top_k=k, **kept)
        sparse.corpus = whole.corpus
        return QueryFusionRetriever(
            [sparse, index.as_retriever(similarity_top_k=k, **kept)],
            llm=MockLLM(),
            similarity_top_k=k,
            num_queries=1,
            mode="reciprocal_rerank",
            use_async=False,
        )

    def search(query: str, k: int, tier: int | None = None) -> Sequence[int]:
        k = min(k, len(nodes))
        if (k, tier) not in made:
            made[k, tier] = retriever(k, tier)
        return [int(found.node.node_id) for found in made[k, tier].retrieve(query)]

    return search
