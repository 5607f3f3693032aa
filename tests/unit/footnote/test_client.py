"""The client over a scripted connection: what is sent, sent again, and made of what comes."""

from __future__ import annotations

import ast
import pickle
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from footnote.client import (
    Client,
    ConnectionFailed,
    FootnoteProblem,
    Invalid,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NotSetUp,
    TookTooLong,
    TooLarge,
    TooMuch,
    Unavailable,
    UnexpectedReply,
)
from footnote.client.models import Health, JobState

ROOT = Path(__file__).parents[3]
SAID = {"title": "Not now", "status": 503, "detail": "Later.", "code": "store_error"}


class Script:
    """Replies in turn, the last one for ever; an exception is raised instead. Keeps what was asked."""

    def __init__(self, *replies: httpx.Response | Exception) -> None:
        self.replies = list(replies)
        self.asked: list[tuple[httpx.Request, bytes]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request, request.read()))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    return waits


@pytest.fixture
def over() -> Iterator[Callable[..., tuple[Client, Script]]]:
    made: list[Client] = []

    def client(*replies: httpx.Response | Exception, **options: Any) -> tuple[Client, Script]:
        script = Script(*replies)
        made.append(Client("http://footnote.test/base/", "fn_key", transport=httpx.MockTransport(script), **options))
        return made[-1], script

    yield client
    for one in made:
        one.close()


def ok(**body: Any) -> httpx.Response:
    return httpx.Response(200, json={"status": "ok"} | body)


BUSY = httpx.Response(503, json=SAID)
Over = Callable[..., tuple[Client, Script]]


def test_the_key_and_the_address_are_those_that_were_given(over: Over) -> None:
    client, script = over(ok())
    assert client.health.live() == Health(status="ok")
    request, _ = script.asked[0]
    assert str(request.url) == "http://footnote.test/base/healthz"
    assert request.headers["authorization"] == "Bearer fn_key"
    assert "fn_key" not in repr(client)


def test_address_and_key_come_from_the_environment_and_are_missed_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOOTNOTE_URL", raising=False)
    monkeypatch.delenv("FOOTNOTE_API_KEY", raising=False)
    with pytest.raises(NotSetUp, match="FOOTNOTE_URL"):
        Client()
    with pytest.raises(NotSetUp, match="FOOTNOTE_API_KEY"):
        Client("http://footnote.test")
    for place in (
        "footnote.test",
        "ftp://footnote.test",
        "http://",
        "http://[::",
        "http://a:b",
        "http://footnote.test?x=1",
    ):
        with pytest.raises(NotSetUp, match=r"not the address.*http://127"):
            Client(place, "key")
    with pytest.raises(NotSetUp, match="characters"):
        Client("http://footnote.test", "fn_ä")
    monkeypatch.setenv("FOOTNOTE_URL", "http://footnote.test")
    monkeypatch.setenv("FOOTNOTE_API_KEY", "fn_env")
    with Client() as client:
        assert client.url == "http://footnote.test"


@pytest.mark.parametrize("again", [BUSY, httpx.ConnectError("refused"), httpx.RemoteProtocolError("cut off")])
def test_what_is_only_read_is_asked_for_again(over: Over, slept: list[float], again: Any) -> None:
    client, script = over(again, again, ok())
    assert client.health.live().status == "ok"
    assert len(script.asked) == 3
    assert slept == [0.5, 1.0]


def test_after_the_last_attempt_the_error_is_told(over: Over, slept: list[float]) -> None:
    client, script = over(BUSY, retries=2)
    with pytest.raises(Unavailable, match=r"Not now: Later\."):
        client.documents.list()
    assert len(script.asked) == 3
    refused, _ = over(httpx.ConnectError("refused"), retries=0)
    with pytest.raises(ConnectionFailed, match=r"http://footnote\.test/base \(refused\).*FOOTNOTE_URL"):
        refused.documents.list()


@pytest.mark.parametrize("again", [BUSY, httpx.RemoteProtocolError("cut off")])
def test_what_may_have_been_done_is_not_sent_again(over: Over, slept: list[float], again: Any) -> None:
    client, script = over(again)
    for call in (
        lambda: client.ask("Why?"),
        lambda: list(client.stream("Why?")),
        lambda: client.documents.delete("d"),
        lambda: client.documents.upload(("a.txt", b"a"), "group:legal"),
        lambda: client.jobs.submit_folder("/srv", "group:legal"),
        lambda: client.jobs.retry("j"),
    ):
        with pytest.raises((Unavailable, ConnectionFailed)):
            call()
    assert len(script.asked) == 6
    assert slept == []


def test_files_are_handed_in_again_whole_under_the_same_key(over: Over, slept: list[float], tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(bytes(range(256)) * 1000)
    accepted = httpx.Response(202, json={"id": "j", "status": "queued"})
    client, script = over(httpx.WriteError("broken"), BUSY, accepted)
    job = client.jobs.submit([tmp_path / "big.bin", ("in/a.txt", b"words")], ["group:legal", "user:ana"], urgency="low")
    assert (job.id, job.status) == ("j", JobState.queued)
    keys = {request.headers["idempotency-key"] for request, _ in script.asked}
    assert len(script.asked) == 3
    assert len(keys) == 1
    for _, body in script.asked:
        assert bytes(range(256)) * 1000 in body
        assert b'name="files"; filename="big.bin"' in body
        assert b'name="files"; filename="in/a.txt"' in body
        assert body.count(b'name="allow"') == 2
        assert b'name="urgency"\r\n\r\nlow' in body
        assert b"chunking" not in body
    client.jobs.submit(("a.txt", b"a"), "group:legal")
    client.jobs.submit(("a.txt", b"a"), "group:legal", idempotency_key="batch-7")
    *_, own, given = [request.headers["idempotency-key"] for request, _ in script.asked]
    assert own not in keys
    assert given == "batch-7"


def test_a_wait_is_as_long_as_the_service_says_within_reason(over: Over, slept: list[float]) -> None:
    told = [httpx.Response(429, headers={"Retry-After": after}, json=SAID | {"status": 429}) for after in ("7", "9999")]
    client, _ = over(*told, ok())
    client.health.live()
    assert slept == [7.0, 60.0]
    full, script = over(httpx.Response(429, json=SAID | {"status": 429}))
    with pytest.raises(TooMuch):
        full.documents.list()
    assert len(script.asked) == 1  # what waits there will not be less in a second


def test_silence_is_told_as_such_and_not_asked_for_again(over: Over, slept: list[float]) -> None:
    client, script = over(httpx.ReadTimeout("read"))
    with pytest.raises(TookTooLong):
        client.documents.list()
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, NotAuthenticated), (403, NotAllowed), (404, NotFound), (413, TooLarge), (422, Invalid), (429, TooMuch),
        (503, Unavailable), (507, FootnoteProblem),
    ],
)  # fmt: skip
def test_each_problem_has_its_class(over: Over, slept: list[float], status: int, kind: type[FootnoteProblem]) -> None:
    client, _ = over(httpx.Response(status, json=SAID | {"status": status}), retries=0)
    with pytest.raises(FootnoteProblem) as raised:
        client.ask("Why?")
    problem = raised.value
    assert type(problem) is kind
    assert (problem.status, problem.code, problem.title, problem.detail) == (status, "store_error", "Not now", "Later.")
    assert pickle.loads(pickle.dumps(problem)).detail == "Later."  # noqa: S301


def test_what_no_service_of_ours_says_is_told_plainly(over: Over, slept: list[float]) -> None:
    client, _ = over(httpx.Response(502, content=b"<html>nginx</html>"), retries=0)
    with pytest.raises(FootnoteProblem, match="502 Bad Gateway: <html>nginx"):
        client.documents.list()
    for reply in (
        httpx.Response(200, content=b"<html>Welcome</html>"),
        httpx.Response(200, json={"hello": "world"}),
        httpx.Response(302, headers={"Location": "https://sign-in.test/"}),
    ):
        elsewhere, _ = over(reply)
        with pytest.raises(UnexpectedReply):
            elsewhere.documents.list()
        with pytest.raises((UnexpectedReply, ConnectionFailed)):
            list(elsewhere.stream("Why?"))


def test_what_a_newer_service_says_more_does_no_harm(over: Over) -> None:
    accepted = {"id": "j", "status": "sleeping", "since": {"new": [1]}}
    client, _ = over(httpx.Response(202, json=accepted))
    job = client.jobs.cancel("j")
    assert job.status == "sleeping"
    assert isinstance(job.status, JobState)
    assert job.status not in list(JobState)
    assert "since" not in job.model_dump()
    assert type(job).model_validate_json(job.model_dump_json()) == job


def test_an_id_cannot_lead_to_another_path(over: Over) -> None:
    client, script = over(httpx.Response(404, json=SAID | {"status": 404}))
    for bad in ("", "..", "."):
        with pytest.raises(ValueError, match="is no id"):
            client.jobs.get(bad)
    with pytest.raises(NotFound):
        client.documents.text("../jobs?x=1#")
    assert script.asked[0][0].url.raw_path == b"/base/v1/documents/..%2Fjobs%3Fx%3D1%23/text"


def test_pages_are_gone_through_to_the_end(over: Over) -> None:
    job = {
        "id": "1", "kind": "upload", "title": "t", "status": "queued", "created_at": "2026-11-30T00:00:00Z", "started_at": None,
        "finished_at": None, "cancelling": False, "listing": False, "total": 1, "ended": 0, "done": 0, "failed": 0, "cancelled": 0,
    }  # fmt: skip
    limits = {"files": 1, "bytes": 1, "file_bytes": 1}
    pages = [
        httpx.Response(200, json={"jobs": [job, job | {"id": "2"}], "next": 5, "limits": limits}),
        httpx.Response(200, json={"jobs": [job | {"id": "3"}], "next": None, "limits": limits}),
    ]
    client, script = over(*pages)
    assert [one.id for one in client.jobs.all(limit=2)] == ["1", "2", "3"]
    assert [dict(request.url.params) for request, _ in script.asked] == [
        {"limit": "2"},
        {"limit": "2", "before": "5"},
    ]


def test_nothing_but_pydantic_and_httpx2_is_imported() -> None:
    known = {*sys.stdlib_module_names, "footnote", "pydantic", "pydantic_core", "httpx2"}
    for path in (ROOT / "footnote").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            assert {name.partition(".")[0] for name in names} <= known, path


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("attachment; filename=review.xlsx", "review.xlsx"),
        ('attachment; filename="answer 1.docx"', "answer 1.docx"),
        ("inline; filename*=UTF-8''t%C3%A4st.pdf", "täst.pdf"),
        ("attachment", ""),
    ],
)
def test_a_file_is_called_as_the_service_says(
    over: Callable[..., tuple[Client, Script]], told: str, name: str, tmp_path: Path
) -> None:
    client, _ = over(httpx.Response(200, headers={"content-disposition": told}, content=b"bytes"))
    file = client.reviews.export("64bf0a34-e84a-4b42-9dff-941274c92eb6")
    assert file.name == name
    assert file.save(tmp_path).name == (name or "original")
