"""What models computed once, kept in the user's cache folder by model digest and text hash."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evals.measuring.progress import progress
from ingest.protocols import Embedder
from retrieval.protocols import Reranker

_BLOCK = 64  # texts a write: what an interruption costs at most
Compute = Callable[[Sequence[str]], NDArray[np.float32]]


class Records:
    """Vectors of `width` float32 by key, in memory and in one file.

    A record is 32 bytes (sha256 of role and text) and the vector; records are only ever appended, under a lock,
    so that an interrupted run or one beside it loses nothing but what was being written.
    """

    def __init__(self, path: Path, width: int) -> None:
        self._record = np.dtype([("key", "u1", 32), ("vector", "<f4", (width,))])
        self._path = path
        self._width = width
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        rows = np.fromfile(path, self._record, path.stat().st_size // self._record.itemsize)
        self._held = dict(zip(map(bytes, rows["key"]), rows["vector"], strict=True))

    def get(self, task: str, role: str, texts: Sequence[str], compute: Compute) -> NDArray[np.float32]:
        """(n, width): of the texts known in this role as they are, of others as `compute` gives them."""
        keys = [hashlib.sha256(f"{role}\0{text}".encode()).digest() for text in texts]
        missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in self._held}.items())
        blocks = [missing[at : at + _BLOCK] for at in range(0, len(missing), _BLOCK)]
        if len(blocks) < 2:
            for block in blocks:
                self._keep(block, compute)
        else:
            with progress(task, len(blocks)) as step:
                for block in blocks:
                    self._keep(block, compute)
                    step(f"{len(block)} texts")
        return np.stack([self._held[key] for key in keys]) if keys else np.zeros((0, self._width), np.float32)

    def _keep(self, block: Sequence[tuple[bytes, str]], compute: Compute) -> None:
        records = np.zeros(len(block), self._record)
        records["key"] = np.frombuffer(b"".join(key for key, _ in block), np.uint8).reshape(-1, 32)
        records["vector"] = compute([text for _, text in block])
        with self._path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            end = file.seek(0, 2)
            file.seek(end - end % self._record.itemsize)  # over what a kill left half written
            file.write(records.tobytes())
        self._held.update(zip((key for key, _ in block), records["vector"], strict=True))


class CachedEmbedder:
    """An `Embedder` that asks another one only for texts that it has not seen."""

    def __init__(self, embedder: Embedder, folder: Path, digest: str) -> None:
        self.name = embedder.name
        self.dimension = embedder.dimension
        self._embedder = embedder
        self._records = Records(folder / f"{embedder.name}-{digest[:16]}.vectors", embedder.dimension)

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dimension) float32, rows of unit length."""
        return self._records.get(f"embedded with {self.name}", "passage", texts, self._embedder.embed_documents)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """(dimension,) float32 of unit length."""
        vectors: NDArray[np.float32] = self._records.get(
            "", "query", [text], lambda texts: np.stack([self._embedder.embed_query(text) for text in texts])
        )[0]
        return vectors


class CachedReranker:
    """A `Reranker` that scores each pair once: it can, because a score depends on its own pair only."""

    def __init__(self, reranker: Reranker, folder: Path, digest: str) -> None:
        self.name = reranker.name
        self._reranker = reranker
        self._records = Records(folder / f"{reranker.name}-{digest[:16]}.scores", 1)

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n,) logits."""
        return self._records.get("", query, texts, lambda missing: self._reranker.score(query, missing)[:, None])[:, 0]
