"""The options of `footnote bench distinguisher`."""

from __future__ import annotations

from typing import Annotated

import typer


def bench(
    rows: Annotated[int, typer.Option(help="Readable rows.")] = 20_000,
    rounds: Annotated[int, typer.Option(help="Searches of each installation, level and kind of words.")] = 600,
    copies: Annotated[int, typer.Option(help="Installations of each kind.")] = 5,
    seed: Annotated[int, typer.Option(help="Seed of documents and order.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Can response times tell that documents exist which the caller may not read?"""
    from evals.suites.distinguisher.run_distinguisher import run

    return run(rows=rows, rounds=rounds, copies=copies, number=seed, as_json=json)
