"""The options of `footnote bench cuad`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    data: Annotated[Path, typer.Option(help="Folder that holds cuad/pdf and cuad/qa.jsonl.")],
    questions: Annotated[int, typer.Option(help="Half with a clause, half without.")] = 40,
    out: Annotated[Path | None, typer.Option(help="Write one JSON line per question.")] = None,
) -> int:
    """Ingest 120 real contracts and ask clause questions: speed, status, page of the citation."""
    from evals.suites.cuad.run_cuad import run

    return run(data, questions, out)
