"""An answer as server-sent events."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from api.http.streaming import server_sent
from generation.errors import GeneratorUnavailable
from generation.types import Event, RetrievalEvent, StatusEvent


class Answering:
    """Events with pauses between them (seconds), then perhaps an error; notes whether it was closed."""

    def __init__(self, *steps: Event | float | Exception) -> None:
        self.steps = steps
        self.closed = False

    async def events(self) -> AsyncGenerator[Event, None]:
        try:
            for step in self.steps:
                if isinstance(step, float):
                    await asyncio.sleep(step)
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield step
        finally:
            await asyncio.sleep(0)
            self.closed = True


def parsed(sent: bytes) -> tuple[str, dict[str, Any]]:
    """Name and data of one event; its id is its sequence number."""
    text = sent.decode()
    assert text.endswith("\n\n")
    fields = dict(line.split(": ", 1) for line in text.removesuffix("\n\n").split("\n"))
    assert list(fields) == ["event", "data", "id"]
    data = json.loads(fields["data"])
    assert int(fields["id"]) == data["seq"]
    return fields["event"], data


async def sent(*steps: Event | float | Exception, heartbeat_s: float = 5.0) -> list[tuple[str, dict[str, Any]]]:
    return [parsed(text) async for text in server_sent(Answering(*steps).events(), heartbeat_s)]


async def test_events_are_named_numbered_and_closed_by_done() -> None:
    got = await sent(StatusEvent("waiting", 3), StatusEvent("searching"), RetrievalEvent(2, ("Löhne\n2025",)))
    assert got == [
        ("status", {"seq": 1, "stage": "waiting", "place": 3, "question": "", "running": ""}),
        ("status", {"seq": 2, "stage": "searching", "place": 0, "question": "", "running": ""}),
        ("retrieval", {"seq": 3, "passages": 2, "titles": ["Löhne\n2025"], "part_titles": [], "sources": []}),
        ("done", {"seq": 4}),
    ]


async def test_what_only_python_takes_for_the_end_of_a_line_stays_in_the_data() -> None:
    """`format_sse_event` splits at it, and a reader would put line feeds into the JSON."""
    odd = "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\x1dh\x1ei\rj\nk"
    assert (await sent(RetrievalEvent(1, (odd,))))[0][1]["titles"] == [odd]


async def test_silence_is_filled_with_heartbeats_and_nothing_is_lost() -> None:
    got = await sent(StatusEvent("a"), 0.12, StatusEvent("b"), heartbeat_s=0.03)
    kinds = [kind for kind, _ in got]
    assert kinds.count("heartbeat") >= 2
    assert [kind for kind in kinds if kind != "heartbeat"] == ["status", "status", "done"]
    assert [data["seq"] for _, data in got] == list(range(1, len(got) + 1))


async def test_a_foreseen_error_is_an_event_and_done_still_comes() -> None:
    got = await sent(StatusEvent("a"), GeneratorUnavailable("the model is gone"))
    assert [kind for kind, _ in got] == ["status", "error", "done"]
    assert got[1][1]["problem"] == {
        "type": "about:blank", "title": "No answer can be given now", "status": 503, "detail": "the model is gone",
        "code": "generator_unavailable", "retry_after": 10,
    }  # fmt: skip


async def test_an_unforeseen_error_says_nothing_about_the_inside() -> None:
    got = await sent(StatusEvent("a"), RuntimeError("password=hunter2"))
    assert got[1][0] == "error"
    assert got[1][1]["problem"]["code"] == "internal_error"
    assert "hunter2" not in json.dumps(got)


@pytest.mark.parametrize("pause", [0.0, 60.0])
async def test_a_reader_who_leaves_closes_the_answer(pause: float) -> None:
    """Between two events, and while the next one is being waited for."""
    answering = Answering(StatusEvent("a"), pause, StatusEvent("b"))
    stream = server_sent(answering.events(), heartbeat_s=0.01)
    await anext(stream)
    await anext(stream)
    started = time.monotonic()
    await stream.aclose()
    assert answering.closed
    assert time.monotonic() - started < 30  # the answer is stopped, not waited for


async def test_a_cancelled_reader_closes_the_answer() -> None:
    answering = Answering(StatusEvent("a"), 5.0)

    async def read() -> None:
        async for _ in server_sent(answering.events()):
            pass

    task = asyncio.ensure_future(read())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert answering.closed


async def test_an_answer_that_is_not_complete_when_time_is_over_ends_with_an_error() -> None:
    answering = Answering(StatusEvent("a"), 5.0, StatusEvent("b"))

    async def over() -> None:
        await asyncio.sleep(0.05)

    got = [parsed(text) async for text in server_sent(answering.events(), over=over)]
    assert [kind for kind, _ in got] == ["status", "error", "done"]
    assert got[1][1]["problem"]["code"] == "service_stopping"
    assert answering.closed
