"""What goes on in the background as server-sent events: read from the database at short intervals, whichever process
works on it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.concurrency import run_in_threadpool
from fastapi.sse import format_sse_event
from pydantic import BaseModel

from api.http.problems import problem_of
from api.http.streaming import HEARTBEAT_S, LINE_ENDS
from ingest.errors import FootnoteError
from retrieval.types import Principal

LOOK_S = 0.5
AT_ONCE = 500  # that changed, in one look
_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to tell, whether more of it is there already, and whether nothing will follow."""

    events: Sequence[bytes]
    more: bool
    ended: bool


async def followed(
    look: Callable[[Principal], Look],
    reader: Callable[[], Principal],
    *,
    over: Callable[[], Coroutine[Any, Any, None]],
    look_s: float = LOOK_S,
    ask_s: float = HEARTBEAT_S,
) -> AsyncIterator[bytes]:
    """What each look finds, heartbeats where that is nothing for long, and `done` at the end. `look` runs in a thread
    and goes on where it was. `reader` tells who reads and is asked anew after `ask_s`: the stream ends with the error
    that it raises. `over`: until the service stops."""
    silent, asked = 0.0, -math.inf
    now = asyncio.get_running_loop().time
    ending = asyncio.ensure_future(over())
    try:
        while not ending.done():
            if now() - asked >= ask_s:
                who, asked = await run_in_threadpool(reader), now()
            found = await run_in_threadpool(look, who)
            for event in found.events:
                silent = 0.0
                yield event
            if found.more:
                continue
            if found.ended:
                break
            await asyncio.wait({ending}, timeout=look_s)
            silent += look_s
            if silent >= HEARTBEAT_S:
                silent = 0.0
                yield format_sse_event(event="heartbeat", data_str="{}")
    except FootnoteError as error:  # it is gone, the reader is refused, or the database went away
        yield format_sse_event(event="error", data_str=problem_of(error).model_dump_json(exclude_none=True))
    finally:
        ending.cancel()
    yield format_sse_event(event="done", data_str="{}")


def event_of(kind: str, body: BaseModel, place: Sequence[int] = ()) -> bytes:
    """`place`: after which a reader goes on that has lost its connection; none: it is told everything anew."""
    data = body.model_dump_json().translate(LINE_ENDS)
    return format_sse_event(event=kind, data_str=data, id="-".join(map(str, place)) or None)


def place_of(event_id: str, length: int) -> tuple[int, ...]:
    """The beginning where it is no id of ours."""
    parts = event_id.split("-")
    if len(parts) == length and all(part.isdecimal() and len(part) <= _DIGITS for part in parts):
        return tuple(map(int, parts))
    return (0,) * length
