"""What a question says about where its answer stands: pure functions, no model, English, well under a millisecond."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from retrieval.types import ChunkText, Clue
from retrieval.understanding import clauses, days, documents, kinds, likeness, phrases
from retrieval.understanding.comparing import compared, contrasted
from retrieval.understanding.gaps import completed
from retrieval.understanding.listing import listed
from retrieval.understanding.parts import MOST_PARTS, split
from retrieval.understanding.topic import joined, topic
from retrieval.understanding.words import blank, straight, tokens

MOST_CLUES = 16
_MOST_CHARS = 600  # of a comparison or a list


@dataclass(frozen=True, slots=True)
class Understanding:
    """`clues` in the order of the question, at most `MOST_CLUES`, none twice; `parts`: () or two to five questions
    that each make sense alone."""

    clues: tuple[Clue, ...]
    parts: tuple[str, ...]

    @property
    def as_of(self) -> date | None:
        """The day as of which the question wants the documents, if it says so."""
        return next((date.fromisoformat(clue.value) for clue in self.clues if clue.kind == "as_of"), None)

    def names(self, question: str) -> list[str]:
        """The names of documents in the question."""
        return joined(question, [clue.text for clue in self.clues if clue.kind == "document"])

    def named_spans(self, question: str) -> list[tuple[int, int]]:
        """Where the names of documents stand in the question."""
        spans = [(question.find(name), len(name)) for name in self.names(question)]
        return [(start, start + length) for start, length in spans if start >= 0]

    def topic(self, question: str) -> str:
        """The question, or one of its parts, without the names of documents."""
        return topic(question, [clue.text for clue in self.clues if clue.kind == "document"])


def understand(query: str) -> Understanding:
    """Dates, clause numbers, quoted phrases, names and kinds of documents in a question, and its parts."""
    quoted = phrases.quotes(query)
    named = documents.document_clues(query, tokens(straight(query)), quoted)
    names = [(start, end) for start, end, clue in named if clue.kind == "document"]
    unquoted = blank(query, [(quote.start, quote.end) for quote in quoted])
    found = [*named, *days.date_clues(unquoted), *clauses.clause_clues(unquoted)]
    for quote in quoted:
        inside = any(
            start <= quote.start and quote.end <= end and end - start > quote.end - quote.start for start, end in names
        )
        clue = None if inside else phrases.phrase_clue(query, quote)
        if clue:
            found.append((quote.start, quote.end, clue))
    as_of = days.as_of_clue(unquoted)
    clues = [clue for _, _, clue in sorted(found, key=lambda item: item[0])]
    first = {(clue.kind, clue.value): clue for clue in reversed(clues)}
    kept = tuple(first[key] for key in dict.fromkeys((clue.kind, clue.value) for clue in clues))
    kept = (*kept[: MOST_CLUES - 1], as_of) if as_of else kept[:MOST_CLUES]
    spans = [(quote.start, quote.end) for quote in quoted]
    parts = completed(query) or split(query, spans, [(start, end) for start, end, _ in named])
    return Understanding(kept, parts or of_each(query, [query[start:end] for start, end in names], spans))


def of_each(question: str, names: Sequence[str], quoted: Sequence[tuple[int, int]] = ()) -> tuple[str, ...]:
    """The parts of a question that asks the same of several documents, or for several things at once; ().

    `names` stand in the question, each of another document; `quoted`: the spans of quotations.
    """
    if len(question) > _MOST_CHARS:
        return ()
    parts: list[str] = []
    for part in compared(question, names) or contrasted(question) or (question,):
        spans = [(part.find(name), part.find(name) + len(name)) for name in names if name in part]
        masked = blank(straight(part), [*spans, *(quoted if part == question else ())], "x")
        parts += listed(part, masked) or (part,)
    return tuple(parts) if 2 <= len(parts) <= MOST_PARTS else ()


_SUPPORT: Mapping[str, Callable[[str, ChunkText], float]] = {
    "date": days.support,
    "clause": clauses.support,
    "phrase": phrases.support,
    "document": likeness.support,
    "document_kind": kinds.support,
}


def support(clue: Clue, chunk: ChunkText) -> float:
    """0 to 1: how far this chunk is what the clue points at; 1 is certainly meant.

    What a value means is told by `support` in the module of each kind: `days`, `clauses`, `phrases`, `likeness`
    (of documents' names), `kinds`. An "as_of" clue supports nothing: it chooses versions.
    """
    measure = _SUPPORT.get(clue.kind)
    return measure(clue.value, chunk) if measure else 0.0
