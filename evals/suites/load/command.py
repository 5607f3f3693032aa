"""The options of `footnote bench load`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    home: Annotated[Path, typer.Option(help="Data folder for the sample documents.")],
    seconds: Annotated[float, typer.Option(help="How long questions arrive, of each load.", min=1)] = 300.0,
    times: Annotated[list[float] | None, typer.Option(help="Loads, as multiples of the capacity.")] = None,
    at_once: Annotated[int, typer.Option(help="Answers that the service gives at once.", min=1)] = 1,
    pause: Annotated[float, typer.Option(help="Seconds that the scripted generator takes.", min=0)] = 1.0,
    seed: Annotated[int, typer.Option(help="Seed of the arrivals.")] = 0,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a result.")] = None,
) -> int:
    """Streams that arrive whatever becomes of them: the times of those that are admitted, how those are told that are
    not, searches beside them, and the memory of the service."""
    from evals.suites.load import run_load as command

    return command.run(home, seconds, tuple(times or (1.0, 10.0)), at_once, pause, seed, json)
