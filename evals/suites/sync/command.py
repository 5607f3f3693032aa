"""The options of `footnote bench sync`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    data: Annotated[Path, typer.Option(help="Folder of contracts, whose words the files are made of.")],
    files: Annotated[int, typer.Option(help="How many small Word files.", min=10)] = 1000,
    changed: Annotated[int, typer.Option(help="How many of them change in the second part.", min=1)] = 10,
    repeats: Annotated[int, typer.Option(help="Runs of each; the median is told.", min=1)] = 1,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a row.")] = None,
) -> int:
    """How long does it take to find that a folder is unchanged, or that a little of it is not? Beside LangChain's
    `index()`, which is given the files as the same parsers read them. Needs no model: both embed by the same rule.
    Exit code 1 if one of them did not find what had changed."""
    from evals.suites.sync import run_sync as command

    return command.run(data, files, changed, repeats, json)
