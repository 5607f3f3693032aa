"""What retrieval works on: who asks, what they may see, what was found, what the model is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from retrieval.errors import InvalidPrincipal

EVERYONE = "group:everyone"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}")


def principal_token(text: str) -> str:
    """Checks one `user:NAME` or `group:NAME` token and returns it; raises `InvalidPrincipal`."""
    kind, _, name = text.partition(":")
    if kind not in {"user", "group"} or not _NAME.fullmatch(name):
        raise InvalidPrincipal(
            f"{text[:80]!r} is not a principal: write user:NAME or group:NAME "
            "with letters, digits and . _ @ + - in the name."
        )
    return text


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a user id and the groups that the credential vouches for."""

    user: str
    groups: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        principal_token(f"user:{self.user}")
        for group in self.groups:
            principal_token(f"group:{group}")

    @property
    def tokens(self) -> frozenset[str]:
        """Everything an access label may name to let this person in."""
        return frozenset({f"user:{self.user}", EVERYONE, *(f"group:{group}" for group in self.groups)})


@dataclass(frozen=True, slots=True)
class VersionRef:
    """A document's current version as the catalog knows it, with the tokens that may read it."""

    document_id: str
    version: int
    content_sha256: str
    allow: frozenset[str]

    @property
    def key(self) -> str:
        """Names the version's rows in the index, whatever installation it is in."""
        return f"{self.document_id}:{self.content_sha256}"


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What the index holds of a chunk: which version it belongs to, its terms and its vector's place."""

    chunk_id: str
    version_key: str
    indexed_text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that the index found: its content id and the scores it earned on the way."""

    chunk_id: str
    score: float
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChunkText:
    """A chunk as read from the store, under row-level security, for one principal."""

    chunk_id: str
    document_id: str
    version: int
    content_sha256: str
    title: str
    source: str
    ordinal: int
    start: int
    end: int
    text: str
    section_path: tuple[str, ...]
    page: int | None
    table_header: str = ""

    @property
    def heading(self) -> str:
        return " > ".join((self.title, *self.section_path))

    @property
    def indexed_text(self) -> str:
        return "\n".join(part for part in (self.heading, self.table_header, self.text) if part)


@dataclass(frozen=True, slots=True)
class Hit:
    """A readable chunk with its final score and, for the record, the score of each stage."""

    chunk: ChunkText
    score: float
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Ranked hits, best first, for the cleaned query, and the digest of the view that they were found in."""

    query: str
    hits: tuple[Hit, ...]
    snapshot: str
    timings_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Passage:
    """What the model sees under one marker: a span of one version, made of one or more adjacent chunks."""

    marker: int
    chunk: ChunkText
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Context:
    """The passages shown to the model, in prompt order; markers are 1..n."""

    passages: tuple[Passage, ...]

    def passage(self, marker: int) -> Passage | None:
        return next((p for p in self.passages if p.marker == marker), None)
