"""`footnote serve` as a process of its own, and clients on raw sockets: what they send before anybody knows them, too
much, too slowly, and what is under way when the service is stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests import commands

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "api.cli.main"]
MIB = 1 << 20
PATIENCE_S = 60.0  # on the busiest machine; what has no limit takes longer than that
STUB = {"FOOTNOTE_LLM_URL": "http://127.0.0.1:9/v1", "FOOTNOTE_LLM_MODEL": "none"}
SLOW = {"FOOTNOTE_HEADER_TIMEOUT_S": "1", "FOOTNOTE_BODY_TIMEOUT_S": "1", "FOOTNOTE_MAX_UPLOAD_BYTES": str(MIB)}


def environment(home: Path, **settings: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "FOOTNOTE_CACHE" or not name.startswith(("FOOTNOTE_", "DATABASE_URL"))
    }
    return kept | {"FOOTNOTE_HOME": str(home)} | settings


@dataclass
class Running:
    home: Path
    process: subprocess.Popen[str]
    port: int
    key: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def connect(self, sent: bytes = b"") -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)
        made.sendall(sent)
        return made

    def head(self, line: str, *headers: str, key: str | None = None) -> bytes:
        given = (f"Authorization: Bearer {key}",) if key else ()
        return "\r\n".join((f"{line} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *given, *headers, "", "")).encode()

    def memory(self) -> int:
        return int(psutil.Process(self.process.pid).memory_info().rss)


def new_key(home: Path, user: str, *options: str) -> str:
    made = commands.footnote(environment(home), "keys", "create", "--user", user, "--groups", "legal", *options)
    assert made.returncode == 0, made.stderr
    return made.stdout.split()[0]


def started(home: Path, **settings: str) -> Running:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    key = new_key(home, "ana", "--scope", "read,write")
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", str(port)],
        cwd=ROOT, env=environment(home, **STUB, **settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout
    while "Footnote is at" not in (line := process.stdout.readline()):
        assert line, process.communicate()
    running = Running(home, process, port, key)
    while True:
        with suppress(OSError):
            running.connect().close()
            return running
        time.sleep(0.05)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        service = started(Path(home), **SLOW)
        try:
            yield service
        finally:
            service.process.terminate()
            service.process.communicate(timeout=60)


def reply(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of all that comes until the end."""
    got = b""
    with suppress(ConnectionResetError, BrokenPipeError):
        while part := connection.recv(65536):
            got += part
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    return int((first or "- 0").split()[1]), dict(line.lower().split(": ", 1) for line in lines), body


def problem(connection: socket.socket, status: int, code: str) -> dict[str, Any]:
    got, headers, body = reply(connection)
    assert got == status, body
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    told = json.loads(body)
    assert (told["status"], told["code"]) == (status, code)
    assert len(told["detail"]) > 20
    return told  # type: ignore[no-any-return]


def trickle(connections: list[socket.socket], piece: bytes) -> None:
    """Sends a little now and then, until the other side has had enough."""
    until = time.monotonic() + PATIENCE_S
    with suppress(ConnectionResetError, BrokenPipeError):
        while time.monotonic() < until:
            for connection in connections:
                connection.sendall(piece)
            time.sleep(0.2)
        pytest.fail("a client that sends a little now and then is never cut off")


def push(connection: socket.socket, total: int, *, chunked: bool = False) -> int:
    """Sends up to so many bytes, until the other side has had enough; returns how many it took."""
    piece, taken = bytes(MIB), 0
    if chunked:
        piece = f"{MIB:x}\r\n".encode() + piece + b"\r\n"
    with suppress(ConnectionResetError, BrokenPipeError, TimeoutError):
        while taken < total:
            connection.sendall(piece)
            taken += MIB
    return taken


@pytest.mark.parametrize(
    ("line", "key"), [("POST /v1/query", None), ("POST /v1/search", "fn_0_wrong"), ("POST /v1/documents", "a.b.c")]
)
@pytest.mark.parametrize("length", [f"Content-Length: {200 * MIB}", "Transfer-Encoding: chunked"])
def test_without_a_credential_no_body_is_taken(running: Running, line: str, length: str, key: str | None) -> None:
    before = running.memory()
    with running.connect(running.head(line, "Content-Type: application/json", length, key=key)) as connection:
        taken = push(connection, 200 * MIB, chunked="chunked" in length)
        problem(connection, 401, "not_authenticated")
    assert taken < 20 * MIB  # what the sockets hold
    assert running.memory() - before < 20 * MIB


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GET /v1/session", 200),
        ("GET /healthz", 200),
        ("POST /", 405),
        ("POST /v1/nothing", 404),
        ("PUT /v1/query", 405),
    ],
)
def test_where_no_body_belongs_none_is_taken(running: Running, line: str, status: int) -> None:
    before = running.memory()
    with running.connect(running.head(line, f"Content-Length: {200 * MIB}")) as connection:
        taken = push(connection, 200 * MIB)
        got, headers, _ = reply(connection)
    assert got in {status, 404 if status == 405 else status}  # as the web page is built or not
    assert headers["connection"] == "close"
    assert taken < 20 * MIB
    assert running.memory() - before < 20 * MIB


def test_a_client_that_waits_to_be_asked_for_the_body_is_not_asked(running: Running) -> None:
    waits = ("Content-Type: application/json", f"Content-Length: {MIB}", "Expect: 100-continue")
    with running.connect(running.head("POST /v1/query", *waits)) as connection:
        problem(connection, 401, "not_authenticated")
    with running.connect(running.head("POST /v1/query", *waits, key=running.key)) as connection:
        problem(connection, 413, "body_too_large")


def test_a_key_that_may_not_write_uploads_no_byte(running: Running) -> None:
    key = new_key(running.home, "ben")
    form = ("Content-Type: multipart/form-data; boundary=b", f"Content-Length: {MIB // 2}")
    with running.connect(running.head("POST /v1/documents", *form, key=key)) as connection:
        problem(connection, 403, "not_allowed")


@pytest.mark.parametrize(
    ("line", "given", "status", "code"),
    [
        ("POST /v1/query", ("Content-Type: application/json", f"Content-Length: {300 << 10}"), 413, "body_too_large"),
        ("POST /v1/search", ("Content-Type: application/json", f"Content-Length: {10**18}"), 413, "body_too_large"),
        ("POST /v1/session", ("Content-Type: application/json", "Content-Length: 5000"), 413, "body_too_large"),
        ("POST /v1/documents", ("Content-Type: multipart/form-data; boundary=b", f"Content-Length: {2 * MIB}"), 413, "file_too_large"),
        ("POST /v1/query", ("Content-Type: text/plain", "Content-Length: 10"), 415, "body_not_taken"),
        ("POST /v1/query", ("Content-Length: 10",), 415, "body_not_taken"),
        ("POST /v1/search", ("Content-Type: multipart/form-data; boundary=b", "Transfer-Encoding: chunked"), 415, "body_not_taken"),
        ("POST /v1/documents", ("Content-Type: application/x-www-form-urlencoded", "Content-Length: 10"), 415, "body_not_taken"),
    ],
)  # fmt: skip
def test_length_and_type_are_looked_at_first(
    running: Running, line: str, given: tuple[str, ...], status: int, code: str
) -> None:
    with running.connect(running.head(line, *given, key=running.key)) as connection:
        problem(connection, status, code)


@pytest.mark.parametrize(
    ("line", "kind", "code"),
    [
        ("POST /v1/query", "application/json", "body_too_large"),
        ("POST /v1/documents", "multipart/form-data; boundary=b", "file_too_large"),
    ],
)
def test_bytes_that_were_not_announced_are_counted(running: Running, line: str, kind: str, code: str) -> None:
    before = running.memory()
    given = (f"Content-Type: {kind}", "Transfer-Encoding: chunked")
    opening = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    with running.connect(running.head(line, *given, key=running.key)) as connection:
        connection.sendall(f"{len(opening):x}\r\n".encode() + opening + b"\r\n")
        taken = push(connection, 200 * MIB, chunked=True)
        problem(connection, 413, code)
    assert taken < 30 * MIB
    assert running.memory() - before < 30 * MIB


@pytest.mark.parametrize(
    "form",
    [
        [("allow", "user:ana")] * 500,
        [("allow", "x" * 5000)],
    ],
)
def test_a_form_has_few_and_short_fields(running: Running, form: list[tuple[str, str]]) -> None:
    files: list[tuple[str, Any]] = [(name, (None, value)) for name, value in form]
    got = httpx.post(f"{running.url}/v1/documents", headers=running.auth, files=[("file", ("a.txt", b"x")), *files])
    assert (got.status_code, got.headers["content-type"]) == (400, "application/problem+json")


def test_heads_that_are_never_complete_are_cut_off(running: Running) -> None:
    """300 connections; some stop in the middle, some say nothing, some send a byte now and then."""
    with ExitStack() as stack:
        half = [stack.enter_context(running.connect(b"POST /v1/query HTTP/1.1\r\nHost: x\r\nX-A")) for _ in range(200)]
        silent = [stack.enter_context(running.connect()) for _ in range(90)]
        slow = [stack.enter_context(running.connect(b"GET /healthz HTTP/1.1\r\n")) for _ in range(10)]
        trickle(slow, b"X")
        for connection in half:
            problem(connection, 408, "request_too_slow")
        assert {connection.recv(1) for connection in silent} == {b""}
    assert httpx.get(f"{running.url}/healthz").status_code == 200


def test_a_second_request_on_a_connection_has_no_more_time(running: Running) -> None:
    with running.connect(running.head("GET /healthz")) as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /healthz HTTP/1.1\r\nX-")
        problem(connection, 408, "request_too_slow")


def test_bodies_that_are_never_complete_are_cut_off(running: Running) -> None:
    began = time.monotonic()
    kind = {"query": "application/json", "documents": "multipart/form-data; boundary=b"}
    with ExitStack() as stack:
        half = []
        for place, media_type in kind.items():
            head = running.head(
                f"POST /v1/{place}", f"Content-Type: {media_type}", "Content-Length: 1000", key=running.key
            )
            half += [stack.enter_context(running.connect(head + b"--b\r\n")) for _ in range(25)]
        sign_in = running.head("POST /v1/session", "Content-Type: application/json", "Content-Length: 100")
        half += [stack.enter_context(running.connect(sign_in + b"{")) for _ in range(25)]
        for connection in half:
            problem(connection, 408, "request_too_slow")
    assert time.monotonic() - began < PATIENCE_S  # one after the other, 75 of them would take longer


def test_a_body_of_few_bytes_a_second_is_cut_off(running: Running) -> None:
    head = running.head("POST /v1/query", "Content-Type: application/json", "Content-Length: 1000", key=running.key)
    with running.connect(head) as connection:
        trickle([connection], b" ")


def test_what_is_not_http_is_a_problem(running: Running) -> None:
    with running.connect(b"\x16\x03\x01 hello\r\n\r\n") as connection:
        problem(connection, 400, "http_error")


def passages(count: int) -> bytes:
    """A text of so many chunks."""
    return "\n\n".join(
        f"The rent of unit {n} is {n} euros. " + "It is paid monthly. " * 38 for n in range(count)
    ).encode()


SLOW_PAGE = b"".join(b"<p>The rent of unit <b>%d</b> is due.</p>" % n for n in range(100_000))  # half a minute


def upload(service: Running, data: bytes, name: str = "rents.txt") -> httpx.Response:
    form = {"files": {"file": (name, data)}, "data": {"allow": "user:ana"}}
    return httpx.post(f"{service.url}/v1/documents", headers=service.auth, timeout=120, **form)  # type: ignore[arg-type]


def check_kept(home: Path, names: list[str]) -> None:
    """Nothing of the files is stored by halves, and all of them go on."""
    again = started(home)
    try:
        listed = httpx.get(f"{again.url}/v1/documents", headers=again.auth).json()
        found = httpx.post(f"{again.url}/v1/search", headers=again.auth, json={"query": "rent of unit 7"}).json()
        assert (listed["documents"], found["hits"]) == ([], [])
        jobs = httpx.get(f"{again.url}/v1/jobs", headers=again.auth).json()["jobs"]
        assert sorted(job["title"] for job in jobs) == sorted(names)
        until = time.monotonic() + 60
        while not any(file["status"] == "running" for job in jobs for file in detail(again, job)["files"]):
            assert time.monotonic() < until
        for job in jobs:
            httpx.post(f"{again.url}/v1/jobs/{job['id']}/cancel", headers=again.auth).raise_for_status()
    finally:
        again.process.terminate()
        again.process.communicate(timeout=60)


def await_running(service: Running, count: int) -> None:
    """Waits until so many files have come, and one is worked on."""
    until = time.monotonic() + PATIENCE_S
    states: list[str] = []
    while len(states) < count or "running" not in states:
        assert time.monotonic() < until, states
        jobs = httpx.get(f"{service.url}/v1/jobs", headers=service.auth, timeout=PATIENCE_S).json()["jobs"]
        states = [file["status"] for job in jobs for file in detail(service, job)["files"]]
        time.sleep(0.1)


def detail(service: Running, job: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = httpx.get(
        f"{service.url}/v1/jobs/{job['id']}", headers=service.auth, timeout=PATIENCE_S
    ).json()
    return shown


@pytest.mark.parametrize(
    ("stop", "files"),
    [
        (signal.SIGTERM, [("rents.txt", passages(3000))]),
        (signal.SIGINT, [("page.html", SLOW_PAGE), *((f"{n}.txt", passages(1000)) for n in range(4))]),
    ],
    ids=["embedding", "parsing and waiting"],
)
def test_a_service_that_is_stopped_in_an_upload_ends_soon_and_goes_on_with_it_later(
    stop: signal.Signals, files: list[tuple[str, bytes]]
) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        service = started(Path(home))
        kind = ("Content-Type: application/json", "Content-Length: 99")
        try:
            with ThreadPoolExecutor(len(files)) as threads:
                sent = []
                for name, data in files:
                    sent.append(threads.submit(upload, service, data, name))
                    await_running(service, len(sent))
                half = service.connect(service.head("POST /v1/query", *kind, key=service.key))
                time.sleep(1)
                assert not any(one.done() for one in sent)
                service.process.send_signal(stop)
                replies = [one.result() for one in sent]
            problem(half, 503, "service_stopping")
            _, errors = service.process.communicate(timeout=PATIENCE_S)
        finally:
            service.process.kill()
        for got in replies:
            assert (got.status_code, got.json()["code"]) == (503, "service_stopping")
            assert "goes on when it is back" in got.json()["detail"]
        assert "Traceback" not in errors
        check_kept(Path(home), [name for name, _ in files])
