"""Events as they come: put together from any pieces, followed over broken connections."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx2 as httpx
import pytest

from footnote.client import AsyncClient, Client, ConnectionFailed, NotFound, TookTooLong, Unavailable, UnexpectedReply
from footnote.client._sync import following, jobs, reviews, transport
from footnote.client.errors import FootnoteProblem, problem_from
from footnote.client.models import AnsweredCell, JobFileOut, JobOut, ReviewOut, StatusEvent
from footnote.client.sse import Reader

STREAM = {"Content-Type": "text/event-stream; charset=utf-8"}
JOB: dict[str, Any] = {
    "id": "j", "kind": "upload", "title": "t", "status": "running", "created_at": "2026-11-30T00:00:00Z", "started_at": None,
    "finished_at": None, "cancelling": False, "listing": False, "total": 1, "ended": 0, "done": 0, "failed": 0, "cancelled": 0,
}  # fmt: skip
ENDED = JOB | {"status": "succeeded", "finished_at": "2026-11-30T00:01:00Z", "ended": 1, "done": 1}
FILE: dict[str, Any] = {
    "number": 1, "name": "a.txt", "source": "upload/ana/a.txt", "bytes": 1, "status": "done", "started_at": None,
    "ended_at": None,
}  # fmt: skip
REVIEW: dict[str, Any] = {
    "id": "r", "owner": "user:ana", "title": "t", "questions": ["Why?"], "as_of": None, "live": False, "status": "running",
    "created_at": "2026-11-30T00:00:00Z", "documents": 1, "cells": 1, "counts": {"waiting": 1}, "shares": [], "strictness": "usual",
}  # fmt: skip
REVIEWED = REVIEW | {"status": "done", "counts": {"answered": 1}}
CELL: dict[str, Any] = {"document_id": "d", "question": 1, "status": "answered", "audit_id": "a"}
DONE = "event: done\ndata: {}\n\n"
BEAT = "event: heartbeat\ndata: {}\n\n"


def sent(kind: str, data: dict[str, Any], place: str = "") -> str:
    return f"event: {kind}\ndata: {json.dumps(data)}\n" + (f"id: {place}\n" if place else "") + "\n"


class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that ends with a broken connection."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __iter__(self) -> Iterator[bytes]:
        yield self.text.encode()
        raise httpx.ReadError("broken")

    async def __aiter__(self) -> Any:
        yield self.text.encode()
        raise httpx.ReadError("broken")


def stream(text: str, *, broken: bool = False) -> httpx.Response:
    return httpx.Response(200, headers=STREAM, **({"stream": Broken(text)} if broken else {"content": text.encode()}))


def scripted(*replies: Any) -> tuple[httpx.MockTransport, list[httpx.Request]]:
    left, asked = list(replies), []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        reply = left.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    return httpx.MockTransport(handler), asked


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time that passes by sleeping alone, for the client: threads that other tests have left keep the real one."""
    now = [0.0]
    told = SimpleNamespace(sleep=lambda seconds: now.__setitem__(0, now[0] + seconds), monotonic=lambda: now[0])
    for module in (following, jobs, reviews, transport):
        monkeypatch.setattr(module, "time", told)
    return now


def client(*replies: Any) -> tuple[Client, list[httpx.Request]]:
    transport, asked = scripted(*replies)
    return Client("http://footnote.test", "key", transport=transport), asked


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_events_come_whole_however_they_are_cut(end: str) -> None:
    told = end.join([
        ": a comment", "event: status", 'data: {"stage":', 'data: "é\u2028 writing"}', "id: 7", "", "event: odd", "", "data: {}", "", "",
    ]).encode()  # fmt: skip
    for size in range(1, len(told) + 1):
        reader = Reader()
        found = [event for at in range(0, len(told), size) for event in reader.feed(told[at : at + size])]
        assert [(event.kind, event.data, event.id) for event in found] == [
            ("status", {"stage": "é\u2028 writing"}, "7"),
            ("message", {}, "7"),
        ]
    with pytest.raises(UnexpectedReply):
        Reader().feed(b"data: <html>\n\n")


def test_an_answer_that_breaks_off_or_goes_wrong_is_no_answer() -> None:
    begun = sent("status", {"seq": 1, "stage": "searching"})
    for broken in (stream(begun, broken=True), stream(begun)):
        asking, _ = client(broken)
        events = asking.stream("Why?")
        assert next(events) == StatusEvent(stage="searching")
        with pytest.raises(ConnectionFailed):
            next(events)
    problem = {"title": "Stopping", "status": 503, "detail": "Soon.", "code": "service_stopping"}
    wrong, _ = client(stream(begun + BEAT + sent("error", {"seq": 2, "problem": problem}) + DONE))
    with pytest.raises(Unavailable, match=r"Stopping: Soon\."):
        list(wrong.stream("Why?"))


@pytest.mark.parametrize("told", [5, None, ["x"]])
def test_an_error_in_no_form_that_is_known_is_an_error_all_the_same(told: Any) -> None:
    assert isinstance(problem_from(told), FootnoteProblem)


def test_events_of_a_newer_service_are_passed_over() -> None:
    asking, _ = client(stream(sent("music", {"seq": 1}) + sent("status", {"seq": 2, "stage": "x", "new": 1}) + DONE))
    assert list(asking.stream("Why?")) == [StatusEvent(stage="x")]


def test_a_job_is_followed_over_broken_connections_and_a_restart() -> None:
    following, asked = client(
        stream(sent("job", JOB, "0-0") + sent("file", FILE, "3-1"), broken=True),
        httpx.ConnectError("refused"),
        httpx.Response(502, content=b"proxy"),
        stream(BEAT + DONE),  # the service is stopping
        stream(sent("file", FILE | {"number": 2}, "4-2") + sent("job", ENDED, "4-2") + DONE),
    )
    events = list(following.jobs.events("j"))
    assert [type(event) for event in events] == [JobOut, JobFileOut, JobFileOut, JobOut]
    assert [request.headers.get("last-event-id") for request in asked] == [None, "3-1", "3-1", "3-1", "3-1"]


def test_a_job_that_is_gone_or_a_service_that_stays_away_is_told() -> None:
    gone, asked = client(
        httpx.Response(404, json={"title": "Not found", "status": 404, "detail": "", "code": "job_missing"})
    )
    with pytest.raises(NotFound):
        gone.jobs.wait("j")
    assert len(asked) == 1
    away, asked = client(*[httpx.ConnectError("refused")] * 100)
    with pytest.raises(ConnectionFailed):
        away.jobs.wait("j", patience_s=20)
    assert 4 < len(asked) < 12


def test_a_review_is_followed_as_a_job_is() -> None:
    following, asked = client(
        stream(sent("review", REVIEW, "0-0-0") + sent("cell", CELL, "3-1-1"), broken=True),
        stream(BEAT + DONE),
        stream(sent("review", REVIEWED, "3-1-1") + DONE),
    )
    events = list(following.reviews.events("r"))
    assert [type(event) for event in events] == [ReviewOut, AnsweredCell, ReviewOut]
    assert [request.headers.get("last-event-id") for request in asked] == [None, "3-1-1", "3-1-1"]
    detail = REVIEWED | {"rows": [], "next": None}
    waiting, _ = client(stream(sent("review", REVIEW) + sent("review", REVIEWED)), httpx.Response(200, json=detail))
    heard: list[str] = []
    assert waiting.reviews.wait("r", lambda review: heard.append(review.status)).counts == {"answered": 1}
    assert heard == ["running", "done"]
    endless, _ = client(*[stream(BEAT + DONE) for _ in range(1000)])
    with pytest.raises(TookTooLong, match="goes on"):
        endless.reviews.wait("r", timeout_s=30)


def test_waiting_tells_of_progress_and_has_an_end(clock: list[float]) -> None:
    detail = ENDED | {"files": [FILE], "next": None}
    waiting, _ = client(stream(sent("job", JOB) + sent("job", ENDED) + DONE), httpx.Response(200, json=detail))
    heard: list[int] = []
    ended = waiting.jobs.wait("j", lambda job: heard.append(job.ended))
    assert heard == [0, 1]
    assert ended.files[0].name == "a.txt"
    endless, _ = client(*[stream(BEAT + DONE) for _ in range(1000)])
    with pytest.raises(TookTooLong, match="goes on"):
        endless.jobs.wait("j", timeout_s=30)
    assert 30 < clock[0] < 40


async def test_it_is_the_same_with_an_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("asyncio.sleep", sleep)
    transport, asked = scripted(
        httpx.ConnectError("refused"),
        httpx.Response(200, json={"status": "ok"}),
        stream(sent("file", FILE, "3-1"), broken=True),
        stream(sent("job", ENDED, "3-1") + DONE),
        httpx.Response(200, json=ENDED | {"files": [], "next": None}),
        stream(sent("status", {"seq": 1, "stage": "searching"}), broken=True),
    )
    async with AsyncClient("http://footnote.test", "key", transport=transport) as client:
        assert (await client.health.live()).status == "ok"
        heard: list[int] = []
        assert (await client.jobs.wait("j", lambda job: heard.append(job.ended))).status == "succeeded"
        assert heard == [1]
        with pytest.raises(ConnectionFailed):
            _ = [event async for event in client.stream("Why?")]
    assert asked[3].headers["last-event-id"] == "3-1"
    assert slept[0] == 0.5
