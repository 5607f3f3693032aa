"""Feedback on answers: given by who can open them, looked through by who reviews (docs/feedback.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from api.http.auth import AUDIT, Identity
from api.http.cursors import read_place, written_place
from api.http.deps import FeedbackDesk, Numbers, Reader, Recorded, Reviewer
from api.http.feedback import Reviewed
from api.http.numbers import stored_number
from api.http.problems import NotFound
from api.http.recording import Access
from api.http.schemas.feedback import ExpectedPlace, ExpectedQuote, FeedbackIn, FeedbackList, FeedbackOut, ReviewIn
from api.http.schemas.problems import REFUSED
from api.http.stored import Numbers as NumbersPart
from generation.people import Expected, FeedbackState

router = APIRouter(prefix="/v1", tags=["feedback"])


@router.post("/feedback", response_model=FeedbackOut, status_code=201, responses=REFUSED)
def give_feedback(body: FeedbackIn, desk: FeedbackDesk, numbers: Numbers, caller: Reader) -> FeedbackOut:
    """Says whether an answer, or one sentence of it, is right. Who has said something of it before has changed their
    mind: it is replaced.

    For who asked, for whom it is shared with, and for a credential with the scope `audit`; each only while they may
    read every version that the answer quotes or names.
    """
    told, expected, quote = body.expected, None, ""
    if told is not None:
        number = _stored(told, numbers, caller)
        place = (0, 0) if isinstance(told, ExpectedQuote) else (told.start, told.end)
        quote = told.quote if isinstance(told, ExpectedQuote) else ""
        expected = Expected(str(told.document_id), number, *place)
    found = desk.give(
        str(body.audit_id),
        caller.principal,
        body.kind,
        sentence=body.sentence,
        words=body.words,
        expected=expected,
        quote=quote,
        auditor=caller.carries(AUDIT),
    )
    if found is None:
        raise NotFound
    return _out([found], numbers, caller)[0]


@router.get("/answers/{audit_id}/feedback", response_model=FeedbackList)
def own_feedback(audit_id: str, desk: FeedbackDesk, numbers: Numbers, caller: Reader, access: Recorded) -> FeedbackList:
    """What the caller has said of an answer."""
    found = desk.own(audit_id, caller.principal)
    _shown(access, found)
    return FeedbackList(feedback=_out(found, numbers, caller))


@router.get("/feedback", response_model=FeedbackList)
def list_feedback(
    desk: FeedbackDesk,
    numbers: Numbers,
    caller: Reviewer,
    access: Recorded,
    state: FeedbackState | None = None,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50,
    after: Annotated[str, Query(max_length=200, description="The `next` of the page before.")] = "",
) -> FeedbackList:
    """What was said of answers, in the order in which it came. A credential with the scope `admin` sees what is about
    answers and passages that the caller may read; one with `audit` all."""
    place = read_place(after)[0] if after else 0
    found, last = desk.queue(caller.principal, state=state, after=place, limit=limit, auditor=caller.carries(AUDIT))
    _shown(access, found)
    return FeedbackList(feedback=_out(found, numbers, caller), next=None if last is None else written_place((last, 0)))


@router.get("/feedback/{feedback_id}", response_model=FeedbackOut)
def show_feedback(
    feedback_id: str, desk: FeedbackDesk, numbers: Numbers, caller: Reviewer, access: Recorded
) -> FeedbackOut:
    found = desk.find(feedback_id, caller.principal, auditor=caller.carries(AUDIT))
    if found is None:
        raise NotFound
    _shown(access, [found])
    return _out([found], numbers, caller)[0]


@router.patch("/feedback/{feedback_id}", response_model=FeedbackOut, responses=REFUSED)
def review_feedback(
    feedback_id: str, body: ReviewIn, desk: FeedbackDesk, numbers: Numbers, caller: Reviewer
) -> FeedbackOut:
    """Says what comes of it. A golden case of it is made on the command line: `footnote feedback golden`."""
    auditor = caller.carries(AUDIT)
    found = desk.review(feedback_id, caller.principal, body.state, body.words, auditor=auditor)
    if found is None:
        raise NotFound
    return _out([found], numbers, caller)[0]


def _stored(told: ExpectedQuote | ExpectedPlace, numbers: NumbersPart, caller: Identity) -> int:
    """The number of the version that is meant; raises `NotFound` where the caller may not read it."""
    document_id = str(told.document_id)
    newest = len(numbers.of(caller.principal, [document_id]).versions.get(document_id, ()))
    return stored_number(numbers, caller.principal, document_id, told.version or newest) or 0


def _shown(access: Access, found: Sequence[Reviewed]) -> None:
    access.shows(place for one in found if one.kept for place in sorted(one.kept.rests_on))


def _out(found: Sequence[Reviewed], numbers: NumbersPart, caller: Identity) -> list[FeedbackOut]:
    seen = numbers.of(caller.principal, {one.feedback.expected.document_id for one in found if one.feedback.expected})
    return [FeedbackOut.of(one, seen) for one in found]
