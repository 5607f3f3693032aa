"""The options of `footnote bench jobs`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    data: Annotated[Path, typer.Option(help="The folder of public data.", exists=True, file_okay=False)],
    home: Annotated[Path, typer.Option(help="Data folders are made beside this: HOME.calm and HOME.killed.")],
    files: Annotated[int, typer.Option(help="How many files.", min=20)] = 1000,
    kills: Annotated[int, typer.Option(help="How often a process is killed on the way.", min=1)] = 10,
    seed: Annotated[int, typer.Option(help="Seed of the moments.")] = 0,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a result.")] = None,
) -> int:
    """One job of many files: files a second, searches and a small upload beside it, and the same under kill -9.

    Exit code 1 if the end of the two runs is not the same.
    """
    from evals.suites.jobs import run_jobs as command

    return command.run(data, home, files, kills, seed, json)
