"""OpenAI's protocol over the same answers: POST /v1/chat/completions, GET /v1/models."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from api.http.allowance import told
from api.http.chunks import Reply, chunks
from api.http.deps import Allowance, Answers, Authentication, Reader, Reading, Strictness, WhenStopping
from api.http.leaving import unless_left
from api.http.page_address import page_address
from api.http.problems import ModelNotFound
from api.http.routes.query import going_on
from api.http.schemas.chat import ChatRequest
from api.http.schemas.completions import Completion, ModelList, ModelOut
from api.http.schemas.problems import NOT_NOW, REFUSED, Problem
from api.http.streaming import MEDIA_TYPE

router = APIRouter(prefix="/v1", tags=["openai"])

Responses = dict[int | str, dict[str, Any]]

MODEL = ModelOut(id="footnote", created=1_795_996_800)  # 30 November 2026
_NO_MODEL: Responses = {404: {"model": Problem, "description": "There is no such model"}}
_INVALID: Responses = {400: {"model": Problem, "description": "The request is not one that can be answered"}}


@router.post("/chat/completions", response_model=Completion, responses={**REFUSED, **NOT_NOW, **_INVALID, **_NO_MODEL})
async def chat_completions(
    body: ChatRequest,
    answers: Answers,
    allowance: Allowance,
    caller: Reader,
    again: Reading,
    request: Request,
    response: Response,
    authenticator: Authentication,
    stopping: WhenStopping,
    strictness: Strictness,
) -> Completion | Response:
    """Answers the last message of the user, as /v1/query does, for unmodified OpenAI clients. Citations are in
    `message.citations`, or in the last chunk; status, audit id and the like in `footnote`. What the conversation says
    was answered before is no evidence; earlier questions are read where the last one cannot stand alone."""
    model = _known(body.model).id
    *earlier, question = body.questions
    asked = (question, caller.principal, body.as_of, body.only)
    strict = strictness.strict(body.strictness)
    page = page_address(request, authenticator.public_url)
    reply = Reply(model, question, body.ignored, page, body.with_usage)
    if body.stream:
        events = answers.stream(*asked, earlier=earlier, again=again, strict=strict)
        first = await anext(events)  # an error before it is a problem with its status
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"} | await told(allowance, caller.principal)
        sent = chunks(going_on(first, events), reply, over=stopping.over)
        return StreamingResponse(sent, media_type=MEDIA_TYPE, headers=headers)
    work = answers.answer(*asked, earlier=earlier, again=again, strict=strict)
    answer = await unless_left(request, work)
    if answer is None:
        return Response(status_code=204)  # which nobody hears
    response.headers.update(await told(allowance, caller.principal))
    return reply.whole(answer)


@router.get("/models", response_model=ModelList)
async def models(caller: Reader) -> ModelList:
    """What can be asked: Footnote as a whole, whichever generator it writes with."""
    return ModelList(data=[MODEL])


@router.get("/models/{model}", response_model=ModelOut, responses=_NO_MODEL)
async def model(model: str, caller: Reader) -> ModelOut:
    """One of them."""
    return _known(model)


def _known(name: str) -> ModelOut:
    if name != MODEL.id:
        raise ModelNotFound(f"There is no model {name[:80]!r} here. Ask for {MODEL.id!r}, as GET /v1/models tells.")
    return MODEL
