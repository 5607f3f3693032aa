"""Two versions, or two documents, compared: POST /v1/compare."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.http import compared
from api.http.deps import Differences, Numbers, Reader, Recorded
from api.http.leaving import unless_left
from api.http.numbers import stored_number
from api.http.problems import NotFound
from api.http.schemas.comparing import CompareOut, CompareRequest
from api.http.schemas.problems import NOT_NOW, REFUSED
from api.http.stored import Numbers as Counting
from retrieval.types import Principal

router = APIRouter(prefix="/v1", tags=["documents"])
Asked = tuple[str, int | None]


@router.post("/compare", response_model=CompareOut, responses=REFUSED | NOT_NOW)
async def compare(
    body: CompareRequest,
    differences: Differences,
    numbers: Numbers,
    caller: Reader,
    request: Request,
    access: Recorded,
) -> CompareOut | Response:
    """What differs between two versions of a document, or between two documents, as pairs of quotes: sentences within
    clauses, rows within tables, whole clauses that were added, removed, moved or counted otherwise. Line ends, hyphens
    within words, kinds of quotation marks and dashes, page numbers and running heads are no differences. Both have to
    be readable for the caller."""
    access.names = (body.old.document_id, body.new.document_id)
    old, new = await run_in_threadpool(_stored, body, numbers, caller.principal)
    found = await unless_left(request, _found(differences, old, new, caller.principal))
    if found is None:
        return Response(status_code=204)  # which nobody hears
    views = (found.old, found.new)
    access.shows([(view.document_id, view.version) for view in views], hits=len(found.comparison.differences))
    seen = await run_in_threadpool(numbers.of, caller.principal, {view.document_id for view in views})
    return await run_in_threadpool(CompareOut.of, found, seen, only=body.only, offset=body.offset, limit=body.limit)


async def _found(differences: compared.Differences, old: Asked, new: Asked, principal: Principal) -> compared.Compared:
    """Raises `NotFound`."""
    found = await differences.of(old, new, principal)
    if found is None:
        raise NotFound
    return found


def _stored(body: CompareRequest, numbers: Counting, principal: Principal) -> tuple[Asked, Asked]:
    """Both versions by the numbers that are stored; raises `NotFound`."""
    old, new = (
        (one.document_id, stored_number(numbers, principal, one.document_id, one.version))
        for one in (body.old, body.new)
    )
    return old, new
