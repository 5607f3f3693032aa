"""The seams of generation: a model that replays texts and a judge that follows a rule. Everything else is real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from generation.answering.service import AnswerService
from generation.errors import AuditUnavailable
from generation.gate.claims import claim_text, markers, sentence_spans
from generation.prompts import load_prompt
from generation.types import ChatMessage, Decision, Delta, Evidence, Judgement, ModelCard, SourceText, Usage, Verdict
from ingest.types import FileWarning, LineBox
from retrieval.types import ChunkText, Context, Hit, Lead, NamedDocument, Passage, Principal, SearchResult

RENT = "The rent is £500 per month. Dogs are welcome."
FEES = "The kennel fee is £7. Cats pay nothing."
CARD = ModelCard("g", "a", "e", "r", "j", "p", "")


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


@dataclass
class ScriptedGate:
    """In the place of `Gate`. A sentence that holds a word of `caught` fails at that word's stage ("relevance" only
    at the opening); any other rests on the sentence of each cited passage that shares most words with it, `moved` if
    it holds one of these words. What holds a word of `against` is contradicted by that quote of that marker; in the place
    of what holds a word of `sources` that is checked."""

    caught: Mapping[str, str] = field(default_factory=dict)
    moved: tuple[str, ...] = ()
    against: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    name: str = "scripted-gate"
    asked: list[tuple[str, bool, str]] = field(default_factory=list)  # sentence, opening, before
    opposed: list[str] = field(default_factory=list)  # the sentences for which a conflict was sought

    async def check(
        self, sentence: str, context: Context, documents: dict[int, str], question: str, *, opening: bool,
        before: str = "",
    ) -> Decision:  # fmt: skip
        self.asked.append((sentence, opening, before))
        text = claim_text(sentence)
        spans = tuple(_nearest(text, passage) for marker in markers(sentence) if (passage := context.passage(marker)))
        stage = next((stage for word, stage in self.caught.items() if word in text), "") if spans else "marker"
        if stage and (stage != "relevance" or opening):
            failed = Judgement(Verdict.NEUTRAL, 0.1, stage)
            return Decision(text, failed, checks=((stage, True),))
        moved = any(word in text for word in self.moved)
        passed = Judgement(Verdict.ENTAILED, 0.9, "judge")
        return Decision(text, passed, evidence=spans, moved=moved, checks=(("figures", False), ("judge", False)))

    async def instead(
        self, sentence: str, context: Context, documents: dict[int, str], question: str
    ) -> Decision | None:
        source = next((source for word, source in self.sources.items() if word in sentence), None)
        return await self.check(source, context, documents, question, opening=True) if source else None

    async def conflict(self, decision: Decision, context: Context) -> Evidence | None:
        self.opposed.append(decision.text)
        for word, (marker, quote) in self.against.items():
            passage = context.passage(marker)
            if word in decision.text and passage is not None and quote in passage.text:
                start = passage.start + passage.text.index(quote)
                return Evidence(passage, start, start + len(quote), 0.0)
        return None


def _nearest(text: str, passage: Passage) -> Evidence:
    words = set(text.lower().rstrip(".").split())

    def shared(span: tuple[int, int]) -> int:
        return len(words & set(passage.text[slice(*span)].lower().rstrip(".").split()))

    start, end = max(sentence_spans(passage.text), key=shared)
    return Evidence(passage, passage.start + start, passage.start + end, 0.0)


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
    warnings: tuple[FileWarning, ...] = ()
    table_header: str = ""
    name: str = "lease"
    version: int = 1
    day: date | None = None

    def chunk(self) -> ChunkText:
        end = len(self.text) if self.end is None else self.end
        return ChunkText(
            chunk_id=f"{self.name}-{self.start}", document_id=self.name, version=self.version, content_sha256="ab" * 32, title=self.title,
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
    lead: Lead | None = None
    named: tuple[NamedDocument, ...] = ()

    async def search(self, query: str, principal: Principal, top_k: int, **_: Any) -> SearchResult:
        hits = tuple(Hit(source.chunk(), 1.0, {"fused": 1.0}) for source in self.sources)
        return SearchResult(query, hits, "snapshot", {"embed": 1.0}, named=self.named)

    async def build(self, query: str, result: SearchResult, principal: Principal) -> Context:
        found = {hit.chunk.chunk_id for hit in result.hits}
        shown = [source for source in self.sources if source.chunk().chunk_id in found]
        return replace(context_of(*shown), lead=self.lead)

    async def text(self, document_id: str, version: int, principal: Principal) -> SourceText | None:
        for source in self.sources:
            if source.name == document_id:
                return SourceText(self.texts.get(document_id, source.text), source.lines, source.warnings)
        return None

    async def day(self, document_id: str, version: int, principal: Principal) -> date | None:
        return next((source.day for source in self.sources if source.name == document_id), None)


class Trail:
    """An audit log in memory: all rows, and of them the last ones of answers; with `broken` it cannot be written."""

    def __init__(self, broken: bool = False) -> None:
        self.broken = broken
        self.rows: list[Mapping[str, Any]] = []

    async def append(self, record: Mapping[str, Any]) -> str:
        await asyncio.sleep(0)
        if self.broken:
            raise AuditUnavailable("no disk")
        self.rows.append(record)
        return f"audit-{len(self.rows)}"

    @property
    def records(self) -> list[Mapping[str, Any]]:
        return [row for row in self.rows if row["kind"] == "closed"]


@pytest.fixture
def parts() -> Callable[..., tuple[AnswerService, ScriptedModel, Trail]]:
    """Makes a service around a model that says `text`: over two documents, unless `shelf` holds others; with a gate
    that catches `caught`, unless there is another."""

    def make(text: str, **given: Any) -> tuple[AnswerService, ScriptedModel, Trail]:
        held = given.get("shelf") or Shelf((Source(RENT), Source(FEES, name="fees", title="Fees")))
        said = ScriptedModel(text, given.get("error"))
        trail = Trail(given.get("broken", False))
        service = AnswerService(
            search=held, context=held, model=said, versions=held,
            gate=given.get("gate") or ScriptedGate(given.get("caught", {})),
            audit=trail, prompt=load_prompt("answer"), card=CARD, options=given.get("options"),
            router=given.get("router"), labels=given.get("labels"), selector=given.get("selector"), detector=given.get("detector"),
        )  # fmt: skip
        return service, said, trail

    return make


@pytest.fixture
def model() -> type[ScriptedModel]:
    return ScriptedModel


@pytest.fixture
def judge() -> type[ScriptedJudge]:
    return ScriptedJudge


@pytest.fixture
def scripted_gate() -> type[ScriptedGate]:
    return ScriptedGate


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
