"""The options of `footnote bench trail`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    home: Annotated[Path, typer.Option(help="Data folder for the sample documents; the trail is made in HOME.trail.")],
    records: Annotated[int, typer.Option(help="How many records the trail has.", min=1000)] = 1_000_000,
    repeats: Annotated[int, typer.Option(help="How often each is measured.", min=1)] = 3,
    witness: Annotated[bool, typer.Option(help="Compare with the checkpoints of a witness, too.")] = True,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a result.")] = None,
) -> int:
    """How long `footnote audit verify` takes on a long trail of really recorded records, and how much memory.

    Exit code 1 if the trail is not found to be whole, or a changed record is not found.
    """
    from evals.suites.trail import run_trail as command

    return command.run(home, records, repeats, witness, json)
