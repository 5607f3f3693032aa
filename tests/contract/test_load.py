"""More than can be answered, over HTTP: the place in line, refusals that say when to come back, budgets."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from api.wiring.line import Line, Ticket
from tests.contract.conftest import Service

QUESTION = "What is the rent of Unit 7?"
CHAT = {"model": "footnote", "messages": [{"role": "user", "content": QUESTION}]}
TEXT = "The rent of Unit 7 is 500 euros per month [1]."


@pytest.fixture
def occupied(service: Service) -> Iterator[Callable[..., ExitStack]]:
    """Gives out places of a line in the service's event loop, each to its person, until the stack is closed."""
    stacks: list[ExitStack] = []
    portal = service.client.portal
    assert portal is not None

    def take(line: Line, *users: str) -> ExitStack:
        stack = ExitStack()
        stacks.append(stack)
        for user in users:
            portal.call(stack.enter_context, line.place(user))
        return stack

    yield take
    for stack in stacks:
        portal.call(stack.close)


def refused(response: Any, status: int, code: str) -> None:
    problem = response.json()
    assert (response.status_code, problem["code"]) == (status, code)
    assert int(response.headers["retry-after"]) == problem["retry_after"] >= 1


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.strip().split("\n\n")]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


@pytest.mark.parametrize("stream", [False, True])
def test_where_as_much_waits_as_may_the_service_is_busy(
    service: Service, occupied: Callable[..., ExitStack], stream: bool
) -> None:
    key = service.key("ana", "legal")
    occupied(service.parts.admitted_answers.line, *(f"person{number}" for number in range(33)))
    asked = {"question": QUESTION, "stream": stream}
    refused(service.client.post("/v1/query", json=asked, headers=key), 503, "service_busy")
    response = service.client.post("/v1/chat/completions", json={**CHAT, "stream": stream}, headers=key)
    refused(response, 503, "service_busy")
    assert response.json()["error"]["type"] == "server_error"
    assert service.client.post("/v1/search", json={"query": "rent"}, headers=key).status_code == 200


def test_one_person_waits_only_so_often(service: Service, occupied: Callable[..., ExitStack]) -> None:
    occupied(service.parts.admitted_answers.line, *["ana"] * 5)
    asked = {"question": QUESTION}
    response = service.client.post("/v1/query", json=asked, headers=service.key("ana", "legal"))
    refused(response, 429, "too_many_waiting")
    assert response.headers["content-type"] == "application/problem+json"


def test_searches_are_refused_by_a_line_of_their_own(service: Service, occupied: Callable[..., ExitStack]) -> None:
    line = service.parts.admitted_search.line
    occupied(line, *["ana"] * (service.parts.settings.threads + 16))
    key = service.key("ana", "legal")
    refused(service.client.post("/v1/search", json={"query": "rent"}, headers=key), 429, "too_many_waiting")


def test_a_stream_tells_its_place_and_is_answered_in_its_turn(
    service: Service, occupied: Callable[..., ExitStack], monkeypatch: pytest.MonkeyPatch
) -> None:
    told_first, moved = threading.Event(), Ticket.moved

    async def noticed(ticket: Ticket, known: int) -> int:
        told_first.set()
        return await moved(ticket, known)

    monkeypatch.setattr(Ticket, "moved", noticed)
    service.parts.script.text = TEXT
    line, key = service.parts.admitted_answers.line, service.key("cleo", "legal")
    ahead = occupied(line, "ana", "ben")
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(
            service.client.post, "/v1/query", json={"question": QUESTION, "stream": True}, headers=key
        )
        assert told_first.wait(60)
        assert service.client.portal
        service.client.portal.call(ahead.close)
        told = events(asking.result(60).text)
    places = [data["place"] for kind, data in told if kind == "status" and data["stage"] == "waiting"]
    assert places[0] == 2
    assert places == sorted(places, reverse=True)
    assert told[-2][0] == "final"
    assert (line.waiting, line.running) == (0, 0)


@pytest.mark.parametrize("stream", [False, True])
def test_a_key_that_is_revoked_while_its_question_waits_is_not_answered(
    service: Service, occupied: Callable[..., ExitStack], monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    waits, moved = threading.Event(), Ticket.moved

    async def noticed(ticket: Ticket, known: int) -> int:
        waits.set()
        return await moved(ticket, known)

    monkeypatch.setattr(Ticket, "moved", noticed)
    service.parts.script.text = TEXT
    key = service.key("cleo", "legal")
    ahead = occupied(service.parts.admitted_answers.line, "ana")
    before = len(service.parts.script.asked)
    with ThreadPoolExecutor(1) as threads:
        asked = {"question": QUESTION, "stream": stream}
        asking = threads.submit(service.client.post, "/v1/query", json=asked, headers=key)
        assert waits.wait(60)
        assert service.parts.api_keys.revoke(key["Authorization"].split("_")[1])
        assert service.client.portal
        service.client.portal.call(ahead.close)
        response = asking.result(60)
    if stream:
        kind, told = events(response.text)[-2]
        assert (kind, told["problem"]["code"]) == ("error", "not_authenticated")
    else:
        assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert len(service.parts.script.asked) == before


def test_nothing_else_waits_for_the_threads_of_answers(service: Service) -> None:
    """As when answers keep all of them busy: each thread that the event loop has for everything, and each in which the
    reranker reads for answers."""
    release, portal = threading.Event(), service.client.portal
    assert portal is not None
    key = service.key("ana", "legal")

    async def busy() -> list[asyncio.Future[bool]]:
        return [asyncio.ensure_future(asyncio.to_thread(release.wait, 60)) for _ in range(64)]

    async def over(waiting: list[asyncio.Future[bool]]) -> None:
        await asyncio.gather(*waiting)

    reading = [service.parts.answer_reranker._pool.submit(release.wait, 60) for _ in range(64)]
    waiting = portal.call(busy)
    try:
        found = service.client.post("/v1/search", json={"query": "rent of Unit 7"}, headers=key)
        assert "500 euros" in found.json()["hits"][0]["text"]
        for path in ("/v1/documents", "/healthz", "/readyz"):
            assert service.client.get(path, headers=key).status_code == 200
        assert not any(one.done() for one in (*waiting, *reading))
    finally:
        release.set()
        portal.call(over, waiting)


def test_a_budget_is_told_and_ends_questions_for_the_day(service: Service) -> None:
    service.parts.script.text = TEXT
    service.parts.budgets.set("user:dora", 1, 10_000)
    key, asked = service.key("dora", "legal"), {"question": QUESTION}
    answered = service.client.post("/v1/query", json=asked, headers=key)
    assert answered.status_code == 200
    assert answered.headers["ratelimit-policy"] == '"questions";q=1;w=86400, "tokens";q=10000;w=86400'
    usage = answered.json()["usage"]
    left = 10_000 - usage["prompt_tokens"] - usage["completion_tokens"]
    assert answered.headers["ratelimit"].startswith('"questions";r=0;t=')
    assert f'"tokens";r={left};t=' in answered.headers["ratelimit"]
    refused(service.client.post("/v1/query", json=asked, headers=key), 429, "budget_spent")
    refused(service.client.post("/v1/query", json={**asked, "stream": True}, headers=key), 429, "budget_spent")
    other = service.client.post("/v1/query", json=asked, headers=service.key("emil", "legal"))
    assert other.status_code == 200
    assert "ratelimit" not in other.headers
