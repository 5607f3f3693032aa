"""An answer that was asked to be kept, over real connections: lost, joined again, seen twice, stopped, closed."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from generation.people import TrailFilter
from ingest.types import OPERATOR

RENT = "What is the rent of Unit 7?"
SAID = "The rent of Unit 7 is 500 euros per month [1].| The tenant Kestrel may end the lease with notice. [1]|"
BONUS = "What is the bonus of the night shift?"
PATIENCE_S = 60.0


@dataclass
class Live:
    """A service on a port of its own."""

    parts: Any
    server: Any
    thread: threading.Thread
    address: str

    def person(self, user: str, *groups: str) -> Person:
        secret = self.parts.api_keys.create(user, groups, {"read"}, "test")
        return Person(self, {"Authorization": f"Bearer {secret}"})

    def closed(self, audit_id: str = "") -> dict[str, Any]:
        """The newest closing row."""
        rows = [json.loads(row.record) for row in self.parts.audit.show(limit=50)]
        return next(row for row in rows if row.get("kind") == "closed")


class Person:
    def __init__(self, live: Live, headers: dict[str, str]) -> None:
        self.client = httpx.Client(base_url=live.address, headers=headers, timeout=PATIENCE_S)

    def ask(self, question: str = RENT, events: int = 2) -> list[tuple[str, dict[str, Any]]]:
        """Reads so many events, then the connection is lost."""
        body = {"question": question, "stream": True, "conversation": "new", "keep": True}
        with self.client.stream("POST", "/v1/query", json=body) as reply:
            assert reply.status_code == 200, reply.read()
            told = []
            for event in parsed(reply.iter_lines()):
                told.append(event)
                if len(told) == events:
                    break
            return told

    def follow(self, id_: str, after: int | None = None) -> list[tuple[str, dict[str, Any]]]:
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        with self.client.stream("GET", f"/v1/running/{id_}/events", headers=headers) as reply:
            assert reply.status_code == 200, reply.read()
            return list(parsed(reply.iter_lines()))

    def listed(self) -> list[dict[str, Any]]:
        return list(self.client.get("/v1/running").json()["running"])


def parsed(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
            continue
        data = json.loads(fields["data"])
        assert fields["id"] == str(data["seq"])
        if fields["event"] != "heartbeat":
            yield fields["event"], data
        fields = {}


def until(holds: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE_S
    while not (found := holds()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def launched(parts: Any) -> Live:
    import uvicorn

    from api.http.app import create_app
    from api.http.listening import Server

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = Server(uvicorn.Config(create_app(parts.http), log_level="warning", timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.1)
    return Live(parts, server, thread, f"http://127.0.0.1:{listener.getsockname()[1]}")


@pytest.fixture(scope="module")
def live(start: Callable[..., Any]) -> Iterator[Live]:
    parts = start()
    lease = b"The rent of Unit 7 is 500 euros per month.\n\nThe tenant Kestrel may end the lease with notice.\n"
    parts.pipeline.ingest(lease, "lease.txt", "files/lease.txt", frozenset({"group:legal"}))
    found = launched(parts)
    yield found
    found.server.should_exit = True
    found.thread.join(20)


@pytest.fixture(autouse=True)
def _slowly(live: Live) -> None:
    live.parts.script.text, live.parts.script.pause = SAID, 0.5


def test_a_lost_answer_is_joined_again_without_gap_or_repetition_and_ends_in_its_conversation(live: Live) -> None:
    ana, elsewhere = live.person("ana", "legal"), live.person("ana", "legal")
    seen = ana.ask(events=2)
    assert seen[0][0] == "status"
    id_ = seen[0][1]["running"]
    assert len(id_) >= 24
    (listed,) = [one for one in elsewhere.listed() if one["id"] == id_]
    assert (listed["question"], listed["conversation"], listed["state"]) == (RENT, "new", "running")
    both: list[Any] = [None, None]

    def read(at: int, after: int | None) -> None:
        both[at] = (elsewhere, live.person("ana", "legal"))[at].follow(id_, after)

    readers = [threading.Thread(target=read, args=one) for one in ((0, seen[-1][1]["seq"]), (1, None))]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(PATIENCE_S)
    whole = both[1]
    assert seen + both[0] == whole
    assert [data["seq"] for _, data in whole] == list(range(1, len(whole) + 1))
    assert [kind for kind, _ in whole][-2:] == ["final", "done"]
    answer = whole[-2][1]["answer"]
    assert answer["status"] == "answered"
    (listed,) = [one for one in ana.listed() if one["id"] == id_]
    assert (listed["state"], listed["conversation"], listed["turn"]) == ("done", answer["conversation"]["id"], 1)
    (turn,) = ana.client.get(f"/v1/conversations/{listed['conversation']}").json()["history"]
    assert turn["answer"]["answer"] == answer["answer"]
    assert "interrupted" not in live.closed()
    (source,) = next(data["sources"] for kind, data in whole if kind == "retrieval")
    assert source["version_id"] == answer["citations"][0]["version_id"]
    live.parts.accesses.flush()
    entry = live.parts.trail.page(TrailFilter(action="follow_answer", user="user:ana"), None, 9).entries[0]
    assert entry.record["shown"] == [{"document_id": source["document_id"], "version": 1}]


def test_without_keep_an_answer_is_broken_off_as_ever(live: Live) -> None:
    ana = live.person("ana", "legal")
    before = len(ana.listed())
    with ana.client.stream("POST", "/v1/query", json={"question": RENT, "stream": True}) as reply:
        (kind, data) = next(parsed(reply.iter_lines()))
    assert (kind, data["running"]) == ("status", "")
    until(lambda: live.closed().get("interrupted"))
    assert len(ana.listed()) == before


def test_it_is_stopped_from_elsewhere(live: Live) -> None:
    live.parts.script.pause = 20.0
    ana = live.person("ana", "legal")
    id_ = ana.ask(events=2)[0][1]["running"]
    told: list[Any] = []
    reader = threading.Thread(target=lambda: told.extend(live.person("ana", "legal").follow(id_)))
    reader.start()
    time.sleep(0.3)
    assert ana.client.delete(f"/v1/running/{id_}").status_code == 204
    closed = live.closed()
    assert closed["interrupted"]
    reader.join(PATIENCE_S)
    assert [kind for kind, _ in told][-2:] == ["error", "done"]
    assert told[-2][1]["problem"]["code"] == "answer_stopped"
    assert next(one for one in ana.listed() if one["id"] == id_)["state"] == "stopped"
    assert ana.client.delete(f"/v1/running/{id_}").status_code == 204
    assert ana.client.delete(f"/v1/running/{id_}").status_code == 404
    assert live.parts.audit.verify().ok


def test_another_persons_is_not_there(live: Live) -> None:
    ana, otto = live.person("ana", "legal"), live.person("otto", "legal")
    id_ = ana.ask(events=1)[0][1]["running"]
    assert otto.listed() == []
    for method, path in (("GET", f"/{id_}/events"), ("DELETE", f"/{id_}")):
        replies = [otto.client.request(method, "/v1/running" + one) for one in (path, path.replace(id_, "x" * 24))]
        assert [reply.status_code for reply in replies] == [404, 404]
        assert replies[0].content == replies[1].content
    assert ana.follow(id_)[-1][0] == "done"


def test_what_was_closed_between_asking_and_joining_is_not_told(live: Live) -> None:
    pay = b"The bonus of the night shift is 90 euros per month.\n"
    added = live.parts.pipeline.ingest(pay, "bonus.txt", "bonus/bonus.txt", frozenset({"group:legal"}))
    live.parts.script.text = "The bonus of the night shift is 90 euros per month [1].|"
    live.parts.script.pause = 2.0
    ana = live.person("ana", "legal")
    told = ana.ask(BONUS, events=4)
    id_ = told[0][1]["running"]
    live.parts.documents.relabel(added.document_id, frozenset({"group:hr"}))
    refused = ana.client.get(f"/v1/running/{id_}/events")
    assert (refused.status_code, refused.json()["code"]) == (409, "answer_closed")
    assert "bonus" not in refused.text
    until(lambda: next(one for one in ana.listed() if one["id"] == id_)["state"] != "running")
    assert ana.client.get(f"/v1/running/{id_}/events").status_code == 409
    live.parts.documents.delete(added.document_id, OPERATOR, now=True)


def test_what_reads_with_fewer_rights_is_not_told(live: Live) -> None:
    id_ = live.person("ana", "legal").ask(events=2)[0][1]["running"]
    refused = live.person("ana", "hr").client.get(f"/v1/running/{id_}/events")
    assert (refused.status_code, refused.json()["code"]) == (409, "answer_closed")
    assert live.person("ana", "legal").follow(id_)[-1][0] == "done"


@pytest.mark.parametrize("lacking", [{"stream": False}, {"conversation": None}])
def test_keep_needs_a_stream_and_a_conversation(live: Live, lacking: dict[str, Any]) -> None:
    body = {"question": RENT, "stream": True, "conversation": "new", "keep": True} | lacking
    reply = live.person("ana", "legal").client.post("/v1/query", json=body)
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_request")
    assert "keep needs stream and conversation" in reply.json()["detail"]


def test_an_error_before_the_first_event_has_its_status(live: Live) -> None:
    ana = live.person("ana", "legal")
    body = {"question": RENT, "stream": True, "keep": True, "conversation": "00000000-0000-4000-8000-000000000000"}
    before = len(ana.listed())
    assert ana.client.post("/v1/query", json=body).status_code == 404
    assert len(ana.listed()) == before


def test_what_goes_on_when_the_service_stops_is_recorded_as_broken_off(live: Live) -> None:
    """Last: it ends the service."""
    live.parts.script.pause = 60.0
    live.person("ana", "legal").ask(events=2)
    live.server.should_exit = True
    live.thread.join(30)
    assert not live.thread.is_alive()
    assert live.closed()["interrupted"]
    assert live.parts.audit.verify().ok
