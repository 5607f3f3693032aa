"""Methods are written for descriptions of any kind that a route may get, and for none that they would not be true to."""

from __future__ import annotations

from typing import Any

import pytest

from api.client_writer.calls import calls
from api.client_writer.operations import operations

WORD = {"type": "string"}
NO_DATES = {"anyOf": [{"$ref": "#/components/schemas/Dates"}, {"type": "null"}]}


def operation(name: str, tag: str, **told: Any) -> dict[str, Any]:
    ok = {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}}
    return {"operationId": name, "tags": [tag], "summary": "Does it.", "responses": ok} | told


def written(path: str, method: str, **told: Any) -> str:
    name = path.strip("/").replace("/", "_").replace("{", "_").replace("}", "_").replace(".", "_")
    spec = {
        "paths": {
            path: {method: operation(f"do_{name}_{method}", "things", **told)},
            "/v1/q": {"get": operation("ask_v1_q_get", "ask")},
        },
        "components": {
            "schemas": {
                "Page": {"properties": {"total": {"type": "integer"}, "rows": {"type": "array", "items": {"$ref": "#/components/schemas/Dates"}}}},
                "Dates": {"type": "object", "properties": {"from": WORD}},
                "Body": {
                    "required": ["second", "first"],
                    "properties": {
                        "class": WORD | {"default": ""}, "dates": NO_DATES, "first": WORD, "second": {"type": "integer"},
                        "groups": {"anyOf": [{"type": "array", "items": WORD}, {"type": "null"}], "default": []},
                        "scopes": {"type": "array", "items": WORD, "default": ["read"]},
                    },
                },
            }
        },
    }  # fmt: skip
    return calls(operations(spec), spec)


def test_a_body_is_arguments_and_what_is_not_said_is_not_sent() -> None:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Body"}}}}
    text = written("/v1/things", "post", requestBody=body)
    assert (
        "async def do(self, second: int, first: str, *, class_: str = '', dates: models.Dates | None = None, "
        "groups: str | Sequence[str] | None = (), scopes: str | Sequence[str] = ('read',)) -> models.Page:"
    ) in text
    assert "\"class\": (class_, '')" in text
    assert '"groups": (many(groups), [])' in text


def test_pages_are_gone_through_by_whatever_names_the_next() -> None:
    after = {
        "name": "after",
        "in": "query",
        "schema": WORD | {"default": ""},
        "description": "The `next` of the page before.",
    }
    sort = {"name": "sort", "in": "query", "schema": {"enum": ["a", "b"], "default": "a"}}
    text = written("/v1/things", "get", parameters=[after, sort])
    assert "async def rows(self, *, sort: Literal['a', 'b'] = 'a') -> AsyncIterator[models.Dates]:" in text
    assert "page = await self.do(sort=sort, after=after)" in text


def test_what_is_no_json_is_a_file_and_what_has_no_body_nothing() -> None:
    page = {"name": "page", "in": "path", "required": True, "schema": {"type": "integer"}}
    image = {"200": {"content": {"image/png": {}}}}
    text = written("/v1/things/{page}.png", "get", parameters=[page], responses=image)
    assert "async def do(self, page: int) -> File:" in text
    assert 'f"/v1/things/{step(page)}.png"' in text
    assert "-> None:" in written("/v1/things", "delete", responses={"204": {}})


def test_what_the_writer_does_not_know_it_refuses() -> None:
    header = {"name": "If-Match", "in": "header", "schema": WORD}
    with pytest.raises(NotImplementedError, match=r"put /v1/things .*if-match"):
        written("/v1/things", "put", parameters=[header])
