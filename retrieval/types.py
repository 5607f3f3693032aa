"""What retrieval works on: who asks, what they may see, what was found, what the model is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ingest.types import SHUT, is_principal
from retrieval.errors import InvalidPrincipal
from retrieval.text.tables import header_above, unit_above

KEY = np.dtype("S48")  # 16 bytes of the document's UUID, then 32: the digest of what the index holds of a content
DOCUMENT = np.dtype("S16")  # a cell of either loses trailing NULs when read as bytes: compare arrays, or ljust

EVERYONE = "group:everyone"

# What a file is called by its format: expressions for the whole of its media type, as Python and PostgreSQL read them.
FORMATS: Mapping[str, str] = {
    "pdf": "application/pdf",
    "word": ".*wordprocessingml.*|.*opendocument[.]text|application/rtf",
    "spreadsheet": ".*spreadsheetml.*|.*opendocument[.]spreadsheet|text/csv",
    "presentation": ".*presentationml.*",
    "email": "message/rfc822|application/vnd[.]ms-outlook|application/mbox",
    "web page": "text/html",
    "text": "text/plain|text/markdown",
    "image": "image/.*",
    "code": "text/x-.*|text/javascript|application/sql",
    "book": "application/epub[+]zip",
    "archive": "application/zip",
}


def principal_token(text: str) -> str:
    """Checks one `user:NAME` or `group:NAME` token and returns it; raises `InvalidPrincipal`."""
    if not is_principal(text):
        raise InvalidPrincipal(
            f"{text[:80]!r} is not a principal: write user:NAME or group:NAME "
            "with letters, digits and . _ @ + - in the name."
        )
    return text


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a user id, the groups that the credential vouches for, and others that they are in (`shut`): those let
    them in nowhere, but keep them out where a wall names them."""

    user: str
    groups: frozenset[str] = frozenset()
    shut: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        principal_token(f"user:{self.user}")
        for group in self.groups | self.shut:
            principal_token(f"group:{group}")

    @property
    def owner(self) -> str:
        """Whose what they make here is; in lower case, for it is theirs however a credential writes their name."""
        return f"user:{self.user}".lower()

    @property
    def tokens(self) -> frozenset[str]:
        """Everything an access label may name to let this person in, or to keep them out."""
        shut = (f"{SHUT}group:{group}" for group in self.shut - self.groups)
        return frozenset({f"user:{self.user}", EVERYONE, *(f"group:{group}" for group in self.groups), *shut})


@dataclass(frozen=True, slots=True, eq=False)
class VersionColumns:
    """Versions of documents, column by column, (n,) each."""

    keys: NDArray[np.bytes_]  # KEY
    labels: NDArray[np.int32]  # number of the document's access label
    own_labels: NDArray[np.int32]  # number of the label that the version was added under; both must let a reader in
    numbers: NDArray[np.int32]  # version number, 1..
    days: NDArray[np.int32]  # the day from which it holds, in days since 1970-01-01
    current: NDArray[np.bool_]  # the document's current version

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True, slots=True)
class Numbering:
    """How one reader counts versions, so that no number tells of one that they may not read: by document, the stored
    numbers of those that they may, ascending, each with the opaque id that names it for everybody."""

    versions: Mapping[str, Mapping[int, str]]

    def number(self, document_id: str, version: int) -> int:
        """1 for the first that they may read. Of one that was closed to them this moment it is what it would be."""
        return 1 + sum(known < version for known in self.versions.get(document_id, ()))

    def knows(self, document_id: str, version: int | None) -> bool:
        return version in self.versions.get(document_id, ())

    def id(self, document_id: str, version: int) -> str:
        """ "" of one that they may not read."""
        return self.versions.get(document_id, {}).get(version, "")

    def stored(self, document_id: str, asked: int | str) -> int | None:
        """The stored number of what the reader calls by number or id; None where they may read no such version."""
        known = self.versions.get(document_id, {})
        if isinstance(asked, str):
            return next((version for version, id_ in known.items() if id_ == asked), None)
        return list(known)[asked - 1] if 0 < asked <= len(known) else None


@dataclass(frozen=True, slots=True, eq=False)
class CatalogChanges:
    """What became of the catalog since an earlier generation.

    `versions` are all there are if `complete`; else they replace all that was known of `documents`.
    """

    generation: int
    complete: bool
    documents: NDArray[np.bytes_]  # DOCUMENT: those changed or deleted since
    versions: VersionColumns
    labels: Mapping[int, frozenset[str]]  # the principals of every label that `versions` name


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What the index holds of a chunk: the KEY of the versions that it belongs to, its text for search, and the
    language by which its words are stemmed (BCP 47; "" and "und": as English)."""

    chunk_id: str
    version_key: bytes
    indexed_text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class ChunkText:
    """A chunk as read from the store, under row-level security, for one principal. `parent`: as in `Chunk`. `language`:
    of its document, a BCP 47 code, "und" where none is known. `version_id` names the version for everybody, ""
    where the store has no such names."""

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
    parent: tuple[int, int] | None = None
    language: str = "und"
    version_id: str = ""

    @property
    def heading(self) -> str:
        return " > ".join((self.title, *self.section_path))

    @property
    def indexed_text(self) -> str:
        return "\n".join(part for part in (self.heading, self.table_header, self.text) if part)


@dataclass(frozen=True, slots=True)
class Hit:
    """A readable chunk with its final score and, for the record, the score of each stage.

    `question` is the part of the question that found it, as it was searched; `copies` are readable chunks that say the
    same. `parts`: of a question that was split, the numbers (1..n) of the parts that found it. `ranks`: its places
    from 1, "dense" and "sparse" in that leg, where it is among the candidates that the leg gave, "fused" of both, and
    "rerank" among those that the cross-encoder has read.
    """

    chunk: ChunkText
    score: float
    scores: Mapping[str, float] = field(default_factory=dict)
    question: str = ""
    copies: tuple[ChunkText, ...] = ()
    parts: tuple[int, ...] = ()
    ranks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clue:
    """Something in the question that points at where the answer stands: the words of the question, their normal form
    and one plain sentence on what the search makes of them.

    `kind` is "date", "clause", "phrase", "document" or "document_kind"; "fact" for what the documents must have; or
    "as_of", whose value is the ISO day as of which the question wants the documents.
    """

    kind: str
    text: str
    value: str
    effect: str


@dataclass(frozen=True, slots=True)
class Filter:
    """What a search is narrowed to; a field that is None narrows nothing. It never shows more than there was.

    documents: UUIDs; what is none, unknown or hidden matches nothing. kinds: of `FORMATS`, a media type, or words that
    the kind of the document holds ("lease"), or its title where no kind is known. groups: those whose names the access
    label holds; only the asker's own count. since, until: between which days, both included, the day of the document
    is; one that has none does not match.
    """

    documents: frozenset[str] | None = None
    kinds: frozenset[str] | None = None
    groups: frozenset[str] | None = None
    since: date | None = None
    until: date | None = None

    @property
    def dated(self) -> bool:
        return self.since is not None or self.until is not None

    def record(self) -> dict[str, object] | None:
        """As JSON has it, what narrows alone; None where nothing does."""
        told: dict[str, object] = {
            name: sorted(values)
            for name, values in (("documents", self.documents), ("kinds", self.kinds), ("groups", self.groups))
            if values is not None
        }
        told |= {
            name: day.isoformat() for name, day in (("since", self.since), ("until", self.until)) if day is not None
        }
        return told or None


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How to search; every stage can be switched off.

    candidates: how many each leg gives. fusion: of both legs, or one leg alone. dense_weight: share of the dense leg
    in "min_max". rerank: how many of the fused head the cross-encoder may read (0: off). rerank_weight: what
    relevance in [-1, 1] is multiplied by before it is added to the fused score in [0, 1]. hyde: search again with an
    imagined passage. understand: use what the question says of the place of its answer, and split it into its parts.
    collapse: show near-duplicates once. across: the embedder knows many languages, so a chunk in another language than
    the question, which can share no words with it, is ranked by the dense leg alone where that is better for it.
    """

    candidates: int = 100
    fusion: Literal["min_max", "rrf", "dense", "sparse"] = "min_max"
    dense_weight: float = 0.65
    rerank: int = 16
    rerank_weight: float = 0.4
    hyde: Literal["off", "unsure", "always"] = "off"
    understand: bool = True
    collapse: bool = True
    across: bool = False


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A document that words of the question name.

    `words` as the question spells them; `how` tells what they are of the document: "file name", "title", "party",
    "issuer", "kind" or "period" (the most telling one); `alternatives`: how many readable documents the words fit.
    """

    document_id: str
    title: str
    words: str
    how: str
    alternatives: int = 1


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Ranked hits, best first, for the cleaned query, and the digest of the view that they were found in.

    `clues` are what the question itself said about the place of its answer, `parts` the questions that it was split
    into, `hypothesis` the passage that was imagined for it; all may be empty. `named` are the documents that the
    question names, `asked` the question without their names (the query where it names none): what every later stage
    reads; `parts_asked` are the parts without them.
    """

    query: str
    hits: tuple[Hit, ...]
    snapshot: str
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    clues: tuple[Clue, ...] = ()
    parts: tuple[str, ...] = ()
    hypothesis: str = ""
    asked: str = ""
    named: tuple[NamedDocument, ...] = ()
    parts_asked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.asked:
            object.__setattr__(self, "asked", self.query)

    @property
    def versions(self) -> Sequence[tuple[str, int]]:
        """Document and version of each hit and each copy of one, in order, each once."""
        chunks = (chunk for hit in self.hits for chunk in (hit.chunk, *hit.copies))
        return list(dict.fromkeys((chunk.document_id, chunk.version) for chunk in chunks))


@dataclass(frozen=True, slots=True)
class Scope:
    """What a search with a filter looks through: ids of documents that have text, and what names their content."""

    documents: tuple[str, ...]
    snapshot: str


@dataclass(frozen=True, slots=True)
class Passage:
    """What the model sees under one marker: a span of one version, made of one or more adjacent chunks.

    `part` is the part of the question that it is shown for: 1..n of the search's `parts`, 0 for the whole question.
    """

    marker: int
    chunk: ChunkText
    text: str
    start: int
    end: int
    part: int = 0

    @property
    def table_header(self) -> str:
        """Of a table that the passage begins inside of, its unit, if one is stated, and its header row; else ""."""
        chunk, start = self.chunk, self.start - self.chunk.start
        header = header_above(chunk.text, start, chunk.table_header)
        return f"{unit_above(chunk.text, start)}\n{header}".strip() if header else ""


@dataclass(frozen=True, slots=True)
class Lead:
    """The sentence of the context that bears most on the question: its passage's marker, its span in the version's
    text, the reranker's score (a logit), and how far a table's row is ahead of the next row (None for prose and for an
    only row)."""

    marker: int
    start: int
    end: int
    score: float
    ahead: float | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """The passages shown to the model, in prompt order; markers are 1..n. `lead` is known where they were trimmed."""

    passages: tuple[Passage, ...]
    lead: Lead | None = None

    def passage(self, marker: int) -> Passage | None:
        return next((p for p in self.passages if p.marker == marker), None)
