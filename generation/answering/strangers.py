"""What search found in documents that the question is not about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from pathlib import PurePosixPath

from generation.types import SourceText
from retrieval.types import ChunkText, NamedDocument, SearchResult

_LEFT_OUT = " … "  # between words of a name, as in `NamedDocument.words`
_WORD = re.compile(r"[^\W_]+")
_SHORT = 4  # letters: shorter words of a title say nothing of a document's kind


async def without_strangers(
    result: SearchResult, whole: Callable[[ChunkText], Awaitable[SourceText | None]]
) -> SearchResult:
    """Where the question names documents: without hits of others of their kind that do not speak of what it names.

    "The Netzee agreement" is not answered by another company's agreement, however alike their clauses are; but a memo
    about Netzee may answer, and so may a policy. Of one kind are documents whose titles or file names share a word.
    `whole` gives a chunk's version, None of what may not be read.
    """
    named = {one.document_id: one for one in result.named}
    own = [hit for hit in result.hits if hit.chunk.document_id in named]
    if not own or _more_fit(result.named):
        return result
    parts = {part for hit in own for part in hit.parts}
    kinds = {word for hit in own for word in _called(hit.chunk)}
    names = {tuple(_words(name)) for one in named.values() for name in one.words.split(_LEFT_OUT)}
    strange: dict[str, bool] = dict.fromkeys(named, False)
    for chunk in [hit.chunk for hit in result.hits if not hit.parts or parts & {*hit.parts}]:
        if chunk.document_id not in strange:
            called = _called(chunk)
            alike = bool(called & kinds)
            read = await whole(chunk) if alike else None
            strange[chunk.document_id] = alike and not _speaks(names, called, read.text if read else "")
    return replace(result, hits=tuple(hit for hit in result.hits if not strange.get(hit.chunk.document_id)))


def _more_fit(named: Collection[NamedDocument]) -> bool:
    """Whether a name fits more documents than are told of."""
    told = Counter(one.words for one in named)
    return any(one.alternatives > told[one.words] for one in named)


def _speaks(names: Collection[tuple[str, ...]], called: Collection[str], text: str) -> bool:
    """Whether the text has one of the names, but for the words that it is called by ("Agreement")."""
    folded = text.casefold()
    left = (r"[\W_]+".join(re.escape(word) for word in name if word not in called) for name in names)
    return any(re.search(rf"(?<![^\W_]){name}(?![^\W_])", folded) for name in left)


def _called(chunk: ChunkText) -> set[str]:
    name = PurePosixPath(chunk.source).stem
    return {word for word in _words(f"{chunk.title} {name}") if len(word) >= _SHORT and word.isalpha()}


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
