"""Options that several commands have."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON, the same objects as the HTTP API.")]
As = Annotated[str, typer.Option("--as", metavar="user:NAME", help="Who asks (local data folder only).")]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Use the versions in force on this day instead of the newest."),
]
Groups = Annotated[str, typer.Option("--groups", metavar="a,b", help="The groups that the asker is in.")]
