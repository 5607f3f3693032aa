"""The service asked from inside of itself, by the way that every request goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import httpx2 as httpx
from starlette.requests import Request
from starlette.types import ASGIApp

from api.http.telemetry import REQUEST_ID, request_id


class InProcess(httpx.AsyncBaseTransport):
    """On behalf of one request, as if whoever sent it had asked: the same Host, network address and request id. Bodies
    come as they are written; a response that is closed ends the work for it."""

    def __init__(self, app: ASGIApp, behalf: Request) -> None:
        self._app = app
        self._behalf = behalf.scope

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = _Exchange(self._app, self._scope(request), await request.aread())
        try:
            status, headers = await exchange.head
        except BaseException:
            await exchange.aclose()
            raise
        return httpx.Response(status, headers=headers, stream=exchange)

    def _scope(self, request: httpx.Request) -> dict[str, Any]:
        own = [(name, value) for name, value in self._behalf["headers"] if name == b"host"]
        asked = [(name.lower(), value) for name, value in request.headers.raw if name.lower() != b"host"]
        kept = {name: self._behalf.get(name) for name in ("scheme", "server", "client")}
        return kept | {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [*own, *asked, (REQUEST_ID.lower().encode(), request_id().encode())],
            "path": request.url.path,
            "raw_path": request.url.raw_path.partition(b"?")[0],
            "query_string": request.url.query,
            "root_path": "",
        }


class _Exchange(httpx.AsyncByteStream):
    """One request; `head` is status and headers of its response."""

    def __init__(self, app: ASGIApp, scope: dict[str, Any], body: bytes) -> None:
        self.head: asyncio.Future[tuple[int, Any]] = asyncio.get_running_loop().create_future()
        self._sent = [body]
        self._parts: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._left = asyncio.Event()
        self._work = asyncio.create_task(self._answered(app, scope))

    async def _answered(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        try:
            await app(scope, self._receive, self._send)
        except Exception as error:  # noqa: BLE001 - the application has told the log
            if not self.head.done():
                self.head.set_exception(httpx.ReadError(type(error).__name__))
        finally:
            self._parts.put_nowait(None)

    async def _receive(self) -> MutableMapping[str, Any]:
        if self._sent:
            return {"type": "http.request", "body": self._sent.pop(), "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.head.set_result((message["status"], message["headers"]))
        elif message["type"] == "http.response.body":
            self._parts.put_nowait(message.get("body", b""))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (part := await self._parts.get()) is not None:
            yield part

    async def aclose(self) -> None:
        self._left.set()
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)
