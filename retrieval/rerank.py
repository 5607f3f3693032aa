"""Cross-encoder reranking: each (question, text) pair scored on its own."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from ingest.protocols import Encoder


class CrossEncoderReranker:
    """Relevance logits of a cross-encoder (Nogueira and Cho 2019, arXiv 1901.04085) over an `Encoder`."""

    def __init__(self, encoder: Encoder, *, name: str, threads: int = 2) -> None:
        self.name = name
        self._encoder = encoder
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="rerank")

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n,) logits, higher is more relevant; a score depends on its own pair only."""
        rows = self._pool.map(lambda text: float(self._encoder.encode(query, text)[0]), texts)
        return np.fromiter(rows, np.float32, len(texts))
