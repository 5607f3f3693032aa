"""The options of `footnote bench answers`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def bench(
    data: Annotated[Path, typer.Option(help="Folder that holds cuad/pdf and filings/pdf.")],
    split: Annotated[
        Literal["train", "dev", "blind"], typer.Option(help="blind questions are for a last measurement only.")
    ] = "dev",
    suite: Annotated[
        Literal["answers", "reports", "scans"],
        typer.Option(
            help="reports: search alone, is the right annual report first? scans: what is lost on scanned contracts?"
        ),
    ] = "answers",
    kinds: Annotated[
        str, typer.Option(help="single, table, two_places, two_documents, unanswerable: with commas, or all.")
    ] = "all",
    limit: Annotated[int, typer.Option(help="Ask only a fixed sample of this many questions; 0 asks all.", min=0)] = 0,
    home: Annotated[Path | None, typer.Option(help="Data folder for the documents; else beside --json.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a result, and go on from there.")] = None,
    baseline: Annotated[Path | None, typer.Option(help="Results of another build, on the same questions.")] = None,
    sheet: Annotated[Path | None, typer.Option(help="Write questions, gold and answers here, to be read.")] = None,
    labels: Annotated[Path | None, typer.Option(help="scans: the sheet with a reader's verdicts.")] = None,
    contracts: Annotated[int, typer.Option(help="scans: so many contracts, those most is asked of.", min=1)] = 20,
) -> int:
    """Ask plain questions of real documents: at which stage is the right answer lost?"""
    from evals.datasets.answers.questions import Kind
    from evals.options import chosen
    from evals.suites.answers import run_answers as command

    wanted = command.AnswersRun(
        data=data,
        split=split,
        suite=suite,
        kinds=chosen(kinds, list(Kind), "--kinds"),
        limit=limit,
        home=home,
        out=json,
        baseline=baseline,
        sheet=sheet,
        labels=labels,
        contracts=contracts,
    )
    return command.run(wanted)
