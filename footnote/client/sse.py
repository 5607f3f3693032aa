"""Server-sent events (WHATWG HTML, section 9.2), put together from bytes as they come."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from footnote.client.errors import UnexpectedReply

_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")  # a CR that is last may be half of a CRLF


@dataclass(frozen=True, slots=True)
class ServerSent:
    """One event; `data` is its JSON, `id` the last one that was told."""

    kind: str
    data: dict[str, Any]
    id: str


class Reader:
    """Takes bytes, gives the events that they complete."""

    def __init__(self) -> None:
        self._rest = b""
        self._kind = ""
        self._id = ""
        self._data: list[str] = []

    def feed(self, part: bytes) -> list[ServerSent]:
        *lines, self._rest = _LINE_END.split(self._rest + part)
        return [event for line in lines if (event := self._line(line.decode("utf-8", "replace"))) is not None]

    def _line(self, line: str) -> ServerSent | None:
        if not line:
            return self._complete()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            self._kind = value
        elif field == "data":
            self._data.append(value)
        elif field == "id" and "\0" not in value:
            self._id = value
        return None

    def _complete(self) -> ServerSent | None:
        kind, data = self._kind, "\n".join(self._data)
        self._kind, self._data = "", []
        if not data:
            return None
        try:
            told = json.loads(data)
        except ValueError as error:
            raise UnexpectedReply(f"An event is not JSON: {data[:100]!r}.") from error
        return ServerSent(kind or "message", told if isinstance(told, dict) else {}, self._id)
