"""The options of `footnote eval nightly`, and of what looks at its runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def nightly(
    minutes: Annotated[float, typer.Option(min=0.0, help="No case is begun after this time.")] = 60.0,
    suites: Annotated[str, typer.Option(help="golden, regression, adversarial, performance; or all.")] = "all",
    questions: Annotated[
        list[Path] | None,
        typer.Option(help="Cases over the documents of this installation, of `feedback golden`. Repeatable."),
    ] = None,
    attacks: Annotated[
        int, typer.Option(min=0, help="So many attacks in the adversarial suite, always the same.")
    ] = 24,
    release: Annotated[str, typer.Option(help="Ask with the settings of this proposed release.")] = "",
    new: Annotated[bool, typer.Option("--new", help="Begin anew, though the last night was not finished.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Ask the cases of all suites within a time, and keep what comes of each in the database.

    What is killed or out of time goes on where it was, when it is called again within 12 hours. Exit code 1: something
    leaked, a citation does not resolve, or a regression case or an attack goes wrong that did not in the last finished
    night; 3: not all was asked, or some gave errors.
    """
    from evals.suites.nightly.run_nightly import run_nightly

    return run_nightly(minutes, suites, tuple(questions or ()), attacks, release, new, json)


def runs(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """List the nights."""
    from evals.suites.nightly.run_nightly import list_runs

    return list_runs(limit, json)


def show(
    run: Annotated[str, typer.Argument(help="The first characters of its id; without: the newest.")] = "",
    against: Annotated[str, typer.Option(help="The run to compare with; without: the last that was finished.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Show what a night found, and in which slices it is worst."""
    from evals.suites.nightly.run_nightly import show_run

    return show_run(run, against, json)


def weigh(
    new: Annotated[str, typer.Argument(metavar="NEW", help="The candidate's run, by the first characters of its id.")],
    old: Annotated[str, typer.Argument(metavar="OLD", help="The run that it is weighed against.")],
    gates: Annotated[
        Path | None, typer.Option(help="Gates and margins, as in evals/systems/gates.toml; without: the standard ones.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """May it ship? Weighs two runs case by case, and keeps the decision.

    Exit code 0: ship; 1: block; 3: undecided.
    """
    from evals.suites.nightly.run_weighing import run_weigh

    return run_weigh(new, old, gates, json)


def decisions(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """List what was weighed, and what came of it."""
    from evals.suites.nightly.run_weighing import list_decisions

    return list_decisions(limit, json)
