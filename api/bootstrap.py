"""The only composition: real parts put together from settings, each made when first needed.

Read it downwards: what is kept (`Stores`), the models in files, search, the language model, answers, HTTP.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from api.demo.home import served_hosts
from api.demo.people import PEOPLE
from api.http.auth import Authenticator, Tokens
from api.http.limits import BodyLimits
from api.http.links import Links
from api.http.parts import Parts
from api.http.people import SigningIn
from api.http.throttling import Throttle
from api.wiring import (
    admitting,
    answering,
    gating,
    hosting,
    observing,
    readiness,
    searching,
    signing_in,
    weights,
    working,
)
from api.wiring.admitting import AdmittedAnswers, AdmittedSearch
from api.wiring.answers import Answers, Hypotheses, hypotheses_of
from api.wiring.bundling import Bundles
from api.wiring.connecting import Connecting, DocumentLibrary
from api.wiring.erasing.retaining import Retaining
from api.wiring.hosting import Host
from api.wiring.in_use import AdapterWatch, Answering, InUse
from api.wiring.job_work import JobWork
from api.wiring.jobs import JobDesk
from api.wiring.language import JUDGE_SLOT, Language
from api.wiring.line import Line
from api.wiring.naming import BackgroundNaming
from api.wiring.observed import ObservedAnswers, ObservedSearch
from api.wiring.observing import MetricsPort, Telemetry
from api.wiring.page_images import PageImages
from api.wiring.publishing import BackgroundPublisher, BackgroundPurge, publish, publish_if_room
from api.wiring.releases import Release, release
from api.wiring.replaying import Replaying, Serving
from api.wiring.spending import Spending
from api.wiring.stores import Stores
from api.wiring.watching import BackgroundSync
from api.wiring.witnessing import BackgroundWitness
from generation.answering.service import AnswerOptions, AnswerService
from generation.gate import FaithfulnessGate
from generation.gate.checking import Checker
from generation.gate.instructions import InjectionClassifier
from generation.gate.nli import NliJudge
from generation.gate.selector import AnswerSelector
from generation.protocols import AuditLog, ChatModel, Gate, Search, StateModel
from generation.types import Limits
from infra.files.secrets import secret
from infra.files.signing import signing_key
from infra.priority import ANSWERS, thread_gives_way
from infra.settings import Settings
from ingest.chunkers import Chunkers
from ingest.pipeline import IngestPipeline
from ingest.protocols import Embedder
from ingest.reading.isolation import MOST_PARSERS, IsolatedParser, ParserPool
from ingest.reading.rendering import PageRenderer
from ingest.types import Chunking
from retrieval.context.context import ContextOptions, SectionContextBuilder
from retrieval.index.access import AccessIndex
from retrieval.index.warm import warm as warm_index
from retrieval.search.hybrid import HybridSearch
from retrieval.search.names import NameIndex
from retrieval.search.rerank import CrossEncoderReranker
from retrieval.types import Principal

if TYPE_CHECKING:
    from api.wiring.working import Workers


class Container(Stores):
    """The parts of one process, for entry points alone. `close` stops what was started, last first."""

    def __init__(self, settings: Settings, note: Callable[[str], None] = lambda text: None) -> None:
        super().__init__(settings)
        self.note = note

    # What it tells of itself

    @cached_property
    def telemetry(self) -> Telemetry:
        telemetry = observing.telemetry(self.settings, lambda: self.pool)
        self._stack.callback(telemetry.close)
        return telemetry

    def open_metrics_port(self) -> None:
        """If there is to be one; raises `SettingsError`."""
        if port := self.settings.metrics_port:
            self._stack.enter_context(closing(MetricsPort(port, self.telemetry.scrape)))

    # Models in files

    @cached_property
    def embedder(self) -> Embedder:
        return weights.embedder(self.settings, self.folder, lambda name: self.catalog.bind_embedder(name))

    @cached_property
    def reranker(self) -> CrossEncoderReranker:
        return weights.reranker(self.settings, self.folder)

    @cached_property
    def answer_reranker(self) -> CrossEncoderReranker:
        """The same for answers, which give way to searches."""
        return self.reranker.beside(partial(thread_gives_way, ANSWERS))

    @cached_property
    def judge(self) -> NliJudge:
        """The trained judge; needs neither a database nor a generator."""
        return weights.judge(self.settings, self.folder, self.pinned)

    @cached_property
    def selector(self) -> AnswerSelector | None:
        return weights.selector(self.settings, self.folder, self.pinned)

    @cached_property
    def detector(self) -> InjectionClassifier | None:
        return weights.detector(self.settings, self.folder, self.pinned)

    @cached_property
    def limits(self) -> Limits:
        return weights.limits(self.settings, self.models)

    @cached_property
    def checker(self) -> Checker:
        return Checker(self.judge, self.limits)

    # Ingestion and search

    @cached_property
    def index(self) -> AccessIndex:
        return searching.index(self.settings, self.catalog, self.pool, self.embedder.dimension)

    @cached_property
    def publisher(self) -> BackgroundPublisher:
        publisher = BackgroundPublisher(self.index)
        self._stack.callback(publisher.stop)
        return publisher

    @cached_property
    def purge(self) -> BackgroundPurge:
        purge = BackgroundPurge(self._purge)
        self._stack.callback(purge.stop)
        return purge

    def _purge(self) -> None:
        self.documents.purge()
        self.documents.sweep(self.jobs.purge(self.settings.job_days))
        self.budgets.forget()
        Retaining(self).run_if_due()

    @cached_property
    def witness(self) -> BackgroundWitness:
        witness = BackgroundWitness(self.witnesses, every=self.settings.witness_every_s)
        self._stack.callback(witness.stop)
        return witness

    @cached_property
    def naming(self) -> BackgroundNaming:
        naming = BackgroundNaming(self.documents)
        self._stack.callback(naming.stop)
        return naming

    @cached_property
    def parser(self) -> ParserPool:
        parsers = [IsolatedParser(ocr=self.settings.ocr) for _ in range(self._processes)]
        return self._stack.enter_context(closing(ParserPool(parsers)))

    def publish(self) -> None:
        """Writes new rows of the index to disk."""
        publish(self.index)

    @property
    def _parsers(self) -> int:
        return min(self.settings.threads, MOST_PARSERS)

    @property
    def _processes(self) -> int:
        """That parse: one more than one person may keep busy."""
        return max(self._parsers, min(self.settings.workers, MOST_PARSERS)) + 1

    @cached_property
    def pipeline(self) -> IngestPipeline:
        return IngestPipeline(
            parser=self.parser,
            chunkers=Chunkers(Chunking.of(self.settings.chunking)),
            embedder=self.embedder,
            store=self.documents,
            publish=self.publish,
            max_file_bytes=self.settings.max_upload_bytes,
            rereading=self.rereading,
            parsers=self._parsers,
            timed=self.telemetry.stage,
        )

    # Jobs

    @cached_property
    def desk(self) -> JobDesk:
        return JobDesk(self.jobs, self.blobs, self.settings, self._attend, self.connectors.get, self.documents.sweep)

    @cached_property
    def workers(self) -> Workers:
        """Those of a service; `_attend` starts them."""
        return self.workers_for(None, max(self.settings.workers, 1))

    def workers_for(self, job_id: str | None, slots: int) -> Workers:
        """Workers of this process, to be started: for that job alone, or for all."""
        pipeline = self.pipeline  # made before them, so that it is closed after them
        each = min(slots, self._processes - 1) if job_id is None else slots
        work = JobWork(
            self.jobs,
            self.desk,
            self.blobs,
            pipeline,
            self.people.standing,
            self.connecting.in_step,
            each,
            ended=self.telemetry.file,
            timed=self.telemetry.stage,
        )
        made = working.workers(self.database_url, work, self.jobs, slots=slots, job_id=job_id)
        self._stack.callback(made.stop)
        return made

    @property
    def slots(self) -> int:
        """How many files a command works on at once."""
        return self._parsers

    def _attend(self) -> None:
        if self.settings.workers:
            self.workers.start()

    def stop_ingesting(self) -> None:
        """For good; files under way are not stored, and wait in their jobs."""
        if "workers" in self.__dict__:
            self.workers.end()
        self.pipeline.stop()
        self.parser.close()

    @cached_property
    def connecting(self) -> Connecting:
        library = DocumentLibrary(self.pool, self.documents, trail=self.audit)
        return Connecting(self.connectors, library, self, self.settings.max_upload_bytes)

    @cached_property
    def watcher(self) -> BackgroundSync:
        watcher = BackgroundSync(self.connectors, self.connecting.sync)
        self._stack.callback(watcher.stop)
        return watcher

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

    def _wanted(self) -> Release | None:
        return release(self.settings, self.models, lambda: self.adapters)

    def _start(self, adapter: Release | None) -> Answering:
        def gguf() -> Path:
            return weights.gguf(self.settings, self.folder)

        language = Language(self.settings, gguf, adapter, self.note, self.host)
        language.start()
        return Answering(language, self._gate, self._service)

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
    def answers(self) -> Answers:
        """Answers by the language model that is in use at the time."""
        return Answers(self.in_use)

    # What a service admits

    @cached_property
    def spending(self) -> Spending:
        return Spending(self.budgets, admitting.broken_off(self.settings))

    @cached_property
    def admitted_answers(self) -> AdmittedAnswers:
        return AdmittedAnswers(self.answers, Line(admitting.answers(self.settings)), self.spending)

    @cached_property
    def admitted_search(self) -> AdmittedSearch:
        """In threads that nothing else uses."""
        bounds = admitting.searches(self.settings)
        threads = ThreadPoolExecutor(bounds.at_once, thread_name_prefix="search")
        self._stack.callback(threads.shutdown, wait=False, cancel_futures=True)
        return AdmittedSearch(self.search.in_threads(threads), Line(bounds))

    # HTTP

    @cached_property
    def authenticator(self) -> Authenticator:
        return Authenticator(
            self.api_keys,
            self.access_tokens,
            sessions=self.sessions,
            people=self.people,
            demo=self.settings.demo,
            granted=signing_in.granted(self.settings),
            public_url=self.settings.public_url,
        )

    @cached_property
    def access_tokens(self) -> Tokens | None:
        """Needs no database; raises `SettingsError`."""
        tokens = signing_in.access_tokens(self.settings)
        if tokens is not None:
            self._stack.callback(tokens.close)
        return tokens

    @cached_property
    def _jwt_secret(self) -> bytes:
        return secret(self.settings.home / "secrets" / "jwt.key")

    @cached_property
    def signing_in(self) -> SigningIn:
        key = signing_in.derived(self._jwt_secret, "signing in")
        provider = signing_in.provider(self.settings)
        if provider is not None:
            self._stack.callback(provider.close)
        return SigningIn(self.sessions, provider, key)

    @cached_property
    def page_images(self) -> PageImages:
        return PageImages(self.documents, self._stack.enter_context(closing(PageRenderer())))

    @cached_property
    def bundles(self) -> Bundles:
        key = signing_key(self.settings.home)
        return Bundles(self.audit, self.witnesses, self.documents, self.page_images, key)

    @property
    def http(self) -> Parts:
        """What the routes use. Opens the database and loads the models of search; the language model waits."""
        settings = self.settings
        return Parts(
            authenticator=self.authenticator,
            people=PEOPLE if settings.demo else None,
            documents=self.documents,
            listing=self.listing,
            facts=self.facts,
            numbers=self.numbers,
            desk=self.desk,
            search=ObservedSearch(self.admitted_search, self.telemetry),
            answers=ObservedAnswers(self.admitted_answers, self.telemetry),
            allowance=self.spending.allowance,
            pages=self.page_images,
            links=Links(secret(settings.home / "secrets" / "links.key")),
            checks=readiness.checks(self.catalog, self.in_use, self.audit),
            limits=BodyLimits(
                settings.max_json_bytes, settings.max_upload_bytes, settings.body_timeout_s, settings.max_job_bytes
            ),
            hosts=served_hosts(settings),
            stop=self.stop_ingesting,
            keys=self.api_keys,
            signing_in=self.signing_in,
            directory=self.people,
            bundles=self.bundles,
            accesses=self.accesses,
            trail=self.trail,
            telemetry=self.telemetry,
            throttle=Throttle(settings.bad_credentials),
            key_life=timedelta(days=settings.key_days),
        )

    def warm(self) -> None:
        """Loads what the first question would otherwise wait for, and publishes the index from now on."""
        warm_index()
        self.tell_unsealed()
        self.go_on_erasing()
        publish_if_room(self.index)
        self.witness.start()
        self.publisher.start()
        self.purge.start()
        self.naming.start()
        self._attend()
        self.watcher.start()
        self.answer_service  # noqa: B018
        self.adapter_watch.start()
        self.http  # noqa: B018
        self.names.warm(key.ljust(48, b"\0") for key in self.catalog.changes(-1).versions.keys.tolist())
        self.search.search_now("warm up", Principal("footnote"), 1)
