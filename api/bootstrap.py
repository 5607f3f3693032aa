"""The only wiring: real parts, put together from settings, each made when first needed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Self

from api.answering import answer_service, gate
from api.auth import Authenticator
from api.background import Background
from api.hosting import Host, another_host, own_server
from api.language import HYDE_SLOT, Language, Release, release
from api.publishing import BackgroundPublisher
from generation.checking import Checker
from generation.claims import sentence_spans
from generation.faithfulness import Gate
from generation.hypothesis import HypothesisWriter
from generation.judge.limits import load_limits
from generation.judge.nli import NliModel
from generation.prompts import load_prompt
from generation.protocols import ChatModel
from generation.service import AnswerService
from generation.types import Limits
from infra.blobs import BlobStore
from infra.models.manifest import Manifest, Role
from infra.models.onnx import OnnxEncoder
from infra.models.store import ModelStore, default_cache_dir
from infra.postgres.adapters import PostgresAdapters
from infra.postgres.api_keys import PostgresApiKeys
from infra.postgres.audit import PostgresAudit
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.chunks import PostgresChunkReader
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.errors import SegmentsChanged
from infra.postgres.migrate import migrate
from infra.postgres.pool import Pool, open_pool
from infra.postgres.segments import PostgresSegments
from infra.postgres.server import embedded_url
from infra.secret_file import secret
from infra.settings import Settings, SettingsError
from ingest.chunking import Chunker
from ingest.embedding import ClsEmbedder, SentenceTransformerEmbedder
from ingest.isolation import IsolatedParser
from ingest.pipeline import IngestPipeline
from ingest.protocols import Embedder
from retrieval.access import AccessIndex
from retrieval.context import ContextOptions, SectionContextBuilder
from retrieval.hybrid import HybridSearch
from retrieval.index.gpu import FaissGpu, GpuScan
from retrieval.index.warm import warm as warm_index
from retrieval.rerank import CrossEncoderReranker
from retrieval.trimming import Trimmer
from retrieval.types import Principal, SearchOptions

BGE_SMALL_DIMENSION = 384
ADAPTER_LOOK_S = 5.0
ANSWER_RERANK = 10


class Container:
    """Holds the parts of one process. `close` stops what was started, last first."""

    def __init__(self, settings: Settings, note: Callable[[str], None] = lambda text: None) -> None:
        self.settings = settings
        self._note = note
        self._stack = ExitStack()
        self._swapping = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._stack.close()

    def warm(self) -> None:
        """Loads what the first question would otherwise wait for, and publishes the index from now on."""
        warm_index()
        self._publish()
        self.publisher.start()
        self.answers  # noqa: B018
        self.adapter_watch.start()
        self.authenticator  # noqa: B018
        self.pipeline  # noqa: B018
        self.search.search_now("warm up", Principal("footnote"), 1)

    @property
    def checks(self) -> dict[str, Callable[[], Awaitable[object]]]:
        """What readiness depends on: each raises a foreseen error if it does not work."""

        async def database() -> object:
            return await asyncio.to_thread(self.catalog.generation)

        return {"database": database, "generator": self.language.generator().ping}

    @cached_property
    def pool(self) -> Pool:
        """Connections to a migrated database, embedded unless DATABASE_URL names one."""
        url: str | Callable[[], str] = self.settings.database_url
        if not url:
            server = embedded_url(self.settings.home)
            self._stack.callback(server.stop)
            url = server.revived
        pool = open_pool(url)
        self._stack.callback(pool.close)
        migrate(pool)
        return pool

    @cached_property
    def documents(self) -> PostgresDocumentStore:
        return PostgresDocumentStore(self.pool, BlobStore(self.settings.home / "blobs"))

    @cached_property
    def api_keys(self) -> PostgresApiKeys:
        return PostgresApiKeys(self.pool)

    @cached_property
    def audit(self) -> PostgresAudit:
        return PostgresAudit(
            self.pool, secret(self.settings.home / "secrets" / "audit.key"), self.settings.home / "audit" / "head.json"
        )

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
    def models(self) -> ModelStore:
        return ModelStore(default_cache_dir(), Manifest.load())

    @cached_property
    def embedder(self) -> Embedder:
        """The configured embedder: ONNX, or a sentence-transformers folder (extra `torch`)."""
        name = self.settings.embedder
        folder = self._folder(name, Role.EMBEDDER)
        self.catalog.bind_embedder(name)
        if (folder / "modules.json").exists():
            return SentenceTransformerEmbedder(str(folder), name=name)
        return ClsEmbedder(_encoder(folder), name=name, dimension=BGE_SMALL_DIMENSION, threads=self.settings.threads)

    @cached_property
    def reranker(self) -> CrossEncoderReranker:
        name = self.settings.reranker
        return CrossEncoderReranker(
            _encoder(self._folder(name, Role.RERANKER)), name=name, threads=self.settings.threads
        )

    @cached_property
    def catalog(self) -> PostgresCatalog:
        return PostgresCatalog(self.pool)

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
    def chunks(self) -> PostgresChunkReader:
        return PostgresChunkReader(self.pool)

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

        Answers under way end with the model that they began with: it stays as long as one may take.
        """
        with self._swapping:
            wanted, before = self._release(), self.language
            if wanted == before.adapter:
                return False
            self.language = self._started(wanted)
            for name in ("gate", "answers"):
                self.__dict__.pop(name, None)
            last = threading.Timer(self.settings.llm_timeout_s, before.retire)
            last.daemon = True
            last.start()
            return True

    @cached_property
    def adapters(self) -> PostgresAdapters:
        return PostgresAdapters(self.pool)

    def _release(self) -> Release | None:
        return release(self.settings, self.models, lambda: self.adapters)

    @cached_property
    def adapter_watch(self) -> Background:
        """Takes over an adapter soon after its promotion, by whatever process."""
        watch = Background("footnote-adapters", self.take_over, "The adapter was not changed", every=ADAPTER_LOOK_S)
        self._stack.callback(watch.stop)
        return watch

    def _started(self, adapter: Release | None) -> Language:
        language = Language(
            self.settings,
            lambda: _gguf(self._folder(self.settings.generator, Role.GENERATOR)),
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
    def judge(self) -> NliModel:
        """The trained judge; needs neither a database nor a generator."""
        name = self.settings.judge
        folder = self._folder(name, Role.JUDGE)
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return NliModel(_encoder(folder), name=self.pinned(name), temperature=config["temperature"])

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
    def answers(self) -> AnswerService:
        return answer_service(self)

    def pinned(self, name: str) -> str:
        """`name@digest` for a model of the manifest, the name alone for one that another server holds."""
        known = {model.name for model in self.models.manifest.models}
        return f"{name}@{self.models.digest(name)[:12]}" if name in known else name

    def _publish(self) -> None:
        """Writes new index rows to disk; if another process has just done so, there is nothing left to do."""
        with contextlib.suppress(SegmentsChanged):
            self.index.publish()

    def _folder(self, name: str, role: Role) -> Path:
        """Where the files of a model lie that a setting names; raises `SettingsError` if it is of another kind."""
        found = self.models.manifest.model(name).role
        if found != role:
            raise SettingsError(
                f"FOOTNOTE_{role.upper()}: {name} is of the kind '{found}', not '{role}'. See `footnote models list`."
            )
        return self.models.path(name)


def _encoder(folder: Path) -> OnnxEncoder:
    return OnnxEncoder(folder / "model.onnx", folder / "tokenizer.json")


def _gguf(folder: Path) -> Path:
    return next(folder.glob("*.gguf"))
