"""The search as a LangChain retriever. Importing this module imports langchain_core."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import date

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field

from retrieval.search.hybrid import HybridSearch
from retrieval.types import EVERYTHING, Filter, Hit, Numbering, Principal, SearchOptions, SearchResult


class FootnoteRetriever(BaseRetriever):
    """Access-filtered hybrid search for one principal, to be put into any LangChain chain.

    `page_content` is the chunk's text; `metadata` holds what a citation needs (document_id, version, version_id, start,
    end, page, section_path, title, source) and the score. `numbers`: how the principal counts versions. HyDE needs
    `ainvoke`; `invoke` leaves it out. Raises `retrieval.errors.InvalidQuery` for an empty or overlong question.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    search: HybridSearch = Field(repr=False)
    numbers: Callable[[Principal, Collection[str]], Numbering] = Field(repr=False)
    principal: Principal
    top_k: int = Field(10, ge=1, le=100)
    as_of: date | None = None
    only: Filter = EVERYTHING
    options: SearchOptions | None = None

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        found = self.search.search_now(
            query, self.principal, self.top_k, as_of=self.as_of, only=self.only, options=self.options
        )
        return self._documents(found)

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        found = await self.search.search(
            query, self.principal, self.top_k, as_of=self.as_of, only=self.only, options=self.options
        )
        return await asyncio.to_thread(self._documents, found)

    def _documents(self, result: SearchResult) -> list[Document]:
        seen = self.numbers(self.principal, {document_id for document_id, _ in result.versions})
        return [_document(hit, seen) for hit in result.hits]


def _document(hit: Hit, seen: Numbering) -> Document:
    chunk = hit.chunk
    metadata = {
        "chunk_id": chunk.chunk_id,
        "document_id": chunk.document_id,
        "version": seen.number(chunk.document_id, chunk.version),
        "version_id": seen.id(chunk.document_id, chunk.version),
        "title": chunk.title,
        "source": chunk.source,
        "section_path": list(chunk.section_path),
        "page": chunk.page,
        "start": chunk.start,
        "end": chunk.end,
        "score": hit.score,
    }
    return Document(id=chunk.chunk_id, page_content=chunk.text, metadata=metadata)
