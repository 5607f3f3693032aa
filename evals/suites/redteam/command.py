"""The options of `footnote bench injection`, `footnote bench guard` and `footnote bench redteam`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

_DATA = typer.Option(help="Folder of public data, whose contracts the attacks are put into.")
_JSON = typer.Option(help="Write one JSON line a text or attempt.")


def injection(
    data: Annotated[Path, _DATA],
    count: Annotated[int, typer.Option(help="At most so many texts of a source.", min=2)] = 300,
    json: Annotated[Path | None, _JSON] = None,
) -> int:
    """How many attacks does the detector find in contracts, and how often does it suspect what is ordinary?"""
    from evals.suites.redteam import run_injection as command

    return command.run(data, count, json)


def guard(
    data: Annotated[Path, typer.Option(help="Folder that holds cuad/pdf and filings/pdf.")],
    split: Annotated[Literal["train", "dev"], typer.Option(help="Of the questions of `bench answers`.")] = "dev",
    limit: Annotated[int, typer.Option(help="A fixed sample of so many questions; 0: all.", min=0)] = 0,
    ask: Annotated[int, typer.Option(help="Ask so many of the whole service, twice; takes minutes.", min=0)] = 10,
    home: Annotated[
        Path | None, typer.Option(help="Data folder for the documents, kept; else a temporary one.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a question.")] = None,
) -> int:
    """What does the detector cost where nobody attacks: answers that change, and time?"""
    from evals.suites.redteam import run_guard as command

    return command.run(data, split, limit, ask, home, json)


def redteam(
    data: Annotated[Path, _DATA],
    attempts: Annotated[int, typer.Option(help="How many attempts before any is changed.", min=1)] = 600,
    rounds: Annotated[int, typer.Option(help="So often what got furthest is changed and tried again.", min=0)] = 3,
    width: Annotated[int, typer.Option(help="How many attempts of a round.", min=1)] = 60,
    model: Annotated[
        str, typer.Option(help='Who writes: "obedient", which does all that it is told, or a generator by name.')
    ] = "obedient",
    guard: Annotated[bool, typer.Option(help="With the detector; without it to see what it is worth.")] = True,
    held_out: Annotated[bool, typer.Option("--held-out", help="Only wordings that no rule was made for.")] = False,
    write: Annotated[Path | None, typer.Option(help="Write the attempts to this file and try none.")] = None,
    json: Annotated[Path | None, _JSON] = None,
) -> int:
    """Attacks on the answers: in documents, headings, tables and questions. Exit code 1 if anything hidden was told."""
    from evals.suites.redteam import run_redteam as command

    return command.run(data, command.Plan(attempts, rounds, width, model, guard, write, held_out), json)
