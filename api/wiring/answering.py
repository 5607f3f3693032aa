"""The gate and the answer service, put together from the parts of one process."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from api.wiring.language import JUDGE_SLOT, RELEVANCE_SLOT, Language
from api.wiring.tiers import router
from generation.answering.routing import Router
from generation.answering.service import AnswerOptions, AnswerService
from generation.gate.gate import CascadeGate, YesNoJudge
from generation.gate.relevance import BESIDE, SURE, Relevance
from generation.prompts import ANSWER, CITED, load_prompt
from generation.protocols import ChatModel
from generation.types import ModelCard
from infra.models.store import sha256_of
from infra.postgres.chunks import PostgresLabels, PostgresVersionText
from infra.settings import Settings
from infra.tiers import load_tiers

if TYPE_CHECKING:
    from api.bootstrap import Container

PROMPTS = (ANSWER, CITED, "judge", "relevance", "hyde")


def gate(parts: Container) -> CascadeGate:
    """The trained judge, with the language model where that one is unsure."""
    language, settings = parts.language, parts.settings
    relevance = _second(language, RELEVANCE_SLOT, "relevance", settings.relevance_threshold)
    return CascadeGate(
        parts.judge,
        parts.limits,
        relevance=Relevance(parts.reranker, second=relevance),
        second=_second(language, JUDGE_SLOT, "judge", settings.judge_threshold),
    )


def answer_service(parts: Container) -> AnswerService:
    """With the adapter that is in use now: another one needs another service."""
    settings, language = parts.settings, parts.language
    own = language.generator()
    return AnswerService(
        search=parts.answer_search,
        context=parts.context_builder,
        model=own,
        gate=parts.gate,
        versions=PostgresVersionText(parts.pool),
        audit=parts.audit,
        prompt=language.prompt,
        card=ModelCard(
            generator=parts.pinned(own.name),
            adapter=own.adapter,
            embedder=parts.pinned(settings.embedder),
            reranker=parts.pinned(settings.reranker),
            judge=parts.gate.name,
            prompt=language.prompt.pinned,
            snapshot="",
        ),
        options=_options(settings),
        router=_router(settings, own),
        labels=PostgresLabels(parts.pool),
        selector=parts.selector,
        recipe=recipe(parts),
    )


def recipe(parts: Container) -> dict[str, object]:
    """What decides an answer besides question, documents and adapter, as JSON holds it: the same with any adapter."""
    settings = parts.settings
    return {
        "footnote": version("footnote"),
        "models": {
            "generator": parts.pinned(parts.language.generator().name),
            "embedder": parts.pinned(settings.embedder),
            "reranker": parts.pinned(settings.reranker),
            "judge": parts.pinned(settings.judge),
            "selector": parts.pinned(settings.selector) if settings.selector else None,
        },
        "engine": engine(settings),
        "server": _server(settings),
        "search": {**asdict(parts.answer_search.options), "index_device": settings.index_device},
        "context": {**asdict(parts.context_options), "shown_chars": settings.shown_chars},
        "answer": asdict(_options(settings)),
        "gate": {
            **asdict(parts.limits),
            "relevance": [BESIDE, SURE],
            "relevance_threshold": settings.relevance_threshold,
            "judge_threshold": settings.judge_threshold,
        },
        "prompts": {name: load_prompt(name).digest for name in PROMPTS},
        "tiers": _tiers(settings),
    }


def engine(settings: Settings) -> str:
    """What computes: an address, or "vllm", or "llama.cpp" and its build, for another one computes with other kernels
    and so may choose other words."""
    if settings.llm_url or settings.engine != "llama.cpp":
        return settings.llm_url or settings.engine
    own = settings.llama_server
    return f"llama.cpp {own.name}@{sha256_of(own)[:12]}" if own else f"llama.cpp xllamacpp@{version('xllamacpp')}"


def _options(settings: Settings) -> AnswerOptions:
    return AnswerOptions(max_tokens=settings.max_tokens, quote_from=settings.quote_from)


def _server(settings: Settings) -> dict[str, object] | None:
    """How a server of our own is started; of another's nothing is known."""
    if settings.llm_url:
        return None
    started: dict[str, object] = {"context_tokens": settings.context_tokens}
    if settings.engine == "vllm":
        started |= {"model": settings.vllm_model, "flags": dict(settings.vllm)}
    return started


def _tiers(settings: Settings) -> dict[str, Any] | None:
    if settings.tiers is None:
        return None
    stated = load_tiers(settings.tiers).model_dump(mode="json")
    for tier in stated["tier"]:
        tier["sees"] = tier["sees"] and sorted(tier["sees"])  # a set: in another order in every process
    return stated


def _second(language: Language, slot: int, prompt: str, threshold: float) -> YesNoJudge:
    return YesNoJudge(language.base(slot), load_prompt(prompt), threshold=threshold)


def _router(settings: Settings, own: ChatModel) -> Router | None:
    if settings.tiers is None:
        return None
    return router(settings.tiers, own, settings.llm_timeout_s, remote=bool(settings.llm_url))
