"""What generation produces: sentences with citations and verdicts, and the events in which they ship."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ingest.types import Box


class Verdict(StrEnum):
    """What the gate says of a sentence against its evidence (NLI labels)."""

    ENTAILED = "entailed"
    NEUTRAL = "neutral"
    CONTRADICTED = "contradicted"


class Status(StrEnum):
    """What remains after the gate."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    ABSTAINED = "abstained"


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote in a document: `quote == text[start:end]` of that immutable version's canonical text."""

    id: int
    document_id: str
    version: int
    content_sha256: str
    title: str
    source: str
    section_path: tuple[str, ...]
    page: int | None
    start: int
    end: int
    quote: str
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A shipped sentence: its span in the answer, its verdict, the gate's support in [0, 1], its citations."""

    text: str
    start: int
    end: int
    verdict: Verdict
    support: float
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The gate's decision on one sentence, and the stage that made it."""

    verdict: Verdict
    support: float
    stage: str
    reason: str = ""

    @property
    def passed(self) -> bool:
        return self.verdict is Verdict.ENTAILED


@dataclass(frozen=True, slots=True)
class Withheld:
    """A sentence that the generator wrote and the gate kept back. Goes into the audit record only."""

    text: str
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Everything that decides an answer besides the question and the documents."""

    generator: str
    adapter: str
    embedder: str
    reranker: str
    judge: str
    prompt: str
    snapshot: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the generator counts them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer, as shipped."""

    answer: str
    status: Status
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    model: ModelCard
    usage: Usage = Usage()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    audit_id: str = ""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message to the generator; `role` is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of generated text; the last one carries the usage, and whether the token limit cut the reply off."""

    text: str
    usage: Usage | None = None
    cut: bool = False


# The events of an answer in the order in which they may come:
# StatusEvent*, RetrievalEvent, (CitationEvent*, SentenceEvent)*, FinalEvent


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """What the service is doing now: searching, reading, writing, checking."""

    stage: str


@dataclass(frozen=True, slots=True)
class RetrievalEvent:
    """How many passages the answer may rest on, and the documents that they come from."""

    passages: int
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CitationEvent:
    citation: Citation


@dataclass(frozen=True, slots=True)
class SentenceEvent:
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class FinalEvent:
    answer: Answer


Event = StatusEvent | RetrievalEvent | CitationEvent | SentenceEvent | FinalEvent
