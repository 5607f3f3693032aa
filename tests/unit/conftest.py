"""The seams of generation: a model that replays texts and a judge that follows a rule. Everything else is real."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pytest

from generation.types import ChatMessage, Delta, Judgement, Usage, Verdict
from ingest.types import LineBox
from retrieval.types import ChunkText, Context, Hit, Passage, Principal, SearchResult


@dataclass
class ScriptedModel:
    """Implements `ChatModel`: replays `text` in deltas of three characters, then `error` if there is one.

    A token is a word: what is over the limit is cut off.
    """

    text: str
    error: Exception | None = None
    name: str = "scripted"
    adapter: str = ""
    prompts: list[Sequence[ChatMessage]] = field(default_factory=list)
    salts: list[str] = field(default_factory=list)
    closed: bool = False

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        self.prompts.append(messages)
        self.salts.append(cache_salt)
        try:
            words = self.text.split(" ")[:max_tokens]
            text = " ".join(words)
            for at in range(0, len(text), 3):
                yield Delta(text[at : at + 3])
            if self.error:
                raise self.error
            yield Delta("", Usage(7, len(words)), cut=text != self.text)
        finally:
            self.closed = True

    async def first_token(
        self, messages: Sequence[ChatMessage], *, top: int = 20, cache_salt: str = ""
    ) -> Mapping[str, float]:
        raise NotImplementedError


@dataclass
class ScriptedJudge:
    """Implements `Judge`: entails every claim but those that hold one of `refused`."""

    refused: tuple[str, ...] = ()
    name: str = "scripted-judge"
    pairs: list[tuple[str, str]] = field(default_factory=list)

    async def judge(self, evidence: str, claim: str, *, question: str = "") -> Judgement:
        self.pairs.append((evidence, claim))
        refused = any(word in claim for word in self.refused)
        return Judgement(Verdict.NEUTRAL, 0.1, "judge") if refused else Judgement(Verdict.ENTAILED, 0.9, "judge")


class WordScorer:
    """Implements `EvidenceScorer`: how many words claim and text share."""

    def score(self, query: str, texts: Sequence[str]) -> Any:
        asked = set(query.lower().rstrip(".").split())
        return np.array([len(asked & set(text.lower().rstrip(".").split())) for text in texts], np.float32)


@dataclass(frozen=True)
class Source:
    """A version in memory, shown to the model as one passage [start, end) of its text."""

    text: str
    title: str = "Lease"
    section_path: tuple[str, ...] = ()
    start: int = 0
    end: int | None = None
    page: int | None = None
    lines: tuple[LineBox, ...] = ()
    table_header: str = ""
    name: str = "lease"

    def chunk(self) -> ChunkText:
        end = len(self.text) if self.end is None else self.end
        return ChunkText(
            chunk_id=f"{self.name}-{self.start}", document_id=self.name, version=1, content_sha256="ab" * 32, title=self.title,
            source=f"{self.name}.txt", ordinal=0, start=self.start, end=end, text=self.text[self.start : end],
            section_path=self.section_path, page=self.page, table_header=self.table_header,
        )  # fmt: skip

    def passage(self, marker: int = 1) -> Passage:
        chunk = self.chunk()
        return Passage(marker, chunk, chunk.text, chunk.start, chunk.end)


def context_of(*sources: Source) -> Context:
    return Context(tuple(source.passage(marker) for marker, source in enumerate(sources, 1)))


@dataclass
class Shelf:
    """`Search`, `ContextBuilder` and `VersionText` over sources that the asker may read."""

    sources: tuple[Source, ...]
    texts: dict[str, str] = field(default_factory=dict)  # what the store holds, where it is not what was retrieved

    async def search(self, query: str, principal: Principal, top_k: int, *, as_of: date | None = None) -> SearchResult:
        hits = tuple(Hit(source.chunk(), 1.0, {"fused": 1.0}) for source in self.sources)
        return SearchResult(query, hits, "snapshot", {"embed": 1.0})

    async def build(self, query: str, result: SearchResult, principal: Principal) -> Context:
        return context_of(*self.sources)

    async def text(self, document_id: str, version: int, principal: Principal) -> tuple[str, Sequence[LineBox]] | None:
        for source in self.sources:
            if source.name == document_id:
                return self.texts.get(document_id, source.text), source.lines
        return None


@pytest.fixture
def model() -> type[ScriptedModel]:
    return ScriptedModel


@pytest.fixture
def judge() -> type[ScriptedJudge]:
    return ScriptedJudge


@pytest.fixture
def source() -> type[Source]:
    return Source


@pytest.fixture
def shelf() -> type[Shelf]:
    return Shelf


@pytest.fixture
def context() -> Callable[..., Context]:
    return context_of


@pytest.fixture
def scorer() -> WordScorer:
    return WordScorer()
