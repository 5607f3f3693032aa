"""The commands `footnote adapters`. Each imports what it needs when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

adapters_app = typer.Typer(help="Trained adapters of the generator, as releases.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON, the same objects as the HTTP API.")]


@adapters_app.command("data")
def adapters_data(
    data: Annotated[Path, typer.Option(help="Folder of the public sets (see docs/models/adapter.md).")],
    out: Annotated[Path, typer.Option(help="Folder for train.jsonl, held.jsonl, pairs.jsonl and meta.json.")],
    seed: Annotated[int, typer.Option(help="Of order, trimming and the made-up kinds.")] = 0,
) -> None:
    """Make the rows that an adapter is trained on, checked by the gate."""
    from api.cli import training

    raise typer.Exit(training.data(data, out, seed))


@adapters_app.command("add")
def adapters_add(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What a training left, with adapter.gguf.")],
    name: Annotated[str, typer.Option(help="Of the release: a-z, 0-9, '.', '_' and '-'.")],
) -> None:
    """Keep a trained adapter as a candidate; run it again to finish what was interrupted."""
    from api.cli import adapters

    raise typer.Exit(adapters.add(folder, name))


@adapters_app.command("list")
def adapters_list(json: Json = False) -> None:
    """Every adapter, and which one answers."""
    from api.cli import adapters

    raise typer.Exit(adapters.list_all(json))


@adapters_app.command("show")
def adapters_show(name: str, json: Json = False) -> None:
    """One adapter: what it was trained with, its evaluation, what was done to it."""
    from api.cli import adapters

    raise typer.Exit(adapters.show(name, json))


@adapters_app.command("rollback")
def adapters_rollback(
    base: Annotated[str, typer.Option(help="Name of the base model; the configured generator if not given.")] = "",
    json: Json = False,
) -> None:
    """Answer with the adapter again that was current before the last promotion."""
    from api.cli import adapters

    raise typer.Exit(adapters.rollback(base, json))
