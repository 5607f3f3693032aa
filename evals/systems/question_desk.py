"""What questions are made from: the documents that one person may read, their passages, and the parts that check."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from api.bootstrap import Container
from api.terminal import UsageError
from api.wiring.language import HYDE_SLOT
from evals.systems.asking import Setup
from evals.systems.installations import opened
from generation.types import ChatMessage, Decision
from infra.postgres.layout import DocumentInfo
from ingest.types import FactKind, Name
from retrieval.index.view import View
from retrieval.types import DOCUMENT, EVERYTHING, ChunkText, Context, Filter, Passage, Principal, SearchResult

TOP = 10
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Document:
    """`kind`: what kind of document it is by its own words, "" where none is known; `parties`: what it calls them;
    `only_title`: no other that the person may read has this title."""

    id: str
    source: str
    title: str
    media_type: str
    language: str
    version: int
    kind: str = ""
    parties: tuple[str, ...] = ()
    only_title: bool = False


class QuestionDesk:
    """One person's documents, and the models that write and check. All of it sees what that person may read alone.

    Use it as `desk(...)` gives it: models are asked in one event loop.
    """

    def __init__(self, parts: Container, asker: Principal, loop: asyncio.Runner) -> None:
        self.asker = asker
        self._parts, self._loop = parts, loop

    def setup(self) -> Setup:
        """Of the installation: what decides the checks."""
        return Setup.of(self._parts)

    def documents(self) -> tuple[Document, ...]:
        """By source."""
        view, found = self._view(), list(self._listed())
        names, titles = self._names(view), Counter(one.title.casefold() for one in found)
        return tuple(_document(one, names.get(one.document_id, ()), titles[one.title.casefold()] == 1) for one in found)

    def chunk_ids(self, document_id: str) -> list[str]:
        """Of its current version."""
        own = self._view().within(np.array([uuid.UUID(document_id).bytes], DOCUMENT))
        ids: list[str] = []
        for part in own.segments:
            for start, stop in zip(part.starts.tolist(), part.stops.tolist(), strict=True):
                ids += [name.decode() for name in part.segment.chunk_ids[start:stop].tolist()]
        return ids

    def read(self, chunk_ids: Sequence[str]) -> Sequence[ChunkText]:
        return self._parts.chunks.read(chunk_ids, self.asker)

    def page(self, chunk: ChunkText, at: int) -> int | None:
        """On which page character `at` of a passage stands; None without pages."""
        view = self._parts.documents.text(chunk.document_id, chunk.version, self.asker)
        place = chunk.start + at
        return next((one.page for one in view.pages if one.start <= place < one.end), None) if view else None

    def write(self, messages: Sequence[ChatMessage], max_tokens: int) -> str:
        """What the base model replies. Raises `GenerationError`."""
        return self._loop.run(self._written(messages, max_tokens))

    async def _written(self, messages: Sequence[ChatMessage], max_tokens: int) -> str:
        model = self._parts.language.base(HYDE_SLOT)
        return "".join([delta.text async for delta in model.stream(messages, max_tokens=max_tokens)])

    def check(self, statement: str, chunk: ChunkText, question: str) -> Decision:
        """What the gate says of a statement that opens an answer, with this passage as its only source."""
        passage = Passage(1, chunk, chunk.text, chunk.start, chunk.end)
        shown = Context((passage,))
        checked = self._parts.gate.check(f"{statement} [1]", shown, {1: chunk.text}, question, opening=True)
        return self._loop.run(checked)

    def search(self, question: str, document_id: str = "") -> SearchResult:
        """Over all that the person may read, or within one document of it."""
        only = Filter(documents=frozenset({document_id})) if document_id else EVERYTHING
        return self._parts.search.search_now(question, self.asker, TOP, only=only)

    def answers(self, question: str, sentence: str, heading: str) -> float:
        """How surely a sentence answers, by the trained selector. Raises `UsageError` where the profile has none."""
        selector = self._parts.selector
        if selector is None:
            raise UsageError("Questions need a selector to look for rivals with: set FOOTNOTE_SELECTOR.")
        return selector.answers(question, sentence, heading)

    def _view(self) -> View:
        return self._parts.index.view(self.asker)

    def _listed(self) -> Iterator[DocumentInfo]:
        after = None
        while True:
            page = self._parts.listing.page(self.asker, after=after, limit=_PAGE)
            yield from page.documents
            if page.last is None:
                return
            after = page.last

    def _names(self, view: View) -> Mapping[str, tuple[Name, ...]]:
        keys = [key.ljust(48, b"\0") for part in view.segments for key in part.segment.slot_keys[part.slots].tolist()]
        found = zip(keys, self._parts.catalog.names(keys), strict=True)
        return {str(uuid.UUID(bytes=key[:16])): names or () for key, names in found}


@contextmanager
def desk(asker: Principal, other: Principal | None = None) -> Iterator[tuple[QuestionDesk, QuestionDesk | None]]:
    """That of the asker, and that of `other`, over this installation."""
    with opened() as parts, asyncio.Runner() as loop:
        yield QuestionDesk(parts, asker, loop), QuestionDesk(parts, other, loop) if other else None


def _document(one: DocumentInfo, names: Sequence[Name], only_title: bool) -> Document:
    said = {kind: [name.text for name in names if name.kind == kind] for kind in ("party", FactKind.DOCUMENT_KIND)}
    kinds = said[FactKind.DOCUMENT_KIND]
    return Document(
        id=one.document_id,
        source=one.source,
        title=one.title,
        media_type=one.media_type,
        language=one.language,
        version=one.version,
        kind=kinds[0] if kinds else "",
        parties=tuple(dict.fromkeys(said["party"])),
        only_title=only_title,
    )
