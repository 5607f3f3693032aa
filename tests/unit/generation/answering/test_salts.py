"""Nothing that an answer asks of a language model leaves without a salt: else a server with a prefix cache would let
one asker time what another has asked or may read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from evals.systems.in_process import HashEmbedder, Models, Process
from evals.systems.memory_store import Content, MemoryStore
from evals.systems.recording import MemoryAudit
from generation.answering.service import AnswerOptions, AnswerService
from generation.gate.gate import CascadeGate
from generation.gate.relevance import Relevance
from generation.gate.yes_no import YesNoJudge
from generation.llm.hypothesis import HypothesisWriter
from generation.prompts import load_prompt
from generation.types import ChatMessage, Delta, Entailment, Limits, ModelCard, Note, SourceText
from retrieval.context.context import SectionContextBuilder
from retrieval.types import Principal, SearchOptions

RENT = "The rent is £500 per month. All dogs are welcome."
LABEL = frozenset({"group:legal"})
ANA, BEN = Principal("ana", frozenset({"legal"})), Principal("ben", frozenset({"legal", "sales"}))


@dataclass
class Told:
    """A `ChatModel` that says `text`, and yes to every check; `salts` of all that it was asked."""

    text: str
    name: str = "told"
    adapter: str = ""
    salts: list[str] = field(default_factory=list)

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        self.salts.append(cache_salt)
        yield Delta(self.text)

    async def first_token(
        self, messages: Sequence[ChatMessage], *, top: int = 20, cache_salt: str = ""
    ) -> Mapping[str, float]:
        self.salts.append(cache_salt)
        return {"Yes": 0.9, "No": 0.1}


class Unsure:
    """An `EntailmentModel` that leaves all but banned dogs to the second judge, and an `EvidenceScorer` likewise."""

    name = "unsure"

    def entailment(self, evidence: str, claim: str) -> Entailment:
        return Entailment(0.0, 1.0, 0.0) if "banned" in claim else Entailment(0.7, 0.2, 0.1)

    def score(self, query: str, texts: Sequence[str]) -> Any:
        return [-1.0] * len(texts)


class Texts:
    """A `VersionText` whose only version is the lease."""

    async def text(self, *_: object) -> Any:
        return SourceText(RENT, ())

    async def day(self, *_: object) -> date | None:
        return None


@dataclass
class Asked:
    """A service whose every model is a `Told` of its own."""

    root: Path
    models: dict[str, Told] = field(default_factory=dict)

    def model(self, use: str, text: str = "") -> Told:
        return self.models.setdefault(use, Told(text))

    def judge(self, prompt: str) -> YesNoJudge:
        return YesNoJudge(self.model(prompt), load_prompt(prompt), threshold=0.5)

    def service(self) -> AnswerService:
        embedder = HashEmbedder(8)
        store = MemoryStore(embedder)
        store.add_version("lease.txt", Content("Lease", (RENT,)), LABEL, date(2020, 1, 1))
        store.add_version("offer.txt", Content("Offer", (RENT,)), frozenset({"group:sales"}), date(2020, 1, 1))
        imagined = self.model("hyde", "The rent shall be paid monthly.")
        writer = HypothesisWriter(lambda: imagined, load_prompt("hyde"))
        process = Process(store, self.root, Models(embedder, None, writer), SearchOptions(rerank=0, hyde="always"))
        relevance = Relevance(Unsure(), second=self.judge("relevance"))
        gate = CascadeGate(Unsure(), Limits(0.9, 0.5, 0.95), relevance=relevance, second=self.judge("judge"))
        return AnswerService(
            search=process.search,
            context=SectionContextBuilder(store),
            model=self.model("generator", "The rent comes to £500 per month [1]. All dogs are banned [1]."),
            gate=gate,
            versions=Texts(),
            audit=MemoryAudit(),
            prompt=load_prompt("answer"),
            card=ModelCard("", "", "", "", "", "", ""),
            options=AnswerOptions(),
        )


def test_every_request_of_an_answer_has_a_salt_and_what_writes_has_that_of_the_view(tmp_path: Path) -> None:
    asked = Asked(tmp_path)
    service = asked.service()
    found = [asyncio.run(service.answer("What is the rent?", asker)) for asker in (ANA, BEN)]
    assert [sentence.note for sentence in found[0].sentences] == [Note.NONE]  # every part was needed
    views = {answer.model.snapshot for answer in found}
    assert len(views) == 2
    assert set(asked.models) == {"hyde", "generator", "relevance", "judge"}
    assert all(model.salts and all(model.salts) for model in asked.models.values())
    for use in ("hyde", "generator"):
        assert set(asked.models[use].salts) == views, use
