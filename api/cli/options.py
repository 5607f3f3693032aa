"""Options that several commands have."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from api.terminal import UsageError

if TYPE_CHECKING:
    from ingest.types import Chunking

Json = Annotated[bool, typer.Option("--json", help="Print JSON, the same objects as the HTTP API.")]
As = Annotated[str, typer.Option("--as", metavar="user:NAME", help="Who asks (local data folder only).")]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Use the versions in force on this day instead of the newest."),
]
Groups = Annotated[str, typer.Option("--groups", metavar="a,b", help="The groups that the asker is in.")]


def chosen_chunking(text: str) -> Chunking:
    """The value of an option `--chunking`; raises `UsageError`."""
    from ingest.types import Chunking

    try:
        return Chunking.of(text)
    except ValueError as error:
        raise UsageError(f"--chunking: {error}") from error
