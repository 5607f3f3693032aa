"""Suite "legalbench-rag": character recall and precision (Pipitone and Houir Alami 2024, arXiv 2408.10343).

The documents go through the product's text parser and chunker; a chunk counts as the span of the original text that
it was made from. The chunks are larger than the paper's 500 characters, so the retrieved characters are told as well.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from api.terminal import UsageError
from evals.datasets.beir import json_lines, sampled
from evals.measuring.machine import known
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.suites.retrieval.compared import OURS
from evals.suites.retrieval.spans import Span, length, located, merged, overlap
from evals.systems.models import Models
from evals.systems.shelf import READER, Shelf, readable
from ingest.chunkers.structure import StructureChunker
from ingest.chunking import assemble
from ingest.parsers.text import TextParser
from retrieval.search.hybrid import HybridSearch
from retrieval.types import ChunkText

SUITE = "legalbench-rag"
FOLDER = "legalbench_rag"
TOPS = (1, 2, 4, 8, 16, 32, 64)
_STEP = 50  # questions between two lines of progress
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Library:
    """Every chunk, and the span of its document's original text by chunk id."""

    chunks: Sequence[ChunkText]
    spans: Mapping[str, Span]


def measure(data: Path, models: Models, code: str, queries: int, results: ResultFile) -> list[Row]:
    """A row for each query set and system of ours; documents of all sets are searched together."""
    folder = data / FOLDER
    if not (folder / "qa.jsonl").is_file():
        raise UsageError(f"{folder} must hold corpus.jsonl and qa.jsonl (see docs/benchmarks.md).")
    questions: defaultdict[str, list[Row]] = defaultdict(list)
    for question in json_lines(folder / "qa.jsonl"):
        questions[question["set"]].append(question)
    library: Library | None = None
    shelf: Shelf | None = None
    rows = []
    for system, options in OURS.items():
        setup = {"code": code, "options": asdict(options), **models.digests(reranker=options.rerank > 0)}
        for name, asked in questions.items():
            wanted = {"suite": SUITE, "set": name, "system": system, "sample": queries, "setup": setup}
            row = known(results, wanted)
            if row is None:
                library = library or read_library(folder / "corpus.jsonl")
                shelf = shelf or Shelf(library.chunks, models.embedder)
                search = shelf.search(models.embedder, models.reranker, options)
                scores = _scores(
                    search, library, [asked[at] for at in sampled(len(asked), queries)], f"{name}: {system}"
                )
                row = results.add(wanted | {"chunks": len(library.chunks), "scores": scores})
            rows.append(row)
    return rows


def read_library(corpus: Path) -> Library:
    """Parses and cuts every document."""
    chunker, parser = StructureChunker(), TextParser()
    chunks: list[ChunkText] = []
    spans: dict[str, Span] = {}
    for row in json_lines(corpus):
        data = row["text"].encode()
        digest = hashlib.sha256(data).hexdigest()
        document = assemble(parser.parse(data, row["_id"]), source=row["_id"], content_sha256=digest)
        cut = chunker.chunks(document)
        places = located(row["text"], document.text, [(chunk.start, chunk.end) for chunk in cut])
        spans |= {chunk.id: place for chunk, place in zip(cut, places, strict=True)}
        chunks.extend(readable(cut, row["_id"], digest))
    return Library(chunks, spans)


def _scores(search: HybridSearch, library: Library, asked: Sequence[Row], task: str) -> dict[str, list[list[float]]]:
    """For each question, one number for each of `TOPS`: recall, precision, characters."""
    scores: dict[str, list[list[float]]] = {"recall": [], "precision": [], "characters": []}
    with progress(task, -(-len(asked) // _STEP)) as step:
        for number, question in enumerate(asked, 1):
            hits = search.search_now(question["question"], READER, max(TOPS)).hits
            found = [(hit.chunk.source, library.spans[hit.chunk.chunk_id]) for hit in hits]
            gold = [(entry["doc"], (entry["start"], entry["end"])) for entry in question["evidence"]]
            counts = [characters(found[:top], gold) for top in TOPS]
            scores["recall"].append([round(count.recall, 5) for count in counts])
            scores["precision"].append([round(count.precision, 5) for count in counts])
            scores["characters"].append([float(count.retrieved) for count in counts])
            if number % _STEP == 0 or number == len(asked):
                step(f"{number} questions, recall@64 {np.mean(scores['recall'], axis=0)[-1]:.3f}")
    return scores


@dataclass(frozen=True, slots=True)
class Characters:
    """Characters retrieved, of the gold, and of both."""

    retrieved: int
    gold: int
    both: int

    @property
    def recall(self) -> float:
        return self.both / self.gold if self.gold else 0.0

    @property
    def precision(self) -> float:
        return self.both / self.retrieved if self.retrieved else 0.0


def characters(found: Iterable[tuple[str, Span]], gold: Iterable[tuple[str, Span]]) -> Characters:
    """Counts each character of a document once, however many spans cover it."""
    retrieved, wanted = dict(_by_document(found)), dict(_by_document(gold))
    return Characters(
        retrieved=sum(map(length, retrieved.values())),
        gold=sum(map(length, wanted.values())),
        both=sum(overlap(spans, retrieved.get(document, ())) for document, spans in wanted.items()),
    )


def _by_document(spans: Iterable[tuple[str, Span]]) -> Iterator[tuple[str, Sequence[Span]]]:
    grouped: defaultdict[str, list[Span]] = defaultdict(list)
    for document, span in spans:
        grouped[document].append(span)
    return ((document, merged(found)) for document, found in grouped.items())


def means(row: Row) -> dict[str, list[float]]:
    """Mean over questions for each of `TOPS`."""
    return {name: [float(value) for value in np.mean(values, axis=0)] for name, values in row["scores"].items()}
