"""The options of `footnote bench service`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def bench(
    home: Annotated[Path, typer.Option(help="Data folder for the sample documents.")],
    model: Annotated[
        Literal["quoting", "own", "none"],
        typer.Option(
            help="quoting: a stand-in that takes no time, to see what the service adds; own: the settings'; "
            "none: the calls that no model takes part in, over and over."
        ),
    ] = "quoting",
    limit: Annotated[int, typer.Option(help="Ask only the first questions; 0 asks all.", min=0)] = 0,
    calls: Annotated[int, typer.Option(help="How often each call is made with --model none.", min=1)] = 1000,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a result.")] = None,
) -> int:
    """How long answers take at the HTTP API, and how much of it is not the model's."""
    from evals.suites.service import run_service as command

    if model == "none":
        return command.run_calls(home, json, calls)
    return command.run(model, home, json, limit)
