"""The options of `footnote bench regressions`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    out: Annotated[Path, typer.Option(help="JSON lines, one a case, from which a second run goes on.")],
    sample: Annotated[bool, typer.Option("--sample/--no-sample", help="The golden questions of the sample.")] = True,
    questions: Annotated[
        list[Path] | None, typer.Option(help="Cases over the documents of this installation. Repeatable.")
    ] = None,
    answers: Annotated[str, typer.Option(help="A split of `footnote bench answers`, with --data: train or dev.")] = "",
    data: Annotated[Path | None, typer.Option(help="Folder that holds cuad/pdf and filings/pdf.")] = None,
    home: Annotated[Path | None, typer.Option(help="Data folder for these documents; else beside --out.")] = None,
    memo: Annotated[Path | None, typer.Option(help="File of the model's replies; else beside --out.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="So many cases of each set, drawn by id; 0: all.")] = 0,
    only: Annotated[str, typer.Option(help="Names of changes with commas; without: all forty.")] = "",
) -> int:
    """Plant twenty regressions and twenty harmless changes: which of them do the gates block?"""
    from evals.suites.regressions.run_regressions import RegressionsRun, run_regressions

    contracts = home or out.resolve().with_name(out.name + ".home")
    return run_regressions(
        RegressionsRun(out, sample, tuple(questions or ()), answers, data, contracts, memo, limit, only)
    )
