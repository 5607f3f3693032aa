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
from api.http.deps import (
    Allowance,
    Answers,
    Conversations,
    Numbers,
    Reader,
    Reading,
    Recorded,
    Running,
    Search,
    Strictness,
    WhenStopping,
)
from api.http.leaving import unless_left
from api.http.recording import asked_for
from api.http.running_events import Following
from api.http.schemas.asking import QueryRequest, SearchRequest, SearchResponse
from api.http.schemas.problems import NOT_NOW, REFUSED
from api.http.streaming import MEDIA_TYPE, STREAM_HEADERS, server_sent
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
    running: Running,
    numbers: Numbers,
    strictness: Strictness,
) -> Answer | Response:
    """Answers a question. With `stream`, server-sent events: status, retrieval, citation, sentence, final,
    error, heartbeat, done; each sentence comes after the gate has passed it. `why` in the answer tells what it
    lacks; where nothing passes, `abstention` tells what was searched and which passages came nearest. `documents`,
    `kinds`, `groups` and `dates` narrow what it may rest on. While it waits for its turn, status events tell its
    `place` in line. With `conversation` earlier questions of it are read where this one cannot stand alone: `follow_up`
    in the answer, and `question` in the status "searching", tell what was asked instead. With `keep` the first event
    has the id (`running`) by which the answer is joined again, whatever becomes of this connection."""
    asked = (body.question, caller.principal, body.as_of, body.only)
    within, strict = body.conversation, strictness.strict(body.strictness)
    if body.stream:
        if within:
            events = told_within(answers, conversations, within, *asked, again=again, strict=strict)
        else:
            events = answers.stream(*asked, again=again, strict=strict)
        # an error before the first event is a problem with its status
        if body.keep and within:
            id_ = await running.begin(caller.principal.owner, body.question, within, events)
            sent = Following(running.store, numbers, id_, again).events(stopping.over)
        else:
            sent = server_sent(going_on(await anext(events), events), over=stopping.over)
        headers = STREAM_HEADERS | await told(allowance, caller.principal)
        return StreamingResponse(sent, media_type=MEDIA_TYPE, headers=headers)
    if within:
        work = answered_within(answers, conversations, within, *asked, again=again, strict=strict)
    else:
        work = answers.answer(*asked, again=again, strict=strict)
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
