"""Asking: POST /v1/query and POST /v1/search."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from api.http.allowance import told
from api.http.conversations import answered_within, told_within
from api.http.deps import Allowance, Answers, Conversations, Numbers, Reader, Reading, Recorded, Search, WhenStopping
from api.http.leaving import unless_left
from api.http.recording import asked_for
from api.http.schemas.asking import QueryRequest, SearchRequest, SearchResponse
from api.http.schemas.problems import NOT_NOW, REFUSED
from api.http.streaming import MEDIA_TYPE, server_sent
from generation.types import Answer

router = APIRouter(prefix="/v1", tags=["ask"])
One = TypeVar("One")


@router.post("/query", response_model=Answer, responses=REFUSED | NOT_NOW)
async def query(
    body: QueryRequest,
    answers: Answers,
    allowance: Allowance,
    caller: Reader,
    again: Reading,
    request: Request,
    response: Response,
    stopping: WhenStopping,
    conversations: Conversations,
) -> Answer | Response:
    """Answers a question. With `stream`, server-sent events: status, retrieval, citation, sentence, final,
    error, heartbeat, done; each sentence comes after the gate has passed it. `why` in the answer tells what it
    lacks; where nothing passes, `abstention` tells what was searched and which passages came nearest. `documents`,
    `kinds`, `groups` and `dates` narrow what it may rest on. While it waits for its turn, status events tell its
    `place` in line. With `conversation` earlier questions of it are read where this one cannot stand alone: `follow_up`
    in the answer, and `question` in the status "searching", tell what was asked instead."""
    asked = (body.question, caller.principal, body.as_of, body.only)
    within = body.conversation
    if body.stream:
        if within:
            events = told_within(answers, conversations, within, *asked, again=again)
        else:
            events = answers.stream(*asked, again=again)
        first = await anext(events)  # an error before it is a problem with its status
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"} | await told(allowance, caller.principal)
        sent = server_sent(going_on(first, events), over=stopping.over)
        return StreamingResponse(sent, media_type=MEDIA_TYPE, headers=headers)
    if within:
        work = answered_within(answers, conversations, within, *asked, again=again)
    else:
        work = answers.answer(*asked, again=again)
    answer = await unless_left(request, work)
    if answer is None:
        return Response(status_code=204)  # which nobody hears
    response.headers.update(await told(allowance, caller.principal))
    return answer


async def going_on(first: One, events: AsyncGenerator[One, None]) -> AsyncGenerator[One, None]:
    """The events with the first one, which was heard already."""
    async with aclosing(events):
        yield first
        async for event in events:
            yield event


@router.post("/search", response_model=SearchResponse, responses=REFUSED | NOT_NOW)
async def search(
    body: SearchRequest,
    searching: Search,
    numbers: Numbers,
    caller: Reader,
    request: Request,
    response: Response,
    access: Recorded,
) -> SearchResponse | Response:
    """The best chunks for a query among those that the caller may read."""
    options = body.options(searching.options)
    work = searching.search(body.query, caller.principal, body.top_k, as_of=body.as_of, only=body.only, options=options)
    asked = asked_for(body.query, body.only, body.as_of)
    access.shows((), **asked)
    result = await unless_left(request, work)
    if result is None:
        return Response(status_code=204)  # which nobody hears
    access.shows(result.versions, hits=len(result.hits), **asked)
    response.headers["Server-Timing"] = ", ".join(f"{name};dur={ms}" for name, ms in result.timings_ms.items())
    found = {document_id for document_id, _ in result.versions}
    return SearchResponse.of(result, await run_in_threadpool(numbers.of, caller.principal, found))
