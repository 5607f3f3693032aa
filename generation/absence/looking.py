"""One document looked through for what is asked for: the passages that come nearest, each with its scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from generation.absence.protocols import Search
from generation.absence.weighing import Weights
from generation.protocols import EvidenceScorer, Selector
from retrieval.types import ChunkText, Filter, Principal, SearchOptions

READ = 16  # passages of a document, those that the search ranks first, that the cross-encoder reads
SELECTED = 4  # of these, the most relevant ones, that the selector reads
# As it was measured: every passage is a candidate by itself, and the question is searched as it stands.
OPTIONS = SearchOptions(candidates=200, rerank=0, understand=False, collapse=False)


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage with the reranker's logit, the selector's probability, and what both make together."""

    chunk: ChunkText
    relevance: float
    answers: float
    score: float


@dataclass(frozen=True, slots=True)
class Looked:
    """`passages`: those that the selector has read, best first; `read`: how many the cross-encoder has."""

    passages: tuple[Scored, ...]
    read: int

    @property
    def score(self) -> float:
        """Of the best passage; 0 without any."""
        return self.passages[0].score if self.passages else 0.0


class Looking:
    """Thread-safe, as its models are; what comes out for a document depends on it and the question alone."""

    def __init__(self, search: Search, scorer: EvidenceScorer, selector: Selector, weights: Weights) -> None:
        self._search, self._scorer, self._selector, self._weights = search, scorer, selector, weights

    def look(self, question: str, document_id: str, principal: Principal, as_of: date | None = None) -> Looked:
        """Nothing where the principal may not read it. Raises `InvalidQuery`."""
        only = Filter(documents=frozenset({document_id}))
        found = self._search.search_now(question, principal, READ, as_of=as_of, only=only, options=OPTIONS)
        chunks = [hit.chunk for hit in found.hits]
        relevance = self._relevance(question, chunks)
        first = sorted(range(len(chunks)), key=lambda at: (-relevance[at], chunks[at].ordinal))[:SELECTED]
        scored = [self._scored(question, chunks[at], relevance[at]) for at in first]
        return Looked(tuple(sorted(scored, key=lambda one: (-one.score, one.chunk.ordinal))), len(chunks))

    def _relevance(self, question: str, chunks: Sequence[ChunkText]) -> list[float]:
        return [float(logit) for logit in self._scorer.score(question, [chunk.indexed_text for chunk in chunks])]

    def _scored(self, question: str, chunk: ChunkText, relevance: float) -> Scored:
        answers = self._selector.answers(question, chunk.text, chunk.heading)
        return Scored(chunk, relevance, answers, self._weights.score(relevance, answers))
