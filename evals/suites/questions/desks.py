"""What making a question needs of a system; `evals.systems.question_desk.QuestionDesk` gives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from evals.systems.question_desk import Document
from generation.types import ChatMessage, Decision
from retrieval.types import ChunkText, Principal, SearchResult


class Desk(Protocol):
    """One person's documents, and the models that write and check."""

    @property
    def asker(self) -> Principal: ...

    def documents(self) -> Sequence[Document]: ...

    def chunk_ids(self, document_id: str) -> list[str]: ...

    def read(self, chunk_ids: Sequence[str]) -> Sequence[ChunkText]: ...

    def page(self, chunk: ChunkText, at: int) -> int | None: ...

    def write(self, messages: Sequence[ChatMessage], max_tokens: int) -> str: ...

    def check(self, statement: str, chunk: ChunkText, question: str) -> Decision: ...

    def search(self, question: str, document_id: str = "") -> SearchResult: ...

    def answers(self, question: str, sentence: str, heading: str) -> float: ...
