"""The options of `footnote compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def compare(
    models: Annotated[
        str,
        typer.Option(
            help="Generators with commas: NAME of `models list`, NAME+ADAPTER, or URL#MODEL of an OpenAI-compatible "
            "server, whose key is FOOTNOTE_LLM_API_KEY. The first is what others are compared with."
        ),
    ],
    cases: Annotated[
        list[Path] | None,
        typer.Option(help="Cases over this installation's documents, of `feedback golden`. Repeatable."),
    ] = None,
    sample: Annotated[bool, typer.Option("--sample", help="The golden questions of the sample, too.")] = False,
    answers: Annotated[str, typer.Option(help="A split of `footnote bench answers`, with --data: train or dev.")] = "",
    data: Annotated[Path | None, typer.Option(help="Folder that holds cuad/pdf and filings/pdf.")] = None,
    home: Annotated[Path | None, typer.Option(help="Data folder for these documents.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="JSON lines, one a case, from which a second run goes on; memo beside it.")
    ] = None,
    memo: Annotated[Path | None, typer.Option(help="File of the model's replies; else beside --out, if given.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="So many cases of each set, drawn by id; 0: all.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Compare generators on the same cases: right, wrong, seconds, tokens, cost, and differences with intervals.

    Without --cases and --answers the sample is asked.
    """
    from evals.suites.models.run_models import ModelsRun, run_models

    sample = sample or not (cases or answers)
    return run_models(ModelsRun(models, tuple(cases or ()), sample, answers, data, home, out, memo, limit), json)
