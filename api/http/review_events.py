"""A review as server-sent events: read from the database at short intervals, whichever process works on it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from fastapi.concurrency import run_in_threadpool
from fastapi.sse import format_sse_event
from pydantic import BaseModel

from api.http.problems import problem_of
from api.http.review_desk import Changed, Place, Reviews
from api.http.schemas.reviews import ReviewCell, ReviewOut
from api.http.stored import Numbers
from api.http.streaming import HEARTBEAT_S, LINE_ENDS
from ingest.errors import FootnoteError
from retrieval.types import Numbering, Principal

_LOOK_S = 0.5
_AT_ONCE = 500


async def review_events(
    reviews: Reviews,
    numbers: Numbers,
    review_id: str,
    reader: Callable[[], Principal],
    last_event_id: str,
    *,
    over: Callable[[], Coroutine[Any, Any, None]],
    look_s: float = _LOOK_S,
    ask_s: float = HEARTBEAT_S,
) -> AsyncIterator[bytes]:
    """`review` whenever it stands otherwise, `cell` for each that changed, in order; ids go on from `last_event_id`.
    `reader` tells who reads and is asked anew after `ask_s`: the stream ends with the error that it raises."""
    since, told, silent = _place(last_event_id), None, 0.0
    now, asked = asyncio.get_running_loop().time, -math.inf
    ending = asyncio.ensure_future(over())
    try:
        while not ending.done():
            if now() - asked >= ask_s:
                who, asked = await run_in_threadpool(reader), now()
            found, seen = await run_in_threadpool(_look, reviews, numbers, review_id, who, since)
            for place, cell in found.cells:
                yield _event("cell", ReviewCell.of(cell, seen), place)
            since, shown = found.since, ReviewOut.of(found.shown)
            if found.more:
                continue
            if shown != told:
                told, silent = shown, 0.0
                yield _event("review", shown, since)
            if shown.status != "running":
                break
            await asyncio.wait({ending}, timeout=look_s)
            silent += look_s
            if silent >= HEARTBEAT_S:
                silent = 0.0
                yield format_sse_event(event="heartbeat", data_str="{}")
    except FootnoteError as error:  # it was deleted, the reader is refused, or the database went away
        yield format_sse_event(event="error", data_str=problem_of(error).model_dump_json(exclude_none=True))
    finally:
        ending.cancel()
    yield format_sse_event(event="done", data_str="{}")


def _look(
    reviews: Reviews, numbers: Numbers, review_id: str, who: Principal, since: Place
) -> tuple[Changed, Numbering]:
    found = reviews.changed(review_id, who, since, _AT_ONCE)
    return found, numbers.of(who, {cell.document_id for _, cell in found.cells})


def _place(event_id: str) -> Place:
    parts = event_id.split("-")
    if len(parts) == 3 and all(part.isdecimal() and len(part) < 10 for part in parts):
        event, number, question = map(int, parts)
        return event, number, question
    return 0, 0, 0


def _event(kind: str, body: BaseModel, place: Place) -> bytes:
    data = body.model_dump_json().translate(LINE_ENDS)
    return format_sse_event(event=kind, data_str=data, id="-".join(map(str, place)))
