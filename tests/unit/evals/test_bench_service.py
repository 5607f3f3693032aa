"""The stand-in for the language model: what it says, and that our client understands it. And the clock of the bench."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest

from api.terminal import UsageError
from evals.suites.service import run_service as command
from evals.systems import serving
from evals.systems.quoting import NAME, reply, served
from evals.types import Case, Kind
from generation.llm.client import PLAIN, OpenAIChatModel
from generation.prompts import load_prompt, numbered
from generation.types import Delta, Usage
from retrieval.types import Principal

SOURCES = "\n\n".join(
    (numbered(1, "Lease > Rent", "The rent is 500 euros. It is due in May."), numbered(2, "Lease > Lift", "It is old."))
)


@pytest.mark.parametrize("prompt", ["answer", "cited"])
def test_it_quotes_the_first_sentence_of_the_first_source(prompt: str) -> None:
    asked = load_prompt(prompt).messages(sources=SOURCES, question="How high is the rent?")
    assert reply(asked[-1].content) == "The rent is 500 euros [1]."


def test_a_source_without_a_heading_is_quoted_too() -> None:
    asked = load_prompt("cited").messages(sources=numbered(1, "", "It is old."), question="How old is it?")
    assert reply(asked[-1].content) == "It is old [1]."


def test_without_sources_it_finds_nothing() -> None:
    assert reply("Write the sentence again.") == "NOT FOUND"


async def test_our_client_reads_its_replies_and_its_yes() -> None:
    asked = load_prompt("cited").messages(sources=SOURCES, question="How high is the rent?")
    with served() as url:
        model = OpenAIChatModel(url, NAME, dialect=PLAIN)
        await model.ping()
        assert [delta async for delta in model.stream(asked, max_tokens=9)] == [
            Delta("The rent is 500 euros [1]."),
            Delta("", Usage(0, 0)),
        ]
        assert await model.first_token(asked) == {"Yes": pytest.approx(0.99, abs=0.01)}
        await model.aclose()


CASE = Case("q1", Kind.ANSWERABLE, "How high is the rent?", Principal("ana", frozenset({"legal"})), (), ())
ANSWER = {"status": "answered", "timings_ms": {"search": 5.0}, "model": {"generator": NAME}}


@contextmanager
def service(*events: tuple[str, Any]) -> Iterator[tuple[command.Service, list[Any]]]:
    """A service that sends these events to whatever it is asked, and what it was asked."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/readyz" else 404)
            self.send_header("content-length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append((self.path, self.headers["authorization"], body))
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            for name, said in events:
                self.wfile.write(f"event: {name}\ndata: {json.dumps(said)}\n\n".encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        keys = {CASE.asker: "secret"}
        yield command.Service(f"http://127.0.0.1:{server.server_port}", keys), asked
    finally:
        server.shutdown()
        server.server_close()


def test_a_question_is_asked_with_its_askers_key_and_timed_as_the_client_sees_it() -> None:
    sentence, final = ("sentence", {"text": "It is 500."}), ("final", {"answer": ANSWER})
    with service(("status", {}), sentence, sentence, final) as (found, asked), httpx2.Client(trust_env=False) as client:
        row = found.ask(client, CASE)
    assert asked == [("/v1/query", "Bearer secret", {"question": CASE.question, "stream": True})]
    assert 0 < row["first_s"] <= row["total_s"]
    assert {name: row[name] for name in ("id", "status", "marks_ms", "card")} == {
        "id": "q1",
        "status": "answered",
        "marks_ms": {"search": 5.0},
        "card": {"generator": NAME},
    }


def test_without_a_sentence_there_is_no_time_to_the_first() -> None:
    with service(("final", {"answer": ANSWER})) as (found, _), httpx2.Client(trust_env=False) as client:
        assert found.ask(client, CASE)["first_s"] is None


@pytest.mark.parametrize(
    ("events", "says"), [([("error", {"code": "x"})], "q1: the service says"), ([("status", {})], "without an answer")]
)
def test_an_error_or_a_broken_reply_is_told(events: list[Any], says: str) -> None:
    with (
        service(*events) as (found, _),
        httpx2.Client(trust_env=False) as client,
        pytest.raises(UsageError, match=says),
    ):
        found.ask(client, CASE)


def test_a_service_of_our_own_is_asked_past_any_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(serving, "READY_S", 5.0)
    monkeypatch.setattr(command, "_PAUSE_S", 0.0)
    process: Any = SimpleNamespace(poll=lambda: None)
    with service(("final", {"answer": ANSWER})) as (found, asked):
        serving.wait(process, found.url)
        assert [row["id"] for row in command._asked(found, [CASE, CASE])] == ["q1", "q1"]
    assert len(asked) == 4  # two of them warm the service


def test_a_service_that_ends_before_it_is_ready_is_told() -> None:
    ended: Any = SimpleNamespace(poll=lambda: 1)
    with pytest.raises(UsageError, match="did not start"):
        serving.wait(ended, "http://127.0.0.1:9")


def test_the_summary_is_of_those_who_got_a_sentence_and_of_every_mark(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"id": "a", "status": "answered", "first_s": 1.0, "total_s": 2.0, "marks_ms": {"search": 10.0, "hyde": 4.0}},
        {"id": "b", "status": "abstained", "first_s": None, "total_s": 4.0, "marks_ms": {"search": 30.0}},
    ]
    found = command._summary([{**row, "card": {"generator": NAME}} for row in rows])
    assert (found["times"]["the first sentence"].n, found["times"]["the end"].n) == (1, 2)
    assert found["times"]["the end"].p95 == 4.0
    assert found["marks_ms"] == {"search": 20.0, "hyde": 4.0}
    assert found["card"] == {"generator": NAME}
    assert "1 of 2 questions were answered" in capsys.readouterr().err
