"""Search, the language model, answers."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

from api.bootstrap.ingestion import Ingestion
from api.wiring import (
    absence,
    answering,
    gating,
    hosting,
    searching,
    weights,
)
from api.wiring.adapter_in_use import AdapterInUse, adapter_in_use
from api.wiring.answers import Answers, Hypotheses, hypotheses_of
from api.wiring.hosting import Host
from api.wiring.in_use import AdapterWatch, Answering, InUse
from api.wiring.language import JUDGE_SLOT, Language
from api.wiring.observed import ObservedSearch
from api.wiring.replaying import Replaying, Serving
from generation.absence.service import AbsenceService
from generation.answering.service import AnswerOptions, AnswerService
from generation.gate import FaithfulnessGate
from generation.protocols import AuditLog, ChatModel, Gate, Search, StateModel
from retrieval.context.context import ContextOptions, SectionContextBuilder
from retrieval.search.hybrid import HybridSearch
from retrieval.search.names import NameIndex


class AnswerParts(Ingestion):
    @cached_property
    def names(self) -> NameIndex:
        return NameIndex(self.catalog)

    @cached_property
    def search(self) -> HybridSearch:
        return searching.search(
            self.settings,
            self.index,
            self.chunks,
            self.embedder,
            self.reranker,
            Hypotheses(self.in_use),
            self.names,
        )

    @cached_property
    def answer_search(self) -> HybridSearch:
        return searching.for_answers(self.search, self.answer_reranker)

    def answer_search_by(self, language: Language) -> HybridSearch:
        """The same, its hypotheses by this language model."""
        return self.answer_search.with_writer(hypotheses_of(language))

    @property
    def context_options(self) -> ContextOptions:
        return searching.context_options(self.settings)

    @cached_property
    def context_builder(self) -> SectionContextBuilder:
        return searching.context_builder(self.settings, self.chunks, self.answer_reranker)

    # The language model

    @cached_property
    def host(self) -> Host | None:
        return self._stack.enter_context(hosting.hosted(self.settings, self.models, self.note))

    @cached_property
    def in_use(self) -> InUse:
        return InUse(self._wanted, self._start, self._stack)

    def _wanted(self) -> AdapterInUse | None:
        return adapter_in_use(self.settings, self.models, lambda: self.adapters)

    def _start(self, adapter: AdapterInUse | None) -> Answering:
        def gguf() -> Path:
            return weights.gguf(self.settings, self.folder)

        language = Language(self.settings, gguf, adapter, self.note, self.host)
        language.start()
        return Answering(language, self._gate, self._service)

    def borrow(self, lender: AnswerParts) -> None:
        """Answers by the models of another installation of this process, loaded once for both, over documents of its
        own. Before anything of it is used; the lender is closed later, and under the same settings."""
        self.judge, self.selector, self.detector = lender.judge, lender.selector, lender.detector
        self.reranker, self.answer_reranker, self.limits = lender.reranker, lender.answer_reranker, lender.limits
        # Stopped by the lender alone.
        self.in_use = InUse(lambda: None, lambda _: Answering(lender.language, self._gate, self._service), ExitStack())

    @cached_property
    def adapter_watch(self) -> AdapterWatch:
        watch = AdapterWatch(self.in_use, lambda: self.host)
        self._stack.callback(watch.stop)
        return watch

    def take_over(self) -> bool:
        return self.in_use.take_over()

    @property
    def language(self) -> Language:
        return self.in_use.now().language

    @property
    def generator_model(self) -> ChatModel:
        """What answers are written by."""
        return self.language.generator()

    # Answers

    @property
    def state_model(self) -> StateModel:
        """The base model as the gate's reader asks it."""
        return self.language.base(JUDGE_SLOT)

    def _gate(self, language: Language) -> Gate:
        return answering.gate(self.settings, language, self.judge, self.limits, self.answer_reranker)

    def _service(self, language: Language, gate: Gate) -> AnswerService:
        search = ObservedSearch(self.answer_search_by(language), self.telemetry)
        return self._service_of(language, gate, search, self.audit)

    def _service_of(
        self, language: Language, gate: Gate, search: Search, audit: AuditLog, model: ChatModel | None = None
    ) -> AnswerService:
        return answering.answer_service(
            self.settings,
            language,
            gate,
            search=search,
            context=self.context_builder,
            selector=self.selector,
            detector=self.detector,
            pool=self.pool,
            audit=audit,
            pinned=self.pinned,
            recipe=self._recipe(language),
            telemetry=self.telemetry,
            model=model,
        )

    @cached_property
    def replaying(self) -> Replaying:
        serving = Serving(
            search=self.answer_search_by,
            service=lambda now, search, audit, model: self._service_of(now.language, now.gate, search, audit, model),
            recipe=self._recipe,
            texts=self.version_text,
            passages_searched=AnswerOptions().passages_searched,
        )
        return Replaying(self.audit, self.chunks, self.in_use, serving)

    def _recipe(self, language: Language) -> dict[str, object]:
        return answering.recipe(
            self.settings,
            self.limits,
            self.answer_search.options,
            self.context_options,
            language,
            self.pinned,
        )

    @property
    def recipe(self) -> dict[str, object]:
        """What decides an answer besides question, documents and adapter."""
        return self._recipe(self.language)

    @property
    def gate(self) -> Gate:
        return self.in_use.now().gate

    def faithfulness(self, *, second: bool = False) -> FaithfulnessGate:
        """The gate for texts from elsewhere; needs neither database nor language model.

        With `second` it is the very gate that answers go through, and starts the language model. Its connections then
        belong to the loop of what is returned: ask `answers` of another container.
        """
        gate = self.gate if second else gating.gate_alone(self.judge, self.limits, lambda: self.reranker)
        return self._stack.enter_context(FaithfulnessGate(gate))

    @property
    def answer_service(self) -> AnswerService:
        return self.in_use.now().service

    @cached_property
    def absence_service(self) -> AbsenceService:
        """Needs no language model. Raises `NotMeasured`."""
        return absence.absence_service(
            self.settings,
            search=self.answer_search,
            scorer=self.answer_reranker,
            selector=self.selector,
            wholes=self.wholes,
            pool=self.pool,
            audit=self.audit,
            pinned=self.pinned,
        )

    @cached_property
    def answers(self) -> Answers:
        """Answers by the language model that is in use at the time."""
        return Answers(self.in_use)
