"""A call and its reply, without the connection between them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote, unquote

import httpx2 as httpx
from pydantic import BaseModel, ValidationError
from pydantic_core import to_jsonable_python

from footnote.client.errors import ConnectionFailed, NotSetUp, TookTooLong, UnexpectedReply, problem_of
from footnote.client.files import File, Upload, content, named

Answered = TypeVar("Answered", bound=BaseModel)
Other = TypeVar("Other", bound=BaseModel)
CONNECT_S = 10.0
QUIET_S = 60.0  # a stream has a heartbeat each 5 s
AGAIN = {502, 503, 504}
_LONGEST_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Call:
    """A request. `path` is filled in; of `query`, `json` and `form` what equals its default is not sent. `key`: under
    which it may be sent twice."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None
    form: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Upload | Iterable[Upload]] = field(default_factory=dict)
    key: str = ""

    @property
    def repeatable(self) -> bool:
        return self.method == "GET" or bool(self.key)


def given(required: Mapping[str, Any], optional: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    """What is sent: all that is required, and of the optional ones (value, default) those that say otherwise."""
    return {**required, **{name: value for name, (value, default) in optional.items() if value != default}}


def many(values: Any) -> Any:
    """A list, also of one word alone."""
    if values is None:
        return None
    return [values] if isinstance(values, str) else list(values)


def step(value: object) -> str:
    """A value as one step of a path. Raises ValueError where it is none, and the path would be another one."""
    text = str(value)
    if text in {"", ".", ".."}:
        raise ValueError(f"{text!r} is no id.")
    return quote(text, safe="")


def arguments(call: Call, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Of `httpx.Client.build_request`; files are opened anew for every attempt."""
    sent: dict[str, Any] = {"method": call.method, "url": call.path, "headers": dict(headers or {})}
    if call.key:
        sent["headers"]["Idempotency-Key"] = call.key
    if call.query:
        sent["params"] = plain(call.query)
    if call.json is not None:
        sent["json"] = plain(call.json)
    if call.files:
        sent["data"] = plain(call.form)
        sent["files"] = [
            (name, (title, content(data))) for name, uploads in call.files.items() for title, data in named(uploads)
        ]
        if not sent["files"]:
            raise ValueError("There are no files to hand in.")
    return sent


def plain(values: Mapping[str, Any]) -> Any:
    return to_jsonable_python(values, by_alias=True, exclude_none=False)


def address_and_key(url: str | None, api_key: str | None) -> tuple[str, dict[str, str]]:
    """Where the service is and the headers that say who asks; what is None comes from the environment."""
    place = (os.environ.get("FOOTNOTE_URL", "") if url is None else url).strip().rstrip("/")
    if not place:
        raise NotSetUp("Say where the service is: Client(url), or FOOTNOTE_URL.")
    if not _is_address(place):
        raise NotSetUp(f"{place!r} is not the address of a service. It looks like http://127.0.0.1:8000.")
    key = (os.environ.get("FOOTNOTE_API_KEY", "") if api_key is None else api_key).strip()
    if not key and api_key is None:
        raise NotSetUp("Set FOOTNOTE_API_KEY to a key for the service; `footnote keys create` there makes one.")
    if not key.isascii() or not key.isprintable():
        raise NotSetUp("The API key has characters that no key has.")
    return place, {"Authorization": f"Bearer {key}"} if key else {}


def _is_address(place: str) -> bool:
    try:
        url = httpx.URL(place)
    except httpx.InvalidURL:
        return False
    return url.scheme in {"http", "https"} and bool(url.host) and not (url.query or url.fragment)


def wait_s(attempt: int, told: str | None = None) -> float:
    """Before the attempt after this one, the first being 0: half a second, then twice as long each time, or as the
    service told."""
    asked = float(told) if told and told.isdecimal() else 0.0
    return min(max(0.5 * 2.0**attempt, asked), _LONGEST_WAIT_S)


def worth_again(reply: httpx.Response) -> bool:
    return reply.status_code in AGAIN or (reply.status_code == 429 and "retry-after" in reply.headers)


def failed(error: httpx.RequestError, url: str) -> ConnectionFailed:
    if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
        return TookTooLong(f"The service at {url} took too long ({type(error).__name__}).")
    said = str(error) or type(error).__name__
    return ConnectionFailed(f"No Footnote service answers at {url} ({said}). Check the address, or FOOTNOTE_URL.")


def model_of(reply: httpx.Response, kinds: Mapping[int, type[Answered]]) -> Answered:
    """The body as the model for its status."""
    check(reply, kinds)
    return parsed(kinds[reply.status_code], reply.content)


def check(reply: httpx.Response, known: Iterable[int]) -> None:
    """Raises unless the reply's status is one of those that are foreseen."""
    if reply.status_code in known:
        return
    if reply.is_error:
        raise problem_of(reply.status_code, reply.reason_phrase, reply.content)
    to = f", which points to {reply.headers['location']}" if "location" in reply.headers else ""
    raise UnexpectedReply(f"{reply.url} answers {reply.status_code}{to}: is this the address of the service?")


def parsed(kind: type[Answered], body: bytes | Mapping[str, Any]) -> Answered:
    try:
        return kind.model_validate_json(body) if isinstance(body, bytes) else kind.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise UnexpectedReply(
            f"This is no {kind.__name__} as this client knows it ({place}: {first['msg']}). Is the service of another "
            "version, or something else at this address?"
        ) from error


def file_of(reply: httpx.Response) -> File:
    told = reply.headers.get("content-disposition", "")
    encoded = re.search(r"filename\*=UTF-8''([^;\s]+)", told, re.IGNORECASE)
    plain = re.search(r'filename=(?:"([^"]*)"|([^";\s]+))', told, re.IGNORECASE)
    name = unquote(encoded[1]) if encoded else (plain[1] or plain[2] or "") if plain else ""
    return File(name, reply.headers.get("content-type", "").partition(";")[0], reply.content)
