"""The options of `footnote eval questions`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def questions(
    out: Annotated[Path, typer.Option(help="The file of questions; what it holds already stays, and counts.")],
    asker: Annotated[str, typer.Option("--as", metavar="user:NAME", help="Who asks: over what they may read.")] = "",
    groups: Annotated[str, typer.Option(metavar="a,b", help="The groups that the asker is in.")] = "",
    count: Annotated[int, typer.Option(min=1, max=10_000, help="How many questions the file shall hold.")] = 100,
    documents: Annotated[
        list[str] | None,
        typer.Option(help="Only of documents whose source this pattern fits ('matters/*'), or by id. Repeatable."),
    ] = None,
    minutes: Annotated[float, typer.Option(min=0.0, help="No passage is begun after this time.")] = 60.0,
    hidden_as: Annotated[
        str,
        typer.Option(metavar="user:NAME", help="Somebody who reads what the asker may not: for forbidden questions."),
    ] = "",
    hidden_groups: Annotated[str, typer.Option(metavar="a,b", help="The groups that this person is in.")] = "",
    sheet: Annotated[
        Path | None, typer.Option(help="Write a sheet to strike bad ones out on: a .csv, or a .html that saves one.")
    ] = None,
    accept: Annotated[Path | None, typer.Option(help="Strike out what this sheet (.csv) says, and do no more.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Make golden questions out of the documents of this installation.

    The language model drafts each for a fact of a passage that was drawn by its id; it is kept if the gate finds that
    the passage answers, and nothing else that the asker may read. One in five must be refused. What is killed or out of
    time goes on when it is called again. A person should look them through: --sheet, then --accept. Exit code 3: not as
    many as asked for, for the time is up or no passage is left.
    """
    from evals.suites.questions.run_questions import QuestionsRun, person, run
    from evals.suites.questions.sheet import accept as strike

    if accept:
        return strike(accept, out)
    other = person(hidden_as, hidden_groups, "--hidden-as") if hidden_as or hidden_groups else None
    who = person(asker, groups, "--as")
    return run(QuestionsRun(out, who, other, count, tuple(documents or ()), minutes, sheet, json))
