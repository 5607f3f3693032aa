"""Feedback on answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.http.feedback import Reviewed
from api.http.schemas.values import MAX_NUMBER, NUMBER, AskedVersion
from generation.people import FeedbackKind, FeedbackState
from retrieval.types import Numbering

MAX_WORDS_CHARS = 4000
Said = Annotated[str, Field(max_length=MAX_WORDS_CHARS, pattern=r"^[^\x00]*$")]
Count = Annotated[int, Field(ge=0, le=MAX_NUMBER), NUMBER]


class _Version(BaseModel):
    model_config = ConfigDict(extra="forbid")

    document_id: UUID
    version: Annotated[
        AskedVersion, Field(description="A number as the caller counts, or an id; null: the newest.")
    ] = None


class ExpectedQuote(_Version):
    """Words of a version that should have been cited, as they stand in its text; white space does not count."""

    quote: Annotated[str, Field(min_length=1, max_length=MAX_WORDS_CHARS, pattern=r"^[^\x00]*$")]


class ExpectedPlace(_Version):
    """Characters [start, end) of a version's text that should have been cited."""

    start: Count
    end: Count


class FeedbackIn(BaseModel):
    """What one says of an answer, or of one sentence of it (from 1; 0: the answer as a whole)."""

    model_config = ConfigDict(extra="forbid")

    audit_id: UUID
    kind: FeedbackKind
    sentence: Count = 0
    words: Said = ""
    expected: ExpectedQuote | ExpectedPlace | None = None


class ReviewIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: FeedbackState
    words: Said = ""


class ExpectedOut(BaseModel):
    """`quote` is characters [start, end) of the version's text. `version` 0, and no quote: the caller may not read
    it."""

    document_id: str
    version: int
    version_id: str
    start: int
    end: int
    quote: str


class FeedbackOut(BaseModel):
    """`by`: who gives it. `question` and `answer` are empty where the caller may not open the answer, or it is erased.
    `review`: what `reviewed_by` says of it."""

    id: str
    audit_id: str
    by: str
    kind: FeedbackKind
    sentence: int
    words: str
    expected: ExpectedOut | None
    given_at: datetime
    state: FeedbackState
    review: str
    reviewed_by: str
    reviewed_at: datetime | None
    question: str
    answer: str

    @classmethod
    def of(cls, one: Reviewed, seen: Numbering | None) -> FeedbackOut:
        """`seen`: as the caller counts versions; None: as they are stored."""
        told = one.feedback
        return cls(
            id=told.id,
            audit_id=told.audit_id,
            by=told.owner,
            kind=told.kind,
            sentence=told.sentence,
            words=told.words,
            expected=_expected(one, seen),
            given_at=told.given_at,
            state=told.state,
            review=told.review,
            reviewed_by=told.reviewed_by,
            reviewed_at=told.reviewed_at,
            question=one.kept.question if one.kept else "",
            answer=one.kept.answer.answer if one.kept else "",
        )


class FeedbackList(BaseModel):
    feedback: list[FeedbackOut]
    next: str | None = None


def _expected(one: Reviewed, seen: Numbering | None) -> ExpectedOut | None:
    place = one.feedback.expected
    if place is None:
        return None
    number, id_ = place.version, ""
    if seen is not None:
        known = seen.knows(place.document_id, place.version)
        number = seen.number(place.document_id, place.version) if known else 0
        id_ = seen.id(place.document_id, place.version)
    return ExpectedOut(
        document_id=place.document_id, version=number, version_id=id_, start=place.start, end=place.end, quote=one.quote
    )
