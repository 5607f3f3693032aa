"""The options of `footnote bench gate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def bench(
    data: Annotated[Path, typer.Option(help="Folder that holds ragtruth_qa_test, policyqa and cuad.")],
    suite: Annotated[
        str, typer.Option(help="ragtruth, cases, speed, second, answers: several with commas, or all.")
    ] = "ragtruth",
    llm_sample: Annotated[int, typer.Option(help="ragtruth: judge this many responses by our LLM too.", min=0)] = 0,
    sample: Annotated[int, typer.Option(help="second: responses, and statements about tables.", min=20)] = 100,
    cases: Annotated[
        Path | None, typer.Option(help="cases: cases.jsonl of `python -m generation.training.judge.data`.")
    ] = None,
    threads: Annotated[int, typer.Option(help="Threads that check claims; 0: as configured.", min=0)] = 0,
    home: Annotated[Path | None, typer.Option(help="answers: data folder for the contracts.")] = None,
    questions: Annotated[int, typer.Option(help="answers: about contracts, half without answer.", min=0)] = 200,
    step: Annotated[
        Literal["record", "replay", "all"], typer.Option(help="answers: search and generate, replay gated, or both.")
    ] = "all",
    sheet: Annotated[Path | None, typer.Option(help="answers: write shipped sentences here, to be labelled.")] = None,
    labels: Annotated[Path | None, typer.Option(help="answers: read a reader's labels from here.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a result, and go on from there.")] = None,
) -> int:
    """What does the gate let through, what does it block, and how fast is it?"""
    from evals.options import chosen
    from evals.suites.gate import run_gate as command
    from evals.suites.gate.bench import GateRun

    wanted = GateRun(
        data=data,
        suites=chosen(suite, command.SUITES, "--suite"),
        threads=threads,
        out=json,
        llm_sample=llm_sample,
        sample=sample,
        cases=cases,
        home=home,
        questions=questions,
        step=step,
        sheet=sheet,
        labels=labels,
    )
    return command.run(wanted)
