"""What search found in documents that the question is not about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from retrieval.types import ChunkText, SearchResult

_LEFT_OUT = " … "  # between words of a name, as in `NamedDocument.words`


async def without_strangers(result: SearchResult, text: Callable[[ChunkText], Awaitable[str]]) -> SearchResult:
    """Where the question names documents: without hits of others that do not speak of what it names.

    "The Netzee agreement" is not answered by another company's clause, however alike the two are; but a memo that
    speaks of Netzee may answer. `text` gives the whole text of a chunk's version.
    """
    named = {one.document_id for one in result.named}
    words = {word.casefold() for one in result.named for word in one.words.split(_LEFT_OUT) if word}
    if not words or not any(hit.chunk.document_id in named for hit in result.hits):
        return result
    speaks = dict.fromkeys(named, True)
    for chunk in [hit.chunk for hit in result.hits]:
        if chunk.document_id not in speaks:
            said = f"{chunk.title}\n{chunk.source}\n{await text(chunk)}".casefold()
            speaks[chunk.document_id] = any(word in said for word in words)
    return replace(result, hits=tuple(hit for hit in result.hits if speaks[hit.chunk.document_id]))
