"""The gate and the answer service, put together from the parts of one process."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING

from api.language import JUDGE_SLOT, RELEVANCE_SLOT, REPAIR_SLOT, Language
from api.tiers import router
from generation.answering.repair import Repairer
from generation.faithfulness import Gate, YesNoJudge
from generation.prompts import load_prompt
from generation.protocols import ChatModel
from generation.relevance import Relevance
from generation.routing import Router
from generation.service import AnswerOptions, AnswerService
from generation.types import ModelCard
from infra.models.store import sha256_of
from infra.postgres.chunks import PostgresLabels, PostgresVersionText
from infra.settings import Settings
from infra.tiers import load_tiers

if TYPE_CHECKING:
    from api.bootstrap import Container


def gate(parts: Container) -> Gate:
    """The trained judge, with the language model where that one is unsure."""
    language, settings = parts.language, parts.settings
    relevance = _second(language, RELEVANCE_SLOT, "relevance", settings.relevance_threshold)
    return Gate(
        parts.judge,
        parts.limits,
        relevance=Relevance(parts.reranker, second=relevance),
        second=_second(language, JUDGE_SLOT, "judge", settings.judge_threshold),
    )


def answer_service(parts: Container) -> AnswerService:
    """With the adapter that is in use now: another one needs another service."""
    settings, language = parts.settings, parts.language
    written = AnswerOptions(max_tokens=settings.max_tokens)
    own = language.generator()
    return AnswerService(
        search=parts.answer_search,
        context=parts.context_builder,
        model=own,
        gate=parts.gate,
        repairer=Repairer(language.base(REPAIR_SLOT), load_prompt("repair")),
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
        options=written,
        router=_router(settings, own),
        labels=PostgresLabels(parts.pool),
        recipe={
            "footnote": version("footnote"),
            "search": asdict(parts.answer_search.options),
            "context": {**asdict(parts.context_options), "shown_chars": settings.shown_chars},
            "answer": asdict(written),
            "engine": settings.llm_url or _engine(settings),
            "tiers": load_tiers(settings.tiers).model_dump(mode="json") if settings.tiers else None,
        },
    )


def _engine(settings: Settings) -> str:
    """Another build of llama.cpp computes with other kernels, and so may choose other words."""
    own = settings.llama_server
    return f"{own.name}@{sha256_of(own)[:12]}" if own and settings.engine == "llama.cpp" else settings.engine


def _second(language: Language, slot: int, prompt: str, threshold: float) -> YesNoJudge:
    return YesNoJudge(language.checker(slot, prompt), load_prompt(prompt), threshold=threshold)


def _router(settings: Settings, own: ChatModel) -> Router | None:
    if settings.tiers is None:
        return None
    return router(settings.tiers, own, settings.llm_timeout_s, remote=bool(settings.llm_url))
