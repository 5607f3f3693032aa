"""Reviews: the same questions over many documents, a cell for each; told of as they go, cancelled, gone on with,
exported. Each is its owner's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from api.http.auth import READ
from api.http.deps import (
    Authentication,
    Numbers,
    Reader,
    Recorded,
    ReviewExports,
    Reviews,
    WhenStopping,
    identified,
)
from api.http.review_desk import ShownRow
from api.http.review_events import review_events
from api.http.schemas.problems import REFUSED
from api.http.schemas.reviews import (
    NewReview,
    ResumedOut,
    ReviewChange,
    ReviewDetail,
    ReviewList,
    ReviewOut,
    ReviewRow,
)
from api.http.streaming import MEDIA_TYPE
from retrieval.types import Principal

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])
MAKING = CapacityLimiter(2)
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {} for kind in MEDIA_TYPES.values()}, "description": "The file"}
}
Place = Annotated[str, Path(max_length=64)]


@router.post("", response_model=ReviewOut, status_code=202, responses=REFUSED)
def start(body: NewReview, reviews: Reviews, caller: Reader, response: Response) -> ReviewOut:
    """Asks each question of each document, in the background: never ahead of people who wait, within the caller's
    budgets, and by the rights that they have at the time. The documents are those that the filter lets through now."""
    who = caller.principal
    asked = [" ".join(question.replace("\0", " ").split()) for question in body.questions]
    review_id = reviews.start(who, caller.key_id or None, body.title, asked, body.only, body.as_of, live=body.live)
    response.headers["Location"] = f"/v1/reviews/{review_id}"
    return ReviewOut.of(reviews.find(review_id, who))


@router.get("", response_model=ReviewList)
def list_reviews(
    reviews: Reviews,
    caller: Reader,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> ReviewList:
    """The caller's reviews, newest first."""
    found = reviews.list(caller.principal, before=before, limit=limit + 1)
    shown = found[:limit]
    following = shown[-1].review.number if len(found) > limit else None
    return ReviewList(reviews=[ReviewOut.of(one) for one in shown], next=following)


@router.get("/{review_id}", response_model=ReviewDetail)
def show(
    review_id: Place,
    reviews: Reviews,
    numbers: Numbers,
    caller: Reader,
    access: Recorded,
    after: Annotated[str | None, Query(max_length=64, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> ReviewDetail:
    """How a review stands, and its rows: a document and its cells, with their answers. Documents that the caller may
    not read now have none."""
    shown, rows, following = reviews.rows(review_id, caller.principal, after=after, limit=limit)
    seen = numbers.of(caller.principal, {id_ for id_, _ in _versions(rows)})
    access.shows(_versions(rows))
    return ReviewDetail(**dict(ReviewOut.of(shown)), rows=[ReviewRow.of(row, seen) for row in rows], next=following)


@router.patch("/{review_id}", response_model=ReviewOut, responses=REFUSED)
def change(review_id: Place, body: ReviewChange, reviews: Reviews, caller: Reader) -> ReviewOut:
    """Renames it, or says whether it is kept up to date."""
    reviews.change(review_id, caller.principal, title=body.title, live=body.live)
    return ReviewOut.of(reviews.find(review_id, caller.principal))


@router.delete("/{review_id}", status_code=204)
def delete(review_id: Place, reviews: Reviews, caller: Reader) -> None:
    """What was answered stays in the audit trail."""
    reviews.delete(review_id, caller.principal)


@router.post("/{review_id}/cancel", response_model=ReviewOut, status_code=202)
def cancel(review_id: Place, reviews: Reviews, caller: Reader) -> ReviewOut:
    """Cells that wait are not begun any more; those under way are finished."""
    reviews.cancel(review_id, caller.principal)
    return ReviewOut.of(reviews.find(review_id, caller.principal))


@router.post("/{review_id}/resume", response_model=ResumedOut, status_code=202)
def resume(review_id: Place, reviews: Reviews, caller: Reader) -> ResumedOut:
    """Goes on, by the rights of this credential; cells that failed or are stale are asked again."""
    return ResumedOut(cells=reviews.resume(review_id, caller.principal, caller.key_id or None))


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
    stopping: WhenStopping,
    request: Request,
    authenticator: Authentication,
    last_event_id: Annotated[str, Header(max_length=64, description="Go on after this event.")] = "",
) -> StreamingResponse:
    """What changes in a review, as it happens (server-sent events): `review`, how it stands; `cell`, a cell without its
    answer; `done` once nothing of it waits, or after an `error`, as when the credential holds no longer. A reader
    that lost its connection goes on where it was with Last-Event-ID."""
    await run_in_threadpool(reviews.find, review_id, caller.principal)

    def who() -> Principal:
        known = identified(request, authenticator)
        known.require(READ)
        return known.principal

    told = review_events(reviews, numbers, review_id, who, last_event_id, over=stopping.over)
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
