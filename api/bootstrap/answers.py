"""Search, the language model, answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import copy
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Self
from weakref import WeakValueDictionary

from api.bootstrap.ingestion import Ingestion
from api.wiring import (
    absence,
    answering,
    gating,
    hosting,
    pins,
    searching,
    weights,
)
from api.wiring.adapter_in_use import AdapterInUse, adapter_in_use
from api.wiring.answers import Hypotheses, hypotheses_of
from api.wiring.deployment import Chosen, Deploying, Wanted
from api.wiring.hosting import Host
from api.wiring.in_use import AdapterWatch, Answering, InUse
from api.wiring.indexes import Opened, beside_name
from api.wiring.language import JUDGE_SLOT, Language
from api.wiring.observed import ObservedSearch
from api.wiring.observing import Replicas
from api.wiring.proposing import Proposing
from api.wiring.release_answers import ReleaseAnswers
from api.wiring.replaying import Replaying, Serving
from generation.absence.service import AbsenceService
from generation.answering.service import AnswerOptions, AnswerService
from generation.errors import GenerationError
from generation.gate import FaithfulnessGate
from generation.protocols import AuditLog, ChatModel, Gate, Search, StateModel
from infra.models.errors import ModelError
from infra.settings import INDEXED, RELEASABLE, Settings, SettingsError
from retrieval.context.context import ContextOptions, SectionContextBuilder
from retrieval.index.legs import Legs
from retrieval.search.hybrid import HybridSearch
from retrieval.search.names import NameIndex

_SHARED = (
    "pool", "models", "catalog", "chunks", "index", "embedder", "names", "telemetry", "audit", "wholes", "releases",
    "deploying", "in_use", "_besides", "legs",
)  # fmt: skip
_MODELS = {
    "reranker": ("reranker", "answer_reranker"),
    "judge": ("judge", "limits", "checker"),
    "selector": ("selector",),
    "detector": ("detector",),
}
_MADE_OF_THEM = ("search", "answer_search", "context_builder", "absence_service")


class AnswerParts(Ingestion):
    purpose: str | None = None
    """What answers are asked for, for their records, where it is not the asker's own."""

    searched: Opened | None = None
    """The index that is searched in the place of the usual one."""

    @cached_property
    def names(self) -> NameIndex:
        return NameIndex(self.catalog)

    @cached_property
    def legs(self) -> Legs:
        return searching.legs(self.settings, self._stack)

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
            self.legs,
        )

    @cached_property
    def answer_search(self) -> HybridSearch:
        return searching.for_answers(self.settings, self.search, self.answer_reranker)

    def answer_search_by(self, language: Language) -> HybridSearch:
        """The same, its hypotheses by this language model."""
        return self.answer_search.with_writer(hypotheses_of(language))

    @property
    def context_options(self) -> ContextOptions:
        return searching.context_options(self.settings)

    @cached_property
    def context_builder(self) -> SectionContextBuilder:
        return searching.context_builder(self.settings, self.chunks, self.answer_reranker)

    # What answers

    @cached_property
    def deploying(self) -> Deploying:
        return Deploying(self.settings, lambda: self.releases, self._adapter)

    def _adapter(self, settings: Settings) -> AdapterInUse | None:
        return adapter_in_use(settings, self.models, lambda: self.adapters)

    @property
    def deployed(self) -> Self:
        """The parts by the settings of the release in use: of what answers, once something does."""
        begun = self.in_use.begun
        return self.by(begun.wanted.chosen if begun else self.deploying.current())

    def by(self, chosen: Chosen) -> Self:
        """The parts by these settings. What they do not decide is the same thing, and so are models of the same names.

        It is closed with this one. Whatever was put in place of a part by hand stays, unless the settings ask for
        another model there.
        """
        known = self._besides
        if (found := known.get(chosen)) is None:
            root = known[self.deploying.plain]
            for name in _SHARED:
                getattr(root, name)
            searched = root.beside.opened(chosen.settings) if chosen.beside else None
            found = known[chosen] = copy(root)
            found.settings, found.chosen = chosen.settings, chosen
            for name in (*_made_anew(root.settings, chosen.settings), *(_MADE_OF_THEM if searched else ())):
                found.__dict__.pop(name, None)
            found.searched = searched
            if searched:
                found.__dict__.update(vars(searched))
        return found

    @cached_property
    def chosen(self) -> Chosen:
        """What these are the parts by."""
        return self.deploying.plain

    @cached_property
    def _besides(self) -> WeakValueDictionary[Chosen, Self]:
        return WeakValueDictionary({self.chosen: self})

    # The language model

    @cached_property
    def host(self) -> Host | None:
        return self._stack.enter_context(hosting.hosted(self._hosted_by, self.models, self.note))

    def _replicas(self) -> Replicas | None:
        host: Host | None = self.__dict__.get("host")
        return host.fleet if host else None

    @cached_property
    def _hosted_by(self) -> Settings:
        return self.deploying.current().settings

    @cached_property
    def in_use(self) -> InUse:
        return InUse(self._wanted, self._start, self._stack, self._handed)

    def _handed(self, wanted: Wanted) -> Language | None:
        """A language model that runs already for what is wanted, and nobody else's any more."""
        return None

    def _wanted(self) -> Wanted:
        return self.deploying.wanted(self.deploying.current())

    def _start(self, wanted: Wanted, language: Language | None) -> Answering:
        parts = self.by(wanted.chosen)
        if language is None:
            hosting.check_same(parts.settings, self._hosted_by)
            parts.host = self.host
            language = parts._language(wanted.adapter)
            language.start()
        return Answering(wanted, language, parts._gate, parts._service, parts._recipe)

    def _language(self, adapter: AdapterInUse | None) -> Language:
        """Another one's in a measurement: what serves asks the model itself."""
        return Language(self.settings, self._gguf, adapter, self.note, self.host)

    def _gguf(self) -> Path:
        return weights.gguf(self.settings, self.folder)

    def borrow(self, lender: AnswerParts) -> None:
        """Answers by the models of another installation of this process, loaded once for both, over documents of its
        own. Before anything of it is used; the lender is closed later, and under the same settings."""
        self.judge, self.selector, self.detector = lender.judge, lender.selector, lender.detector
        self.reranker, self.answer_reranker, self.limits = lender.reranker, lender.answer_reranker, lender.limits
        language = lender.language
        wanted = Wanted(self.chosen, language.adapter)
        lent = Answering(wanted, language, self._gate, self._service, self._recipe)
        self.in_use = InUse(lambda: wanted, lambda *_: lent, ExitStack())  # stopped by the lender alone

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
            release=self.chosen.release,
            purpose=self.purpose,
            telemetry=self.telemetry,
            model=model,
        )

    @cached_property
    def replaying(self) -> Replaying:
        def search(by: Answering) -> Search:
            return self.by(by.wanted.chosen).answer_search_by(by.language)

        def service(by: Answering, search: Search, audit: AuditLog, model: ChatModel | None) -> AnswerService:
            return self.by(by.wanted.chosen)._service_of(by.language, by.gate, search, audit, model)

        serving = Serving(
            search=search,
            service=service,
            chunks=lambda by: self.by(by.wanted.chosen).chunks,
            texts=self.version_text,
            passages_searched=AnswerOptions().passages_searched,
        )
        return Replaying(self.audit, self.answering_by, serving)

    @contextmanager
    def answering_by(self, release: str | None) -> Iterator[Answering]:
        """Answers by this release until the end of the block, whatever is in use; None: by none. Where it is not here
        any more, or cannot be used, by what is in use. Raises what `Language.start` raises."""
        with ExitStack() as stack:
            try:
                found = stack.enter_context(self.in_use.beside(self.deploying.once(release)))
            except (ModelError, GenerationError, SettingsError):
                found = stack.enter_context(self.in_use.beside(self._wanted()))
            yield found

    def _recipe(self, language: Language) -> dict[str, object]:
        return answering.recipe(
            self.settings,
            self.limits,
            self.answer_search.options,
            self.context_options,
            self.pinned,
            generator=language.generator().name,
            own=language.engine,
            beside=beside_name(self.settings, self.pinned) if self.chosen.beside else "",
        )

    @property
    def recipe(self) -> dict[str, object]:
        return self.in_use.now().recipe

    @property
    def setup(self) -> dict[str, Any]:
        """What decides the answers that are given now, in short: as a release pins it."""
        now = self.in_use.now()
        model, prompt = now.language.generator(), now.language.prompt.pinned
        return pins.setup(pins.pins(model.name, model.adapter, prompt, now.recipe) | {pins.JUDGE: now.gate.name})

    @cached_property
    def release_answers(self) -> ReleaseAnswers:
        return ReleaseAnswers(self.releases, self.trail, self.sign_offs.of)

    @cached_property
    def proposing(self) -> Proposing:
        return Proposing(self.releases, self.deploying, self.in_use.beside, self.models, self.folder, self.beside)

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


def _made_anew(own: Settings, other: Settings) -> list[str]:
    """Which parts are others by other settings."""
    if all(getattr(own, name) == getattr(other, name) for name in (*RELEASABLE, *INDEXED)):
        return []
    models = (names for setting, names in _MODELS.items() if getattr(own, setting) != getattr(other, setting))
    return [*_MADE_OF_THEM, *chain.from_iterable(models)]
