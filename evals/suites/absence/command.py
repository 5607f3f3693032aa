"""The options of `footnote bench absence`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    data: Annotated[Path, typer.Option(help="Folder that holds cuad/pdf and cuad/qa.jsonl.")],
    contracts: Annotated[int, typer.Option(help="So many contracts of the split.", min=1)] = 20,
    split: Annotated[str, typer.Option(help="calibration: to choose bounds by; test: to report.")] = "test",
    json: Annotated[Path | None, typer.Option(help="Write one JSON line for each contract and clause.")] = None,
    home: Annotated[Path | None, typer.Option(help="Data folder that holds the contracts.")] = None,
    limits: Annotated[
        Path | None, typer.Option(help="Weights and bounds as TOML: calibration writes them, test goes by them.")
    ] = None,
    risk: Annotated[float, typer.Option(help="Calibration: share of clauses that may be called absent.")] = 0.02,
) -> int:
    """How often is a clause of a contract said to be absent that is there? On CUAD's contracts and clauses."""
    from evals.suites.absence.run_absence import run

    return run(data, contracts, split, json, home, limits, risk)
