"""The only wiring: real parts, put together from settings, each made when first needed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from api.http.auth import Authenticator
from api.wiring.answering import answer_service, gate
from api.wiring.answers import Answers
from api.wiring.background import Background
from api.wiring.hosting import Host, another_host, own_server
from api.wiring.language import HYDE_SLOT, Language
from api.wiring.publishing import BackgroundPublisher
from api.wiring.releases import Release, release
from api.wiring.stores import Stores
from generation.answering.service import AnswerService
from generation.gate.checking import Checker
from generation.gate.claims import sentence_spans
from generation.gate.limits import load_limits
from generation.gate.nli import NliJudge, PairClassifier
from generation.gate.selector import AnswerSelector
from generation.llm.hypothesis import HypothesisWriter
from generation.prompts import load_prompt
from generation.protocols import ChatModel, Gate
from generation.types import Limits
from infra.files.secrets import secret
from infra.models.manifest import Role
from infra.models.onnx import OnnxEncoder
from infra.postgres.errors import SegmentsChanged
from infra.postgres.segments import PostgresSegments
from infra.settings import Settings, SettingsError
from ingest.chunking import Chunker
from ingest.embedding import ClsEmbedder, SentenceTransformerEmbedder
from ingest.pipeline import IngestPipeline
from ingest.protocols import Embedder
from ingest.reading.isolation import IsolatedParser
from retrieval.context.context import ContextOptions, SectionContextBuilder
from retrieval.context.trimming import Trimmer
from retrieval.index.access import AccessIndex
from retrieval.index.gpu import FaissGpu, GpuScan
from retrieval.index.warm import warm as warm_index
from retrieval.search.hybrid import HybridSearch
from retrieval.search.rerank import CrossEncoderReranker
from retrieval.types import Principal, SearchOptions

BGE_SMALL_DIMENSION = 384
ADAPTER_LOOK_S = 5.0
ANSWER_RERANK = 10


class Container(Stores):
    """Holds the parts of one process. `close` stops what was started, last first."""

    def __init__(self, settings: Settings, note: Callable[[str], None] = lambda text: None) -> None:
        super().__init__(settings)
        self._note = note
        self._swapping, self._wiring = threading.Lock(), threading.RLock()

    def warm(self) -> None:
        """Loads what the first question would otherwise wait for, and publishes the index from now on."""
        warm_index()
        self._publish()
        self.publisher.start()
        self.answer_service  # noqa: B018
        self.adapter_watch.start()
        self.authenticator  # noqa: B018
        self.pipeline  # noqa: B018
        self.search.search_now("warm up", Principal("footnote"), 1)

    @property
    def checks(self) -> dict[str, Callable[[], Awaitable[object]]]:
        """What readiness depends on: each raises a foreseen error if it does not work."""

        async def database() -> object:
            return await asyncio.to_thread(self.catalog.generation)

        async def generator() -> None:
            language = self.language
            with language.in_use():
                await language.generator().ping()

        return {"database": database, "generator": generator}

    @cached_property
    def authenticator(self) -> Authenticator:
        return Authenticator(
            self.api_keys,
            secret=secret(self.settings.home / "secrets" / "jwt.key"),
            public_key=self.settings.jwt_public_key,
            audience=self.settings.jwt_audience,
            demo=self.settings.demo,
        )

    @cached_property
    def embedder(self) -> Embedder:
        """The configured embedder: ONNX, or a sentence-transformers folder (extra `torch`)."""
        name = self.settings.embedder
        folder = self.folder(name, Role.EMBEDDER)
        self.catalog.bind_embedder(name)
        if (folder / "modules.json").exists():
            return SentenceTransformerEmbedder(str(folder), name=name)
        return ClsEmbedder(_encoder(folder), name=name, dimension=BGE_SMALL_DIMENSION, threads=self.settings.threads)

    @cached_property
    def reranker(self) -> CrossEncoderReranker:
        name = self.settings.reranker
        return CrossEncoderReranker(
            _encoder(self.folder(name, Role.RERANKER)), name=name, threads=self.settings.threads
        )

    @cached_property
    def index(self) -> AccessIndex:
        return AccessIndex(
            self.catalog,
            PostgresSegments(self.pool),
            self.settings.home / "segments",
            dimension=self.embedder.dimension,
        )

    @cached_property
    def publisher(self) -> BackgroundPublisher:
        publisher = BackgroundPublisher(self.index)
        self._stack.callback(publisher.stop)
        return publisher

    @cached_property
    def search(self) -> HybridSearch:
        return HybridSearch(
            self.index,
            self.chunks,
            self.embedder,
            self.reranker,
            SearchOptions(hyde=self.settings.hyde),
            HypothesisWriter(lambda: self.language.base(HYDE_SLOT), load_prompt("hyde")),
            GpuScan(FaissGpu()) if self.settings.index_device == "cuda" else None,
        )

    @cached_property
    def answer_search(self) -> HybridSearch:
        """What answers are written from: a few passages are enough, so less is read by the reranker."""
        return self.search.with_options(replace(self.search.options, rerank=ANSWER_RERANK))

    @cached_property
    def pipeline(self) -> IngestPipeline:
        parser = IsolatedParser()
        self._stack.callback(parser.close)
        return IngestPipeline(
            parser=parser,
            chunker=Chunker(),
            embedder=self.embedder,
            store=self.documents,
            publish=self._publish,
            max_file_bytes=self.settings.max_upload_bytes,
        )

    @cached_property
    def language(self) -> Language:
        """The language model with the adapter that is current, started."""
        return self._started(self._release())

    def take_over(self) -> bool:
        """Puts the adapter that is current by now in place of the one in use; False if it is that one.

        Answers under way end with the model that they began with.
        """
        with self._swapping:
            wanted, before = self._release(), self.language
            if wanted == before.adapter:
                return False
            taken = self._started(wanted)
            with self._wiring:
                self.language = taken
                for name in ("gate", "answer_service"):
                    self.__dict__.pop(name, None)
            before.retire()
            return True

    def _release(self) -> Release | None:
        return release(self.settings, self.models, lambda: self.adapters)

    @cached_property
    def adapter_watch(self) -> Background:
        """Takes over an adapter soon after its promotion, by whatever process."""
        watch = Background("footnote-adapters", self._watch, "The adapter was not changed", every=ADAPTER_LOOK_S)
        self._stack.callback(watch.stop)
        return watch

    def _watch(self) -> None:
        try:
            self.take_over()
        finally:
            if self.host:
                self.host.restore()

    def _started(self, adapter: Release | None) -> Language:
        language = Language(
            self.settings,
            lambda: _gguf(self.folder(self.settings.generator, Role.GENERATOR)),
            adapter,
            self._note,
            self.host,
        )
        language.start()
        self._stack.callback(language.close)
        return language

    @cached_property
    def host(self) -> Host | None:
        """The vLLM server that all `Language`s share, started if it is ours; None: each has a llama.cpp of its own."""
        settings = self.settings
        if settings.llm_url:
            return another_host(settings)
        if settings.engine != "vllm":
            return None
        server = own_server(settings, self.models, self._note)
        self._stack.callback(server.stop)
        server.start()
        return Host(server, settings.generator, settings.llm_timeout_s)

    @property
    def generator_model(self) -> ChatModel:
        """What answers are written by."""
        return self.language.generator()

    @cached_property
    def judge(self) -> NliJudge:
        """The trained judge; needs neither a database nor a generator."""
        return NliJudge(self._classifier(self.settings.judge, Role.JUDGE))

    @cached_property
    def selector(self) -> AnswerSelector | None:
        """What decides whether a quotation opens an answer; None: none does."""
        name = self.settings.selector
        return AnswerSelector(self._classifier(name, Role.SELECTOR)) if name else None

    def _classifier(self, name: str, role: Role) -> PairClassifier:
        folder = self.folder(name, role)
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return PairClassifier(_encoder(folder), name=self.pinned(name), temperature=config["temperature"])

    @cached_property
    def limits(self) -> Limits:
        """Where the gate draws its lines; raises `SettingsError` if they were drawn for another judge."""
        weights = self.models.manifest.model(self.settings.judge).file("model.onnx").sha256
        try:
            return load_limits(self.settings.profile, weights)
        except LookupError as error:
            raise SettingsError(f"FOOTNOTE_JUDGE: {error.args[0]}") from error

    @cached_property
    def checker(self) -> Checker:
        return Checker(self.judge, self.limits)

    @cached_property
    def gate(self) -> Gate:
        return gate(self)

    @property
    def context_options(self) -> ContextOptions:
        return ContextOptions(budget_chars=self.settings.budget_chars, passages=self.settings.passages)

    @cached_property
    def context_builder(self) -> SectionContextBuilder:
        """Shows the model at most `budget_chars`, or `shown_chars` of it where that is set."""
        shown = self.settings.shown_chars
        trimmer = Trimmer(self.reranker, sentence_spans, shown) if shown else None
        return SectionContextBuilder(self.chunks, self.context_options, trimmer)

    @cached_property
    def answers(self) -> Answers:
        """Answers by the language model that is in use at the time."""
        return Answers(self._answer_service_in_use)

    @contextlib.contextmanager
    def _answer_service_in_use(self) -> Iterator[AnswerService]:
        with ExitStack() as held:
            with self._wiring:
                service = self.answer_service
                held.enter_context(self.language.in_use())
            yield service

    @cached_property
    def answer_service(self) -> AnswerService:
        return answer_service(self)

    def _publish(self) -> None:
        """Writes new index rows to disk; if another process has just done so, there is nothing left to do."""
        with contextlib.suppress(SegmentsChanged):
            self.index.publish()


def _encoder(folder: Path) -> OnnxEncoder:
    return OnnxEncoder(folder / "model.onnx", folder / "tokenizer.json")


def _gguf(folder: Path) -> Path:
    return next(folder.glob("*.gguf"))
