"""Answers that rest on what has changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.http.numbers import identified_change, numbered_answer, numbered_change
from api.http.recall import Affected, Notice, WrongVersion
from api.http.review_desk import PlacedCell
from api.http.schemas.values import VersionId
from generation.people import Changed, KeptAnswer
from generation.types import Answer
from retrieval.types import Numbering


class CellOut(BaseModel):
    """A cell of a review that an answer stands in. `title`: of the review, "" for who may not see it there; `question`:
    1.. of the review's."""

    review_id: str
    title: str
    document_id: str
    question: int


class AffectedOut(BaseModel):
    """`asked_by`: "" where that cannot be told any more; `question` is empty where it is erased. `changed`: versions by
    their stored numbers, and by the ids that all readers know them by. `seen_at`: when who asked was last told;
    `asked_again`: the answer that took its place."""

    audit_id: str
    asked_by: str
    asked_at: datetime
    question: str
    changed: list[Changed]
    seen_at: datetime | None
    asked_again: str
    cells: list[CellOut] = []

    @classmethod
    def of(cls, one: Affected, ids: Numbering) -> AffectedOut:
        """`ids`: of all versions that are told of."""
        told = cls.model_validate(one, from_attributes=True)
        told.changed = [identified_change(changed, ids) for changed in told.changed]
        return told


class AffectedList(BaseModel):
    answers: list[AffectedOut]
    next: str | None = None


class KeptOut(BaseModel):
    """An answer as it was given. `asked_by`: `user:NAME`. `changed`: what has become of the versions that it quotes or
    names."""

    audit_id: str
    asked_by: str
    asked_at: datetime
    question: str
    as_of: date | None
    answer: Answer
    changed: list[Changed]

    @classmethod
    def of(cls, kept: KeptAnswer, seen: Numbering) -> KeptOut:
        return cls(
            audit_id=kept.audit_id,
            asked_by=kept.asked_by,
            asked_at=kept.asked_at,
            question=kept.question,
            as_of=kept.as_of,
            answer=numbered_answer(kept.answer, seen),
            changed=[numbered_change(one, seen) for one in kept.changed],
        )


class NoticeOut(BaseModel):
    """An answer of the caller's own, or one that is shared with them, and what has become of the versions that it
    quotes or names. `asked_by`: `user:NAME`; `asked_again`: the answer that took its place, "" for none, and where it
    is not the caller's."""

    audit_id: str
    asked_by: str
    asked_at: datetime
    question: str
    changed: list[Changed]
    asked_again: str
    cells: list[CellOut] = []

    @classmethod
    def of(cls, one: Notice, seen: Numbering) -> NoticeOut:
        kept = one.kept
        return cls(
            audit_id=kept.audit_id,
            asked_by=kept.asked_by,
            asked_at=kept.asked_at,
            question=kept.question,
            changed=[numbered_change(changed, seen) for changed in kept.changed],
            asked_again=one.asked_again,
        )


class NoticeList(BaseModel):
    notices: list[NoticeOut]


class WrongIn(BaseModel):
    """What is found wrong: a version by its id, which is the same for all readers, or (null) a document with all of its
    versions. `reason` is read by whoever is told."""

    model_config = ConfigDict(extra="forbid")

    document_id: UUID
    version: VersionId | None = None
    reason: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]


class WrongOut(BaseModel):
    """`version` as the caller counts, 0 where they may not read it; null, and no `version_id`: all versions."""

    document_id: str
    version: int | None
    version_id: str
    at: datetime
    reason: str

    @classmethod
    def of(cls, one: WrongVersion, seen: Numbering, ids: Numbering) -> WrongOut:
        """`ids`: of all versions that are told of."""
        place = one.document_id, one.version
        number = seen.number(*place) if seen.knows(*place) else 0
        return cls(
            document_id=one.document_id,
            version=number if one.version else None,
            version_id=ids.id(*place) if one.version else "",
            at=one.at,
            reason=one.reason,
        )


class WrongList(BaseModel):
    versions: list[WrongOut]


class AskedAgain(BaseModel):
    """`audit_id` of the new answer, which opens for who asked and for who audits; `asked_again`: of the old one."""

    audit_id: str
    asked_again: str


def with_cells(told: Sequence[AffectedOut] | Sequence[NoticeOut], cells: Mapping[str, Sequence[PlacedCell]]) -> None:
    """Puts in which cells of reviews these answers stand."""
    for one in told:
        placed = cells.get(one.audit_id, ())
        one.cells = [CellOut.model_validate(cell, from_attributes=True) for cell in placed]


class SeenIn(BaseModel):
    """Of which answers one has read the notices."""

    model_config = ConfigDict(extra="forbid")

    answers: Annotated[list[UUID], Field(min_length=1, max_length=100)]
