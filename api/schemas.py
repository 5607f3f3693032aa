"""Requests and responses of the HTTP API. Answers, sentences and citations are `generation.types` as they are."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from retrieval.types import Hit, SearchResult

MAX_QUESTION_CHARS = 4000


class QueryRequest(BaseModel):
    """A question. Who asks comes from the credential, never from here."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[str, Field(max_length=MAX_QUESTION_CHARS)]
    stream: bool = False


class SearchRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    query: Annotated[str, Field(max_length=MAX_QUESTION_CHARS)]
    top_k: Annotated[int, Field(ge=1, le=100)] = 10


class HitOut(BaseModel):
    """A chunk: `text` is characters [start, end) of the version's canonical text."""

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
    score: float
    scores: dict[str, float]

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
            score=hit.score,
            scores=dict(hit.scores),
        )


class SearchResponse(BaseModel):
    hits: list[HitOut]
    snapshot: str
    timings_ms: dict[str, float]

    @classmethod
    def of(cls, result: SearchResult) -> Self:
        return cls(
            hits=[HitOut.of(hit) for hit in result.hits],
            snapshot=result.snapshot,
            timings_ms=dict(result.timings_ms),
        )


class VersionOut(BaseModel):
    version: int
    added_at: datetime
    content_sha256: str


class DocumentOut(BaseModel):
    """A document that the caller may read, as its current version shows it."""

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


class DocumentList(BaseModel):
    documents: list[DocumentOut]


class UploadOut(BaseModel):
    source: str
    outcome: str
    document_id: str
    version: int
    pages: int
    chunks: int


class PageOut(BaseModel):
    """A page and its characters [start, end) of the text."""

    page: int
    start: int
    end: int


class SectionOut(BaseModel):
    """A heading of the text, at characters [start, end); `level` 1 is outermost."""

    title: str
    level: int
    start: int
    end: int


class TextOut(BaseModel):
    """The canonical text of one version. Offsets count Unicode code points."""

    document_id: str
    version: int
    title: str
    media_type: str
    text: str
    pages: list[PageOut]
    sections: list[SectionOut]


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
