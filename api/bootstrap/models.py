"""What one process tells of itself, and its models in files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar, cast
from weakref import WeakValueDictionary

from api.wiring import (
    observing,
    weights,
)
from api.wiring.observing import MetricsPort, Replicas, Telemetry
from api.wiring.people_stores import PeopleStores
from generation.gate.checking import Checker
from generation.gate.instructions import InjectionClassifier
from generation.gate.nli import NliJudge
from generation.gate.selector import AnswerSelector
from generation.types import Limits
from infra.models.manifest import Manifest, Role
from infra.models.store import ModelStore, default_cache_dir
from infra.priority import ANSWERS, thread_gives_way
from infra.settings import Settings, SettingsError
from ingest.protocols import Embedder
from retrieval.search.rerank import CrossEncoderReranker

T = TypeVar("T")


class Models(PeopleStores):
    def __init__(self, settings: Settings, note: Callable[[str], None] = lambda text: None) -> None:
        super().__init__(settings)
        self.note = note
        self._loaded: WeakValueDictionary[tuple[Role, str], Any] = WeakValueDictionary()

    # What it tells of itself

    @cached_property
    def telemetry(self) -> Telemetry:
        telemetry = observing.telemetry(self.settings, lambda: self.pool, self._replicas)
        self._stack.callback(telemetry.close)
        return telemetry

    def _replicas(self) -> Replicas | None:
        """Servers of the language model, if there are several and something has begun to use them."""
        return None

    def open_metrics_port(self) -> None:
        """If there is to be one; raises `SettingsError`."""
        if port := self.settings.metrics_port:
            self._stack.enter_context(closing(MetricsPort(port, self.telemetry.scrape)))

    # Models in files

    @cached_property
    def models(self) -> ModelStore:
        return ModelStore(default_cache_dir(), Manifest.load())

    def folder(self, name: str, role: Role) -> Path:
        """Where the files of a model lie that a setting names; raises `SettingsError` if it is of another kind."""
        found = self.models.manifest.model(name).role
        if found != role:
            raise SettingsError(
                f"FOOTNOTE_{role.upper()}: {name} is of the kind '{found}', not '{role}'. See `footnote models list`."
            )
        return self.models.path(name)

    def pinned(self, name: str) -> str:
        return weights.pinned(self.models, name)

    def _model(self, role: Role, name: str, load: Callable[[], T]) -> T:
        """Loaded once for all settings of this process that name it, and as long as anything uses it."""
        if (found := self._loaded.get((role, name))) is None:
            found = self._loaded[role, name] = load()
        return cast(T, found)

    @cached_property
    def embedder(self) -> Embedder:
        name = self.settings.embedder
        self.folder(name, Role.EMBEDDER)
        self.catalog.bind_embedder(name)
        return self.embedder_named(name)

    def embedder_named(self, name: str) -> Embedder:
        """Whatever the documents here are embedded by."""
        load = partial(weights.embedder, name, self.folder, self.settings.threads)
        return self._model(Role.EMBEDDER, name, load)

    @cached_property
    def reranker(self) -> CrossEncoderReranker:
        load = partial(weights.reranker, self.settings, self.folder)
        return self._model(Role.RERANKER, self.settings.reranker, load)

    @cached_property
    def answer_reranker(self) -> CrossEncoderReranker:
        """The same for answers, which give way to searches."""
        return self.reranker.beside(partial(thread_gives_way, ANSWERS))

    @cached_property
    def judge(self) -> NliJudge:
        """The trained judge; needs neither a database nor a generator."""
        load = partial(weights.judge, self.settings, self.folder, self.pinned)
        return self._model(Role.JUDGE, self.settings.judge, load)

    @cached_property
    def selector(self) -> AnswerSelector | None:
        load = partial(weights.selector, self.settings, self.folder, self.pinned)
        return self._model(Role.SELECTOR, name, load) if (name := self.settings.selector) else None

    @cached_property
    def detector(self) -> InjectionClassifier | None:
        load = partial(weights.detector, self.settings, self.folder, self.pinned)
        return self._model(Role.DETECTOR, name, load) if (name := self.settings.detector) else None

    @cached_property
    def limits(self) -> Limits:
        return weights.limits(self.settings, self.models)

    @cached_property
    def checker(self) -> Checker:
        return Checker(self.judge, self.limits)
