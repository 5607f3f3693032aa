"""The options of `footnote bench chunking`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    data: Annotated[Path, typer.Option(help="Folder that holds cuad/pdf and cuad/qa.jsonl.")],
    kinds: Annotated[
        str, typer.Option(help="Kinds of chunking with commas, as `ingest --chunking` takes them.")
    ] = "structure,recursive,semantic,small-to-big,structure+summary",
    contracts: Annotated[int, typer.Option(help="So many contracts.", min=1)] = 20,
    questions: Annotated[int, typer.Option(help="At most so many questions about them; 0: all.", min=0)] = 0,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a kind, and go on from there.")] = None,
) -> int:
    """Cut contracts in each of these ways: is the right page found, and how much of the answer is shown?"""
    from evals.suites.chunking.run_chunking import run

    return run(data, kinds.split(","), contracts, questions, json)
