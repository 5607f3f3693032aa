"""The tools over stdin and stdout, for a host that starts a program: they ask a service that runs elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp.server.stdio import stdio_server

from api.mcp.server import server
from footnote.client import AsyncClient


async def serve(url: str) -> None:
    """Until stdin ends. `url`: of the service, "": FOOTNOTE_URL; the key is FOOTNOTE_API_KEY. Raises
    `footnote.client.NotSetUp` before the first message."""
    async with AsyncClient(url or None) as client:

        @asynccontextmanager
        async def connected(_: object) -> AsyncIterator[AsyncClient]:
            yield client

        tools = server(connected)
        async with stdio_server() as (reading, writing):
            await tools.run(reading, writing, tools.create_initialization_options())
