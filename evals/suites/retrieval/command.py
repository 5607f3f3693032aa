"""The options of `footnote bench retrieval`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def bench(
    data: Annotated[Path, typer.Option(help="Folder that holds scifact, legalbench_rag, cuad, scale_legal and so on.")],
    suite: Annotated[str, typer.Option(help="ranking, legalbench-rag, cuad, scale: several with commas, or all.")] = (
        "ranking"
    ),
    sets: Annotated[str, typer.Option(help="Sets of the suite ranking, with commas.")] = "all",
    peers: Annotated[str, typer.Option(help="langchain, llamaindex, txtai, haystack (extra peers), or all.")] = "",
    queries: Annotated[int, typer.Option(help="Ask only a fixed sample of this many questions a set.", min=0)] = 0,
    hyde: Annotated[int, typer.Option(help="Also search with HyDE, for this many questions a set.", min=0)] = 0,
    split: Annotated[Literal["dev", "test"], typer.Option(help="cuad: dev chooses settings, test reports.")] = "test",
    sizes: Annotated[str, typer.Option(help="scale: numbers of rows, with commas.")] = "100000,1000000",
    threads: Annotated[int, typer.Option(help="scale: threads of every system; 0: as configured.", min=0)] = 0,
    home: Annotated[Path | None, typer.Option(help="cuad: data folder to ingest into and go on from.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a result, and go on from there.")] = None,
    plots: Annotated[Path | None, typer.Option(help="Draw PNG plots into this folder.")] = None,
) -> int:
    """Measure ranking, filtered search and speed, beside other libraries if asked."""
    from evals.datasets.beir import SETS
    from evals.options import chosen, counts
    from evals.suites.retrieval import run_retrieval as command
    from evals.systems.peers import PEERS

    wanted = command.RetrievalRun(
        data=data,
        suites=chosen(suite, command.SUITES, "--suite"),
        sets=chosen(sets, SETS, "--sets"),
        peers=chosen(peers, PEERS, "--peers"),
        queries=queries,
        hyde=hyde,
        split=split,
        sizes=counts(sizes, "--sizes"),
        threads=threads,
        home=home,
        out=json,
        plots=plots,
    )
    return command.run(wanted)
