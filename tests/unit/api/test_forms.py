"""Forms with many files, of which one descriptor is kept open."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import pytest
from fastapi import APIRouter, FastAPI, File, Form, Request, UploadFile
from fastapi.testclient import TestClient

from api.http import problems
from api.http.forms import FormRoute, many_files

KIND = {"Content-Type": "multipart/form-data; boundary=x"}
OPEN = Path("/proc/self/fd")
SIZES = [0, 1, 70_000, 3, 200_000, 0, 65_536, 2]


def part(name: str, data: bytes) -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    return head.encode() + data + b"\r\n"


def body(sizes: list[int]) -> bytes:
    return b"".join(part(f"{n}.txt", content(n, size)) for n, size in enumerate(sizes)) + b"--x--\r\n"


def content(number: int, size: int) -> bytes:
    return (b"%d " % number * size)[:size]


def descriptors() -> int:
    """That are open; 0 where that cannot be told."""
    return sum(1 for _ in OPEN.iterdir()) if OPEN.exists() else 0


def read(file: BinaryIO) -> bytes:
    whole, at_end = file.read(), file.read()
    file.seek(2)
    middle = file.read(3), file.tell()
    file.seek(0, os.SEEK_END)
    assert (at_end, middle, file.tell()) == (b"", (whole[2:5], max(2, min(5, len(whole)))), len(whole))
    file.seek(0)
    assert file.read() == whole
    return whole


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    problems.install(app)

    @app.post("/")
    async def taken(request: Request) -> dict[str, Any]:
        before = descriptors()
        async with many_files(request, 1000) as form:
            opened = descriptors() - before if before else 1
            files: list[Any] = form.getlist("files")
            right = [read(file.file) == content(n, file.size) for n, file in reversed(list(enumerate(files)))]
            return {"sizes": [file.size for file in files], "right": all(right), "opened": opened}

    router = APIRouter(route_class=FormRoute)

    @router.post("/one")
    def one(file: Annotated[UploadFile, File()], date: Annotated[str, Form()] = "") -> str:
        return date

    app.include_router(router)
    return TestClient(app, raise_server_exceptions=False)


def test_each_file_of_a_form_is_read_whole_and_again(client: TestClient) -> None:
    reply = client.post("/", content=body(SIZES), headers=KIND).json()
    assert (reply["sizes"], reply["right"]) == (SIZES, True)


def test_many_large_files_take_one_descriptor(client: TestClient) -> None:
    reply = client.post("/", content=body([70_000] * 100), headers=KIND).json()
    assert (len(reply["sizes"]), reply["right"], reply["opened"]) == (100, True, 1)


@pytest.mark.parametrize("charset", ["undefined", "punycode", "unicode_escape", "utf-16", "latin-1"])
def test_a_form_in_another_charset_is_refused(client: TestClient, charset: str) -> None:
    kind = {"Content-Type": f"{KIND['Content-Type']}; charset={charset}"}
    reply = client.post("/", content=body([3]).replace(b"0.txt", rb"\ud800.txt"), headers=kind)
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_form")
    assert "UTF-8" in reply.json()["detail"]


def test_a_form_may_say_that_it_is_utf_8(client: TestClient) -> None:
    kind = {"Content-Type": f"{KIND['Content-Type']}; charset=UTF-8"}
    assert client.post("/", content=body([3]), headers=kind).json()["right"] is True


@pytest.mark.parametrize("cut", [2, 4, 6, 50])
def test_a_form_that_is_cut_off_is_refused(client: TestClient, cut: int) -> None:
    whole = body([3, 70])
    assert client.post("/", content=whole[:-2], headers=KIND).json()["sizes"] == [3, 70]
    reply = client.post("/", content=whole[: -2 - cut], headers=KIND)
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_form")
    assert "cut off" in reply.json()["detail"]


def test_an_upload_that_is_cut_off_in_a_field_is_refused(client: TestClient) -> None:
    whole = part("a.txt", b"words").replace(b"files", b"file") + b'--x\r\nContent-Disposition: form-data; name="date"'
    whole += b"\r\n\r\n2024-01-31\r\n--x--"
    assert client.post("/one", content=whole + b"\r\nand after", headers=KIND).json() == "2024-01-31"
    assert client.post("/one", content=whole[:-7], headers=KIND).status_code == 400


def test_a_client_that_goes_away_in_the_middle_of_a_form_is_no_error_of_the_service(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    steps: list[dict[str, Any]] = [
        {"type": "http.request", "body": body([3])[:30], "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return steps.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", KIND["Content-Type"].encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    asyncio.run(client.app(scope, receive, send))  # type: ignore[arg-type]
    assert [message["status"] for message in sent if message["type"] == "http.response.start"] == [400]
    assert caplog.records == []
