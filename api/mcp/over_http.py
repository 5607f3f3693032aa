"""The tools over streamable HTTP: one request, one answer, and no session that could outlive a credential."""

from __future__ import annotations

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from sse_starlette.sse import AppStatus
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from api.mcp.in_process import InProcess
from api.mcp.server import server
from footnote.client import AsyncClient

# It would cut answers off when the service begins to stop, which gives them time to end (api.http.stopping).
AppStatus.enable_automatic_graceful_drain = False


class OverHttp:
    """An ASGI application for requests whose credential was checked, and which ask the application that they came to.
    `public_url`: under which readers open quotes, "" if that is where the request went."""

    def __init__(self, public_url: str = "") -> None:
        self._public_url = public_url
        self._server = server(self._connected)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # One manager for each request: what it starts ends with the request.
        manager = StreamableHTTPSessionManager(self._server, stateless=True)
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    def _connected(self, request: Request) -> AsyncClient:
        credential = request.headers["authorization"].partition(" ")[2].strip()
        url = self._public_url or str(request.base_url)
        return AsyncClient(url, credential, retries=0, transport=InProcess(request.app, request))
