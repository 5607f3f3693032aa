"""One step after what a sentence refers to: "as set forth in Schedule 1", "under Section 6.3", "the Initial Term".

Both are read in the same version of the same document, as the same principal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.protocols import ChunkReader
from retrieval.text.terms import terms
from retrieval.types import ChunkText, Clue, Principal
from retrieval.understanding import support
from retrieval.understanding.clauses import Reference, references

_FOLLOWED = frozenset("clause article schedule exhibit appendix annex attachment part".split())
_BEARS = 0.75  # of `clauses.support`: the chunk or one below it bears the number
_MOST = 2  # references of a sentence that are followed, and terms that are looked up
_TERM = re.compile(
    r"\b(?:[Tt]he|[Ss]uch|[Aa]n?|[Ee]ach|[Aa]ny|[Dd]uring|[Ii]n|[Oo]f)\s((?:[A-Z][\w'&/-]+)(?:\s[A-Z][\w'&/-]+){0,3})"
)
_QUOTES = '"“”'


def referred(
    asked: str, sentence: str, chunk: ChunkText, chunks: ChunkReader, principal: Principal
) -> Iterator[ChunkText]:
    """What a sentence of this chunk refers to: sections and schedules first, then the definitions of its defined terms
    that the question does not leave aside. The chunk itself is none of it."""
    found = list({one.number: one for one in references(sentence) if one.group in _FOLLOWED}.values())
    for reference in found[:_MOST]:
        if place := _place(reference, sentence, chunk, chunks, principal):
            yield place
    wanted = set(terms(asked))
    named = dict.fromkeys(match[1] for match in _TERM.finditer(sentence))
    for term in [term for term in named if wanted & set(terms(term))][:_MOST]:
        if place := _definition(term, chunk, chunks, principal):
            yield place


def _place(
    reference: Reference, sentence: str, chunk: ChunkText, chunks: ChunkReader, principal: Principal
) -> ChunkText | None:
    """The first chunk that bears the number best, other than the one that refers to it."""
    text = sentence[reference.start : reference.end]
    number = reference.number.split("(")[0]
    words = [number] if reference.group in {"clause", "article"} else [f"{reference.group} {number}", text]
    clue = Clue("clause", text, f"{reference.group} {reference.number}", "")
    others = [other for other in chunks.holding(chunk, principal, words) if other.chunk_id != chunk.chunk_id]
    bearing = [(bears, -other.ordinal, other) for other in others if (bears := support(clue, other)) >= _BEARS]
    return max(bearing, key=lambda item: item[:2])[2] if bearing else None


def _definition(term: str, chunk: ChunkText, chunks: ChunkReader, principal: Principal) -> ChunkText | None:
    """The first chunk that defines the term: "Term" means ..., or ... (the "Term")."""
    words = [f"{opened}{term}{closed}" for opened in _QUOTES for closed in _QUOTES]
    defined = re.compile(
        rf"[{_QUOTES}]{re.escape(term)}[{_QUOTES}]\s*(?:\)|means\b|shall mean|is\b|refers|has the meaning|:)", re.I
    )
    found = [other for other in chunks.holding(chunk, principal, words) if defined.search(other.text)]
    return next((other for other in found if other.chunk_id != chunk.chunk_id), None) if chunk not in found else None
