"""The options of `footnote bench kills`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def bench(
    folder: Annotated[Path, typer.Option(help="Everything is kept here; the same folder goes on from its last kill.")],
    kills: Annotated[int, typer.Option(help="How many kills there are in the end, earlier ones counted.", min=1)] = 200,
    minutes: Annotated[float, typer.Option(help="Stop after so long, whatever is left.", min=0.1)] = 120.0,
    seed: Annotated[int, typer.Option(help="Seed of operations, processes and moments.")] = 0,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="answer|ingest|swap|erase", help="Kill in these operations only; repeatable."),
    ] = None,
    model: Annotated[
        Literal["smallest", "quoting", "own"],
        typer.Option(help="smallest: a real generator of 135M; quoting: a stand-in; own: the settings'."),
    ] = "smallest",
) -> int:
    """Kill service, worker, database or model at random moments, and look for what is lost, doubled or half there.

    Exit code 1 if anything is wrong.
    """
    from evals.suites.kills import run_kills as command

    return command.run(folder, kills, minutes, seed, only or (), model)
