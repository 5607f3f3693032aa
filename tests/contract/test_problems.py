"""Every error is a problem: its own code, a status that fits, words for a person, and nothing about the inside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

import generation.errors
import infra.files.errors
import infra.models.errors
import infra.postgres.errors
import infra.settings
import infra.vault.errors
import ingest.errors
import retrieval.errors
from api.http.app import create_app
from api.http.problems import _NOT_MET_HERE, NotFound, problem_of, response_of


def family(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for child in kind.__subclasses__():
        yield from family(child)


EVERY = [kind for kind in family(ingest.errors.FootnoteError) if kind.code not in _NOT_MET_HERE]


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_every_foreseen_error_has_a_problem_of_its_own(kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    error.args = ("Do this instead.",)
    problem = problem_of(error)
    assert problem.status != 500
    assert problem.code == kind.code
    assert (problem.detail == "Do this instead.") is not issubclass(
        kind, (infra.settings.SettingsError, infra.vault.errors.VaultError)
    )
    assert problem.detail
    assert problem.title
    assert (problem.retry_after is not None) is (problem.status in {429, 503})
    header = response_of(problem).headers.get("retry-after")
    assert header == (None if problem.retry_after is None else str(problem.retry_after))


def test_codes_are_distinct() -> None:
    codes = [kind.code for kind in EVERY]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ingest.errors.NotAuthenticated("x"), 401),
        (ingest.errors.NotAllowed("x"), 403),
        (retrieval.errors.InvalidQuery("x"), 422),
        (retrieval.errors.IndexUnavailable("x"), 503),
        (ingest.errors.FileTooLarge("x"), 413),
        (ingest.errors.UnsupportedFormat("x"), 415),
        (ingest.errors.DamagedFile("x"), 422),
        (generation.errors.GeneratorTimeout("x"), 504),
        (generation.errors.AuditUnavailable("x"), 503),
        (ingest.errors.DiskFull("x"), 507),
        (infra.postgres.errors.DatabaseUnavailable("x"), 503),
        (infra.files.errors.BlobDamaged("x"), 503),
        (infra.models.errors.NoNetwork("x"), 503),
        (infra.settings.SettingsError("x"), 503),
        (NotFound("x"), 404),
        (RuntimeError("x"), 500),
    ],
)
def test_the_status_fits(error: Exception, status: int) -> None:
    assert problem_of(error).status == status


def check(reply: Any, status: int, code: str) -> dict[str, Any]:
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")
    body = reply.json()
    assert {"type", "title", "status", "detail", "code"} <= body.keys()
    assert (body["status"], body["code"]) == (status, code)
    return body


@pytest.fixture
def bare(service: Any, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """The API alone, without the web page below /."""
    monkeypatch.setattr("api.http.app.static_folder", lambda: None)
    return TestClient(create_app(service.parts.http))


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not_found"),
        ("POST", "/v1/nothing", 404, "not_found"),
        ("GET", "/nothing.html", 404, "not_found"),
        ("PUT", "/v1/query", 405, "http_error"),
        ("GET", "/v1/query", 405, "http_error"),
        ("DELETE", "/healthz", 405, "http_error"),
    ],
)
def test_routes_that_are_not_there(bare: TestClient, method: str, path: str, status: int, code: str) -> None:
    check(bare.request(method, path), status, code)


def test_a_wrong_method_names_the_right_one(bare: TestClient) -> None:
    assert bare.put("/v1/query").headers["allow"] == "POST"
    said = bare.put("/v1/documents")
    assert (said.headers["allow"], said.json()["detail"]) == ("GET, POST", "Here you can GET, POST.")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/v1/query", 422, {"question": "\ud800 rent"}),
        ("/v1/search", 422, {"query": "rent", "documents": ["\udfff"]}),
        ("/v1/chat/completions", 400, {"model": "footnote", "messages": [{"role": "user", "content": "\ud800"}]}),
        ("/v1/chat/completions", 400, {"model": "\ud800", "messages": [{"role": "user", "content": "rent"}]}),
    ],
)
def test_half_a_character_is_refused_before_anything_is_asked(
    service: Any, path: str, status: int, body: dict[str, Any], stream: bool
) -> None:
    asked = json.dumps(body | ({"stream": True} if stream and "query" not in body else {}))
    headers = service.key("ana", "legal") | {"Content-Type": "application/json"}
    told = check(service.client.post(path, content=asked, headers=headers), status, "invalid_request")
    assert "half a character" in told["detail"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_below_the_page_everything_that_is_not_there_is_a_problem_too(service: Any, method: str) -> None:
    reply = service.client.request(method, "/v1/nothing")
    check(reply, reply.status_code, "not_found" if reply.status_code == 404 else "http_error")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"question": 7}', b'{"question": null}', b"\xff\xfe", b"{}"]
)
def test_bodies_that_are_not_what_is_asked_for(service: Any, content: bytes) -> None:
    headers = service.key("ana", "legal") | {"Content-Type": "application/json"}
    body = check(service.client.post("/v1/query", content=content, headers=headers), 422, "invalid_request")
    assert len(body["detail"]) < 300


def test_what_is_not_foreseen_says_nothing_about_the_inside(
    service: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        local = "text of a document".upper()
        raise RuntimeError("password=hunter2" + local[:0])

    monkeypatch.setattr(service.parts.listing, "page", broken)
    reply = service.client.get("/v1/documents", headers=service.key("ana", "legal"))
    body = check(reply, 500, "internal_error")
    assert "hunter2" not in json.dumps(body)
    assert "hunter2" in caplog.text  # the operator sees what it was,
    written = "".join(capsys.readouterr()) + caplog.text
    assert "TEXT OF A DOCUMENT" not in written  # but not the values that were at hand
