"""No answer: how a model says so, and what an asker is told: what was searched, and what came closest."""

from __future__ import annotations

import re
from collections.abc import Iterable

from generation.answering.run import Retrieved
from generation.errors import UnresolvedCitation
from generation.gate.citations import resolve
from generation.gate.evidence import candidates
from generation.types import Abstention, Citation, Searched
from retrieval.types import Passage, SearchResult

NEAREST = 3
_REFUSAL = re.compile(
    r"\s*(?:not found|i (?:do not|don[’']t) know|(?:the|these) (?:provided |given )?sources? (?:do|does) not|"
    r"(?:the|this) evidence (?:do|does) not|no (?:information|answer|mention)|there is no (?:information|mention))",
    re.IGNORECASE,
)


def refuses(sentence: str) -> bool:
    """Whether the model says that it has no answer."""
    return _REFUSAL.match(sentence) is not None


def abstention(found: Retrieved) -> Abstention:
    """What to tell the asker. Everything in it comes from what this asker may read: the hits and passages of a
    search over the visible rows, read under row-level security."""
    passages = sorted(found.context.passages, key=found.rank)
    return Abstention(_searched(found.result), tuple(_nearest(found, passages)))


def _searched(result: SearchResult) -> Searched:
    documents = {hit.chunk.document_id for hit in result.hits}
    return Searched(result.query, len(documents), len(result.hits), result.clues)


def _nearest(found: Retrieved, passages: Iterable[Passage]) -> list[Citation]:
    """The words of each of the best passages that are nearest to the question, as far as they resolve."""
    nearest: list[Citation] = []
    for passage in passages:
        for evidence in [one for one in candidates(found.question, passage) if not found.guard.sure(one)][:1]:
            try:
                nearest.append(resolve(evidence, len(nearest) + 1, found.texts[passage.marker]))
            except UnresolvedCitation:
                continue
        if len(nearest) == NEAREST:
            break
    return nearest
