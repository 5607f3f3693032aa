"""Proof of absence: POST /v1/absence."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from api.http.allowance import told
from api.http.deps import Absences, Allowance, Reader, WhenStopping
from api.http.leaving import unless_left
from api.http.routes.query import going_on
from api.http.schemas.asking import AbsenceRequest
from api.http.schemas.problems import NOT_NOW, REFUSED
from api.http.streaming import MEDIA_TYPE, server_sent
from generation.absence.types import Absence

router = APIRouter(prefix="/v1", tags=["ask"])


@router.post("/absence", response_model=Absence, responses=REFUSED | NOT_NOW)
async def absence(
    body: AbsenceRequest,
    absences: Absences,
    allowance: Allowance,
    caller: Reader,
    request: Request,
    response: Response,
    stopping: WhenStopping,
) -> Absence | Response:
    """Whether documents hold what is asked for, each looked through as a whole: `absent` of all of them only if nothing
    in any of them comes near, and every page of theirs was read. `documents`, `kinds`, `groups` and `dates` say
    which. With `stream`, server-sent events: status (its `place` in line), looked (how far it has come), absence,
    error, heartbeat, done."""
    if body.stream:
        events = absences.stream(body.question, caller.principal, body.as_of, body.only)
        first = await anext(events)  # an error before it is a problem with its status
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"} | await told(allowance, caller.principal)
        sent = server_sent(going_on(first, events), over=stopping.over)
        return StreamingResponse(sent, media_type=MEDIA_TYPE, headers=headers)
    found = await unless_left(request, absences.check(body.question, caller.principal, body.as_of, body.only))
    if found is None:
        return Response(status_code=204)  # which nobody hears
    response.headers.update(await told(allowance, caller.principal))
    return found
