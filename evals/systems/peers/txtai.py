"""txtai's hybrid index: Faiss and its own BM25 (`hybrid=True`), filtered with its SQL where a tier is given."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from txtai import Embeddings

from evals.systems.peers import Search
from ingest.protocols import Embedder

ALL = "select id from txtai where similar(:query)"
READABLE = "select id from txtai where similar(:query) and tier <= :tier"
_QUERY = "query: "  # marks a question on its way through txtai to our embedder


def build(texts: Sequence[str], embedder: Embedder, tiers: Sequence[int] | None = None) -> Search:
    """Everything as by default; rows and tiers are stored as content only if they are filtered by."""

    def transform(inputs: Sequence[str]) -> NDArray[np.float32]:
        if inputs[0].startswith(_QUERY):
            return np.stack([embedder.embed_query(text.removeprefix(_QUERY)) for text in inputs])
        return embedder.embed_documents(inputs)

    index = Embeddings(
        method="external",
        transform=transform,
        instructions={"query": _QUERY, "data": ""},
        hybrid=True,
        content=tiers is not None,
    )
    if tiers is None:
        index.index(enumerate(texts))
    else:
        rows = zip(texts, tiers, strict=True)
        index.index((row, {"text": text, "tier": tier}) for row, (text, tier) in enumerate(rows))

    def search(query: str, k: int, tier: int | None = None) -> Sequence[int]:
        if tiers is None:
            return [int(row) for row, _ in index.search(query, k)]
        sql = ALL if tier is None else READABLE
        return [int(row["id"]) for row in index.search(sql, k, parameters={"query": query, "tier": tier})]

    return search
