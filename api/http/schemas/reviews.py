"""Reviews: the same questions over many documents."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator

from api.http.numbers import numbered_answer, numbered_change
from api.http.schemas.asking import SAID, AsOf, Words
from api.http.schemas.conversations import Whom
from api.http.schemas.filtering import Narrowed
from api.http.schemas.sign_offs import SignOffOut
from api.http.schemas.values import LINE, AskedStrictness, whole
from generation.people import Changed, SignOff
from generation.types import Answer, Strictness
from retrieval.types import Numbering

if TYPE_CHECKING:
    from api.http.review_desk import ShownCell, ShownReview, ShownRow

MAX_QUESTIONS = 50
Signed = Mapping[str, Sequence[SignOff]]  # by the id of the answer


def _said(question: str) -> str:
    if not re.search(SAID, question):
        raise ValueError("there is nothing to ask in this question")
    return question


Title = Annotated[str, Field(min_length=1, max_length=200, pattern=LINE)]
Question = Annotated[Words, AfterValidator(_said)]


class ReviewStatus(StrEnum):
    RUNNING = "running"
    CANCELLED = "cancelled"
    DONE = "done"


class CellStatus(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    ANSWERED = "answered"
    PARTIAL = "partial"
    NOT_FOUND = "not_found"
    FAILED = "failed"
    STALE = "stale"


class Wanted(StrEnum):
    """Cells that rows are looked for by: with an answer, in full or in part; without one; failed; that have an answer
    which nobody has signed off; of which a source has changed, or that are stale."""

    ANSWERED = "answered"
    NOT_FOUND = "not_found"
    FAILED = "failed"
    UNSIGNED = "unsigned"
    CHANGED = "changed"


class ReviewDocuments(Narrowed):
    """The documents of a review to be."""

    as_of: AsOf = None


class HoldsOut(BaseModel):
    """How many documents a review of them would have now; one has at most 1,000."""

    documents: int


class NewReview(ReviewDocuments):
    """The questions are asked of each of the documents that the other fields name, as the caller may read them. `live`:
    cells are asked again when their document gets a new version, else they are shown as stale. Its strictness is that
    of all its cells, whenever they are asked."""

    title: Title
    questions: Annotated[list[Question], Field(min_length=1, max_length=MAX_QUESTIONS)]
    live: StrictBool = False
    strictness: AskedStrictness = None


class ReviewChange(BaseModel):
    """What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    live: StrictBool | None = None

    @model_validator(mode="before")
    @classmethod
    def _whole(cls, asked: Any) -> Any:
        return whole(asked)


class ReviewShareIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    principals: Annotated[list[Whom], Field(max_length=200)]


class CellsIn(BaseModel):
    """Cells of one row, by their questions (1.. of the review's); none: all of them."""

    model_config = ConfigDict(extra="forbid")

    document_id: UUID
    questions: Annotated[list[Annotated[int, Field(ge=1, le=MAX_QUESTIONS)]], Field(max_length=MAX_QUESTIONS)] = []


class ReviewOut(BaseModel):
    """A review as the caller sees it: `documents` are those that they may read now, `counts` the cells of these by
    status, of `cells` in all. `status`: running as long as cells wait, cancelled where these are not begun any more,
    done. `strictness`: that its cells are asked with. `shares`: with whom it is shared, told to its owner alone."""

    id: str
    owner: str
    title: str
    questions: list[str]
    as_of: date | None
    live: bool
    strictness: Strictness
    status: ReviewStatus
    created_at: datetime
    documents: int
    cells: int
    counts: dict[str, int]
    shares: list[str]

    @classmethod
    def of(cls, shown: ShownReview) -> Self:
        review = shown.review
        return cls.model_validate(
            {
                "id": review.id,
                "owner": review.owner,
                "title": review.title,
                "questions": list(review.questions),
                "as_of": review.as_of,
                "live": review.live,
                "strictness": Strictness.STRICT if review.strict else Strictness.USUAL,
                "status": shown.status,
                "created_at": review.created_at,
                "documents": shown.documents,
                "cells": sum(shown.counts.values()),
                "counts": dict(shown.counts),
                "shares": list(review.shares),
            }
        )


class ReviewCell(BaseModel):
    """The answer to one question (1.. of the review's) of one document. `status` is waiting, running, answered,
    partial, not_found (no answer in the document passed the checks), failed (`code` says why; `answer_gone`: the
    answer was erased) or stale (of another version than is in force now). `version` and `version_id`: what was
    asked."""

    document_id: str
    question: int
    status: CellStatus
    code: str = ""
    audit_id: str | None = None
    version: int | None = None
    version_id: str = ""
    computed_at: datetime | None = None

    @classmethod
    def of(cls, cell: ShownCell, seen: Numbering) -> Self:
        return cls.model_validate(_told(cell, seen))


class AnsweredCell(ReviewCell):
    """With its answer as POST /v1/query gave it; None where there is none. `changed`: what has become since of the
    versions that it quotes or names. `sign_offs`: what people have said of it, oldest first."""

    answer: Answer | None = None
    changed: list[Changed] = []
    sign_offs: list[SignOffOut] = []

    @classmethod
    def of(cls, cell: ShownCell, seen: Numbering, signed: Signed | None = None) -> Self:
        """`signed`: by answer; None: nothing is told of it."""
        answer = numbered_answer(cell.kept.answer, seen) if cell.kept else None
        changed = [numbered_change(one, seen) for one in cell.kept.changed] if cell.kept else []
        signs = [SignOffOut.of(one) for one in (signed or {}).get(cell.kept.audit_id, ())] if cell.kept else []
        return cls.model_validate({**_told(cell, seen), "answer": answer, "changed": changed, "sign_offs": signs})


class ReviewRow(BaseModel):
    """A document and its cells, one for each question; for whom it is shared with, those that they may see. `version`:
    the one in force now."""

    document_id: str
    title: str
    source: str
    version: int
    version_id: str
    cells: list[AnsweredCell]

    @classmethod
    def of(cls, row: ShownRow, seen: Numbering, signed: Signed | None = None) -> Self:
        return cls(
            document_id=row.document_id,
            title=row.title,
            source=row.source,
            version=seen.number(row.document_id, row.version),
            version_id=seen.id(row.document_id, row.version),
            cells=[AnsweredCell.of(cell, seen, signed) for cell in row.cells],
        )


class ReviewDetail(ReviewOut):
    """With rows in the order of the documents' titles; `next`: `after` for the rest of them, None at the end."""

    rows: list[ReviewRow]
    next: str | None


class ReviewList(BaseModel):
    """Newest first; `next`: `after` for older ones, None at the end."""

    reviews: list[ReviewOut]
    next: str | None


class ResumedOut(BaseModel):
    """How many cells are asked again that had ended."""

    cells: int


def _told(cell: ShownCell, seen: Numbering) -> dict[str, object]:
    known = cell.version is not None and seen.knows(cell.document_id, cell.version)
    return {
        "document_id": cell.document_id,
        "question": cell.question,
        "status": cell.status,
        "code": cell.code,
        "audit_id": cell.audit_id,
        "version": seen.number(cell.document_id, cell.version) if known and cell.version else None,
        "version_id": seen.id(cell.document_id, cell.version) if known and cell.version else "",
        "computed_at": cell.computed_at,
    }
