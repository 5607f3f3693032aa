"""The operations of the description as methods: what they are called, take and give."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# Clients of OpenAI's protocol speak these.
LEFT_OUT_TAGS = {"openai"}
# Streams alone, which are followed by hand-written code.
BY_HAND = {("jobs", "events"), ("reviews", "events")}
_NAMES = {
    "query": "ask",
    "show": "get",
    "conversation": "get",
    "healthz": "live",
    "readyz": "ready",
    "read_facts": "facts",
}
# Where the description of an operation is that of several methods.
_DOCS = {
    "ask": "Answers a question: every sentence of it is cited and has passed the gate. `why` in the answer tells what "
    "it lacks; where nothing passes, `abstention` tells what was searched and which passages came nearest.",
    "submit": "Hands in files and folders; they are done later, whatever is restarted meanwhile. A file that the "
    "caller handed in under this name before gets a new version, and a name may have folders in it.\n\n"
    "`files`: paths, or names with their bytes. `allow`: who may read them, as `group:NAME` or `user:NAME`. "
    "`idempotency_key`: handed in twice under one key it is one job; without one each call has its own, and is "
    "sent again safely.",
    "submit_folder": "Names a folder of the service's machine that may be ingested; takes the scope `admin`.",
    "submit_connector": "Names a connector that is brought in step now; takes the scope `admin`.",
}
_KEY = "idempotency-key"
_EVENTS = "text/event-stream"
_FORM = "multipart/form-data"


@dataclass(frozen=True)
class Parameter:
    """`place`: path, query, json, form or file."""

    name: str
    place: str
    required: bool
    schema: Mapping[str, Any]

    @property
    def python(self) -> str:
        plain = re.sub(r"\W", "_", self.name)
        return f"{plain}_" if keyword.iskeyword(plain) or hasattr(builtins, plain) else plain

    @property
    def doc(self) -> str:
        return str(self.schema.get("description", ""))


@dataclass(frozen=True)
class Operation:
    """`results`: schema names by status, None for no body; `binary`: a file; `events`: schema names by kind of event;
    `key`: it takes an idempotency key."""

    tag: str
    name: str
    method: str
    path: str
    doc: str
    parameters: tuple[Parameter, ...]
    results: Mapping[int, str | None]
    binary: bool = False
    events: Mapping[str, str] = field(default_factory=dict)
    key: bool = False

    @property
    def refs(self) -> list[str]:
        named = [one for one in (*self.results.values(), *self.events.values()) if one]
        return named + [ref for parameter in self.parameters for ref in _named(parameter.schema)]


def operations(spec: dict[str, Any]) -> list[Operation]:
    """Sorted by path; an operation that takes several kinds of bodies is several methods."""
    return [
        one
        for path, item in sorted(spec["paths"].items())
        for method, operation in sorted(item.items())
        if (tag := operation["tags"][0]) not in LEFT_OUT_TAGS
        for one in _methods(spec, path, method, operation, tag)
        if (tag, one.name) not in BY_HAND
    ]


def _methods(spec: dict[str, Any], path: str, method: str, told: dict[str, Any], tag: str) -> Iterator[Operation]:
    name = _name(told["operationId"], path, method, tag)
    results, binary, events = _results(told["responses"])
    outside = told.get("parameters", [])
    headers = {one["name"].lower() for one in outside if one["in"] == "header"} - {_KEY, "last-event-id"}
    if headers:
        raise NotImplementedError(f"{method} {path} takes headers that the writer does not know: {headers}")
    placed = [
        Parameter(one["name"], one["in"], one.get("required", False), one["schema"] | _description(one))
        for one in outside
        if one["in"] in {"path", "query"}
    ]
    contents = sorted(told.get("requestBody", {}).get("content", {None: {}}).items(), reverse=True, key=str)
    bodies = [(kind, one) for kind, body in contents for one in _each(body)]
    forms = _required(spec, dict(bodies).get(_FORM, {}))
    for kind, body in bodies:
        inside = _fields(spec, kind, body) if kind else []
        more = [one.name for one in inside if one.required and one.name not in forms] if forms and kind != _FORM else []
        inside.sort(key=lambda one: one.name not in more)  # what tells it from the form comes first
        full = "_".join([name, *more])
        yield Operation(
            tag, full, method.upper(), path, _DOCS.get(full) or told.get("description") or told["summary"],
            (*placed, *inside), results, binary, events, key=kind == _FORM and _takes_key(outside),
        )  # fmt: skip


def _name(operation_id: str, path: str, method: str, tag: str) -> str:
    """The name of the function that serves it, which FastAPI has lengthened, without what its tag says already."""
    plain = operation_id.removesuffix("_" + re.sub(r"\W", "_", path.removeprefix("/")) + f"_{method}")
    plain = plain.removesuffix(re.sub(r"\W", "_", path) + f"_{method}")
    short = plain.removesuffix(f"_{tag}").removesuffix(f"_{tag.removesuffix('s')}")
    return "get" if short == tag else _NAMES.get(short, short)


def _results(responses: dict[str, Any]) -> tuple[dict[int, str | None], bool, dict[str, str]]:
    results: dict[int, str | None] = {}
    binary, events = False, {}
    for status, response in responses.items():
        content = response.get("content", {})
        if not status.startswith("2"):
            continue
        ref = content.get("application/json", {}).get("schema", {}).get("$ref", "")
        results[int(status)] = ref.rpartition("/")[2] or None
        binary = binary or bool(content and not ref and _EVENTS not in content)
        for one in content.get(_EVENTS, {}).get("itemSchema", {}).get("oneOf", ()):
            fields = one["properties"]
            found = list(_named(fields["data"]["contentSchema"]))
            if found and fields["event"]["const"] != "error":
                events[fields["event"]["const"]] = found[0]
    return results, binary, events


def _fields(spec: dict[str, Any], kind: str, body: dict[str, Any]) -> list[Parameter]:
    schema = _schema(spec, body)
    required: list[str] = schema.get("required", [])
    order = [*required, *(name for name in schema["properties"] if name not in required)]
    found = []
    for name in order:
        inner = schema["properties"][name]
        place = ("file" if is_file(inner) else "form") if kind == _FORM else "json"
        found.append(Parameter(name, place, name in required, inner))
    return found


def _each(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The bodies of which a request has one."""
    several = body.get("schema", {}).get("oneOf")
    return [{"schema": schema} for schema in several] if several else [body]


def _required(spec: dict[str, Any], body: dict[str, Any]) -> list[str]:
    return list(_schema(spec, body).get("required", [])) if body else []


def _schema(spec: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = body["schema"]
    ref = schema.get("$ref", "").rpartition("/")[2]
    return spec["components"]["schemas"][ref] if ref else schema


def is_file(schema: Mapping[str, Any]) -> bool:
    one = schema.get("items", schema)
    return bool(one.get("format") == "binary" or one.get("contentMediaType") == "application/octet-stream")


def _takes_key(parameters: list[dict[str, Any]]) -> bool:
    return any(one["in"] == "header" and one["name"].lower() == _KEY for one in parameters)


def _description(parameter: dict[str, Any]) -> dict[str, str]:
    return {"description": parameter["description"]} if "description" in parameter else {}


def _named(schema: Any) -> Iterator[str]:
    """The schemas that a schema names, nested however deep."""
    inner = schema.values() if isinstance(schema, Mapping) else schema if isinstance(schema, list) else ()
    if isinstance(schema, Mapping) and "$ref" in schema:
        yield schema["$ref"].rpartition("/")[2]
    for one in inner:
        yield from _named(one)
