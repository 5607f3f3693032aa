"""The options of `footnote bench follow-ups`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    limit: Annotated[int, typer.Option(help="Only the first so many pairs of questions; 0 asks all.", min=0)] = 0,
    ways: Annotated[str, typer.Option(help="alone, rule, rewritten: with commas, or all.")] = "all",
    out: Annotated[Path | None, typer.Option(help="Write one JSON line a question, and go on from there.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Ask second questions that cannot stand alone: as they are, put together by rule, and rewritten by the model."""
    from evals.options import chosen
    from evals.suites.follow_ups.run_follow_ups import WAYS, run_follow_ups

    return run_follow_ups(limit, chosen(ways, WAYS, "--ways"), out, as_json=json)
