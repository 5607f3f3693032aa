"""An answer as server-sent events (WHATWG HTML, section 9.2) with sequence numbers and heartbeats.

The event's fields come in the order event, data, id. Each id is the `seq` of the data.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Mapping
from contextlib import aclosing, suppress
from dataclasses import asdict
from typing import Any, Literal, TypeVar

from fastapi.sse import format_sse_event
from pydantic import TypeAdapter

from api.http.problems import problem_of
from api.http.schemas.completions import Chunk
from api.http.schemas.problems import Problem
from api.http.stopping import stopped
from generation.absence.types import AbsenceEvent, LookedEvent
from generation.types import CitationEvent, FinalEvent, RetrievalEvent, SentenceEvent, StatusEvent

HEARTBEAT_S = 5.0
MEDIA_TYPE = "text/event-stream"
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

One = TypeVar("One")
Kinds = Mapping[type[Any], str]
_KINDS: Kinds = {
    StatusEvent: "status",
    RetrievalEvent: "retrieval",
    CitationEvent: "citation",
    SentenceEvent: "sentence",
    FinalEvent: "final",
}
_OF_ABSENCE: Kinds = {StatusEvent: "status", LookedEvent: "looked", AbsenceEvent: "absence"}
_NAMES: Kinds = {**_KINDS, **_OF_ABSENCE}
# What ends a line for `format_sse_event`, as for Python, but not for readers, and JSON leaves as it is.
LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}


Over = Callable[[], Coroutine[Any, Any, None]]


async def never() -> None:
    await asyncio.get_running_loop().create_future()


async def paced(events: AsyncGenerator[One, None], heartbeat_s: float, over: Over) -> AsyncGenerator[One | None, None]:
    """The events, and None after each `heartbeat_s` without one. Raises what they raise, and `ServiceStopping` if they
    are not at their end when `over` returns. Closing it closes them."""
    async with aclosing(events):
        pending: asyncio.Task[One] | None = None
        ending = asyncio.ensure_future(over())
        try:
            while True:
                pending = pending or asyncio.ensure_future(anext(events))
                done, _ = await asyncio.wait(
                    {pending, ending}, timeout=heartbeat_s, return_when=asyncio.FIRST_COMPLETED
                )
                if ending in done and pending not in done:
                    raise stopped()
                if not done:
                    yield None
                    continue
                event, pending = pending.result(), None
                yield event
        except StopAsyncIteration:
            pass
        finally:
            ending.cancel()
            if pending is not None and not pending.done():
                pending.cancel()
                with suppress(asyncio.CancelledError, StopAsyncIteration):
                    await pending


async def server_sent(
    events: AsyncGenerator[Any, None],
    heartbeat_s: float = HEARTBEAT_S,
    *,
    over: Over = never,
) -> AsyncIterator[bytes]:
    """The events, one at a time, in UTF-8; an error becomes the event `error`, and `done` is always last.

    An answer that is not complete when `over` returns is broken off with the error that the service is stopping.
    """
    seq = 0

    def line(kind: str, data: Mapping[str, Any]) -> bytes:
        nonlocal seq
        seq += 1
        return line_of(kind, data, seq)

    try:
        async with aclosing(paced(events, heartbeat_s, over)) as beats:
            async for event in beats:
                yield line("heartbeat", {}) if event is None else line(*named(event))
    except Exception as error:  # noqa: BLE001 - whatever happens, the reader is told in the stream's own form
        yield line("error", failure(error))
    yield line("done", {})


def named(event: Any) -> tuple[str, dict[str, Any]]:
    """What an event is called on the wire, and its data."""
    return _NAMES[type(event)], asdict(event)


def failure(error: Exception) -> dict[str, Any]:
    """The data of the event `error`."""
    return {"problem": problem_of(error).model_dump(exclude_none=True)}


def line_of(kind: str, data: Mapping[str, Any], seq: int) -> bytes:
    body = json.dumps({"seq": seq, **data}, ensure_ascii=False, separators=(",", ":"))
    return format_sse_event(event=kind, data_str=body.translate(LINE_ENDS), id=str(seq))


def describe(spec: dict[str, Any]) -> None:
    """Puts the events into the OpenAPI description.

    FastAPI does so itself only for a route that does nothing but stream; this is the form in which it would.
    """
    described: tuple[type[Any], ...] = (*_NAMES, Chunk, Problem)
    kinds: list[tuple[str, Literal["serialization"], TypeAdapter[Any]]] = [
        (kind.__name__, "serialization", TypeAdapter(kind)) for kind in described
    ]
    _, found = TypeAdapter.json_schemas(kinds, ref_template="#/components/schemas/{model}")
    for name, schema in found["$defs"].items():
        spec["components"]["schemas"].setdefault(name, schema)
    content = spec["paths"]["/v1/query"]["post"]["responses"]["200"]["content"]
    content[MEDIA_TYPE] = {"itemSchema": {"oneOf": _described(_KINDS)}}
    joined = spec["paths"]["/v1/running/{running_id}/events"]["get"]["responses"]["200"]["content"]
    joined[MEDIA_TYPE] = content[MEDIA_TYPE]
    content = spec["paths"]["/v1/absence"]["post"]["responses"]["200"]["content"]
    content[MEDIA_TYPE] = {"itemSchema": {"oneOf": _described(_OF_ABSENCE)}}
    content = spec["paths"]["/v1/chat/completions"]["post"]["responses"]["200"]["content"]
    content[MEDIA_TYPE] = {"itemSchema": _data_alone()}


def _described(kinds: Kinds) -> list[dict[str, Any]]:
    """A schema of each event on the wire (OpenAPI 3.2, section 4.14.4)."""
    numbered = {"type": "object", "properties": {"seq": {"type": "integer"}}, "required": ["seq"]}
    problem = {"type": "object", "properties": {"problem": _ref(Problem)}, "required": ["problem"]}
    data: dict[str, list[dict[str, Any]]] = {name: [_ref(kind)] for kind, name in kinds.items()}
    data |= {"error": [problem], "heartbeat": [], "done": []}
    return [
        {
            "type": "object",
            "properties": {
                "event": {"const": name},
                "data": {
                    "type": "string",
                    "contentMediaType": "application/json",
                    "contentSchema": {"allOf": [numbered, *fields]},
                },
                "id": {"type": "string"},
            },
            "required": ["event", "data", "id"],
        }
        for name, fields in data.items()
    ]


def _data_alone() -> dict[str, Any]:
    """A schema of each event of OpenAI's protocol: a chunk, a problem with `error` that ends all, or `[DONE]`."""
    json_alone = {"contentMediaType": "application/json", "contentSchema": {"oneOf": [_ref(Chunk), _ref(Problem)]}}
    data = {"type": "string", "oneOf": [{"const": "[DONE]"}, json_alone]}
    return {"type": "object", "properties": {"data": data}, "required": ["data"]}


def _ref(kind: type) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
