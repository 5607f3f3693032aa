"""The options of `footnote bench privacy`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    data: Annotated[Path, typer.Option(help="Folder of public data.")],
    count: Annotated[int, typer.Option(help="At most so many of the sentences.", min=1)] = 500,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a sentence.")] = None,
) -> int:
    """How much of the personal data in presidio-research's made-up sentences is found? Needs the extra `privacy`."""
    from evals.suites.privacy import run_privacy as command

    return command.run(data, count, json)
