"""Does something else that the person may read answer the question, too? Search looks, the selector chooses, the gate
decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evals.metrics.matching import contains
from evals.suites.questions.desks import Desk
from evals.suites.questions.facts import FactKind, kinds
from generation.gate.claims import sentence_spans
from retrieval.types import ChunkText, SearchResult

LIKELY = 0.5  # by the selector: from here on the gate is asked
LIKELY_AT_ALL = 0.2  # where nothing may answer
MOST_ASKED = 3  # sentences that the gate is asked about
_MOST_READ = 12  # sentences of a passage
_SHORTEST = 15  # characters


@dataclass(frozen=True, slots=True)
class Rival:
    """A sentence that may answer, by the selector's score."""

    chunk: ChunkText
    sentence: str
    score: float


def rivals(
    desk: Desk, question: str, found: SearchResult, kind: FactKind, gold: str, likely: float = LIKELY
) -> list[Rival]:
    """Those that hold a fact of this kind and are not the gold sentence, likeliest first."""
    told = [
        Rival(chunk, sentence, desk.answers(question, sentence, chunk.heading))
        for chunk, sentence in _sentences(found)
        if kind in kinds(sentence)
        and not (gold and contains(gold, sentence))
        and not (gold and contains(sentence, gold))
    ]
    return sorted((one for one in told if one.score >= likely), key=lambda one: -one.score)[:MOST_ASKED]


def answering(desk: Desk, question: str, found: Sequence[Rival]) -> Rival | None:
    """The first of which the gate says so."""
    return next((one for one in found if desk.check(one.sentence, one.chunk, question).judgement.passed), None)


def _sentences(found: SearchResult) -> Iterator[tuple[ChunkText, str]]:
    seen = set()
    for hit in found.hits:
        for chunk in (hit.chunk, *hit.copies):
            for start, end in sentence_spans(chunk.text)[:_MOST_READ]:
                sentence = chunk.text[start:end]
                if len(sentence) >= _SHORTEST and (chunk.document_id, sentence) not in seen:
                    seen.add((chunk.document_id, sentence))
                    yield chunk, sentence
