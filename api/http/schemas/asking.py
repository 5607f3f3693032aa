"""Questions and searches. Answers, sentences and citations are `generation.types` as they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, StrictBool, model_validator

from api.http.schemas.filtering import Narrowed
from api.http.schemas.values import NUMBER, AskedStrictness, Day
from retrieval.types import ChunkText, Clue, Hit, Numbering, SearchOptions, SearchResult

MAX_QUESTION_CHARS = 4000

# Something besides blanks and what `retrieval.text.queries.clean_query` takes out.
SAID = r"[^\s\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
Words = Annotated[str, Field(max_length=MAX_QUESTION_CHARS, json_schema_extra={"pattern": SAID})]
AsOf = Annotated[Day | None, Field(description="Use the versions in force on this day instead of the newest.")]


class QueryRequest(Narrowed):
    """A question. Who asks comes from the credential, never from here."""

    question: Words
    as_of: AsOf = None
    stream: StrictBool = False
    conversation: Annotated[
        str | None,
        Field(
            pattern=r"^(new|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$",
            description='An own conversation that this goes on from and is kept in, by id; "new" begins one.',
        ),
    ] = None
    strictness: AskedStrictness = None
    keep: Annotated[
        StrictBool,
        Field(
            description="The answer goes on when the connection is lost, and can be joined again: GET /v1/running. "
            "Needs `stream` and `conversation`."
        ),
    ] = False

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        if self.keep and not (self.stream and self.conversation):
            raise ValueError("keep needs stream and conversation: an answer that goes on is read there")
        return self


class AbsenceRequest(Narrowed):
    """What is looked for: what such a clause says, best as a statement. Who asks comes from the credential."""

    question: Words
    as_of: AsOf = None
    stream: StrictBool = False


class SearchRequest(Narrowed):
    query: Words
    top_k: Annotated[int, Field(ge=1, le=100), NUMBER] = 10
    as_of: AsOf = None
    fusion: Annotated[
        Literal["min_max", "rrf", "dense", "sparse"] | None, Field(description="How both legs are fused, or one alone.")
    ] = None
    rerank: Annotated[StrictBool | None, Field(description="Let the cross-encoder reorder the head.")] = None
    hyde: Annotated[
        Literal["off", "unsure", "always"] | None, Field(description="Search again with an imagined passage.")
    ] = None
    understand: Annotated[
        StrictBool | None, Field(description="Use dates, clauses, phrases and document names in the query; split it.")
    ] = None
    collapse: Annotated[StrictBool | None, Field(description="Show near-duplicates once.")] = None

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
    version_id: str
    title: str
    source: str
    page: int | None
    start: int
    end: int

    @classmethod
    def of(cls, chunk: ChunkText, seen: Numbering) -> Self:
        return cls(
            chunk_id=chunk.chunk_id,
            document_id=chunk.document_id,
            version=seen.number(chunk.document_id, chunk.version),
            version_id=seen.id(chunk.document_id, chunk.version),
            title=chunk.title,
            source=chunk.source,
            page=chunk.page,
            start=chunk.start,
            end=chunk.end,
        )


class HitOut(BaseModel):
    """A chunk: `text` is characters [start, end) of the version's canonical text. `question` is the part of the
    query that found it; `language`: of its document (BCP 47), "und" where none can be told. `version` counts those that
    the caller may read, `version_id` names it for good."""

    chunk_id: str
    document_id: str
    version: int
    version_id: str
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
    def of(cls, hit: Hit, seen: Numbering) -> Self:
        chunk = hit.chunk
        return cls(
            chunk_id=chunk.chunk_id,
            document_id=chunk.document_id,
            version=seen.number(chunk.document_id, chunk.version),
            version_id=seen.id(chunk.document_id, chunk.version),
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
            copies=[CopyOut.of(copy, seen) for copy in hit.copies],
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
    def of(cls, result: SearchResult, seen: Numbering) -> Self:
        """`seen`: as whoever asks counts the versions in it."""
        return cls(
            hits=[HitOut.of(hit, seen) for hit in result.hits],
            snapshot=result.snapshot,
            clues=list(result.clues),
            parts=list(result.parts),
            hypothesis=result.hypothesis,
        )
