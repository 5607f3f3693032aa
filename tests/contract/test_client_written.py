"""The client is what its writer makes of today's description, and reaches all of it."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from api.client_writer.operations import LEFT_OUT_TAGS
from api.client_writer.writing import ROOT, written
from api.http.app import create_app
from footnote.client import Client, FootnoteClientError, models
from footnote.client.base import Model, StrEnum


def test_every_file_is_what_the_writer_gives_for_this_description() -> None:
    files = written()
    assert len(files) > 6
    for place, text in files.items():
        assert (ROOT / place).read_text(encoding="utf-8") == text, f"{place}: run make client"
    blocking = {path.relative_to(ROOT).as_posix() for path in (ROOT / "footnote/client/_sync").glob("*.py")}
    assert blocking <= files.keys()


def methods(client: Client) -> Iterator[Any]:
    rooms = [value for name, value in vars(client).items() if not name.startswith("_")]
    for room in (client, *rooms):
        for name, method in inspect.getmembers(room, inspect.ismethod):
            if not name.startswith("_") and name != "close":
                yield method


def test_every_call_of_the_description_is_a_method_and_sends_what_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each method with a made-up value for each argument: together they ask for every path, with every parameter."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    left = described(create_app(None).openapi())

    def handler(request: httpx.Request) -> httpx.Response:
        body = request.read().decode("utf-8", "replace")
        sent = {*request.url.params.keys(), *re.findall(r'"(\w+)":', body), *re.findall(r' name="(\w+)"', body)}
        for (method, path), names in left.items():
            if request.method == method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), request.url.path):
                names -= {"", *sent}
                return httpx.Response(404, json={"title": "", "status": 404, "detail": "", "code": ""})
        raise AssertionError(f"{request.method} {request.url.path} is not described")

    with Client("http://footnote.test", "key", transport=httpx.MockTransport(handler)) as client:
        for method in methods(client):
            arguments = {name: made_up(one) for name, one in inspect.signature(method).parameters.items()}
            with suppress(FootnoteClientError):
                told = method(**arguments)
                _ = list(told) if isinstance(told, Iterator) else told
    assert {call: names for call, names in left.items() if names} == {}


def described(spec: dict[str, Any]) -> dict[tuple[str, str], set[str]]:
    """What each call takes, and "" for the call itself."""
    return {
        (method.upper(), path): {
            "", *fields(spec, operation), *(one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"),
        }
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if operation["tags"][0] not in LEFT_OUT_TAGS
    }  # fmt: skip


def fields(spec: dict[str, Any], operation: dict[str, Any]) -> set[str]:
    """Of all bodies that it takes."""
    found: set[str] = set()
    for body in operation.get("requestBody", {}).get("content", {}).values():
        for schema in body["schema"].get("oneOf", [body["schema"]]):
            if "$ref" in schema:
                schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            found |= schema["properties"].keys()
    return found


def made_up(argument: inspect.Parameter) -> Any:
    told = str(argument.annotation)
    if "Upload" in told:
        return ("a.txt", b"a")
    if "Callable" in told:
        return None
    if "Sequence" in told:
        return ["x"]
    if "float" in told or "int" in told:
        return 7
    if "bool" in told:
        return not argument.default
    return "x"


def test_what_comes_stands_on_models_that_bear_more_than_they_know() -> None:
    kinds = [kind for _, kind in inspect.getmembers(models, inspect.isclass) if kind.__module__ == models.__name__]
    assert len(kinds) > 30
    for kind in kinds:
        assert issubclass(kind, (Model, StrEnum)), kind
    source = (Path(ROOT) / "footnote/client/models.py").read_text(encoding="utf-8")
    assert "Literal" not in source  # which would refuse a value that it does not know
