"""Forms with many files, of which one descriptor is kept open."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from api.http import problems
from api.http.forms import many_files

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
