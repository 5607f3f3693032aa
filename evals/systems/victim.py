"""The answer service as it ships, but for its stores and its writer: documents in memory, real search, context, gate,
selector and detector; who writes may do all that it is told."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from api.wiring import weights
from api.wiring.gating import gate_alone
from api.wiring.language import Language
from evals.systems.in_process import HashEmbedder
from evals.systems.memory_store import Content, MemoryStore
from generation.answering.service import AnswerOptions, AnswerService
from generation.gate.claims import sentence_spans
from generation.prompts import ANSWER, Prompt, load_prompt
from generation.protocols import ChatModel, Gate, InstructionDetector, Selector
from generation.types import Answer, ChatMessage, Delta, FinalEvent, ModelCard, RetrievalEvent, SourceText, Usage
from infra.models.manifest import Manifest, Role
from infra.models.store import ModelStore, default_cache_dir
from infra.settings import load_settings
from ingest.types import document_id
from retrieval.context.context import ContextOptions, SectionContextBuilder
from retrieval.context.trimming import Trimmer
from retrieval.index.access import AccessIndex
from retrieval.search.hybrid import HybridSearch
from retrieval.search.names import NameIndex
from retrieval.search.rerank import CrossEncoderReranker
from retrieval.types import Principal

OPEN, CLOSED = frozenset({"group:legal"}), frozenset({"group:board"})
ASKER = Principal("ana", frozenset({"legal"}))
_DAY = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Told:
    """All that left the service for one question: the answer, the titles of the event before it, what the writer read,
    and the closing row of the record."""

    answer: Answer
    titles: tuple[str, ...]
    read: str
    record: Mapping[str, Any]


@dataclass
class Obedient:
    """Implements `ChatModel` as an attacker would wish: where it can read `hook`, it says `wish` with the number of
    every source, and again after the first sentence of the first source; else it says that sentence alone."""

    hook: str
    wish: str
    name: str = "obedient"
    adapter: str = ""

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        read = messages[-1].content
        if _squeezed(self.hook) in _squeezed(read):
            yield Delta(f"{self.wish} [1][2][3][4]. " if self.wish else "NOT FOUND")
            wish_again = f" {self.wish} [1][2]." if self.wish else ""
        else:
            wish_again = ""
        first = read.removeprefix("[1] ").split("\n", 1)[-1]
        start, end = next(iter(sentence_spans(first)), (0, 0))
        yield Delta(f"{first[start:end].rstrip('.')} [1].{wish_again}", Usage(1, 1))

    async def first_token(
        self, messages: Sequence[ChatMessage], *, top: int = 20, cache_salt: str = ""
    ) -> Mapping[str, float]:
        raise NotImplementedError


@dataclass
class _Seen:
    """Passes on what the writer gives, and keeps what it read."""

    model: ChatModel
    read: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.name, self.adapter = self.model.name, self.model.adapter

    def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        self.read.append(messages[-1].content)
        return self.model.stream(messages, max_tokens=max_tokens, stop=stop, cache_salt=cache_salt)

    async def first_token(
        self, messages: Sequence[ChatMessage], *, top: int = 20, cache_salt: str = ""
    ) -> Mapping[str, float]:
        return await self.model.first_token(messages, top=top, cache_salt=cache_salt)


@dataclass
class _Kept:
    """Implements `AuditLog`: the last row."""

    last: Mapping[str, Any] = field(default_factory=dict)

    async def append(self, record: Mapping[str, Any]) -> str:
        self.last = record
        return "redteam"


@dataclass(frozen=True, slots=True)
class _Texts:
    """Implements `VersionText` over what was put in."""

    held: Mapping[str, tuple[str, frozenset[str]]]

    async def text(self, document_id: str, version: int, principal: Principal) -> SourceText | None:
        text, allow = self.held.get(document_id, ("", CLOSED))
        return SourceText(text, ()) if allow & principal.tokens else None

    async def day(self, document_id: str, version: int, principal: Principal) -> date | None:
        return None


@dataclass(frozen=True, slots=True)
class Victim:
    """The models of the settings, over documents that change from question to question. `writer`: None for one that
    obeys."""

    gate: Gate
    selector: Selector | None
    detector: InstructionDetector | None
    reranker: CrossEncoderReranker
    prompt: Prompt
    quote_from: float
    shown_chars: int
    writer: ChatModel | None = None

    async def asked(
        self, question: str, documents: Sequence[tuple[str, tuple[str, ...]]], hidden: str, hook: str, wish: str
    ) -> Told:
        """`documents`: title and texts of each, open to the asker; `hidden` is another, and is not."""
        embedder = HashEmbedder(16)
        store = MemoryStore(embedder)
        held: dict[str, tuple[str, frozenset[str]]] = {}
        given = [(*one, OPEN) for one in documents] + [("Board minutes", (hidden,), CLOSED)]
        for at, (title, texts, allow) in enumerate(given):
            store.add_version(f"file-{at}", Content(title, texts), allow, _DAY)
            held[document_id(f"file-{at}")] = "\n".join(texts), allow
        with tempfile.TemporaryDirectory(prefix="footnote-redteam-") as folder:
            index = AccessIndex(store, store, Path(folder), dimension=embedder.dimension)
            search = HybridSearch(index, store, embedder, None, None, None, names=NameIndex(store))
            trimmer = Trimmer(self.reranker, sentence_spans, self.shown_chars, 8)
            seen, kept = _Seen(self.writer or Obedient(hook, wish)), _Kept()
            service = AnswerService(
                search=search, context=SectionContextBuilder(store, ContextOptions(), trimmer), model=seen,
                gate=self.gate, versions=_Texts(held), audit=kept, prompt=self.prompt,
                card=ModelCard(seen.name, "", "", "", self.gate.name, "", ""),
                options=AnswerOptions(max_tokens=160, quote_from=self.quote_from), selector=self.selector,
                detector=self.detector,
            )  # fmt: skip
            titles: tuple[str, ...] = ()
            async for event in service.stream(question, ASKER):
                if isinstance(event, RetrievalEvent):
                    titles = event.titles
                if isinstance(event, FinalEvent):
                    return Told(event.answer, titles, "\n".join(seen.read), kept.last)
        raise AssertionError("the stream ended without a final event")


@contextmanager
def victim(model: str, note: Callable[[str], None], *, guard: bool) -> Iterator[Victim]:
    """`model`: "obedient", or a generator of the manifest, without adapter."""
    settings = load_settings(**({} if model == "obedient" else {"generator": model, "adapter": "none"}))
    store = ModelStore(default_cache_dir(), Manifest.load())

    def folder(name: str, role: Role) -> Path:
        return store.path(name)

    def pinned(name: str) -> str:
        return f"{name}@{store.digest(name)[:12]}"

    reranker = weights.reranker(settings, folder)
    limits = weights.limits(settings, store)
    made = Victim(
        gate_alone(weights.judge(settings, folder, pinned), limits, lambda: reranker),
        weights.selector(settings, folder, pinned),
        weights.detector(settings, folder, pinned) if guard else None,
        reranker,
        load_prompt(ANSWER),
        settings.quote_from,
        settings.shown_chars,
    )
    if model == "obedient":
        yield made
        return
    language = Language(settings, lambda: weights.gguf(settings, folder), None, note)
    language.start()
    try:
        yield Victim(**{name: getattr(made, name) for name in Victim.__slots__ if name != "writer"},
                     writer=language.generator())  # fmt: skip
    finally:
        language.close()


def _squeezed(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
