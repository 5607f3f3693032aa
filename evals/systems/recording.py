"""What search and generator make of each question, before any gate: recorded once, replayed with each gate.

The generator is by far the slowest part, and what it writes does not depend on the gate.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from api.bootstrap import Container
from evals.datasets.asked import Asked, Source
from evals.measuring.code import SERVING, code
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from generation.answering.service import AnswerOptions, AnswerService
from generation.errors import GenerationError
from generation.gate.claims import claim_text, markers
from generation.gate.evidence import candidates
from generation.prompts import Prompt
from generation.protocols import ChatModel, ContextBuilder, Search, Selector
from generation.types import ChatMessage, Decision, Delta, Judgement, ModelCard, Stage, Verdict
from infra.postgres.chunks import PostgresVersionText
from retrieval.types import EVERYTHING, Context, Filter, Principal, SearchResult

ROW = "recorded"
Row = dict[str, Any]


async def record(
    parts: Mapping[Source, Container], model: ChatModel, asked: Sequence[Asked], results: ResultFile
) -> list[Row]:
    """Asks what `results` does not hold yet under the same generator, prompt and options, with the prompt that the
    language model in use is asked with: an adapter's own where it has one."""
    prompt = parts["cuad"].language.prompt
    setup = _setup(parts, model, prompt)
    known = {row["key"]: row for row in results.rows if row.get("row") == ROW and row["setup"] == setup}
    todo = [question for question in asked if question.key not in known]
    with progress("recorded", len(todo)) as step:
        for question in todo:
            started = time.perf_counter()
            try:
                found = await _asked(parts[question.source], question, model, prompt)
            except GenerationError as error:
                step(f"{question.key}  not recorded: {error}")
                continue
            spent = round(time.perf_counter() - started, 2)
            known[question.key] = results.add({"row": ROW, "setup": setup, **found, "seconds": spent})
            step(f"{question.key}  {question.case.kind:<12}  {spent:.1f} s")
    return [known[question.key] for question in asked if question.key in known]


def service(
    parts: Container,
    *,
    search: Search,
    context: ContextBuilder,
    model: ChatModel,
    gate: Any,
    audit: MemoryAudit,
    prompt: Prompt,
    selector: Selector | None = None,
) -> AnswerService:
    """The real answer service over these parts; without a `selector` nothing is quoted before what `model` writes."""
    return AnswerService(
        search=search,
        context=context,
        model=model,
        gate=gate,
        versions=PostgresVersionText(parts.pool),
        audit=audit,
        prompt=prompt,
        card=ModelCard(model.name, model.adapter, parts.settings.embedder, parts.settings.reranker, gate.name, "", ""),
        options=AnswerOptions(max_tokens=parts.settings.max_tokens, quote_from=parts.settings.quote_from),
        selector=selector,
    )


def digest(messages: Sequence[ChatMessage]) -> str:
    """By which a replay knows that the prompt is the recorded one."""
    return hashlib.sha256("\0".join(message.content for message in messages).encode()).hexdigest()


@dataclass
class MemoryAudit:
    """The audit record, kept here."""

    record: Mapping[str, Any] = field(default_factory=dict)

    async def append(self, record: Mapping[str, Any]) -> str:
        self.record = record
        return "bench"


class OpenGate:
    """No gate: every sentence with words passes, on the nearest words of each passage that it cites, or of the
    nearest passage of all if it cites none."""

    name = "open"

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
        text = claim_text(sentence)
        if not any(character.isalnum() for character in text):
            return Decision(text, Judgement(Verdict.NEUTRAL, 0.0, Stage.MARKER, "no words"))
        cited = [passage for marker in markers(sentence) if (passage := context.passage(marker))]
        nearest = [found[0] for passage in cited or context.passages if (found := candidates(text, passage))]
        if not cited:
            nearest = sorted(nearest, key=lambda item: item.score, reverse=True)[:1]
        return Decision(text, Judgement(Verdict.ENTAILED, 1.0, Stage.MARKER), evidence=tuple(nearest))

    async def instead(self, sentence: str, context: Context, documents: dict[int, str], question: str) -> None:
        return None

    async def conflict(self, decision: Decision, context: Context) -> None:
        return None


@dataclass
class _Seen:
    """Passes on what search, context builder and generator give, and keeps it."""

    search_by: Search
    context_by: ContextBuilder
    model: ChatModel
    result: SearchResult | None = None
    context: Context = field(default_factory=lambda: Context(()))
    replies: list[Row] = field(default_factory=list)  # one for each part of the question, if it has several

    def __post_init__(self) -> None:
        self.name, self.adapter = self.model.name, self.model.adapter

    async def search(
        self, query: str, principal: Principal, top_k: int, *, as_of: date | None = None, only: Filter = EVERYTHING
    ) -> SearchResult:
        self.result = await self.search_by.search(query, principal, top_k, as_of=as_of, only=only)
        return self.result

    async def build(self, query: str, result: SearchResult, principal: Principal) -> Context:
        self.context = await self.context_by.build(query, result, principal)
        return self.context

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        """The whole reply is read before any of it goes on: the service may not want all of it."""
        reply = self.model.stream(messages, max_tokens=max_tokens, stop=stop, cache_salt=cache_salt)
        async with aclosing(reply) as deltas:
            read = [delta async for delta in deltas]
        text = "".join(delta.text for delta in read)
        self.replies.append({"messages_sha256": digest(messages), "raw": text, "cut": read[-1].cut})
        for delta in read:
            yield delta

    async def first_token(
        self, messages: Sequence[ChatMessage], *, top: int = 20, cache_salt: str = ""
    ) -> Mapping[str, float]:
        return await self.model.first_token(messages, top=top, cache_salt=cache_salt)


async def _asked(parts: Container, asked: Asked, model: ChatModel, prompt: Prompt) -> Row:
    case = asked.case
    seen = _Seen(parts.answer_search, parts.context_builder, model)
    asking = service(parts, search=seen, context=seen, model=seen, gate=OpenGate(), audit=MemoryAudit(), prompt=prompt)
    await asking.answer(case.question, case.asker)
    assert seen.result is not None
    return {
        "key": asked.key,
        "source": asked.source,
        "kind": case.kind,
        "contract": asked.contract,
        "question": case.question,
        "asker": {"user": case.asker.user, "groups": sorted(case.asker.groups)},
        "result": {**asdict(seen.result), "timings_ms": {}},
        "context": [asdict(passage) for passage in seen.context.passages],
        "lead": asdict(seen.context.lead) if seen.context.lead else None,
        "replies": seen.replies,
    }


def _setup(parts: Mapping[Source, Container], model: ChatModel, prompt: Prompt) -> Row:
    """What decides the recorded text besides questions and documents."""
    contracts = parts["cuad"]
    return {
        "generator": model.name,
        "adapter": model.adapter,
        "prompt": prompt.pinned,
        "max_tokens": contracts.settings.max_tokens,
        "context": {**asdict(contracts.context_options), "shown_chars": contracts.settings.shown_chars},
        "search": asdict(contracts.answer_search.options),
        "code": code(*SERVING),
    }
