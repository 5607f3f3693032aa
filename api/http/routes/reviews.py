"""Reviews: the same questions over many documents, a cell for each; told of as they go, cancelled, gone on with,
exported. Each is its owner's, who may share it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from api.http.cursors import Cursor
from api.http.deps import (
    Numbers,
    Reader,
    Reading,
    Recorded,
    ReviewExports,
    Reviews,
    SignOffs,
    Strictness,
    WhenStopping,
)
from api.http.following import followed
from api.http.review_desk import ShownRow
from api.http.review_events import ReviewLooks
from api.http.review_looking import looked
from api.http.schemas.problems import REFUSED
from api.http.schemas.reviews import (
    CellsIn,
    HoldsOut,
    NewReview,
    ResumedOut,
    ReviewChange,
    ReviewDetail,
    ReviewDocuments,
    ReviewList,
    ReviewOut,
    ReviewRow,
    ReviewShareIn,
    Wanted,
)
from api.http.streaming import MEDIA_TYPE
from generation.types import Strictness as StrictnessOf

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])
MAKING = CapacityLimiter(2)
_ORDER = ("created_at", "desc")
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {} for kind in MEDIA_TYPES.values()}, "description": "The file"}
}
Place = Annotated[str, Path(max_length=64)]


@router.post("", response_model=ReviewOut, status_code=202, responses=REFUSED)
def start(body: NewReview, reviews: Reviews, caller: Reader, strictness: Strictness, response: Response) -> ReviewOut:
    """Asks each question of each document, in the background: never ahead of people who wait, within the caller's
    budgets, and by the rights that they have at the time. The documents are those that the filter lets through now."""
    who = caller.principal
    asked = [" ".join(question.replace("\0", " ").split()) for question in body.questions]
    strict = strictness.of_all(body.strictness) is StrictnessOf.STRICT
    of = (body.title, asked, body.only, body.as_of)
    review_id = reviews.start(who, caller.key_id or None, *of, live=body.live, strict=strict)
    response.headers["Location"] = f"/v1/reviews/{review_id}"
    return ReviewOut.of(reviews.find(review_id, who))


@router.post("/count", response_model=HoldsOut)
def count(body: ReviewDocuments, reviews: Reviews, caller: Reader) -> HoldsOut:
    """How many documents a review would have that is begun so now."""
    return HoldsOut(documents=reviews.holds(caller.principal, body.only, body.as_of))


@router.get("", response_model=ReviewList)
def list_reviews(
    reviews: Reviews,
    caller: Reader,
    after: Annotated[str, Query(max_length=400, description="`next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    shared: Annotated[bool, Query(description="Instead, what others share with the caller.")] = False,
) -> ReviewList:
    """The caller's reviews, newest first; or what is shared with them, as far as they may read a document of it."""
    at = Cursor.read(after, *_ORDER).place if after else None
    place = (datetime.fromisoformat(at[0]), at[1]) if at else None
    found, last = reviews.list(caller.principal, shared=shared, after=place, limit=limit)
    following = Cursor(*_ORDER, (last[0].isoformat(), last[1])).written() if last else None
    return ReviewList(reviews=[ReviewOut.of(one) for one in found], next=following)


@router.get("/{review_id}", response_model=ReviewDetail)
def show(
    review_id: Place,
    reviews: Reviews,
    numbers: Numbers,
    sign_offs: SignOffs,
    caller: Reader,
    access: Recorded,
    after: Annotated[str | None, Query(max_length=64, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
    cells: Annotated[
        Wanted | None,
        Query(description="Rows that have such a cell alone; a page may then hold few or none, though more follow."),
    ] = None,
) -> ReviewDetail:
    """How a review stands, and its rows: a document and its cells, with their answers and what was signed of them.
    Documents that the caller may not read now have none; nor, of another's review, answers that rest on a version that
    they may not read."""
    found = looked(reviews, sign_offs, review_id, caller.principal, after=after, limit=limit, wanted=cells)
    places = _versions(found.rows)
    seen = numbers.of(caller.principal, {id_ for id_, _ in places})
    access.shows(places)
    told = [ReviewRow.of(row, seen, found.signed) for row in found.rows]
    return ReviewDetail(**dict(ReviewOut.of(found.review)), rows=told, next=found.next)


@router.patch("/{review_id}", response_model=ReviewOut, responses=REFUSED)
def change(review_id: Place, body: ReviewChange, reviews: Reviews, caller: Reader) -> ReviewOut:
    """Renames it, or says whether it is kept up to date."""
    reviews.change(review_id, caller.principal, title=body.title, live=body.live)
    return ReviewOut.of(reviews.find(review_id, caller.principal))


@router.delete("/{review_id}", status_code=204)
def delete(review_id: Place, reviews: Reviews, caller: Reader) -> None:
    """What was answered stays in the audit trail."""
    reviews.delete(review_id, caller.principal)


@router.put("/{review_id}/shares", response_model=ReviewOut, responses=REFUSED)
def share(review_id: Place, body: ReviewShareIn, reviews: Reviews, caller: Reader) -> ReviewOut:
    """Shares it with these people and groups, and with no others from now on: its title, its questions, and of the rest
    what they may read themselves. It opens no document to them, and only its owner changes it."""
    reviews.share(review_id, caller.principal, body.principals)
    return ReviewOut.of(reviews.find(review_id, caller.principal))


@router.delete("/{review_id}/shares", status_code=204)
def unshare(review_id: Place, reviews: Reviews, caller: Reader) -> None:
    """Shares it with nobody any more."""
    reviews.share(review_id, caller.principal, ())


@router.post("/{review_id}/cancel", response_model=ReviewOut, status_code=202)
def cancel(review_id: Place, reviews: Reviews, caller: Reader) -> ReviewOut:
    """Cells that wait are not begun any more; those under way are finished."""
    reviews.cancel(review_id, caller.principal)
    return ReviewOut.of(reviews.find(review_id, caller.principal))


@router.post("/{review_id}/resume", response_model=ResumedOut, status_code=202)
def resume(review_id: Place, reviews: Reviews, caller: Reader) -> ResumedOut:
    """Goes on, by the rights of this credential; cells that failed or are stale are asked again."""
    return ResumedOut(cells=reviews.resume(review_id, caller.principal, caller.key_id or None))


@router.post("/{review_id}/again", response_model=ResumedOut, status_code=202, responses=REFUSED)
def again(review_id: Place, body: CellsIn, reviews: Reviews, caller: Reader) -> ResumedOut:
    """Asks cells of a row again, whatever they say, by the rights of this credential: as when what they rest on was
    found wrong."""
    document_id = str(body.document_id)
    count = reviews.again(review_id, caller.principal, caller.key_id or None, document_id, body.questions)
    return ResumedOut(cells=count)


@router.get(
    "/{review_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {MEDIA_TYPE: {}}, "description": "review, cell, heartbeat and done events"}},
)
async def events(
    review_id: Place,
    reviews: Reviews,
    numbers: Numbers,
    caller: Reader,
    again: Reading,
    stopping: WhenStopping,
    last_event_id: Annotated[str, Header(max_length=64, description="Go on after this event.")] = "",
) -> StreamingResponse:
    """What changes in a review, as it happens (server-sent events): `review`, how it stands; `cell`, a cell without its
    answer; `done` once nothing of it waits, or after an `error`, as when the credential holds no longer. An owner that
    lost its connection goes on where it was with Last-Event-ID; others are told everything anew."""
    await run_in_threadpool(reviews.find, review_id, caller.principal)
    told = followed(ReviewLooks(reviews, numbers, review_id, last_event_id), again, over=stopping.over)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(told, media_type=MEDIA_TYPE, headers=headers)


@router.get("/{review_id}/export", response_class=Response, responses=FILE)
async def export(
    review_id: Place,
    exports: ReviewExports,
    caller: Reader,
    access: Recorded,
    kind: Annotated[Literal["xlsx", "docx"], Query(alias="format")] = "xlsx",
) -> Response:
    """The review as a file: a row for each document that the caller may read now, with quotes and versions."""
    made = await to_thread.run_sync(exports[kind], review_id, caller.principal, limiter=MAKING)
    access.shows(made.shown, format=kind)
    headers = {
        "Content-Disposition": f"attachment; filename=review.{kind}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(made.data, media_type=MEDIA_TYPES[kind], headers=headers)


def _versions(rows: Sequence[ShownRow]) -> list[tuple[str, int]]:
    """Every version of which something is shown."""

    def places() -> Iterator[tuple[str, int]]:
        for row in rows:
            yield row.document_id, row.version
            for cell in row.cells:
                if cell.kept:
                    yield from sorted(cell.kept.rests_on)

    return list(dict.fromkeys(places()))
