"""The options of `footnote bench judges`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    data: Annotated[Path, typer.Option(help="Folder that holds ragtruth_outside_test, ragchecker and ramdocs.")],
    part: Annotated[
        str, typer.Option(help="labels, powered, pairs, conflicts: several with commas, or all.")
    ] = "labels",
    limit: Annotated[int, typer.Option(help="labels: so many of the 391 labelled answers, at random.", min=1)] = 100,
    pairs: Annotated[
        int, typer.Option(help="pairs: so many of the 140 of which both people name a side, at random.", min=1)
    ] = 50,
    questions: Annotated[
        int, typer.Option(help="conflicts: so many questions, half of them without a conflict.", min=2)
    ] = 60,
    home: Annotated[Path | None, typer.Option(help="conflicts: data folder for the documents.")] = None,
    seconds: Annotated[float, typer.Option(help="labels: the most for RAGAS on one answer.", min=1.0)] = 120.0,
    judge_url: Annotated[
        str, typer.Option(help="OpenAI-compatible address, up to /v1, of another judge than the service's model.")
    ] = "",
    judge_model: Annotated[str, typer.Option(help="What the judge at --judge-url is called there.")] = "",
    judge_key: Annotated[str, typer.Option(help="Environment variable that holds the key for --judge-url.")] = "",
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a result, and go on from there.")] = None,
) -> int:
    """How far do RAGAS, the gate and a language model agree with people, and where are they biased?"""
    from evals.options import chosen
    from evals.suites.judges import run_judges as command

    wanted = command.JudgesRun(
        data=data,
        parts=chosen(part, command.PARTS, "--part"),
        limit=limit,
        pairs=pairs,
        questions=questions,
        home=home,
        seconds=seconds,
        judge=(judge_url, judge_model, judge_key),
        out=json,
    )
    return command.run(wanted)
