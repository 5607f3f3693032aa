"""Answers that rest on what has changed since: all of them for auditors, their own for who asked (docs/feedback.md)."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.http.auth import AUDIT
from api.http.cursors import InvalidCursor
from api.http.deps import (
    AskingAgain,
    Auditor,
    FeedbackDesk,
    Numbers,
    Placing,
    Reader,
    Recall,
    Recorded,
    Reviewer,
    Reviewing,
)
from api.http.numbers import stored_number, versions_of
from api.http.problems import NotFound
from api.http.recall import Place
from api.http.schemas.audit import Instant
from api.http.schemas.problems import NOT_NOW, REFUSED
from api.http.schemas.recall import (
    AffectedList,
    AffectedOut,
    AskedAgain,
    KeptOut,
    NoticeList,
    NoticeOut,
    SeenIn,
    WrongIn,
    WrongList,
    WrongOut,
    with_cells,
)
from api.http.schemas.values import Number, VersionId
from api.http.stored import Numbers as NumbersPart
from retrieval.types import Numbering, Principal

router = APIRouter(prefix="/v1/answers", tags=["answers"])


@router.get("/affected", response_model=AffectedList)
def list_affected(
    recall: Recall,
    numbers: Numbers,
    placing: Placing,
    caller: Auditor,
    document: Annotated[UUID | None, Query(description="Answers that rest on this document alone.")] = None,
    version: Annotated[Number | None, Query(description="On this version of it, by its stored number.")] = None,
    since: Annotated[Instant | None, Query(description="Asked for at this instant or later.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50,
    after: Annotated[str, Query(max_length=200, description="The `next` of the page before.")] = "",
) -> AffectedList:
    """Every answer that rests on a version which was superseded, deleted, erased or found wrong, newest first. A
    change is looked at some seconds after it was made."""
    asked = {"since": since, "after": _read(after) if after else None, "limit": limit}
    page = recall.affected(str(document) if document else None, version, **asked)  # type: ignore[arg-type]
    ids = numbers.among({place for one in page.answers for changed in one.changed for place in versions_of(changed)})
    told = [AffectedOut.of(one, ids) for one in page.answers]
    with_cells(told, placing.all([one.audit_id for one in told], caller.principal))
    return AffectedList(answers=told, next=_written(page.last) if page.last else None)


@router.get("/notices", response_model=NoticeList)
def list_notices(
    recall: Recall,
    placing: Placing,
    numbers: Numbers,
    caller: Reader,
    access: Recorded,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50,
) -> NoticeList:
    """Answers of the caller's own, and in conversations that are shared with them, that rest on a version which was
    superseded or found wrong since, and of which they were not told yet, newest first. What they may not read any more
    is not among them."""
    found = recall.notices(caller.principal, limit)
    places = [place for one in found for place in sorted(one.kept.rests_on)]
    seen = numbers.of(caller.principal, {document_id for document_id, _ in places})
    access.shows(places)
    told = [NoticeOut.of(one, seen) for one in found]
    with_cells(told, placing.of([one.audit_id for one in told], caller.principal))
    return NoticeList(notices=told)


@router.post("/notices/seen", status_code=204, responses=REFUSED)
def see_notices(body: SeenIn, recall: Recall, caller: Reader) -> None:
    """The caller has read what is told of these answers: it is no notice any more, until something else changes."""
    recall.seen(caller.principal, [str(one) for one in body.answers])


@router.get("/wrong", response_model=WrongList)
def list_wrong(recall: Recall, numbers: Numbers, caller: Reviewer, access: Recorded) -> WrongList:
    """Versions that were found wrong. A credential with the scope `admin` sees those that the caller may read; one with
    `audit` all."""
    found = recall.wrong()
    seen = numbers.of(caller.principal, {one.document_id for one in found})
    if not caller.carries(AUDIT):
        found = [one for one in found if _may_read(seen, one.document_id, one.version)]
    places = [(one.document_id, one.version) for one in found if one.version]
    access.shows(places)
    ids = numbers.among(places)
    return WrongList(versions=[WrongOut.of(one, seen, ids) for one in found])


@router.put("/wrong", status_code=204, responses=REFUSED)
def mark_wrong(body: WrongIn, recall: Recall, numbers: Numbers, caller: Reviewer) -> None:
    """A version, or a document with all of its versions, is wrong, or was read so: every answer that rests on it, and
    each that is still to come, says so with the reason. For a credential with the scope `admin` or `audit`, of a
    version that the caller may read."""
    document_id = str(body.document_id)
    version = _stored(numbers, caller.principal, document_id, body.version)
    if not recall.find_wrong(document_id, version, body.reason.strip(), f"user:{caller.principal.user}"):
        raise NotFound


@router.delete("/wrong", status_code=204)
def unmark_wrong(
    recall: Recall,
    numbers: Numbers,
    caller: Reviewer,
    document: Annotated[UUID, Query(description="The document.")],
    version: Annotated[VersionId | None, Query(description="The version that is marked; else all of them.")] = None,
) -> None:
    """Takes that back, whoever has said it."""
    number = _stored(numbers, caller.principal, str(document), version)
    if not recall.not_wrong(str(document), number, f"user:{caller.principal.user}"):
        raise NotFound


@router.get("/{audit_id}", response_model=KeptOut)
def read_answer(audit_id: str, desk: FeedbackDesk, numbers: Numbers, caller: Reader, access: Recorded) -> KeptOut:
    """An answer that was given, as the audit trail keeps it, with what has `changed` since of the versions that it
    quotes or names.

    For who asked, for whom it is shared with (without what tells of all that the asker could read), and for a
    credential with the scope `audit`; each only while they may read every version that the answer quotes or names.
    """
    kept = desk.may_open(audit_id, caller.principal, auditor=caller.carries(AUDIT))
    if kept is None:
        raise NotFound
    access.shows(sorted(kept.rests_on))
    return KeptOut.of(kept, numbers.of(caller.principal, {document_id for document_id, _ in kept.rests_on}))


@router.post("/{audit_id}/ask-again", response_model=AskedAgain, status_code=201, responses=NOT_NOW)
async def ask_again(audit_id: str, asking: AskingAgain, caller: Reviewer, reviewing: Reviewing) -> AskedAgain:
    """Asks the same question as the same person, over what they may read now; they are told that there is a new answer.
    The caller is told its id alone, and the question counts among theirs.

    A credential with the scope `admin` has it done with answers of which the caller may read every version; one with
    `audit` with all.
    """
    again = await asking.ask(audit_id, caller.principal, auditor=caller.carries(AUDIT), again=reviewing)
    if again is None:
        raise NotFound
    return AskedAgain(audit_id=again, asked_again=audit_id.lower())


def _stored(numbers: NumbersPart, principal: Principal, document_id: str, version_id: str | None) -> int:
    """The stored number of a version, 0 for all; raises `NotFound` where the principal may not read it, or any."""
    if version_id is not None:
        return stored_number(numbers, principal, document_id, version_id) or 0
    if not numbers.of(principal, [document_id]).versions.get(document_id):
        raise NotFound
    return 0


def _may_read(seen: Numbering, document_id: str, version: int) -> bool:
    return seen.knows(document_id, version) if version else bool(seen.versions.get(document_id))


def _written(place: Place) -> str:
    at, audit_id = place
    return base64.urlsafe_b64encode(f"{at.astimezone(UTC).isoformat()} {audit_id}".encode()).decode().rstrip("=")


def _read(text: str) -> Place:
    """Raises `InvalidCursor`."""
    try:
        at, audit_id = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split(" ")
        return datetime.fromisoformat(at).astimezone(UTC), str(UUID(audit_id))
    except (ValueError, OverflowError) as error:
        raise InvalidCursor("'after' is not the 'next' of this list. Begin again without it.") from error
