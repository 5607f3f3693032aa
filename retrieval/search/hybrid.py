"""Access-filtered hybrid search: view, clues, both legs, fusion, secured reading, near-duplicates, reranking."""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.languages import UNKNOWN, foreign, measured, primary
from retrieval.errors import SegmentMissing
from retrieval.index.legs import Legs, LocalLegs
from retrieval.index.view import View
from retrieval.protocols import ChunkReader, PassageWriter, QueryEmbedder, Reranker
from retrieval.search.duplicates import collapse
from retrieval.search.facts import by_facts
from retrieval.search.focus import named_documents
from retrieval.search.fusion import fuse, min_max, places
from retrieval.search.hyde import is_unsure, towards
from retrieval.search.meant import NOTHING, Meant, Probe
from retrieval.search.names import NameIndex
from retrieval.search.narrowing import narrowed
from retrieval.search.rerank import rerank
from retrieval.search.resolving import resolve
from retrieval.search.sharing import shared_out
from retrieval.text.queries import clean_query
from retrieval.text.terms import query_terms
from retrieval.types import EVERYTHING, ChunkText, Clue, Filter, Hit, Principal, Scope, SearchOptions, SearchResult
from retrieval.understanding import Understanding, support, understand

_TRIES = 3  # to search although segments were not there any more
_READ = 64  # chunks whose text is read before boosts, near-duplicates and reranking decide
_SETTLED = 5  # the best hits that the cross-encoder has to be sure of
_LEAST_READ = 8  # hits that the cross-encoder reads for a part of a question
_BOOSTS = {"clause": 0.3, "phrase": 0.3, "date": 0.1, "document": 0.1, "document_kind": 0.05}


class Views(Protocol):
    """What each principal may search: `retrieval.index.access.AccessIndex`."""

    def view(self, principal: Principal, as_of: date | None = None, groups: frozenset[str] | None = None) -> View: ...

    def without(self, names: Sequence[str]) -> None:
        """From now on views have other segments in the place of these, which cannot be opened."""
        ...


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A chunk that a probe found, with the score that it earned there, what it would be by the dense leg alone, and its
    ranks there."""

    chunk_id: str
    score: float
    question: str
    dense: float
    sparse: float
    near: float
    ranks: Mapping[str, int] = field(default_factory=dict)


class HybridSearch:
    """Implements `generation.protocols.Search`. The result depends on nothing that the principal may not read."""

    def __init__(
        self,
        index: Views,
        chunks: ChunkReader,
        embedder: QueryEmbedder,
        reranker: Reranker | None,
        options: SearchOptions | None = None,
        writer: PassageWriter | None = None,
        legs: Legs | None = None,
        names: NameIndex | None = None,
    ) -> None:
        self._index = index
        self._chunks = chunks
        self._embedder = embedder
        self._reranker = reranker
        self._writer = writer
        self._legs = legs or LocalLegs()
        self._names = names
        self._threads: Executor | None = None
        self.options = options or SearchOptions()

    def with_options(self, options: SearchOptions) -> HybridSearch:
        """The same search with other defaults."""
        other = copy(self)
        other.options = options
        return other

    def in_threads(self, threads: Executor) -> HybridSearch:
        """The same search in threads of its own, instead of those that the event loop has for everything."""
        other = copy(self)
        other._threads = threads
        return other

    def with_reranker(self, reranker: Reranker) -> HybridSearch:
        """The same search with another reranker."""
        other = copy(self)
        other._reranker = reranker
        return other

    def with_writer(self, writer: PassageWriter) -> HybridSearch:
        """The same search with another writer of hypotheses."""
        other = copy(self)
        other._writer = writer
        return other

    async def search(
        self,
        query: str,
        principal: Principal,
        top_k: int,
        *,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        options: SearchOptions | None = None,
    ) -> SearchResult:
        """As `search_now`; and once more with an imagined passage if the options ask for it."""
        options = options or self.options
        searched = partial(self.search_now, query, principal, top_k, as_of=as_of, only=only, options=options)
        result = await self._run(searched)
        if self._writer is None or options.hyde == "off" or (options.hyde == "unsure" and not is_unsure(result.hits)):
            return result
        started = time.perf_counter()
        passage = await self._writer.write(result.query, cache_salt=result.snapshot)
        if not passage:
            return result
        spent = {"hyde": _milliseconds(started), "first_pass": sum(result.timings_ms.values())}
        again = await self._run(partial(searched, hypothesis=passage))
        return replace(again, timings_ms={**spent, **again.timings_ms})

    async def _run(self, searched: Callable[[], SearchResult]) -> SearchResult:
        if self._threads is None:
            return await asyncio.to_thread(searched)
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._threads, context.run, searched)

    def scope(self, principal: Principal, *, as_of: date | None = None, only: Filter = EVERYTHING) -> Scope:
        """The documents that a search of the same principal, day and filter looks through, ascending."""
        view = narrowed(self._index.view(principal, as_of, only.groups), only, self._names)
        ids = [str(uuid.UUID(bytes=name.ljust(16, b"\0"))) for name in view.documents.tolist()]
        return Scope(tuple(sorted(ids)), self._snapshot(view))

    def search_now(
        self,
        query: str,
        principal: Principal,
        top_k: int,
        *,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        options: SearchOptions | None = None,
        hypothesis: str = "",
    ) -> SearchResult:
        """The `top_k` best chunks for the query among those that the principal may read.

        `as_of`: search the versions in force on that day instead of the newest; else the day that the question
        itself gives, if it does. `only`: search as if there were nothing else. Raises `InvalidQuery`, and
        `IndexUnavailable` where a part of the index cannot be had: never is one left out.
        """
        query, options = clean_query(query), options or self.options
        for _ in range(_TRIES):
            try:
                return self._searched(query, principal, top_k, as_of, only, options, hypothesis)
            except SegmentMissing as error:  # written anew by another process, or damaged
                self._index.without(error.names)
        return self._searched(query, principal, top_k, as_of, only, options, hypothesis)

    def _searched(
        self,
        query: str,
        principal: Principal,
        top_k: int,
        as_of: date | None,
        only: Filter,
        options: SearchOptions,
        hypothesis: str,
    ) -> SearchResult:
        clock = _Clock()
        understood = understand(query) if options.understand else NOTHING
        day = as_of or understood.as_of
        view = narrowed(self._index.view(principal, day, only.groups), only, self._names)
        clock.lap("view")
        meant = self._meant(view, query, understood, principal, day) if options.understand else Meant(query)
        clock.lap("names")
        imagined = self._embedder.embed_documents([hypothesis])[0] if hypothesis else None
        parts = meant.parts() if options.understand else ()
        ranked, read, told = [], set[str](), list(meant.resolved.named)
        for question in parts or (query,):
            own = self._meant(view, question, understood, principal, day) if parts else meant
            asked = meant.narrowed(own)
            known = {one.document_id for one in told}
            told += [one for one in own.resolved.named if one.document_id in {*asked.documents} - known]
            candidates = self._candidates(asked.probes(view, question), options, imagined, clock)
            clock.lap("fuse")
            wanted = max(_READ, 2 * top_k)
            across = options.across and options.fusion in {"min_max", "rrf"}
            hits = self._read(_nearest(candidates, wanted) if across else candidates[:wanted], principal, day)
            hits = _across(hits, candidates) if across else hits
            clock.lap("read")
            read |= {hit.chunk.document_id for hit in hits}
            hits = _boosted(hits, _clues_of(question, parts, understood.clues))
            ranked.append(self._settled(hits, options, asked.documents, top_k, len(parts) or 1))
            clock.lap("rerank")
        return SearchResult(
            query,
            tuple(shared_out(ranked, top_k) if parts else ranked[0][:top_k]),
            self._snapshot(view) if options.understand else view.digest,
            clock.laps,
            (*understood.clues, *meant.clues),
            parts,
            hypothesis,
            meant.asked(query),
            tuple(document for document in told if document.document_id in read),
            tuple(map(meant.asked, parts)),
        )

    def _snapshot(self, view: View) -> str:
        """Names what the result depends on: the view, and what people have said of its documents."""
        said = self._names.of(view).said if self._names else ""
        return hashlib.sha256(f"{view.digest}\0{said}".encode()).hexdigest() if said else view.digest

    def _settled(
        self, hits: list[Hit], options: SearchOptions, named: Sequence[str], top_k: int, parts: int
    ) -> list[Hit]:
        """Near-duplicates shown once, and the head as the cross-encoder has it; it reads as much for all the parts of
        a question as for one."""
        if options.collapse:
            hits = collapse(hits, max(top_k, options.rerank), named)
        if not (self._reranker and options.rerank) or _foreign(hits[: options.rerank]):
            return hits
        limit, settle = options.rerank, min(top_k, _SETTLED)
        if parts > 1:
            limit, settle = max(_LEAST_READ, limit // parts), max(1, min(settle, top_k // parts))
        return rerank(hits, self._reranker, limit=limit, weight=options.rerank_weight, settle=settle)

    def _meant(
        self, view: View, query: str, understood: Understanding, principal: Principal, day: date | None
    ) -> Meant:
        """The documents that the question, or a part of it, names: by what they are called, else by the facts that it
        asks for, else by what their chunks say."""
        if self._names:
            names = self._names.of(view)
            resolved = resolve(query, names, understood.named_spans(query))
            if resolved.documents:
                return Meant(query, understood, resolved.documents, resolved)
            documents, clues = by_facts(query, names)
            if documents:
                return Meant(query, understood, documents, clues=clues)
        found = named_documents(
            view, understood.names(query), lambda ids: self._chunks.read(ids, principal, day), self._legs
        )
        return Meant(query, understood, tuple(str(uuid.UUID(bytes=name.ljust(16, b"\0"))) for name in found.tolist()))

    def _candidates(
        self, probes: Sequence[Probe], options: SearchOptions, imagined: NDArray[np.float32] | None, clock: _Clock
    ) -> list[_Candidate]:
        """What the probes found, each chunk once with its best score, best first."""
        best: dict[str, _Candidate] = {}
        for probe in probes:
            for candidate in self._ranked(probe, options, imagined, clock):
                if candidate.chunk_id not in best or candidate.score > best[candidate.chunk_id].score:
                    best[candidate.chunk_id] = candidate
        return sorted(best.values(), key=lambda candidate: (-candidate.score, candidate.chunk_id))

    def _ranked(
        self, probe: Probe, options: SearchOptions, imagined: NDArray[np.float32] | None, clock: _Clock
    ) -> list[_Candidate]:
        vector = self._embedder.embed_query(probe.question)
        clock.lap("embed")
        if imagined is not None:
            vector = towards(vector, imagined)
        words = query_terms(probe.question, self._legs.languages(probe.view))
        found = self._legs.find(probe.view, vector, words, options.candidates, clock.lap)
        scores = fuse(found, options) + probe.lift
        near = min_max(found.dense) + probe.lift
        ranked = places(found, scores, options.candidates)
        legs = (found.dense.tolist(), found.sparse.tolist(), near.tolist(), ranked)
        columns = zip(found.ids.tolist(), scores.tolist(), *legs, strict=True)
        return [_Candidate(name.decode(), score, probe.question, *legs) for name, score, *legs in columns]

    def _read(self, candidates: Sequence[_Candidate], principal: Principal, day: date | None) -> list[Hit]:
        """Text under row-level security; a chunk which that refuses is not in the result."""
        by_id = {candidate.chunk_id: candidate for candidate in candidates}
        return [_hit(chunk, by_id[chunk.chunk_id]) for chunk in self._chunks.read(list(by_id), principal, day)]


def _nearest(candidates: Sequence[_Candidate], count: int) -> list[_Candidate]:
    """Those that are best, whichever language they turn out to be in."""
    return sorted(candidates, key=lambda found: (-max(found.score, found.near), found.chunk_id))[:count]


def _across(hits: Sequence[Hit], candidates: Sequence[_Candidate]) -> list[Hit]:
    """The hits with what those in another language than the question are worth by the dense leg alone."""
    near = {found.chunk_id: found.near for found in candidates}
    asked = {hit.question: foreign(hit.question) or "en" for hit in hits}
    return [
        replace(hit, score=max(hit.score, near[hit.chunk.chunk_id]))
        if primary(hit.chunk.language) not in {UNKNOWN, asked[hit.question]}
        else hit
        for hit in hits
    ]


def _foreign(hits: Sequence[Hit]) -> bool:
    """Whether the cross-encoder, which knows English alone, would read something else: then fusion's order stands."""
    return any(not measured(hit.chunk.language) for hit in hits) or any(map(foreign, {hit.question for hit in hits}))


def _hit(chunk: ChunkText, found: _Candidate) -> Hit:
    scores = {"dense": found.dense, "sparse": found.sparse, "fused": found.score}
    return Hit(chunk, found.score, scores, found.question, ranks=found.ranks)


def _clues_of(question: str, questions: Sequence[str], clues: Sequence[Clue]) -> list[Clue]:
    """Those of one part of the question, and those that none of its parts holds."""
    return [clue for clue in clues if clue.text in question or not any(clue.text in other for other in questions)]


def _boosted(hits: Sequence[Hit], clues: Sequence[Clue]) -> list[Hit]:
    """The hits by score, each lifted by as much as it is what the clues point at."""
    lifted = []
    for hit in hits:
        boost = sum(_BOOSTS.get(clue.kind, 0.0) * support(clue, hit.chunk) for clue in clues)
        if boost:
            hit = replace(hit, score=hit.score + boost, scores={**hit.scores, "boost": boost})
        lifted.append(hit)
    return sorted(lifted, key=lambda hit: (-hit.score, hit.chunk.chunk_id))


def _milliseconds(since: float) -> float:
    return round((time.perf_counter() - since) * 1000, 2)


class _Clock:
    """Milliseconds of each stage."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        spent, self._last = _milliseconds(self._last), time.perf_counter()
        self.laps[name] = round(self.laps.get(name, 0.0) + spent, 2)
