"""What is compared: the product's rows, and other libraries with our embedder or their own."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from evals.datasets.beir import RankingSet
from evals.measuring.code import EMBEDDING, IMAGINING
from evals.measuring.code import code as digest_of
from evals.systems.installations import opened
from evals.systems.models import Models
from evals.systems.peers import peer, versions
from evals.systems.shelf import READER, Shelf, passage
from generation.llm.hypothesis import HypothesisWriter
from generation.prompts import load_prompt
from ingest.protocols import Embedder
from retrieval.types import SearchOptions

TOP = 100
DEFAULT = SearchOptions()
_LEG = replace(DEFAULT, rerank=0, hyde="off", understand=False, collapse=False)
OURS: Mapping[str, SearchOptions] = {
    "BM25": replace(_LEG, fusion="sparse"),
    "dense": replace(_LEG, fusion="dense"),
    "RRF": replace(_LEG, fusion="rrf"),
    "ours": replace(DEFAULT, rerank=0, hyde="off"),
    "ours + rerank": replace(DEFAULT, rerank=DEFAULT.rerank or 16, hyde="off"),
}
HYDE = "ours + rerank + HyDE"
MINILM = "all-MiniLM-L6-v2"

Ranker = Callable[[str], Sequence[str]]  # question -> passage ids, best first


@dataclass(frozen=True, slots=True)
class System:
    """A row of the table. `setup` is what decides its results besides the data."""

    name: str
    setup: Mapping[str, Any]
    build: Callable[[RankingSet], Ranker]


def ours(models: Models, code: str) -> list[System]:
    """BM25, dense, RRF, the default first pass, and the same reranked; one index a set for all of them."""
    shelves: dict[str, tuple[Shelf, Mapping[str, str]]] = {}

    def ranker(found: RankingSet, options: SearchOptions) -> Ranker:
        if found.name not in shelves:
            shelves.clear()
            shelves[found.name] = _shelved(found, models.embedder)
        shelf, names = shelves[found.name]
        search = shelf.search(models.embedder, models.reranker, options)

        def rank(question: str) -> Sequence[str]:
            hits = search.search_now(question, READER, TOP).hits
            return [names[chunk.chunk_id] for hit in hits for chunk in (hit.chunk, *hit.copies)]

        return rank

    return [
        System(
            name,
            {"code": code, "options": asdict(options), **models.digests(reranker=options.rerank > 0)},
            lambda found, options=options: ranker(found, options),  # type: ignore[misc]
        )
        for name, options in OURS.items()
    ]


def peers(names: Sequence[str], models: Models) -> list[System]:
    """Each with our embedder; LangChain also with the one that its documentation shows for local use."""
    rows = [(name, models.embedder, models.digests()) for name in names]
    if "langchain" in names:
        rows.append((f"langchain, {MINILM}", models.minilm, models.minilm_digests()))
    own = {"code": digest_of("evals.systems.peers", *EMBEDDING)}
    return [
        System(name, {**versions(name.split(",")[0]), **digests, **own}, _peer(name.split(",")[0], embedder))
        for name, embedder, digests in rows
    ]


def _peer(name: str, embedder: Embedder) -> Callable[[RankingSet], Ranker]:
    build = peer(name)

    def ranker(found: RankingSet) -> Ranker:
        search = build(found.passages, embedder)
        return lambda question: [found.ids[row] for row in search(question, TOP)]

    return ranker


def _shelved(found: RankingSet, embedder: Embedder) -> tuple[Shelf, Mapping[str, str]]:
    """The passages indexed, and their ids in the set by chunk id."""
    rows = zip(found.ids, found.titles, found.texts, strict=True)
    chunks = [passage(f"{found.name}/{name}", title, text) for name, title, text in rows]
    names = {chunk.chunk_id: name for chunk, name in zip(chunks, found.ids, strict=True)}
    return Shelf(chunks, embedder), names


@contextmanager
def hyde(models: Models, code: str) -> Iterator[System]:
    """The product with its reranker and, where that is unsure, an imagined passage by the configured generator."""
    options = replace(OURS["ours + rerank"], hyde="unsure")
    with (
        tempfile.TemporaryDirectory(prefix="footnote-hyde-") as home,
        opened(home=Path(home), DATABASE_URL="") as parts,
        asyncio.Runner() as runner,
    ):
        prompt = load_prompt("hyde")

        def ranker(found: RankingSet) -> Ranker:
            shelf, names = _shelved(found, models.embedder)
            writer = HypothesisWriter(lambda: parts.generator_model, prompt)
            search = shelf.search(models.embedder, models.reranker, options, writer)

            def rank(question: str) -> Sequence[str]:
                hits = runner.run(search.search(question, READER, TOP)).hits
                return [names[chunk.chunk_id] for hit in hits for chunk in (hit.chunk, *hit.copies)]

            return rank

        setup = {"code": code, "options": asdict(options), **models.digests(reranker=True)}
        setup |= {"generator": parts.settings.llm_model or parts.settings.generator, "prompt": prompt.digest[:12]}
        setup |= {"imagining": digest_of(*IMAGINING)}
        yield System(HYDE, setup, ranker)
