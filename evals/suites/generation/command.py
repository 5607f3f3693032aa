"""The options of `footnote bench generation`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def bench(
    data: Annotated[Path, typer.Option(help="Folder that holds cuad and squad2_dev_half.")],
    suite: Annotated[
        str,
        typer.Option(
            help="quality, speed: with commas, or all; checks; rows; quotations; own; engines (needs a vLLM)."
        ),
    ] = "quality",
    sets: Annotated[str, typer.Option(help="golden, cuad, squad2: several with commas, or all.")] = "all",
    models: Annotated[
        str,
        typer.Option(
            help="Models or GGUF files: NAME[+ADAPTER][@PROMPT], with commas; others are held against the first."
        ),
    ] = "",
    prompt: Annotated[Literal["", "answer", "cited"], typer.Option(help="Ask every model with this prompt.")] = "",
    step: Annotated[
        Literal["contexts", "generate", "score", "all"], typer.Option(help="quality: search, write, score, or all.")
    ] = "all",
    home: Annotated[Path | None, typer.Option(help="quality, quotations: data folder for the documents.")] = None,
    limit: Annotated[int, typer.Option(help="Questions of each set; 0 asks all.", min=0)] = 0,
    json: Annotated[
        Path | None,
        typer.Option(help="Write one JSON line a result; quality and speed go on from there."),
    ] = None,
) -> int:
    """Compare language models before the gate, with and without an adapter, on the same contexts."""
    from evals.datasets.question_sets import SETS
    from evals.options import chosen
    from evals.suites.generation import run_generation as command

    wanted = command.GenerationRun(
        data=data,
        suites=command.SUITES if suite == "all" else chosen(suite, command.NAMED, "--suite"),
        sets=chosen(sets, SETS, "--sets"),
        models=models,
        step=step,
        home=home,
        out=json,
        limit=limit,
        prompt=prompt,
    )
    return command.run(wanted)
