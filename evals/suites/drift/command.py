"""The options of `footnote eval drift`."""

from __future__ import annotations

from typing import Annotated

import typer


def drift(
    days: Annotated[float, typer.Option(min=0.01, max=3650.0, help="Answers of the last so many days ...")] = 7.0,
    against: Annotated[float, typer.Option(min=0.01, max=3650.0, help="... against those of so many before.")] = 28.0,
    show: Annotated[
        int, typer.Option(min=0, max=1000, help="List so many answers, by id, whose questions are least like before.")
    ] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Say whether questions, hits or answers have changed, from what the trail holds.

    Each person counts once. Nothing of a question is printed, and what was erased is not looked at. Exit code 1:
    something drifted, beyond chance; 3: too few people asked to tell.
    """
    from evals.suites.drift.run_drift import run_drift

    return run_drift(days, against, show, json)
