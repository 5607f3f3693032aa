"""What retrieval needs from others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.types import ChunkText, IndexRow, Principal, VersionRef


class QueryEmbedder(Protocol):
    """Text of a question to a unit vector of shape (dimension,), float32."""

    name: str
    dimension: int

    def embed_query(self, text: str) -> NDArray[np.float32]: ...


class Reranker(Protocol):
    """Relevance of each text to the query: (n,) logits; each depends on its own pair only."""

    name: str

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]: ...


class Catalog(Protocol):
    """Which versions are current and who may read them. Read without row-level security: the first enforcer."""

    def generation(self) -> int:
        """A number that grows with every change to documents or labels; cheap to read."""
        ...

    def versions(self) -> tuple[int, Sequence[VersionRef]]:
        """The generation and, in the same transaction, every document's current version."""
        ...

    def index_rows(self, keys: Sequence[str]) -> Iterable[tuple[IndexRow, NDArray[np.float32]]]:
        """The chunks of the given versions (`VersionRef.key`) with their vectors, grouped by version in the
        order asked for, by ordinal within."""
        ...


class ChunkReader(Protocol):
    """Reads chunk text for a principal under the store's own row-level security: the second enforcer."""

    def read(self, chunk_ids: Sequence[str], principal: Principal) -> Sequence[ChunkText]:
        """The chunks that this principal may read, in the order asked for; others are left out silently."""
        ...

    def neighbours(self, chunk: ChunkText, principal: Principal, reach: int) -> Sequence[ChunkText]:
        """The chunks of the same version up to `reach` ordinals before and after, itself included."""
        ...


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """A published index segment: its folder name and the version keys whose rows it holds."""

    name: str
    keys: tuple[str, ...]


class SegmentManifest(Protocol):
    """The published segments. `replace` is one transaction: readers see the old list or the new one."""

    def list(self) -> Sequence[SegmentInfo]: ...

    def replace(self, removed: Sequence[str], added: SegmentInfo) -> None: ...
