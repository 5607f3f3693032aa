"""The options of `footnote bench gates`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    runs: Annotated[int, typer.Option(help="Simulated candidates of each row.", min=20)] = 2000,
    canaries: Annotated[int, typer.Option(help="Simulated canaries of each row.", min=20)] = 500,
    seed: Annotated[int, typer.Option(help="Seed of everything that is drawn.")] = 0,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a row.")] = None,
) -> int:
    """How often gates and canaries ship what is worse or stop what is not, and how many cases or people they need.

    Exit code 1 if a rate that should be 5 % at most is above it beyond chance.
    """
    from evals.suites.gating.run_gating import run

    return run(runs, canaries, seed, json)
