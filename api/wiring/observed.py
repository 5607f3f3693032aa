"""Parts of the answer path under observation: each is the part itself, timed, counted and traced. Nothing of what is
asked, read or written is told."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from structlog.contextvars import get_contextvars

from api.wiring.admitting import Again
from api.wiring.observing import Telemetry
from generation.protocols import AuditLog, ChatModel, ContextBuilder, Gate
from generation.types import Answer, ChatMessage, Decision, Delta, Event, Evidence, FinalEvent, Status, Usage
from infra.telemetry import genai
from infra.telemetry.tracing import legs, now_ns
from retrieval.types import EVERYTHING, Context, Filter, Principal, SearchOptions, SearchResult

_STAGES = (
    "first_token",
    "first_sentence",
    "total",
)  # of `Answer.timings_ms`; the others are observed where they happen


class Searches(Protocol):
    @property
    def options(self) -> SearchOptions: ...

    async def search(
        self,
        query: str,
        principal: Principal,
        top_k: int,
        *,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        options: SearchOptions | None = None,
    ) -> SearchResult: ...


class Asked(Protocol):
    async def answer(
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        earlier: Sequence[str] = (),
        again: Again | None = None,
        strict: bool = False,
    ) -> Answer: ...

    def stream(
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        earlier: Sequence[str] = (),
        again: Again | None = None,
        strict: bool = False,
    ) -> AsyncGenerator[Event, None]: ...


class ObservedSearch:
    """A search whose legs are spans: the stages that it times itself."""

    def __init__(self, search: Searches, telemetry: Telemetry) -> None:
        self._search, self._telemetry = search, telemetry
        self.options = search.options

    async def search(
        self,
        query: str,
        principal: Principal,
        top_k: int,
        *,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        options: SearchOptions | None = None,
    ) -> SearchResult:
        told = self._telemetry
        with told.stage("search", {genai.OPERATION: genai.RETRIEVAL}) as span:
            started = now_ns()
            result = await self._search.search(query, principal, top_k, as_of=as_of, only=only, options=options)
            legs(told.tracing, started, result.timings_ms)
            span.set({"footnote.hits": len(result.hits), "footnote.parts": len(result.parts)})
        for stage, spent in result.timings_ms.items():
            told.took(f"search.{stage}", spent / 1000)
        return result


class ObservedContext:
    def __init__(self, context: ContextBuilder, telemetry: Telemetry) -> None:
        self._context, self._telemetry = context, telemetry

    async def build(self, query: str, result: SearchResult, principal: Principal) -> Context:
        with self._telemetry.stage("context") as span:
            built = await self._context.build(query, result, principal)
            span.set({"footnote.passages": len(built.passages)})
            return built


class ObservedGate:
    """An event for each sentence: verdict, support and the stage that decided."""

    def __init__(self, gate: Gate, telemetry: Telemetry) -> None:
        self._gate, self._telemetry = gate, telemetry
        self.name = gate.name

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
        with self._telemetry.stage("gate") as span:
            decision = await self._gate.check(sentence, context, documents, question, opening=opening, before=before)
            found = decision.judgement
            span.event(
                genai.EVALUATION,
                {
                    genai.EVALUATION_NAME: genai.FAITHFULNESS,
                    genai.EVALUATION_LABEL: str(found.verdict),
                    genai.EVALUATION_SCORE: float(found.support),
                    "footnote.gate.stage": str(found.stage),
                },
            )
        self._telemetry.metrics.verdicts.labels(str(found.verdict), str(found.stage)).inc()
        return decision

    async def instead(
        self, sentence: str, context: Context, documents: dict[int, str], question: str
    ) -> Decision | None:
        with self._telemetry.stage("gate.instead"):
            return await self._gate.instead(sentence, context, documents, question)

    async def conflict(self, decision: Decision, context: Context) -> Evidence | None:
        with self._telemetry.stage("gate.conflict"):
            return await self._gate.conflict(decision, context)


class ObservedModel:
    """A language model whose replies are spans, and whose tokens are counted."""

    def __init__(self, model: ChatModel, telemetry: Telemetry, provider: str) -> None:
        self._model, self._telemetry, self._provider = model, telemetry, provider
        self.name, self.adapter = model.name, model.adapter

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        told, reply = self._telemetry, _Reply()
        asked = {genai.OPERATION: genai.CHAT, genai.PROVIDER: self._provider, genai.REQUEST_MODEL: self.name}
        span = told.tracing.begun(f"chat {self.name}", asked | {genai.MAX_TOKENS: max_tokens, genai.STREAM: True})
        team = told.team
        try:
            stream = self._model.stream(messages, max_tokens=max_tokens, stop=stop, cache_salt=cache_salt)
            async with aclosing(stream) as deltas:
                async for delta in deltas:
                    reply.heard(delta)
                    yield delta
        except Exception as error:
            span.failed(getattr(error, "code", type(error).__qualname__))
            raise
        finally:
            span.set(reply.attributes())
            span.end()
            told.took("chat", time.perf_counter() - reply.started)
            told.metrics.used(self.name, team, reply.usage.prompt_tokens, reply.usage.completion_tokens)

    async def first_token(
        self, messages: Sequence[ChatMessage], *, top: int = 20, cache_salt: str = ""
    ) -> Mapping[str, float]:
        return await self._model.first_token(messages, top=top, cache_salt=cache_salt)


class _Reply:
    """What a reply has come to. Its tokens: as the server tells them, else one for each piece."""

    def __init__(self) -> None:
        self.started, self.first, self._pieces = time.perf_counter(), 0.0, 0
        self._told: Usage | None = None

    def heard(self, delta: Delta) -> None:
        self.first = self.first or time.perf_counter() - self.started
        self._pieces += bool(delta.text)
        self._told = delta.usage or self._told

    @property
    def usage(self) -> Usage:
        return self._told or Usage(0, self._pieces)

    def attributes(self) -> dict[str, str | int | float | bool]:
        usage = self.usage
        return {
            genai.INPUT_TOKENS: usage.prompt_tokens,
            genai.OUTPUT_TOKENS: usage.completion_tokens,
            genai.FIRST_CHUNK: round(self.first, 4),
        }


@dataclass(frozen=True, slots=True)
class ObservedAudit:
    """The trail of answers; an answer's first row names the request that asked for it."""

    audit: AuditLog
    telemetry: Telemetry

    async def append(self, record: Mapping[str, Any]) -> str:
        request_id = get_contextvars().get("request_id")
        if request_id and record.get("kind") == "opened":
            record = {**record, "request_id": request_id}
        with self.telemetry.stage("audit"):
            return await self.audit.append(record)


class ObservedAnswers:
    """Answers, counted by what became of them."""

    def __init__(self, answers: Asked, telemetry: Telemetry) -> None:
        self._answers, self._telemetry = answers, telemetry

    async def answer(
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        earlier: Sequence[str] = (),
        again: Again | None = None,
        strict: bool = False,
    ) -> Answer:
        self._telemetry.asks(principal.groups)
        answer: Answer | None = None
        try:
            answer = await self._answers.answer(
                question, principal, as_of, only, earlier=earlier, again=again, strict=strict
            )
            return answer
        finally:
            self._ended(answer)

    async def stream(
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        earlier: Sequence[str] = (),
        again: Again | None = None,
        strict: bool = False,
    ) -> AsyncGenerator[Event, None]:
        self._telemetry.asks(principal.groups)
        answer: Answer | None = None
        try:
            asking = self._answers.stream(question, principal, as_of, only, earlier=earlier, again=again, strict=strict)
            async with aclosing(asking) as events:
                async for event in events:
                    answer = event.answer if isinstance(event, FinalEvent) else answer
                    yield event
        finally:
            self._ended(answer)

    def _ended(self, answer: Answer | None) -> None:
        """None: it failed, or whoever asked has gone."""
        metrics = self._telemetry.metrics
        metrics.answers.labels("none" if answer is None else str(answer.status)).inc()
        if answer is None:
            return
        if answer.status is Status.ABSTAINED:
            metrics.abstentions.labels(str(answer.why)).inc()
        for name in _STAGES:
            if name in answer.timings_ms:
                self._telemetry.took("answer" if name == "total" else name, answer.timings_ms[name] / 1000)
