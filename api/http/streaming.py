"""An answer as server-sent events (WHATWG HTML, section 9.2) with sequence numbers and heartbeats."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import asdict
from typing import Any

from api.http.problems import problem_of
from generation.types import CitationEvent, Event, FinalEvent, RetrievalEvent, SentenceEvent, StatusEvent

HEARTBEAT_S = 5.0


async def server_sent(events: AsyncGenerator[Event, None], heartbeat_s: float = HEARTBEAT_S) -> AsyncIterator[str]:
    """The events as SSE text; an error becomes the event `error`, and `done` is always last."""
    seq = 0

    def line(kind: str, data: dict[str, Any]) -> str:
        nonlocal seq
        seq += 1
        body = json.dumps({"seq": seq, **data}, ensure_ascii=False, separators=(",", ":"))
        return f"id: {seq}\nevent: {kind}\ndata: {body}\n\n"

    async with aclosing(events):
        pending: asyncio.Task[Event] | None = None
        try:
            while True:
                pending = pending or asyncio.ensure_future(anext(events))
                done, _ = await asyncio.wait({pending}, timeout=heartbeat_s)
                if not done:
                    yield line("heartbeat", {})
                    continue
                event, pending = pending.result(), None
                yield line(*_named(event))
        except StopAsyncIteration:
            pending = None
        except Exception as error:  # noqa: BLE001 - whatever happens, the reader is told in the stream's own form
            pending = None
            yield line("error", {"problem": problem_of(error).model_dump(exclude_none=True)})
        finally:
            if pending is not None:
                pending.cancel()
                with suppress(asyncio.CancelledError, StopAsyncIteration):
                    await pending
    yield line("done", {})


def _named(event: Event) -> tuple[str, dict[str, Any]]:
    """The event's name on the wire and its data."""
    match event:
        case StatusEvent():
            return "status", asdict(event)
        case RetrievalEvent():
            return "retrieval", asdict(event)
        case CitationEvent():
            return "citation", asdict(event)
        case SentenceEvent():
            return "sentence", asdict(event)
        case FinalEvent():
            return "final", asdict(event)
