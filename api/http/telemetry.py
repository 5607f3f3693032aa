"""What is told of requests: an id for each, one log line, and whatever counts and traces them."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, get_contextvars

log = logging.getLogger("footnote")

REQUEST_ID = "X-Request-Id"
PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._\-]{7,63}$"
_SANE = re.compile(PATTERN)
_TRACE_PARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")  # W3C Trace Context
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})  # asked every few seconds
LEFT = 499  # whoever asked has gone before anything was answered

Ended = Callable[[str, int, float], None]
"""Takes the route's template, the status, and the seconds from head to last byte."""


class Telemetry(Protocol):
    """Counts and traces what is asked over HTTP, and tells it to a scraper."""

    def request(self, method: str, headers: Mapping[str, str]) -> AbstractContextManager[Ended]: ...

    def scrape(self) -> bytes:
        """In Prometheus' text format."""
        ...


class Silent:
    """Counts and traces nothing."""

    @contextmanager
    def request(self, method: str, headers: Mapping[str, str]) -> Iterator[Ended]:
        yield lambda route, status, seconds: None

    def scrape(self) -> bytes:
        return b""


def request_id() -> str:
    """Of the request that is being answered, in whatever thread or task; "" outside of one."""
    return str(get_contextvars().get("request_id", ""))


def id_of(headers: Mapping[str, str]) -> str:
    """The caller's own id where it is a plain word of 8 to 64 characters, else their trace's, else a new one."""
    given = headers.get("x-request-id", "")
    if _SANE.fullmatch(given):
        return given
    trace = _TRACE_PARENT.fullmatch(headers.get("traceparent", ""))
    return trace[1] if trace else str(uuid.uuid4())


class Requests:
    """Plain ASGI. The id goes into the response's header, problems, log lines and jobs of the request. It is not taken
    back at the end: each request has a task of its own, and what goes wrong in it is told after this has returned."""

    def __init__(self, app: ASGIApp, routes: list[BaseRoute], telemetry: Telemetry) -> None:
        self._app, self._routes, self._telemetry = app, routes, telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        own = id_of(headers)
        bind_contextvars(request_id=own)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        started, status = time.perf_counter(), LEFT

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = own
            await send(message)

        with self._telemetry.request(method, headers) as ended:
            try:
                await self._app(scope, receive, named)
            except Exception:
                status = 500
                raise
            finally:
                seconds = time.perf_counter() - started
                route = self._route(scope)
                ended(route, status, seconds)
                told = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
                log.log(logging.DEBUG if route in _QUIET else logging.INFO, "request", extra=told)

    def _route(self, scope: Scope) -> str:
        """The template of the path that was asked for: never the path itself."""
        found = scope.get("route") or next((r for r in self._routes if r.matches(scope)[0] is not Match.NONE), None)
        if isinstance(found, Route):
            return found.path
        return "files of the page" if found is not None else "none"
