"""The models of a measurement, each computing a text once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from evals.systems.vectors import CachedEmbedder, CachedReranker
from infra.models.manifest import Manifest
from infra.models.onnx import OnnxEncoder
from infra.models.store import ModelStore, default_cache_dir
from infra.settings import Settings
from ingest.embedding import SentenceTransformerEmbedder, onnx_embedder
from ingest.protocols import Embedder
from retrieval.search.rerank import CrossEncoderReranker

MINILM = "all-MiniLM-L6-v2"


def bench_cache() -> Path:
    """Where measurements keep what they need not make again."""
    return default_cache_dir() / "bench"


def fetched(name: str) -> Path:
    """Raises `ModelError` where a model is not on this machine, and says how to fetch it."""
    return ModelStore(default_cache_dir(), Manifest.load()).path(name)


class Models:
    """The configured embedder and reranker, and all-MiniLM-L6-v2; each is loaded when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store = ModelStore(default_cache_dir(), Manifest.load())
        self._cache = bench_cache()

    @cached_property
    def embedder(self) -> CachedEmbedder:
        name = self._settings.embedder
        folder = self._store.path(name)
        embedder: Embedder
        if (folder / "modules.json").exists():
            embedder = SentenceTransformerEmbedder(str(folder), name=name)
        else:
            embedder = onnx_embedder(folder, _encoder(folder), name=name, threads=self._settings.threads)
        return CachedEmbedder(embedder, self._cache, self._store.digest(name))

    @cached_property
    def minilm(self) -> CachedEmbedder:
        """As sentence-transformers runs it (extra `torch` or `peers`)."""
        embedder = SentenceTransformerEmbedder(str(self._store.path(MINILM)), name=MINILM, batch_size=32)
        return CachedEmbedder(embedder, self._cache, self._store.digest(MINILM))

    @cached_property
    def reranker(self) -> CachedReranker:
        name = self._settings.reranker
        encoder = _encoder(self._store.path(name))
        reranker = CrossEncoderReranker(encoder, name=name, threads=self._settings.threads)
        return CachedReranker(reranker, self._cache, self._store.digest(name))

    def digests(self, *, reranker: bool = False) -> Mapping[str, str]:
        """`name@digest` by role."""
        roles = {"embedder": self._settings.embedder} | ({"reranker": self._settings.reranker} if reranker else {})
        return {role: self._pinned(name) for role, name in roles.items()}

    def minilm_digests(self) -> Mapping[str, str]:
        return {"embedder": self._pinned(MINILM)}

    def _pinned(self, name: str) -> str:
        return f"{name}@{self._store.digest(name)[:12]}"


def _encoder(folder: Path) -> OnnxEncoder:
    return OnnxEncoder(folder / "model.onnx", folder / "tokenizer.json")
