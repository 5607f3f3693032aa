"""What generation needs from others."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from generation.types import (
    ChatMessage,
    Decision,
    Delta,
    Entailment,
    Evidence,
    Judgement,
    Permits,
    Reading,
    SourceText,
    Version,
)
from retrieval.types import EVERYTHING, Context, Filter, Passage, Principal, SearchResult


class ChatModel(Protocol):
    """An LLM behind the OpenAI protocol. Greedy: temperature 0, fixed seed. Raises `GenerationError`."""

    name: str
    adapter: str

    def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        """Text as it is generated; the last delta carries the usage. Closing the iterator aborts the request."""
        ...

    async def first_token(
        self, messages: Sequence[ChatMessage], *, top: int = 20, cache_salt: str = ""
    ) -> Mapping[str, float]:
        """Probabilities of the `top` likeliest first tokens of a reply (natural, not log), by token text."""
        ...


class EntailmentModel(Protocol):
    """A trained NLI model: premise first, hypothesis second. Thread-safe; a pair's result depends on it alone."""

    name: str

    def entailment(self, evidence: str, claim: str) -> Entailment: ...


class Judge(Protocol):
    """An LLM's yes or no: does the evidence state the claim, or a reply answer the question?"""

    name: str

    async def judge(self, evidence: str, claim: str, *, question: str = "") -> Judgement: ...


class StateModel(Protocol):
    """A language model that tells what it holds of what it read."""

    name: str

    async def states(self, messages: Sequence[ChatMessage], since: str) -> Sequence[float]:
        """Of the end of the last message, from the last `since` on: the mean of its tokens' states, then the last
        one's; twice as many numbers as the model is wide. Raises `GenerationError`."""
        ...


class Reader(Protocol):
    """Reads evidence, question and claim at once. Raises `GenerationError` where its language model is gone."""

    name: str

    async def read(self, evidence: str, claim: str, question: str) -> Reading: ...


class Gate(Protocol):
    """What stands between the generator and the reader: a sentence ships only if evidence entails it. Whatever decides
    is in `name`, for the record. Both methods raise `GenerationError` where a language model that judges is gone."""

    name: str

    async def check(
        self,
        sentence: str,
        context: Context,
        documents: dict[int, str],
        question: str,
        *,
        opening: bool,
        before: str = "",
    ) -> Decision:
        """Decides on one sentence. `documents` holds the version's text for every marker of the context.

        A sentence that opens the answer has to answer the question; what follows it may add to it. `before` is
        the sentence before, from which pronouns are resolved.
        """
        ...

    async def instead(
        self, sentence: str, context: Context, documents: dict[int, str], question: str
    ) -> Decision | None:
        """Of a sentence that failed: the decision on what it was drawn from, in the source's own words, as the opening
        of the answer. None where nothing holds all that it states, or nobody could tell whether that answers."""
        ...

    async def conflict(self, decision: Decision, context: Context) -> Evidence | None:
        """The span of another document that says the opposite of a sentence that passed, if there is one."""
        ...


class Search(Protocol):
    """Access-filtered hybrid search."""

    async def search(
        self, query: str, principal: Principal, top_k: int, *, as_of: date | None = None, only: Filter = EVERYTHING
    ) -> SearchResult: ...


class ContextBuilder(Protocol):
    """Ranked hits to the passages that fit the token budget, read as `principal`."""

    async def build(self, query: str, result: SearchResult, principal: Principal) -> Context: ...


class EvidenceScorer(Protocol):
    """Relevance of each candidate span to a sentence; higher is better."""

    def score(self, query: str, texts: Sequence[str]) -> Any: ...


class Selector(Protocol):
    """Answer sentence selection: a trained model that says how surely a sentence answers a question. Thread-safe; a
    pair's result depends on it alone."""

    name: str

    def answers(self, question: str, sentence: str, heading: str = "") -> float:
        """In [0, 1]; `heading` is what the sentence stands under."""
        ...


class InstructionDetector(Protocol):
    """A trained model that says how much a text looks like an instruction to a language model. Thread-safe; a text's
    result depends on it alone."""

    name: str

    def score(self, text: str) -> float:
        """In [0, 1]."""
        ...


class VersionText(Protocol):
    """Reads a version's canonical text, where things lie in it, and its day, under row-level security."""

    async def text(self, document_id: str, version: int, principal: Principal) -> SourceText | None:
        """None if the version does not exist or this principal may not read it."""
        ...

    async def day(self, document_id: str, version: int, principal: Principal) -> date | None:
        """The day from which the version holds; None if it holds since ever, does not exist, or may not be read."""
        ...


class Labels(Protocol):
    """Who may read a version; read under row-level security, when the context is built."""

    async def readers(self, versions: Collection[Version], principal: Principal) -> Permits:
        """The principals on the document's label and on the version's own; what this principal may not read is left
        out."""
        ...


class AuditLog(Protocol):
    """Append-only, hash-chained. `append` returns once the record is durable; raises `AuditUnavailable`."""

    async def append(self, record: Mapping[str, Any]) -> str:
        """Returns the record's id."""
        ...


__all__ = [
    "AuditLog",
    "ChatModel",
    "ContextBuilder",
    "EntailmentModel",
    "EvidenceScorer",
    "Gate",
    "InstructionDetector",
    "Judge",
    "Labels",
    "Passage",
    "Search",
    "Selector",
    "VersionText",
]
