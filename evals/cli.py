"""`footnote eval` and `footnote bench`, added to the command through the entry point `footnote.commands`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

bench_app = typer.Typer(help="Measure on public data (see docs/benchmarks.md).", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("eval")(evaluate)
    app.add_typer(bench_app, name="bench")


def evaluate(
    limit: Annotated[int, typer.Option(help="Questions per kind; 0 asks all.")] = 0,
    generator: Annotated[str, typer.Option(help="Ask with this generator.")] = "",
    out: Annotated[Path | None, typer.Option(help="Write one JSON line per question.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask the golden questions of the sample documents and score the answers."""
    from evals.runner import run_sample

    raise typer.Exit(run_sample(limit=limit, generator=generator, out=out, as_json=json))


@bench_app.callback()
def bench() -> None:
    """Measure on public data (see docs/benchmarks.md)."""


@bench_app.command("cuad")
def bench_cuad(
    data: Annotated[Path, typer.Option(help="Folder that holds cuad/pdf and cuad/qa.jsonl.")],
    questions: Annotated[int, typer.Option(help="Half with a clause, half without.")] = 40,
    out: Annotated[Path | None, typer.Option(help="Write one JSON line per question.")] = None,
) -> None:
    """Ingest 120 real contracts and ask clause questions: speed, status, page of the citation."""
    from evals.bench.cuad import run

    raise typer.Exit(run(data, questions, out))
