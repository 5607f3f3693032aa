"""Options that several commands have."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.terminal import UsageError

if TYPE_CHECKING:
    from ingest.types import Chunking

DAY, DAY_SHOWN = ["%Y-%m-%d"], "YYYY-MM-DD"
Json = Annotated[bool, typer.Option("--json", help="Print JSON, the same objects as the HTTP API.")]
As = Annotated[str, typer.Option("--as", metavar="user:NAME", help="Who asks (local data folder only).")]
Strictness = Annotated[
    Literal["usual", "strict"] | None,
    typer.Option(help="strict: withhold what leaves something to doubt; as far as the settings offer it."),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of", formats=DAY, metavar=DAY_SHOWN, help="Use the versions in force on this day instead of the newest."
    ),
]
Documents = Annotated[
    list[str] | None, typer.Option("--document", metavar="ID", help="Only this document; may be given several times.")
]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="Only documents of this kind: pdf, word, spreadsheet, email ..., or what they are, as lease.",
    ),
]
OwnGroups = Annotated[
    list[str] | None, typer.Option("--group", metavar="NAME", help="Only documents that this own group may read.")
]
Since = Annotated[
    datetime | None,
    typer.Option("--from", formats=DAY, metavar=DAY_SHOWN, help="Only documents dated on this day or later."),
]
Until = Annotated[
    datetime | None,
    typer.Option("--to", formats=DAY, metavar=DAY_SHOWN, help="Only documents dated on this day or before."),
]
LogLevel = Annotated[
    str | None,
    typer.Option("--log-level", metavar="LEVEL", help="debug, info, warning or error; else FOOTNOTE_LOG_LEVEL."),
]
DocumentId = Annotated[str, typer.Argument(metavar="ID", help="As `footnote documents list` shows it.")]
AnswerId = Annotated[
    str, typer.Argument(metavar="AUDIT_ID", help='Of the answer: what `footnote ask` ends with, after "audit".')
]
Groups = Annotated[str, typer.Option("--groups", metavar="a,b", help="The groups that the asker is in.")]


def given(**options: object) -> dict[str, Any]:
    """Those that were given, as settings."""
    return {name: value for name, value in options.items() if value is not None}


def chosen_chunking(text: str) -> Chunking:
    """The value of an option `--chunking`; raises `UsageError`."""
    from ingest.types import Chunking

    try:
        return Chunking.of(text)
    except ValueError as error:
        raise UsageError(f"--chunking: {error}") from error
