"""The gate and the answer service, put together from the parts of one process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from api.wiring.language import JUDGE_SLOT, OPENVINO, RELEVANCE_SLOT, Language
from api.wiring.observed import ObservedAudit, ObservedContext, ObservedGate, ObservedModel
from api.wiring.observing import Telemetry
from api.wiring.tiers import router
from api.wiring.weights import Pinned
from generation.answering.routing import Router
from generation.answering.service import AnswerOptions, AnswerService
from generation.answering.strictness import told
from generation.gate.gate import CascadeGate
from generation.gate.instructions import RULES
from generation.gate.reader import PROMPT as READER
from generation.gate.reader import StateReader, shipped_heads
from generation.gate.relevance import BESIDE, SURE, Relevance
from generation.gate.yes_no import YesNoJudge
from generation.llm.rewriting import PROMPT as FOLLOW_UP
from generation.prompts import ANSWER, CITED, load_prompt
from generation.protocols import (
    AuditLog,
    ChatModel,
    ContextBuilder,
    EntailmentModel,
    EvidenceScorer,
    Gate,
    InstructionDetector,
    Reader,
    Search,
    Selector,
)
from generation.types import Limits, ModelCard, Strict
from infra.llm.openvino_graph import numbers
from infra.models.store import sha256_of
from infra.postgres.chunks import PostgresLabels, PostgresVersionText
from infra.postgres.pool import Pool
from infra.settings import Settings
from infra.tiers import load_tiers
from retrieval.context.context import ContextOptions
from retrieval.types import SearchOptions

PROMPTS = (ANSWER, CITED, "judge", "relevance", READER, "hyde", FOLLOW_UP)


def gate(
    settings: Settings, language: Language, judge: EntailmentModel, limits: Limits, reranker: EvidenceScorer
) -> Gate:
    """The trained judge with the language model: as a reader where it tells states and there are heads for it, else by
    its yes or no where the trained one is unsure."""
    relevance = _second(language, RELEVANCE_SLOT, "relevance", settings.relevance_threshold)
    return CascadeGate(
        judge,
        limits,
        relevance=Relevance(reranker, second=relevance),
        second=_second(language, JUDGE_SLOT, "judge", settings.judge_threshold),
        reader=reader(language) if limits.pooled else None,
    )


def reader(language: Language) -> Reader | None:
    """The language model as reader, if the shipped heads are for it."""
    heads, prompt, model = shipped_heads(), load_prompt(READER), language.base(JUDGE_SLOT)
    if not model.tells_states or (heads.generator, heads.prompt) != (language.weights, prompt.digest):
        return None
    return StateReader(model, prompt, heads)


def answer_service(
    settings: Settings,
    language: Language,
    gate: Gate,
    *,
    search: Search,
    context: ContextBuilder,
    selector: Selector | None,
    detector: InstructionDetector | None,
    pool: Pool,
    audit: AuditLog,
    pinned: Pinned,
    recipe: Mapping[str, object],
    release: str | None,
    purpose: str | None,
    telemetry: Telemetry,
    model: ChatModel | None = None,
) -> AnswerService:
    """With the adapter of this `language`: another one needs another service. Its stages are observed, but the
    search. `model` writes in its place."""
    own = ObservedModel(model or language.generator(), telemetry, _provider(settings, language.engine))
    return AnswerService(
        search=search,
        context=ObservedContext(context, telemetry),
        model=own,
        gate=ObservedGate(gate, telemetry),
        versions=PostgresVersionText(pool),
        audit=ObservedAudit(audit, telemetry),
        prompt=language.prompt,
        card=ModelCard(
            generator=pinned(own.name),
            adapter=own.adapter,
            embedder=pinned(settings.embedder),
            reranker=pinned(settings.reranker),
            judge=gate.name,
            prompt=language.prompt.pinned,
            snapshot="",
        ),
        options=_options(settings),
        router=_router(settings, own, telemetry),
        labels=PostgresLabels(pool),
        selector=selector,
        detector=detector,
        recipe=recipe,
        strict=strict(settings),
        stricter=Strict(settings.strictness_support),
        release=release,
        purpose=purpose,
    )


def recipe(
    settings: Settings,
    limits: Limits,
    search: SearchOptions,
    context: ContextOptions,
    pinned: Pinned,
    *,
    generator: str,
    own: str,
    beside: str = "",
) -> dict[str, object]:
    """What decides an answer besides question, documents and adapter, as JSON holds it: the same with any adapter.

    `search` and `context` are the options that answers are found and written with; `generator` is what the language
    model is called, `own` the engine that a server of our own has, `beside` the index that is searched in the place of
    the usual one.
    """
    return {
        "footnote": version("footnote"),
        "models": {
            "generator": pinned(generator),
            "embedder": pinned(settings.embedder),
            "reranker": pinned(settings.reranker),
            "judge": pinned(settings.judge),
            "selector": pinned(settings.selector) if settings.selector else None,
            "detector": pinned(settings.detector) if settings.detector else None,
        },
        "engine": engine(settings, own),
        "server": _server(settings),
        "search": {**asdict(search), "index_device": settings.index_device},
        "context": {**asdict(context), "shown_chars": settings.shown_chars},
        "answer": asdict(_options(settings)),
        "gate": {
            **asdict(limits),
            "relevance": [BESIDE, SURE],
            "relevance_threshold": settings.relevance_threshold,
            "judge_threshold": settings.judge_threshold,
        },
        "guard": RULES if settings.detector else None,
        "prompts": {name: load_prompt(name).digest for name in PROMPTS},
        "tiers": _tiers(settings),
        **({"index": beside} if beside else {}),
        **told(strict(settings)),
    }


def engine(settings: Settings, own: str) -> str:
    """What computes: an address (of several servers, which are alike, the first one's: who of them gave an answer does
    not matter, and one may be added), or "vllm", or the engine of our `own` server with its build and what decides its
    numbers, for another one computes with other kernels and so may choose other words."""
    if settings.llm_url or settings.engine == "vllm":
        return settings.llm_urls[0] if settings.llm_url else settings.engine
    if own == OPENVINO:
        told = " ".join(f"{name.lower()}={value}" for name, value in numbers().items())
        return f"openvino {version('openvino-genai')} threads={settings.threads} {told}"
    program = settings.llama_server
    if program:
        return f"llama.cpp {program.name}@{sha256_of(program)[:12]}"
    return f"llama.cpp xllamacpp@{version('xllamacpp')}"


def strict(settings: Settings) -> Strict | None:
    """What holds for all."""
    return Strict(settings.strictness_support) if settings.strictness == "strict" else None


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


def _provider(settings: Settings, own: str) -> str:
    """Of the language model, as traces name it."""
    if settings.llm_url:
        return settings.llm_protocol
    return "vllm" if settings.engine == "vllm" else own


def _router(settings: Settings, own: ChatModel, telemetry: Telemetry) -> Router | None:
    if settings.tiers is None:
        return None

    def watched(model: ChatModel) -> ChatModel:
        return ObservedModel(model, telemetry, "openai")

    return router(settings.tiers, own, settings.llm_timeout_s, remote=bool(settings.llm_url), watched=watched)
