"""`footnote mcp`."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.registry import Registry
from api.terminal import UsageError


def register(commands: Registry) -> None:
    commands.add(mcp, "mcp")


def mcp(
    url: Annotated[str, typer.Option(help="Address of the service; else FOOTNOTE_URL.", metavar="URL")] = "",
) -> int:
    """Tools for a model over stdin and stdout (Model Context Protocol), from a service, with FOOTNOTE_API_KEY."""
    import asyncio

    from api.mcp.over_stdio import serve
    from footnote.client import NotSetUp

    try:
        asyncio.run(serve(url))
    except NotSetUp as error:
        raise UsageError(str(error)) from error
    return 0
