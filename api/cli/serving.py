"""`footnote serve` and `footnote demo`."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from api.bootstrap import Container
from api.cli.admin import pull
from api.cli.ingesting import reported
from api.cli.local import opened
from api.cli.output import UsageError, note, say, say_answer
from api.demo.people import PEOPLE
from infra.settings import Settings
from ingest.errors import FootnoteError
from ingest.pipeline import source_files
from ingest.protocols import Outcome
from retrieval.types import Principal

DEMO_ASKER = "ana"
DEMO_QUESTION = "May Ostara's developers use an outside AI code generator on our firmware?"


def serve(host: str | None, port: int | None) -> int:
    """Serves until interrupted."""
    with opened(**_given(host=host, port=port)) as parts:
        _check_port(parts.settings)
        with suppress(KeyboardInterrupt):  # which is how a service is stopped
            asyncio.run(_serve(parts))
    return 0


def demo(*, once: bool, port: int | None) -> int:
    """Models, sample documents, the page, one cited answer; goes on serving, unless `once`."""
    with opened(demo=True, **_given(port=port)) as parts:
        if not once:
            _check_port(parts.settings)
        pull([], parts.settings)
        ingest_sample(parts)
        asyncio.run(_say_demo_answer(parts) if once else _serve(parts, _say_demo_answer))
    return 0


async def _say_demo_answer(parts: Container) -> None:
    asker = next(person for person in PEOPLE if person.user == DEMO_ASKER)
    say(f"\n{asker.name} asks: {DEMO_QUESTION}\n")
    say_answer(await parts.answers.answer(DEMO_QUESTION, Principal(asker.user, frozenset(asker.groups))))


def ingest_sample(parts: Container) -> Counter[Outcome]:
    """Ingests the bundled documents, older versions first, each folder readable by the group of its name."""
    counts: Counter[Outcome] = Counter()
    with as_file(files("api.demo").joinpath("corpus")) as corpus:
        known = {info.source for info in parts.documents.list(Principal("footnote", _groups(corpus)))}
        for wave in ("previous", "current"):
            for group in sorted(path for path in (corpus / wave).iterdir() if path.is_dir()):
                sources = source_files([group], prefix=f"sample/{group.name}/")
                if wave == "previous":
                    sources = [file for file in sources if file.source not in known]
                label = frozenset({f"group:{group.name}"})
                counts.update(report.outcome for report in reported(parts, sources, label))
    changed = sum(count for outcome, count in counts.items() if outcome is not Outcome.UNCHANGED)
    note(f"Sample documents: {changed} files ingested, {counts[Outcome.UNCHANGED]} already there.")
    return counts


def _groups(corpus: Path) -> frozenset[str]:
    return frozenset(path.name for path in corpus.glob("*/*") if path.is_dir())


async def _serve(parts: Container, first: Callable[[Container], Coroutine[Any, Any, None]] | None = None) -> None:
    """Uvicorn over the container until Ctrl-C or SIGTERM; `first` runs once the page is up."""
    import uvicorn

    from api.http.app import create_app, static_folder

    settings = parts.settings
    if static_folder() is None:
        note("The web page is not built (run `make frontend`); the API works without it.")
    note("Loading models...")
    parts.warm()
    config = uvicorn.Config(
        create_app(parts.http),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    serving = asyncio.create_task(uvicorn.Server(config).serve())
    say(f"\nFootnote is at http://{settings.host}:{settings.port}  (API: /docs; stop with Ctrl-C)")
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
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise UsageError(
                    f"Port {settings.port} on {settings.host} is in use. Stop the program that holds it, "
                    "or choose another with --port (make demo PORT=8001)."
                ) from error
            raise UsageError(f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}.") from error


def _given(**options: object) -> dict[str, object]:
    return {name: value for name, value in options.items() if value is not None}
