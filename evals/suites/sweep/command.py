"""The options of `footnote sweep`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def sweep(
    file: Annotated[Path, typer.Argument(help="TOML: what is varied, over which cases (docs/sweeps.md).")],
    out: Annotated[Path, typer.Option(help="JSON lines, one a case; study, memo and plots lie beside it.")],
    data: Annotated[
        Path | None, typer.Option(help="Folder that holds cuad/pdf and filings/pdf, for their questions.")
    ] = None,
    home: Annotated[Path | None, typer.Option(help="Data folder for these documents; else beside --out.")] = None,
    memo: Annotated[Path | None, typer.Option(help="File of the model's replies; else beside --out.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Try configurations over cases: which are best in quality and time, and what does it depend on?

    What is killed or out of time goes on with the same command. Exit code 3: not all was tried in time.
    """
    from evals.suites.sweep.run_sweep import SweepRun, run_sweep

    contracts = home or out.resolve().with_name(out.name + ".home")
    return run_sweep(SweepRun(file, out, data, contracts, memo, json))
