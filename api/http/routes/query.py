"""Asking: POST /v1/query and POST /v1/search."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from api.http.deps import Answers, Reader, Search
from api.http.schemas import QueryRequest, SearchRequest, SearchResponse
from api.http.streaming import MEDIA_TYPE, server_sent
from generation.types import Answer, Event

router = APIRouter(prefix="/v1", tags=["ask"])


@router.post("/query", response_model=Answer)
async def query(body: QueryRequest, answers: Answers, caller: Reader) -> Answer | StreamingResponse:
    """Answers a question. With `stream`, server-sent events: status, retrieval, citation, sentence, final,
    error, heartbeat, done; each sentence comes after the gate has passed it. Where nothing passes, `abstention` in
    the answer tells what was searched and which passages came nearest."""
    if body.stream:
        events = answers.stream(body.question, caller.principal, body.as_of)
        first = await anext(events)  # an error before it is a problem with its status
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(server_sent(_after(first, events)), media_type=MEDIA_TYPE, headers=headers)
    return await answers.answer(body.question, caller.principal, body.as_of)


async def _after(first: Event, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
    async with aclosing(events):
        yield first
        async for event in events:
            yield event


@router.post("/search", response_model=SearchResponse)
async def search(body: SearchRequest, searching: Search, caller: Reader, response: Response) -> SearchResponse:
    """The best chunks for a query among those that the caller may read."""
    options = body.options(searching.options)
    result = await searching.search(body.query, caller.principal, body.top_k, as_of=body.as_of, options=options)
    response.headers["Server-Timing"] = ", ".join(f"{name};dur={ms}" for name, ms in result.timings_ms.items())
    return SearchResponse.of(result)
