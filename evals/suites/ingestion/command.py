"""The options of `footnote bench ingestion`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def bench(
    data: Annotated[
        Path | None,
        typer.Option(
            help="cases, peers: the folder of small files; clean: of PDFs, with qa.jsonl; speed: holds cuad/pdf; "
            "facts: holds cuad, and kleister_nda if it is there."
        ),
    ] = None,
    suite: Annotated[
        Literal["cases", "clean", "peers", "big", "speed", "facts"],
        typer.Option(
            help="cases: are their words stored rightly? clean: which ordinary PDFs are warned, and are labelled "
            "passages in their text? peers: other libraries on the cases. big: a PDF of 600 pages, 200,000 cells, "
            "10 MB of text. speed: contracts. facts: parties, dates and law against experts' labels."
        ),
    ] = "cases",
    peers: Annotated[str, typer.Option(help="peers: unstructured, markitdown, docling, with commas, or all.")] = "all",
    python: Annotated[
        str,
        typer.Option(metavar="NAME=PYTHON,...", help="peers: the Python that has each; else an environment is made."),
    ] = "",
    cuad: Annotated[Path | None, typer.Option(help="peers: folder that holds cuad/pdf, for the speed.")] = None,
    contracts: Annotated[int, typer.Option(help="peers, speed: so many contracts.", min=1)] = 20,
    rounds: Annotated[int, typer.Option(help="speed: fresh data folders for each build.", min=1)] = 3,
    threads: Annotated[int, typer.Option(help="speed: threads of the product; 0: as configured.", min=0)] = 0,
    half: Annotated[
        Literal["dev", "test"], typer.Option(help="facts: rules were made on dev, so test is what counts.")
    ] = "test",
    files: Annotated[str, typer.Option(help="big: pdf, sheet, text, with commas, or all.")] = "all",
    baseline: Annotated[
        str, typer.Option(metavar="CHECKOUT", help="big, speed: another build, or a Python that has one.")
    ] = "",
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a result.")] = None,
) -> int:
    """Read files: does what is stored say what they say, and how fast is it there?"""
    from evals.options import chosen
    from evals.suites.ingestion import run_ingestion as command
    from evals.suites.ingestion.generated import BIG
    from evals.systems.readers import READERS

    wanted = command.IngestionRun(
        data=data,
        suite=suite,
        peers=chosen(peers, list(READERS), "--peers"),
        python=python,
        cuad=cuad,
        contracts=contracts,
        rounds=rounds,
        threads=threads,
        half=half,
        files=chosen(files, list(BIG), "--files"),
        baseline=baseline,
        out=json,
    )
    return command.run(wanted)
