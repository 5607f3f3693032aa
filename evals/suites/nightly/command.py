"""The options of `footnote eval nightly`, `eval runs` and `eval show`."""

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
    new: Annotated[bool, typer.Option("--new", help="Begin anew, though the last night was not finished.")] = False,
    ragas: Annotated[int, typer.Option(min=0, help="Answers, drawn at random, that RAGAS scores too; 0: none.")] = 40,
    ragas_share: Annotated[float, typer.Option(min=0.0, max=0.9, help="Of the time, what is kept for RAGAS.")] = 0.25,
    judge_url: Annotated[
        str, typer.Option(help="OpenAI-compatible address, up to /v1, of another judge than the service's model.")
    ] = "",
    judge_model: Annotated[str, typer.Option(help="What the judge at --judge-url is called there.")] = "",
    judge_key: Annotated[str, typer.Option(help="Environment variable that holds the key for --judge-url.")] = "",
    judge_own: Annotated[
        bool,
        typer.Option("--judge-own", help="Send --judge-url this installation's questions, answers and passages, too."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Ask the cases of all suites within a time, and keep what comes of each in the database.

    What is killed or out of time goes on where it was, when it is called again within 12 hours. Exit code 1: something
    leaked, a citation does not resolve, or a regression case is wrong that was right in the last finished night; 3: not
    all was asked, or some gave errors.
    """
    from evals.suites.nightly.few import Few
    from evals.suites.nightly.run_nightly import run_nightly

    few = Few(ragas, ragas_share, (judge_url, judge_model, judge_key), judge_own)
    return run_nightly(minutes, suites, tuple(questions or ()), new, json, few)


def runs(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """List the nights."""
    from evals.suites.nightly.run_nightly import list_runs

    return list_runs(limit, json)


def show(
    run: Annotated[str, typer.Argument(help="The first characters of its id; without: the newest.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Show what a night found, and in which slices it is worst."""
    from evals.suites.nightly.run_nightly import show_run

    return show_run(run, json)
