"""Embedders: text to unit vectors whose inner product is the cosine similarity."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.protocols import Encoder

BGE_QUERY_PREFIX = "Represent this sentence for searching relevant passages: "
SMALL_DIMENSION = 384  # of bge-small and of multilingual-e5-small
E5_QUERY_PREFIX, E5_PASSAGE_PREFIX = "query: ", "passage: "


class ClsEmbedder:
    """BGE-style embedder over an `Encoder`: the [CLS] state, normalised (Xiao et al. 2023, arXiv 2309.07597)."""

    def __init__(
        self, encoder: Encoder, *, name: str, dimension: int, query_prefix: str = BGE_QUERY_PREFIX, threads: int = 2
    ) -> None:
        self.name = name
        self.dimension = dimension
        self._encoder = encoder
        self._query_prefix = query_prefix
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="embed")

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dimension) float32, rows of unit length; each row is computed on its own."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        return np.stack(list(self._pool.map(self._embed, texts)))

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self._embed(self._query_prefix + text)

    def _embed(self, text: str) -> NDArray[np.float32]:
        state = self._encoder.encode(text)[0]
        return unit(state)


class MeanEmbedder:
    """E5-style embedder over an `Encoder`: the mean of the states of a text's own tokens, normalised, under the prefix
    that tells questions from passages (Wang et al. 2024, arXiv 2402.05672)."""

    def __init__(
        self,
        encoder: Encoder,
        *,
        name: str,
        dimension: int,
        query_prefix: str = E5_QUERY_PREFIX,
        passage_prefix: str = E5_PASSAGE_PREFIX,
        threads: int = 2,
    ) -> None:
        self.name = name
        self.dimension = dimension
        self._encoder = encoder
        self._query_prefix, self._passage_prefix = query_prefix, passage_prefix
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="embed")

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dimension) float32, rows of unit length; each row is computed on its own."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        return np.stack(list(self._pool.map(self._embed, [self._passage_prefix + text for text in texts])))

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self._embed(self._query_prefix + text)

    def _embed(self, text: str) -> NDArray[np.float32]:
        states = self._encoder.encode(text)
        return unit(states.mean(axis=0, dtype=np.float64).astype(np.float32))


def onnx_embedder(files: Path, encoder: Encoder, *, name: str, threads: int) -> ClsEmbedder | MeanEmbedder:
    """For the ONNX model of a folder: as E5 where its weights lie there too, else as BGE."""
    kind = MeanEmbedder if (files / "e5-small-q4.bin").exists() else ClsEmbedder
    return kind(encoder, name=name, dimension=SMALL_DIMENSION, threads=threads)


class SentenceTransformerEmbedder:
    """Any sentence-transformers model, for the `gpu` profile (extra `torch` or `gpu`).

    Rows are encoded one by one unless `batch_size` says otherwise: batching changes the last bits of a row.
    """

    def __init__(
        self, path: str, *, name: str, query_prefix: str = "", device: str = "cpu", batch_size: int = 1
    ) -> None:
        from sentence_transformers import SentenceTransformer

        self.name = name
        self._model: Any = SentenceTransformer(path, device=device)
        self.dimension = int(self._model.encode([""]).shape[1])
        self._query_prefix = query_prefix
        self._batch_size = batch_size

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        rows: NDArray[np.float32] = self._model.encode(
            list(texts), batch_size=self._batch_size, normalize_embeddings=True, show_progress_bar=False
        )
        return rows

    def embed_query(self, text: str) -> NDArray[np.float32]:
        row: NDArray[np.float32] = self.embed_documents([self._query_prefix + text])[0]
        return row


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vector scaled to length 1 (float32); the zero vector stays zero."""
    norm = float(np.linalg.norm(vector.astype(np.float64)))
    scaled: NDArray[np.float32] = np.asarray(vector / norm if norm else vector, np.float32)
    return scaled
