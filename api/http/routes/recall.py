"""Answers that rest on what has changed since: all of them for auditors, their own for who asked (docs/feedback.md)."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.http.auth import AUDIT
from api.http.cursors import InvalidCursor
from api.http.deps import Auditor, FeedbackDesk, Numbers, Placing, Reader, Recall, Recorded
from api.http.problems import NotFound
from api.http.recall import Place
from api.http.schemas.audit import Instant
from api.http.schemas.problems import REFUSED
from api.http.schemas.recall import AffectedList, AffectedOut, KeptOut, NoticeList, NoticeOut, SeenIn, with_cells
from api.http.schemas.values import Number

router = APIRouter(prefix="/v1/answers", tags=["answers"])


@router.get("/affected", response_model=AffectedList)
def list_affected(
    recall: Recall,
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
    told = [AffectedOut.of(one) for one in page.answers]
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
    """Answers of the caller's own that rest on a version which was superseded or found wrong since, and of which they
    were not told yet, newest first. What they may not read any more is not among them."""
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


@router.get("/{audit_id}", response_model=KeptOut)
def read_answer(audit_id: str, desk: FeedbackDesk, numbers: Numbers, caller: Reader, access: Recorded) -> KeptOut:
    """An answer that was given, as the audit trail keeps it, with what has `changed` since of the versions that it
    quotes or names.

    For who asked, and for a credential with the scope `audit`; each only while they may read every version that the
    answer quotes or names.
    """
    kept = desk.may_open(audit_id, caller.principal, auditor=caller.carries(AUDIT))
    if kept is None:
        raise NotFound
    access.shows(sorted(kept.rests_on))
    return KeptOut.of(kept, numbers.of(caller.principal, {document_id for document_id, _ in kept.rests_on}))


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
