"""Kinds of chunking on contracts: is what answers a question found, and how much has to be shown for it?

Everything but the kind is the same: files, embedder, search as the service has it, questions. Counted are hits whose
page is a gold page of the right contract, and how many characters of the gold words are among the first `SHOWN`
characters of what would be shown (for small-to-big the larger spans, each once).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from api.terminal import UsageError, note, say, say_json
from evals.datasets.cuad import SOURCE_PREFIX, ClauseQuestion, qa_file, split_questions
from evals.measuring.code import FINDING, code
from evals.measuring.machine import circumstances, known
from evals.measuring.results import ResultFile
from evals.measuring.statistics import wilson
from evals.measuring.tables import percent, table
from evals.systems.models import Models
from evals.systems.shelf import READER, Shelf, readable
from infra.settings import load_settings
from ingest.chunkers import Chunkers
from ingest.chunking import assemble
from ingest.parsers import parse
from ingest.types import Chunk, Chunking, Document
from retrieval.types import Hit, SearchOptions

SUITE = "chunking"
TOPS = (1, 5, 10)
SHOWN = 4_000  # characters
MOST = 40  # hits that are looked at
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cut:
    """The contracts under one kind of chunking."""

    documents: dict[str, Document]
    chunks: dict[str, tuple[str, Chunk]]  # by id, with the source

    def shown(self, hits: Sequence[Hit]) -> Iterator[tuple[str, int, int]]:
        """Spans as they would be shown, best first, until there are enough characters; none twice."""
        left, seen = SHOWN, set[tuple[str, int, int]]()
        for hit in hits:
            source, chunk = self.chunks[hit.chunk.chunk_id]
            start, end = chunk.parent or (chunk.start, chunk.end)
            if left <= 0 or (source, start, end) in seen:
                continue
            seen.add((source, start, end))
            yield source, start, min(end, start + left)
            left -= end - start


def run(data: Path, kinds: Sequence[str], contracts: int, questions: int, out: Path | None) -> int:
    """Prints a row for each kind; with `out` what is known from an earlier run of the same code is not done again."""
    try:
        wanted_kinds = [Chunking.of(kind) for kind in kinds]
    except ValueError as error:
        raise UsageError(f"--kinds: {error}") from error
    asked = _questions(data, contracts, questions)
    results, models = ResultFile(out), Models(load_settings())
    documents = list(_documents(data, asked))
    options = SearchOptions()
    rows = []
    for kind in wanted_kinds:
        wanted = {"suite": SUITE, "kind": str(kind), "contracts": len(documents), "questions": len(asked),
                  "setup": {"code": code(*FINDING, __name__), **models.digests(reranker=True)}}  # fmt: skip
        row = known(results, wanted) or results.add(wanted | _measured(kind, documents, asked, models, options))
        rows.append(row)
        note(f"{kind}: page among {TOPS[1]} {row['page'][1]} of {len(asked)}, gold words {percent(row['words'])} %")
    _say(rows, len(asked))
    return 0


def _questions(data: Path, contracts: int, questions: int) -> list[ClauseQuestion]:
    """About clauses that their contract has, of the first `contracts` that there are such questions about."""
    held = [one for one in split_questions(qa_file(data), "test") if one.case.gold]
    first = sorted({one.contract for one in held})[:contracts]
    chosen = [one for one in held if one.contract in first]
    return chosen[:questions] if questions else chosen


def _documents(data: Path, asked: Sequence[ClauseQuestion]) -> Iterator[Document]:
    for source in sorted({one.contract for one in asked}):
        name = source.removeprefix(SOURCE_PREFIX)
        parsed = parse((data / "cuad" / "pdf" / name).read_bytes(), name)
        yield assemble(parsed, source=source, content_sha256=source)


def _measured(
    kind: Chunking,
    documents: Sequence[Document],
    asked: Sequence[ClauseQuestion],
    models: Models,
    options: SearchOptions,
) -> Row:
    chunkers = Chunkers()
    cut = Cut({one.source: one for one in documents}, {})
    texts = []
    for document in documents:
        chunks = chunkers.chunks(document, kind, models.embedder.embed_documents)
        cut.chunks.update({chunk.id: (document.source, chunk) for chunk in chunks})
        texts += list(readable(chunks, document.source, document.content_sha256))
    shelf = Shelf(texts, models.embedder, {id_: chunk.indexed_text for id_, (_, chunk) in cut.chunks.items()})
    search = shelf.search(models.embedder, models.reranker, options)
    pages, words = [0] * len(TOPS), []
    for question in asked:
        hits = search.search_now(question.case.question, READER, MOST).hits
        rank = _rank(question, hits)
        pages = [count + (rank is not None and rank < top) for count, top in zip(pages, TOPS, strict=True)]
        words.append(_gold_share(question, cut, hits))
    sizes = [len(chunk.text) for _, chunk in cut.chunks.values()]
    return {"chunks": len(sizes), "characters": round(fmean(sizes)), "page": pages, "words": round(fmean(words), 4),
            "each": [round(one, 3) for one in words]}  # fmt: skip


def _rank(question: ClauseQuestion, hits: Sequence[Hit]) -> int | None:
    """The first hit on a gold page, from 0."""
    gold = {(one.source, one.page) for one in question.case.gold}
    return next((at for at, hit in enumerate(hits) if (hit.chunk.source, hit.chunk.page) in gold), None)


def _gold_share(question: ClauseQuestion, cut: Cut, hits: Sequence[Hit]) -> float:
    """How much of the best gold passage is shown: words of it in one span of its contract, 0 to 1."""
    spans = [
        cut.documents[source].text[start:end] for source, start, end in cut.shown(hits) if source == question.contract
    ]
    held = [set(_runs(text)) for text in spans]
    best = 0.0
    for gold in question.case.gold:
        wanted = list(_runs(gold.quote))
        if wanted:
            best = max([best, sum(any(run in runs for runs in held) for run in wanted) / len(wanted)])
    return best


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    """Runs of four words, or all words of a shorter text."""
    words = "".join(letter.lower() if letter.isalnum() else " " for letter in text).split()
    size = min(4, len(words))
    for at in range(len(words) - size + 1 if size else 0):
        yield tuple(words[at : at + size])


def _say(rows: Sequence[Row], asked: int) -> None:
    lines = []
    for row in rows:
        low, high = wilson(row["page"][1], asked)
        interval = f"{percent(row['page'][1] / asked)} [{percent(low)}, {percent(high)}]"
        lines.append((row["kind"], row["chunks"], row["characters"], percent(row["page"][0] / asked), interval,
                      percent(row["page"][2] / asked), percent(row["words"])))  # fmt: skip
    heads = (
        "chunking",
        "chunks",
        "characters",
        "page first",
        f"page among {TOPS[1]}",
        f"among {TOPS[2]}",
        "gold words shown",
    )
    table(f"{asked} questions, {rows[0]['contracts']} contracts; %", heads, lines)
    say()
    say_json({"rows": [{key: value for key, value in row.items() if key != "each"} for row in rows], **circumstances()})
