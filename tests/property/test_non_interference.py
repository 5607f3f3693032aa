"""Invariant 1: a search over everything gives, byte for byte, what a search over only the readable documents gives.

The installation is made of the real index, segments on disk and hybrid search; the catalog, the segment list and
the chunk store are lists in memory that keep the same promises as PostgreSQL.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import retrieval.access
from api.schemas import SearchResponse
from ingest.types import chunk_id, document_id
from retrieval.access import AccessIndex
from retrieval.hybrid import HybridSearch, SearchOptions
from retrieval.protocols import SegmentInfo
from retrieval.types import ChunkText, IndexRow, Principal, SearchResult, VersionRef

DIMENSION = 4
WORDS = ("rent", "notice", "kestrel", "fee", "thirty", "the", "zebra")  # small: ties, duplicates, shared rare words
SOURCES = tuple(f"doc{number}" for number in range(6))
LABELS = tuple(
    frozenset(tokens.split())
    for tokens in ("group:legal", "group:hr", "user:ana", "group:legal user:ben", "group:everyone")
)
PRINCIPALS = (
    Principal("ana", frozenset({"legal"})),
    Principal("ben"),
    Principal("carla", frozenset({"hr", "legal"})),
    Principal("dora"),
)


def digest(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode()).digest()


class HashEmbedder:
    """A few distinct unit vectors chosen by the text's hash, so that different texts tie."""

    name = "hash"
    dimension = DIMENSION

    def embed_query(self, text: str) -> NDArray[np.float32]:
        vector = np.array([byte % 3 - 1 for byte in digest(text)[:DIMENSION]], np.float64)
        vector[0] += 2.0
        return np.asarray(vector / np.linalg.norm(vector), np.float32)


class HashReranker:
    """A logit from the pair's hash; few values, so that pairs tie."""

    name = "hash"

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([digest(query, text)[0] % 4 - 2 for text in texts], np.float32)


@dataclass(frozen=True)
class Stored:
    """The current version of one document."""

    source: str
    version: int
    texts: tuple[str, ...]
    allow: frozenset[str]

    @property
    def ref(self) -> VersionRef:
        content = hashlib.sha256("\n".join(self.texts).encode()).hexdigest()
        return VersionRef(document_id(self.source), self.version, content, self.allow)

    def chunks(self) -> Iterator[ChunkText]:
        ref, start = self.ref, 0
        for ordinal, text in enumerate(self.texts):
            end = start + len(text)
            name = chunk_id(ref.document_id, ref.content_sha256, start, end)
            yield ChunkText(
                name,
                ref.document_id,
                self.version,
                ref.content_sha256,
                "Title",
                self.source,
                ordinal,
                start,
                end,
                text,
                (),
                None,
            )
            start = end + 1


@dataclass
class Store:
    """Catalog, secured chunk reader and segment list in one. A change moves the generation on."""

    documents: dict[str, Stored] = field(default_factory=dict)
    segments: list[SegmentInfo] = field(default_factory=list)
    changes: int = 0

    def put(self, document: Stored) -> None:
        self.documents[document.source] = document
        self.changes += 1

    def generation(self) -> int:
        return self.changes

    def versions(self) -> tuple[int, Sequence[VersionRef]]:
        return self.changes, [document.ref for document in self.documents.values()]

    def index_rows(self, keys: Sequence[str]) -> Iterator[tuple[IndexRow, NDArray[np.float32]]]:
        current = {document.ref.key: document for document in self.documents.values()}
        for key in keys:
            for chunk in current[key].chunks() if key in current else ():
                yield IndexRow(chunk.chunk_id, key, chunk.indexed_text), HashEmbedder().embed_query(chunk.text)

    def read(self, chunk_ids: Sequence[str], principal: Principal) -> Sequence[ChunkText]:
        readable = {
            chunk.chunk_id: chunk
            for document in self.documents.values()
            if document.allow & principal.tokens
            for chunk in document.chunks()
        }
        return [readable[name] for name in chunk_ids if name in readable]

    def neighbours(self, chunk: ChunkText, principal: Principal, reach: int) -> Sequence[ChunkText]:
        raise NotImplementedError

    def list(self) -> Sequence[SegmentInfo]:
        return tuple(self.segments)

    def replace(self, removed: Sequence[str], added: SegmentInfo) -> None:
        self.segments = [*(info for info in self.segments if info.name not in removed), added]


class Installation:
    """A store with its index and search."""

    def __init__(self, root: Path, options: SearchOptions) -> None:
        self.store = Store()
        self.root = root
        self.options = options
        self.restart()

    def restart(self) -> None:
        """A new process over the same store and segment folder."""
        self.index = AccessIndex(self.store, self.store, self.root, dimension=DIMENSION)
        self.search = HybridSearch(self.index, self.store, HashEmbedder(), HashReranker(), self.options)

    def ask(self, query: str, principal: Principal, top_k: int) -> SearchResult:
        return self.search.search_now(query, principal, top_k)


texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)
bodies = st.lists(texts, min_size=1, max_size=4).map(tuple)
steps = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(SOURCES), bodies, st.sampled_from(LABELS)),
    st.tuples(st.just("put"), st.sampled_from(SOURCES), bodies, st.sampled_from(LABELS)),
    st.tuples(st.just("relabel"), st.sampled_from(SOURCES), st.sampled_from(LABELS)),
    st.tuples(st.just("delete"), st.sampled_from(SOURCES)),
    st.tuples(st.just("publish")),
    st.tuples(st.just("ask"), texts, st.sampled_from(PRINCIPALS)),
    st.tuples(st.just("restart")),
)
options = st.builds(
    SearchOptions,
    candidates=st.sampled_from((1, 2, 3, 100)),
    rerank=st.sampled_from((0, 2, 16)),
    fusion=st.sampled_from(("min_max", "rrf")),
)


def perform(installation: Installation, step: tuple) -> None:
    store, held = installation.store, installation.store.documents
    match step:
        case ("put", source, body, allow):
            store.put(Stored(source, held[source].version + 1 if source in held else 1, body, allow))
        case ("relabel", source, allow) if source in held:
            store.put(Stored(source, held[source].version, held[source].texts, allow))
        case ("delete", source) if source in held:
            del held[source]
            store.changes += 1
        case ("publish",):
            installation.index.publish()
        case ("ask", query, principal):
            installation.ask(query, principal, 3)
        case ("restart",):
            installation.restart()


def on_the_wire(result: SearchResult) -> bytes:
    """The response's bytes, without the times that it took."""
    body = SearchResponse.of(result).model_dump()
    del body["timings_ms"]
    return json.dumps(body, ensure_ascii=False).encode()


@pytest.fixture(scope="module", autouse=True)
def _merge_early() -> Iterator[None]:
    """Merging begins at three segments, so that short histories reach it; flushing to disk is tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrieval.access, "_SEGMENTS_KEPT", 3)
        patch.setattr("retrieval.index.segment._flush", lambda path: None)
        yield


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="footnote-segments-"))
    yield path
    shutil.rmtree(path)


EQUAL = [("put", source, ("zebra",), LABELS[0]) for source in sorted(SOURCES, key=document_id, reverse=True)]
TWINS = [("put", source, ("rent fee", "zebra"), LABELS[number % 2]) for number, source in enumerate(SOURCES)]


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    history=st.lists(steps, min_size=1, max_size=14),
    principal=st.sampled_from(PRINCIPALS),
    query=texts,
    top_k=st.sampled_from((1, 3, 50)),
    options=options,
)
@example(history=TWINS, principal=PRINCIPALS[0], query="zebra", top_k=3, options=SearchOptions(candidates=2))
@example(
    history=[*TWINS[:2], ("publish",), *TWINS[2:4], ("publish",), ("delete", "doc1"), *TWINS[4:]],
    principal=PRINCIPALS[0], query="rent zebra", top_k=50, options=SearchOptions(candidates=3),
)  # fmt: skip
@example(
    history=[*EQUAL[:3], ("publish",), *EQUAL[3:]],
    principal=PRINCIPALS[0],
    query="zebra",
    top_k=3,
    options=SearchOptions(candidates=2),
)  # equal rows in another order: more of them than candidates
def test_hidden_documents_change_nothing(
    folder: Path, history: list[tuple], principal: Principal, query: str, top_k: int, options: SearchOptions
) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as root:
        whole = Installation(Path(root, "whole"), options)
        for step in history:
            perform(whole, step)
        alone = Installation(Path(root, "alone"), options)
        for document in whole.store.documents.values():
            if document.allow & principal.tokens:
                alone.store.put(document)

        seen = whole.ask(query, principal, top_k)

        assert on_the_wire(seen) == on_the_wire(alone.ask(query, principal, top_k))
        assert seen.snapshot == alone.index.view(principal).digest
        readable = {document.source for document in alone.store.documents.values()}
        assert {hit.chunk.source for hit in seen.hits} <= readable
        if top_k == 50 and options.candidates == 100:
            assert len(seen.hits) == min(50, sum(len(d.texts) for d in alone.store.documents.values()))


@settings(max_examples=60, deadline=None)
@given(history=st.lists(steps, min_size=1, max_size=14), principal=st.sampled_from(PRINCIPALS), query=texts)
def test_layout_and_restarts_change_nothing(
    folder: Path, history: list[tuple], principal: Principal, query: str
) -> None:
    """The same documents answer alike whether they lie in memory, in many segments or in one that was reloaded."""
    with tempfile.TemporaryDirectory(dir=folder) as root:
        installation = Installation(Path(root), SearchOptions(candidates=3))
        for step in history:
            perform(installation, step)
        before = on_the_wire(installation.ask(query, principal, 50))
        installation.index.publish()
        published = on_the_wire(installation.ask(query, principal, 50))
        installation.restart()
        assert before == published == on_the_wire(installation.ask(query, principal, 50))
        shutil.rmtree(root)
        Path(root).mkdir()
        installation.restart()
        assert before == on_the_wire(installation.ask(query, principal, 50))
