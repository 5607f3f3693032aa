"""The options of `footnote bench trail`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    home: Annotated[Path, typer.Option(help="Data folder for the sample documents.")],
    kills: Annotated[int, typer.Option(help="How often the service is killed.", min=1)] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the moments.")] = 0,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a kill, and go on from there.")] = None,
) -> int:
    """Kill a working service at random moments: is every sentence that a client received in the audit trail?

    Exit code 1 if one is not, or if an upload, a deletion or a row was lost.
    """
    from evals.suites.trail import run_trail as command

    return command.run(home, kills, seed, json)
