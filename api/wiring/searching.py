"""Search over the documents, and the context that answers are written from."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from api.wiring import cluster
from api.wiring.stores import Stores
from generation.gate.claims import sentence_spans
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.health import PostgresHealth
from infra.postgres.pool import Pool
from infra.postgres.segments import PostgresSegments
from infra.settings import Settings
from retrieval.context.context import ContextOptions, SectionContextBuilder
from retrieval.context.trimming import Trimmer
from retrieval.index.access import AccessIndex
from retrieval.index.gpu import FaissGpu, GpuScan
from retrieval.index.legs import Legs, LocalLegs
from retrieval.protocols import ChunkReader, PassageWriter, QueryEmbedder, Reranker
from retrieval.search.hybrid import HybridSearch
from retrieval.search.names import NameIndex
from retrieval.types import SearchOptions

MULTILINGUAL = frozenset({"multilingual-e5-small"})


def index(settings: Settings, catalog: PostgresCatalog, pool: Pool, dimension: int, *, beside: str = "") -> AccessIndex:
    """`beside`: the name of the index that the pool looks at, "" for the usual one."""
    root = segments_of(settings, beside)
    return AccessIndex(catalog, PostgresSegments(pool), root, dimension=dimension, largest_rows=settings.segment_rows)


def segments_of(settings: Settings, beside: str) -> Path:
    """The folder of an index."""
    return settings.home / "segments" / beside


def sweep_dropped(parts: Stores) -> None:
    """Removes the folders of indexes that are gone: dropped elsewhere, or by a process that was killed meanwhile."""
    if folders := list(segments_of(parts.settings, "").glob("beside-*")):
        there = {one.name for one in parts.indexes.all()}  # known before its folder is
        for folder in folders:
            if folder.name not in there:
                shutil.rmtree(folder, ignore_errors=True)


def every_index(parts: Stores) -> Iterator[tuple[str, AccessIndex]]:
    """Each by its name, the usual one first, without the models that vectors are made by."""
    for name in ("", *(one.name for one in parts.indexes.all())):
        pool = parts.pool_beside(name)
        dimension = PostgresHealth(pool).index()[1] or 1
        yield name, index(parts.settings, PostgresCatalog(pool), pool, dimension, beside=name)


def legs(settings: Settings, closing: ExitStack) -> Legs:
    """`closing`: ends what they need. Raises `IndexUnavailable` where the cluster cannot be reached."""
    if settings.cluster:
        return cluster.legs(settings, segments_of(settings, ""), closing)
    return LocalLegs(GpuScan(FaissGpu()) if settings.index_device == "cuda" else None)


def search(
    settings: Settings,
    views: AccessIndex,
    chunks: ChunkReader,
    embedder: QueryEmbedder,
    reranker: Reranker,
    writer: PassageWriter,
    names: NameIndex,
    legs: Legs,
) -> HybridSearch:
    return HybridSearch(views, chunks, embedder, reranker, options(settings), writer, legs, names)


def options(settings: Settings) -> SearchOptions:
    return SearchOptions(
        candidates=settings.search_candidates,
        fusion=settings.search_fusion,
        dense_weight=settings.dense_weight,
        rerank=settings.search_rerank,
        rerank_weight=settings.rerank_weight,
        hyde=settings.hyde,
        across=settings.embedder in MULTILINGUAL,
    )


def options_of_answers(settings: Settings, own: SearchOptions) -> SearchOptions:
    """A few passages are enough to write from, so less is read by the reranker."""
    return replace(own, rerank=settings.answer_rerank)


def for_answers(settings: Settings, search: HybridSearch, reranker: Reranker) -> HybridSearch:
    """What answers are written from; the reranker is theirs."""
    return search.with_options(options_of_answers(settings, search.options)).with_reranker(reranker)


def context_options(settings: Settings) -> ContextOptions:
    return ContextOptions(budget_chars=settings.budget_chars, passages=settings.passages)


def context_builder(settings: Settings, chunks: ChunkReader, reranker: Reranker) -> SectionContextBuilder:
    """Shows the model at most `budget_chars`, or `shown_chars` of it where that is set."""
    shown = settings.shown_chars
    trimmer = Trimmer(reranker, sentence_spans, shown, settings.passages) if shown else None
    return SectionContextBuilder(chunks, context_options(settings), trimmer)
