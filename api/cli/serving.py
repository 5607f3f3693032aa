"""`footnote serve` and `footnote demo`."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.local import opened
from api.cli.options import LogLevel, given
from api.cli.output import say_answer
from api.cli.registry import Registry
from api.cli.releases import told
from api.terminal import UsageError, counted, note, say
from ingest.errors import FootnoteError

if TYPE_CHECKING:
    from api.bootstrap import Container
    from infra.settings import Settings


def register(commands: Registry) -> None:
    commands.add(serve, "serve")
    commands.add(demo, "demo")


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    log_level: LogLevel = None,
) -> int:
    """Serve the web page and the HTTP API."""
    import asyncio

    from api.demo.home import claim, refuse_public

    with opened(service=True, **given(host=host, port=port, log_level=log_level)) as parts:
        refuse_public(parts.settings)
        _check_port(parts.settings)
        if parts.settings.demo:
            claim(parts)
        with suppress(KeyboardInterrupt):  # which is how a service is stopped
            asyncio.run(_serve(parts))
    return 0


def demo(
    once: Annotated[bool, typer.Option("--once", help="Answer one question and exit.")] = False,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    log_level: LogLevel = None,
) -> int:
    """Fetch models, ingest the sample documents, print a cited answer and serve the web page."""
    import asyncio

    from api.demo.home import claim, refuse_public
    from api.demo.sample import ingest_sample
    from api.wiring.ingesting import shown
    from api.wiring.models import pull

    with opened(demo=True, **given(port=port, log_level=log_level)) as parts:
        if not once:
            refuse_public(parts.settings)
            _check_port(parts.settings)
        claim(parts)
        note(f"The demo's data folder is {parts.settings.home}.")
        pull(parts.settings)
        ingest_sample(parts, shown, note)
        asyncio.run(_say_demo_answer(parts) if once else _serve(parts, _say_demo_answer))
    return 0


async def _say_demo_answer(parts: Container) -> None:
    from api.demo.sample import ASKER, QUESTION, principal

    say(f"\n{ASKER.name} asks: {QUESTION}\n")
    say_answer(await parts.answers.answer(QUESTION, principal()))


async def _serve(parts: Container, first: Callable[[Container], Coroutine[Any, Any, None]] | None = None) -> None:
    """Uvicorn over the container until Ctrl-C or SIGTERM; `first` runs once the page is up."""
    import asyncio

    from api.http.app import create_app, static_folder
    from api.http.listening import Server, listening
    from api.wiring.telling import MULTILINGUAL

    settings = parts.settings
    parts.access_tokens  # noqa: B018 - what is set up wrongly is told before models are loaded
    if static_folder() is None:
        parts.note("The web page is not built (run `make frontend`); the API works without it.")
    if settings.profile == "multilingual":
        parts.note(MULTILINGUAL)
    for line in told(parts):
        parts.note(line)
    parts.note("Loading models...")
    parts.open_metrics_port()
    parts.warm()
    if behind := len(parts.rereading.behind()):
        parts.note(
            f"Read by older rules: {counted(behind, 'document')}; `footnote documents reread --all` reads again."
        )
    app = create_app(parts.http)
    config = listening(
        app,
        settings.host,
        settings.port,
        header_timeout_s=settings.header_timeout_s,
        trusted_proxies=settings.trusted_proxies,
    )
    serving = asyncio.create_task(Server(config).serve())
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    say(f"\nFootnote is at http://{host}:{settings.port}  (API: /docs; stop with Ctrl-C)")
    if first is not None:
        running = asyncio.create_task(first(parts))
        await asyncio.wait({serving, running}, return_when=asyncio.FIRST_COMPLETED)
        running.cancel()
        try:
            await running
        except FootnoteError as error:
            note(str(error))
        except asyncio.CancelledError:
            pass
    await serving


def _check_port(settings: Settings) -> None:
    """Raises `UsageError` if the port cannot be listened on."""
    try:
        found = socket.getaddrinfo(
            settings.host or None, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, _, _, address = found[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"Port {settings.port} on {settings.host} is in use. Stop the program that holds it, "
                "or choose another with --port (make demo PORT=8001)."
            ) from error
        raise UsageError(f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}.") from error
