"""What retrieval needs from others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.types import CatalogChanges, ChunkText, IndexRow, Principal


class QueryEmbedder(Protocol):
    """Text to unit vectors, float32: a question to (dimension,), passages to (n, dimension)."""

    name: str
    dimension: int

    def embed_query(self, text: str) -> NDArray[np.float32]: ...

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


class Reranker(Protocol):
    """Relevance of each text to the query: (n,) logits; each depends on its own pair only."""

    name: str

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]: ...


class PassageWriter(Protocol):
    """Imagines a passage that would answer a question, for HyDE."""

    async def write(self, question: str, *, cache_salt: str) -> str:
        """Two or three sentences; "" if the model cannot be had. What the model computes for one salt, such as a view's
        digest, is not reused for another."""
        ...


class Catalog(Protocol):
    """Which versions there are and who may read them. Read without row-level security: the first enforcer."""

    def generation(self) -> int:
        """A number that grows with every change to documents or labels; cheap to read."""
        ...

    def changes(self, since: int) -> CatalogChanges:
        """All that changed after generation `since`, read in one transaction; since -1: everything."""
        ...

    def index_rows(self, keys: Sequence[bytes]) -> Iterable[tuple[IndexRow, NDArray[np.float32]]]:
        """The chunks of the given KEYs (48 bytes each) with their vectors, grouped by key in the order asked
        for, by ordinal within; a key that no version has any more has none."""
        ...


class ChunkReader(Protocol):
    """Reads chunk text for a principal under the store's own row-level security: the second enforcer."""

    def read(self, chunk_ids: Sequence[str], principal: Principal, as_of: date | None = None) -> Sequence[ChunkText]:
        """The chunks that this principal may read, in the order asked for; others are left out silently.

        Each is read as part of the newest version with its content, of those in force on `as_of` if given.
        """
        ...

    def neighbours(self, chunk: ChunkText, principal: Principal, reach: int) -> Sequence[ChunkText]:
        """The chunks of the same version up to `reach` ordinals before and after, itself included."""
        ...

    def parent(self, chunk: ChunkText, principal: Principal) -> ChunkText | None:
        """What is shown where this chunk is found, under the chunk's id: the span `chunk.parent` of the same version;
        None without one, and where it cannot be read any more."""
        ...

    def holding(
        self, chunk: ChunkText, principal: Principal, words: Sequence[str], limit: int = 32
    ) -> Sequence[ChunkText]:
        """The first `limit` chunks of the same version, in their order, whose text or last heading holds one of `words`
        as written but for case."""
        ...


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """A published index segment: its folder name, the folder lists its keys, and how many rows it holds."""

    name: str
    rows: int


class SegmentManifest(Protocol):
    """The published segments. `replace` is one transaction: readers see the old list or the new one."""

    def list(self) -> Sequence[SegmentInfo]: ...

    def replace(self, removed: Sequence[str], added: SegmentInfo | None) -> None:
        """Raises `SegmentsChanged` if one of `removed` is gone already."""
        ...

    def publishing(self) -> AbstractContextManager[bool]:
        """The right to publish, held by one process at a time; False if another one has it. Never waits."""
        ...


@dataclass(frozen=True, slots=True)
class Sight:
    """The visible part of one index segment. `mark`: a digest of which of its versions are visible; `slots`: they, a
    bit each, as `numpy.packbits` packs them, or b"" where the host is thought to have them from before."""

    segment: str
    mark: bytes
    slots: bytes = b""


@dataclass(frozen=True, slots=True)
class Unseen:
    """Instead of a reply: of these sights, by their places, the host has no `slots`. Ask again with them."""

    places: tuple[int, ...]


class Hosts(Protocol):
    """Machines that hold segments. They know nothing of who asks, and keep nothing but immutable segments: what may be
    seen comes with each request, so none of them can be behind the catalog."""

    def living(self) -> Sequence[str]:
        """The names of those that can be asked now; cheap, so it may be some seconds old."""
        ...

    def ask(self, host: str, sights: Sequence[Sight], request: object) -> Future[Any]:
        """The reply to a request, see `retrieval.index.cluster.requests`, or `Unseen`. From the future come `HostLost`
        (the host, or the way to it, is gone) and `SegmentMissing` (a segment is not there, or damaged)."""
        ...

    def doubt(self, host: str) -> None:
        """It has failed: from now on `living` leaves it out until it is known to answer again."""
        ...
