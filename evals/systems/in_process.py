"""The service without sockets, models or a database: the real HTTP API, index and search over documents in memory."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import numpy as np
from numpy.typing import NDArray

from api.http.app import create_app
from api.http.auth import READ, Authenticator
from evals.systems.memory_store import MemoryStore
from retrieval.index.access import AccessIndex
from retrieval.index.legs import Legs
from retrieval.protocols import PassageWriter, QueryEmbedder, Reranker
from retrieval.search.hybrid import HybridSearch
from retrieval.search.names import NameIndex
from retrieval.types import Principal, SearchOptions

_SECRET = b"in-process" * 4
_REQUEST_ID = b"3f0c1a52-6d1e-4b44-9a55-0d8f3f6f7c11"  # each would have one of its own


class _Tokens:
    """Implements `api.http.auth.Tokens` over a secret of our own."""

    def read(self, token: str) -> tuple[str, frozenset[str], frozenset[str], datetime]:
        claims = jwt.decode(token, _SECRET, algorithms=["HS256"])
        return claims["sub"], frozenset(claims["groups"]), frozenset({READ}), datetime.max.replace(tzinfo=UTC)


_AUTHENTICATOR = Authenticator(keys=None, tokens=_Tokens())  # type: ignore[arg-type]  # tokens only


def digest(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode()).digest()


class HashEmbedder:
    """A few distinct unit vectors chosen by the text's hash, so that different texts tie."""

    name = "hash"

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension

    def embed_query(self, text: str) -> NDArray[np.float32]:
        vector = np.array([byte % 3 - 1 for byte in digest(text)[: self.dimension]], np.float64)
        vector[0] += 2.0
        return np.asarray(vector / np.linalg.norm(vector), np.float32)

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self.embed_query(text) for text in texts])


class HashReranker:
    """A logit from the pair's hash; few values, so that pairs tie."""

    name = "hash"

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([digest(query, text)[0] % 4 - 2 for text in texts], np.float32)


class HashWriter:
    """Imagines the question's words backwards."""

    async def write(self, question: str, *, cache_salt: str) -> str:
        return " ".join(reversed(question.split()))


@dataclass(frozen=True)
class Models:
    """What a search asks: without a reranker it does not rerank, without a writer it guesses no answer."""

    embedder: QueryEmbedder
    reranker: Reranker | None = None
    writer: PassageWriter | None = None


class Process:
    """One process of the service; several may share a store and a segment folder. Has what the search route needs."""

    def __init__(
        self,
        store: MemoryStore,
        root: Path,
        models: Models,
        options: SearchOptions | None = None,
        legs: Legs | None = None,
    ) -> None:
        self.authenticator = _AUTHENTICATOR
        self.numbers = store
        self.index = AccessIndex(store, store, root, dimension=models.embedder.dimension)
        self.search = HybridSearch(
            self.index, store, models.embedder, models.reranker, options, models.writer, legs, NameIndex(store)
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What went over the wire, without the times that it took."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class Api:
    """The FastAPI application, called as ASGI on one event loop."""

    def __init__(self) -> None:
        self._app = create_app(None)  # `search` says which process answers
        self._loop = asyncio.new_event_loop()

    def close(self) -> None:
        self._loop.close()

    def search(self, process: Process, body: bytes, authorization: str) -> Reply:
        """POST /v1/search."""
        self._app.state.parts = process
        return self._loop.run_until_complete(self._post(body, authorization))

    async def _post(self, body: bytes, authorization: str) -> Reply:
        incoming = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[Any] = []

        async def receive() -> Any:
            return incoming.pop() if incoming else await asyncio.get_running_loop().create_future()  # nobody leaves

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"content-type", b"application/json"), (b"authorization", authorization.encode())]
        headers.append((b"x-request-id", _REQUEST_ID))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/v1/search",
            "raw_path": b"/v1/search",
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        await self._app(scope, receive, send)
        content = b"".join(message.get("body", b"") for message in sent[1:])
        return Reply(sent[0]["status"], _timeless(sent[0]["headers"]), content)


def search_body(query: str, **options: Any) -> bytes:
    """The body of POST /v1/search."""
    return json.dumps({"query": query, **options}).encode()


def bearer(principal: Principal) -> str:
    """The Authorization header of this person."""
    claims = {"sub": principal.user, "groups": sorted(principal.groups), "exp": datetime.now(UTC) + timedelta(hours=12)}
    return f"Bearer {jwt.encode(claims, _SECRET, algorithm='HS256')}"


def _timeless(headers: Sequence[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    """All headers but the date; of the timings, which there are."""
    kept = ((name, value) for name, value in headers if name != b"date")
    return tuple((name, re.sub(rb"dur=[0-9.e+-]+", b"", value)) for name, value in kept)
