"""The Model Context Protocol: POST /mcp. Its tools call the routes below /v1 with the caller's credential."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.cookies import refuse_cross_site
from api.http.deps import Authentication, Mcp, Reader
from ingest.errors import NotAuthenticated

router = APIRouter()


class Handed(Response):
    """What the application answers to a request of which the body was read."""

    def __init__(self, app: ASGIApp, body: bytes) -> None:
        super().__init__()
        self._app = app
        self._read = [body]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def again() -> Message:
            if self._read:
                return {"type": "http.request", "body": self._read.pop(), "more_body": False}
            return await receive()

        await self._app(scope, again, send)


@router.post("/mcp", include_in_schema=False)
async def mcp(
    message: dict[str, Any], request: Request, tools: Mcp, caller: Reader, authenticator: Authentication
) -> Response:
    """One message (docs/mcp.md). The session of the web page opens nothing here, and no other page may ask."""
    refuse_cross_site(request, authenticator.public_url)
    if "authorization" not in request.headers:
        raise NotAuthenticated("Send 'Authorization: Bearer <API key or token>'.", guessed=False)
    return Handed(tools, await request.body())
