"""The options of `footnote bench page`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    home: Annotated[Path, typer.Option(help="Data folder for the long document.")],
    pages: Annotated[int, typer.Option(help="Pages of the document.", min=1)] = 600,
    citations: Annotated[int, typer.Option(help="How many are opened, each on a page of its own.", min=1)] = 30,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a result.")] = None,
) -> int:
    """How long it takes from the click on a citation until its page, and its words in the text, are painted, in
    Chromium."""
    from evals.suites.page import run_page as command

    return command.run(home, pages, citations, json)
