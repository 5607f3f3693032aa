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
    report: Annotated[Path | None, typer.Option(help="Write what was found as an HTML file, to mail.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Ask the cases of all suites within a time, and keep what comes of each in the database.

    What is killed or out of time goes on where it was, when it is called again within 12 hours. Exit code 1: something
    leaked, a citation does not resolve, or a regression case or an attack goes wrong that did not in the last finished
    night; 3: not all was asked, or some gave errors.
    """
    from evals.suites.nightly.few import Few
    from evals.suites.nightly.run_nightly import run_nightly

    few = Few(ragas, ragas_share, (judge_url, judge_model, judge_key), judge_own)
    return run_nightly(minutes, suites, tuple(questions or ()), attacks, release, new, json, few, report)


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


def report(
    out: Annotated[Path, typer.Option(help="The HTML file.")],
    run: Annotated[str, typer.Argument(help="The first characters of its id; without: the newest.")] = "",
    against: Annotated[str, typer.Option(help="The run to compare with; without: the last that was finished.")] = "",
    words: Annotated[
        bool, typer.Option("--words", help="Tell the questions that are newly wrong, as the trail has them.")
    ] = False,
) -> int:
    """Write what a night found as one HTML file to mail; nothing in it is fetched, and no question without --words."""
    from evals.suites.nightly.report_file import write_report

    return write_report(run, against, out, words)


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


def promote_release(
    name: Annotated[str, typer.Argument(help="As `footnote release list` shows it.")],
    new: Annotated[str, typer.Option(metavar="RUN", help="A night by this release, by the first of its id.")] = "",
    old: Annotated[str, typer.Option(metavar="RUN", help="A night by what is current now.")] = "",
    force: Annotated[str, typer.Option(metavar="REASON", help="Promote whatever the runs say; kept as said.")] = "",
    gates: Annotated[
        Path | None, typer.Option(help="Gates and margins, as in evals/systems/gates.toml; without: the standard ones.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Answer by this release from now on, if two nights show that it is good enough.

    Exit code 0: promoted; 1: not, for it is shown to be worse; 3: not, for the cases are too few to tell.
    """
    from evals.suites.nightly.run_promoting import run_promote

    return run_promote(name, new, old, force, gates, json)


def decisions(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """List what was weighed, and what came of it."""
    from evals.suites.nightly.run_weighing import list_decisions

    return list_decisions(limit, json)


def datasets(
    questions: Annotated[
        list[Path] | None,
        typer.Option(help="Look for cases of this file whose documents are gone or have changed. Repeatable."),
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="Look for cases that share words with .jsonl files of training data below here.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """List the versions of case files that were asked, and cases that are not worth asking any more.

    Exit code 1: a case is stale, or its words are in training data.
    """
    from evals.suites.nightly.run_datasets import list_datasets

    return list_datasets(tuple(questions or ()), against, json)


def case(
    audit_id: Annotated[str, typer.Argument(metavar="AUDIT_ID", help="Of the answer, as `footnote ask` ends with it.")],
    add: Annotated[Path, typer.Option(help="The file of cases that it is added to.")],
    expect: Annotated[
        list[str] | None,
        typer.Option(help="What a right answer states, alternatives between bars: '90 days|ninety days'. Repeatable."),
    ] = None,
    quote: Annotated[str, typer.Option(help="The words that it rests on; without: what the answer cites of it.")] = "",
    document: Annotated[str, typer.Option(help="The source of the document in which they stand.")] = "",
    nothing: Annotated[bool, typer.Option("--nothing", help="Right is to say that nothing was found.")] = False,
) -> int:
    """Make a case of an answer that went wrong, feedback or not: every night asks it from then on."""
    from evals.suites.nightly.run_case import make_case

    return make_case(audit_id, expect or (), quote, document, nothing, add)
