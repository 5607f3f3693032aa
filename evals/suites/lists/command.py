"""The options of `footnote bench lists`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    home: Annotated[Path, typer.Option(help="Data folder that the documents are made in.")],
    documents: Annotated[int, typer.Option(help="How many there are.", min=1)] = 100_000,
    pdf: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A long file, whose pages are asked for as well.")
    ] = None,
    repeats: Annotated[int, typer.Option(help="How often each call is made.", min=1)] = 20,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a result.")] = None,
) -> int:
    """How long the list of documents takes over HTTP, in each order and narrowed, for who may read all of them and one
    in a hundred; with --pdf also the pages of a long file."""
    from evals.suites.lists import run_lists as command

    return command.run(home, documents, pdf, repeats, json)
