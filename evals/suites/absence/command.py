"""The options of `footnote bench absence`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def bench(
    data: Annotated[Path, typer.Option(help="Folder that holds cuad/pdf and cuad/qa.jsonl; answers: and filings/pdf.")],
    suite: Annotated[
        Literal["clauses", "answers"],
        typer.Option(help="clauses: those that experts marked; answers: the questions of `footnote bench answers`."),
    ] = "clauses",
    contracts: Annotated[int, typer.Option(help="clauses: so many contracts of the split.", min=1)] = 20,
    split: Annotated[
        str,
        typer.Option(
            help="calibration, to choose bounds by, or test, to report; answers: train, dev or blind, the last of "
            "which is for a last measurement only. Without it test, or dev."
        ),
    ] = "",
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a result, and go on from there.")] = None,
    home: Annotated[Path | None, typer.Option(help="Data folder that holds the documents; else beside --json.")] = None,
    limits: Annotated[
        Path | None, typer.Option(help="clauses: weights and bounds as TOML: calibration writes them, test reads them.")
    ] = None,
    risk: Annotated[float, typer.Option(help="Calibration: share of clauses that may be called absent.")] = 0.02,
) -> int:
    """How often is something said to be absent from a document that is there, and the other way round?"""
    if suite == "answers":
        from evals.suites.absence.run_questions import run_questions

        return run_questions(data, split or "dev", json, home, limits)
    from evals.suites.absence.run_absence import run

    return run(data, contracts, split or "test", json, home, limits, risk)
