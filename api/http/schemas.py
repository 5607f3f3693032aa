"""Requests and responses of the HTTP API. Answers, sentences and citations are `generation.types` as they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from ingest.types import Coverage, FactKind, FileWarning, KnownFact, PageSource
from retrieval.types import ChunkText, Clue, Hit, SearchOptions, SearchResult

if TYPE_CHECKING:
    from api.http.parts import FileReport

MAX_QUESTION_CHARS = 4000
MAX_FACT_CHARS = 300


AsOf = Annotated[date | None, Field(description="Use the versions in force on this day instead of the newest.")]


class QueryRequest(BaseModel):
    """A question. Who asks comes from the credential, never from here."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[str, Field(max_length=MAX_QUESTION_CHARS)]
    as_of: AsOf = None
    stream: bool = False


class SearchRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    query: Annotated[str, Field(max_length=MAX_QUESTION_CHARS)]
    top_k: Annotated[int, Field(ge=1, le=100)] = 10
    as_of: AsOf = None
    fusion: Annotated[
        Literal["min_max", "rrf", "dense", "sparse"] | None, Field(description="How both legs are fused, or one alone.")
    ] = None
    rerank: Annotated[bool | None, Field(description="Let the cross-encoder reorder the head.")] = None
    hyde: Annotated[
        Literal["off", "unsure", "always"] | None, Field(description="Search again with an imagined passage.")
    ] = None
    understand: Annotated[
        bool | None, Field(description="Use dates, clauses, phrases and document names in the query; split it.")
    ] = None
    collapse: Annotated[bool | None, Field(description="Show near-duplicates once.")] = None

    def options(self, defaults: SearchOptions) -> SearchOptions:
        """The defaults of this installation with what the request says otherwise."""
        asked = self.model_dump(include={"fusion", "hyde", "understand", "collapse"}, exclude_none=True)
        if self.rerank is not None:
            asked["rerank"] = (defaults.rerank or SearchOptions().rerank) if self.rerank else 0
        return replace(defaults, **asked)


class CopyOut(BaseModel):
    """Another chunk that says the same as a hit."""

    chunk_id: str
    document_id: str
    version: int
    title: str
    source: str
    page: int | None
    start: int
    end: int

    @classmethod
    def of(cls, chunk: ChunkText) -> Self:
        return cls.model_validate(chunk, from_attributes=True)


class HitOut(BaseModel):
    """A chunk: `text` is characters [start, end) of the version's canonical text. `question` is the part of the
    query that found it; `language`: of its document (BCP 47), "und" where none can be told."""

    chunk_id: str
    document_id: str
    version: int
    title: str
    source: str
    section_path: list[str]
    page: int | None
    start: int
    end: int
    text: str
    language: str
    score: float
    scores: dict[str, float]
    question: str
    copies: list[CopyOut]

    @classmethod
    def of(cls, hit: Hit) -> Self:
        chunk = hit.chunk
        return cls(
            chunk_id=chunk.chunk_id,
            document_id=chunk.document_id,
            version=chunk.version,
            title=chunk.title,
            source=chunk.source,
            section_path=list(chunk.section_path),
            page=chunk.page,
            start=chunk.start,
            end=chunk.end,
            text=chunk.text,
            language=chunk.language,
            score=hit.score,
            scores=dict(hit.scores),
            question=hit.question,
            copies=[CopyOut.of(copy) for copy in hit.copies],
        )


class SearchResponse(BaseModel):
    """Depends on the query, its options and the documents that the caller may read, and on nothing else.

    The times that it took are in the header Server-Timing.
    """

    hits: list[HitOut]
    snapshot: str
    clues: list[Clue]
    parts: list[str]
    hypothesis: str

    @classmethod
    def of(cls, result: SearchResult) -> Self:
        return cls(
            hits=[HitOut.of(hit) for hit in result.hits],
            snapshot=result.snapshot,
            clues=list(result.clues),
            parts=list(result.parts),
            hypothesis=result.hypothesis,
        )


class VersionOut(BaseModel):
    """`corrects`: the version in which other words of the same file were read."""

    version: int
    added_at: datetime
    content_sha256: str
    corrects: int | None


ChunkingName = Literal[
    "structure", "recursive", "semantic", "small-to-big", "code",
    "structure+summary", "recursive+summary", "semantic+summary", "small-to-big+summary", "code+summary",
]  # fmt: skip


class DocumentOut(BaseModel):
    """A document that the caller may read, as its current version shows it. `may_change`: whether the caller may
    delete or restore it. `warnings`: what could not be read, or not surely; `coverage`: how its pages were read, all 0
    where they are not told apart; `behind`: it was read by older rules than today's; `chunking`: how its text is cut
    for search; `language`: of its words (BCP 47), "und" where none can be told. The last two are of deleted
    documents alone."""

    document_id: str
    title: str
    source: str
    version: int
    media_type: str
    pages: int | None
    bytes: int
    date: str | None
    added_at: datetime
    allow: list[str]
    versions: list[VersionOut]
    may_change: bool
    warnings: list[FileWarning]
    coverage: Coverage
    behind: bool
    chunking: str
    language: str
    deleted_at: datetime | None = None
    restorable_until: datetime | None = None


class DocumentList(BaseModel):
    """`recycle_days`: for how long a deleted document can be restored; 0: not at all."""

    documents: list[DocumentOut]
    recycle_days: int


class UploadOut(BaseModel):
    """What became of a file. `children`: of the files in it, as a mail's attachments; `reason`: why one of those
    failed. `warnings`, `coverage` and `language` as in `DocumentOut`; a file that failed has no language."""

    source: str
    outcome: str
    document_id: str
    version: int
    pages: int
    chunks: int
    reason: str = ""
    warnings: list[FileWarning]
    coverage: Coverage
    language: str
    children: list[UploadOut] = []

    @classmethod
    def of(cls, report: FileReport) -> Self:
        return cls(
            source=report.source,
            outcome=report.outcome,
            document_id=report.document_id,
            version=report.version,
            pages=report.pages,
            chunks=report.chunks,
            reason=report.reason,
            warnings=list(report.warnings),
            coverage=report.coverage,
            language=report.language,
            children=[cls.of(child) for child in report.children],
        )


class PageOut(BaseModel):
    """A page and its characters [start, end) of the text; `label` and `bates`: the page and Bates numbers printed on
    it, "" where there are none; `source`: where its words come from."""

    page: int
    start: int
    end: int
    label: str
    bates: str
    source: PageSource


class SectionOut(BaseModel):
    """A heading of the text, at characters [start, end); `level` 1 is outermost."""

    title: str
    level: int
    start: int
    end: int


class TextOut(BaseModel):
    """The canonical text of one version, and what of it could not be read, or not surely. Offsets count Unicode code
    points. `language`: BCP 47, "und" where none can be told."""

    document_id: str
    version: int
    title: str
    media_type: str
    text: str
    pages: list[PageOut]
    sections: list[SectionOut]
    warnings: list[FileWarning]
    coverage: Coverage
    language: str


class FactsOut(BaseModel):
    """What is known of a document as a whole. `may_change`: whether the caller may set and remove facts."""

    document_id: str
    version: int
    may_change: bool
    facts: list[KnownFact]


class FactIn(BaseModel):
    """A fact that a person sets. `value`: of a date a day (YYYY-MM-DD, or as one writes it in English). `quote`: words
    of the current version that say so. `replaces`: the party in whose place this one stands."""

    model_config = ConfigDict(extra="forbid")

    kind: FactKind
    value: Annotated[str, Field(min_length=1, max_length=MAX_FACT_CHARS)]
    role: Annotated[str, Field(max_length=MAX_FACT_CHARS)] = ""
    term: Annotated[str, Field(max_length=MAX_FACT_CHARS)] = ""
    quote: Annotated[str, Field(max_length=MAX_QUESTION_CHARS)] = ""
    replaces: Annotated[str, Field(max_length=MAX_FACT_CHARS)] = ""


class Person(BaseModel):
    user: str
    name: str
    groups: list[str]


class Me(BaseModel):
    user: str
    groups: list[str]
    scopes: list[str]


class SessionInfo(BaseModel):
    """Whether sample people may sign in here, who they are, and who the caller is."""

    demo: bool
    people: list[Person]
    me: Me | None


class SignIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    user: str


class SessionToken(BaseModel):
    token: str
    user: str
    groups: list[str]
    expires_at: datetime


class Health(BaseModel):
    status: str
    checks: dict[str, str] = {}


class Problem(BaseModel):
    """RFC 9457 problem details; `code` is stable, `detail` says what is wrong and what to do."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = None


# What a request with a body may meet before its route.
REFUSED: dict[int | str, dict[str, Any]] = {
    408: {"model": Problem, "description": "The request came too slowly"},
    413: {"model": Problem, "description": "The request is too large"},
    415: {"model": Problem, "description": "The request is of another content type"},
}
