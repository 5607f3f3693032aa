"""The API's description: complete, true to the routes, and the one that the web client is generated from."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from api.http.openapi import description

ROOT = Path(__file__).parents[2]
OPEN = {"/healthz", "/readyz", "/v1/session", "/v1/pages/{token}.png"}  # the last by its signature
METHODS = {"get", "post", "put", "delete", "patch"}


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    return json.loads(description())


def operations(spec: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def test_the_web_client_is_generated_from_this_description() -> None:
    stored = (ROOT / "frontend" / "openapi.json").read_text(encoding="utf-8")
    assert stored == description(), "run: python -m api.http.openapi > frontend/openapi.json"


def test_every_call_is_there(spec: dict[str, Any]) -> None:
    assert {(path, method) for path, method, _ in operations(spec)} >= {
        ("/v1/query", "post"), ("/v1/search", "post"), ("/v1/documents", "get"), ("/v1/documents", "post"),
        ("/v1/documents/{document_id}", "delete"), ("/v1/documents/{document_id}/text", "get"),
        ("/v1/documents/{document_id}/original", "get"), ("/v1/session", "get"), ("/v1/session", "post"),
        ("/healthz", "get"), ("/readyz", "get"), ("/v1/chat/completions", "post"), ("/v1/models", "get"),
        ("/v1/models/{model}", "get"),
    }  # fmt: skip


def test_every_call_but_the_open_ones_asks_for_a_credential(spec: dict[str, Any]) -> None:
    for path, method, operation in operations(spec):
        assert bool(operation.get("security")) is (path not in OPEN), (path, method)


def test_every_call_is_described_and_gives_problems(spec: dict[str, Any]) -> None:
    assert "Problem" in spec["components"]["schemas"]
    for path, method, operation in operations(spec):
        assert operation["summary"], (path, method)
        problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
        assert operation["responses"]["default"]["content"] == {"application/problem+json": problem}, (path, method)
        for status, response in operation["responses"].items():
            wrong = status == "default" or status >= "400"
            assert set(response.get("content", ())) == {"application/problem+json"} or not wrong, (path, method, status)


def test_no_request_names_the_asker(spec: dict[str, Any]) -> None:
    for name in ("QueryRequest", "SearchRequest"):
        schema = spec["components"]["schemas"][name]
        assert schema["additionalProperties"] is False
        assert not {"user", "principal", "as"} & schema["properties"].keys()
        assert "own" in schema["properties"]["groups"]["description"]  # they narrow; test_filters.py has that they do


def test_the_events_of_a_stream_are_described(spec: dict[str, Any]) -> None:
    content = spec["paths"]["/v1/query"]["post"]["responses"]["200"]["content"]["text/event-stream"]
    events = {kind["properties"]["event"]["const"]: kind for kind in content["itemSchema"]["oneOf"]}
    assert set(events) == {"status", "retrieval", "citation", "sentence", "final", "error", "heartbeat", "done"}
    told = re.findall(r'"#/components/schemas/(\w+)"', json.dumps(spec))
    assert {"StatusEvent", "FinalEvent", "Problem"} <= set(told) <= spec["components"]["schemas"].keys()


def test_the_chunks_of_a_completion_are_described(spec: dict[str, Any]) -> None:
    content = spec["paths"]["/v1/chat/completions"]["post"]["responses"]["200"]["content"]
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/Completion"}
    done, data = content["text/event-stream"]["itemSchema"]["properties"]["data"]["oneOf"]
    assert done == {"const": "[DONE]"}
    refs = [one["$ref"].rpartition("/")[2] for one in data["contentSchema"]["oneOf"]]
    assert refs == ["Chunk", "Problem"]
    assert set(refs) <= spec["components"]["schemas"].keys()


def test_what_a_completion_does_not_take_is_described(spec: dict[str, Any]) -> None:
    fields = spec["components"]["schemas"]["ChatRequest"]["properties"]
    assert fields["tools"]["type"] == "null"
    assert "no tools" in fields["tools"]["description"]
    assert fields["n"]["anyOf"] == [{"type": "integer", "const": 1}, {"type": "null"}]
    assert fields["temperature"]["description"] == fields["user"]["description"] == "Changes nothing."
    assert spec["components"]["schemas"]["ChatRequest"]["additionalProperties"] is False


def test_an_answer_is_described_in_full(spec: dict[str, Any]) -> None:
    schemas = spec["components"]["schemas"]
    assert set(schemas["Answer"]["properties"]) == {
        "answer", "status", "sentences", "citations", "model", "usage", "timings_ms", "audit_id",
        "withheld", "abstention", "why", "explanation", "parts", "assumed", "cautions", "left_aside",
        "follow_up", "conversation", "strictness",
    }  # fmt: skip
    assert {"document_id", "version", "title", "section_path", "page", "start", "end", "quote", "boxes"} <= set(
        schemas["Citation"]["properties"]
    )
    assert schemas["Note"]["enum"] == ["", "quoted", "moved", "conflict"]
    assert schemas["Why"]["enum"] == [
        "",
        "nothing_found",
        "nothing_drafted",
        "not_supported",
        "not_measured",
        "asked_for_more",
    ]
    assert set(schemas["PartAnswer"]["properties"]) == {"question", "status", "why", "title"}
    assert set(schemas["Assumed"]["properties"]) == {
        "words", "document_id", "version", "title", "alternatives", "version_id",
    }  # fmt: skip
    assert set(schemas["Abstention"]["properties"]) == {"searched", "nearest"}
    assert set(schemas["Searched"]["properties"]) == {"query", "documents", "passages", "clues"}
