"""`footnote privacy`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.local import opened, recorded
from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import say, say_json, say_table


def register(commands: Registry) -> None:
    group = commands.add_group("privacy", "Personal data in documents that many may read.")
    group.add(report, "report")


def report(
    open_to: Annotated[str, typer.Option(help="Groups that stand for everybody, between commas.")] = "everyone",
    more_than: Annotated[int, typer.Option(help="Or more synced people than this may read it.", min=0)] = 100,
    as_json: Json = False,
) -> int:
    """Versions of documents that many may read and that hold personal data or words of privilege: kinds and counts, not
    the data.

    Needs the extra `privacy`. English alone; it misses some and suspects some: docs/safety.md has the numbers.
    """
    from api.wiring.privacy import exposed

    names = [f"group:{name.strip().removeprefix('group:')}" for name in open_to.split(",") if name.strip()]
    with opened() as parts:
        found = list(exposed(parts.pool, names, more_than))
        shown = [(one.document_id, one.version) for one in found]
        recorded(parts, "report_privacy", None, shown, open_to=names, more_than=more_than)
    if as_json:
        say_json({"open_to": names, "more_than": more_than, "documents": [asdict(one) for one in found]})
        return 0
    if not found:
        say("No document that so many may read holds what is looked for.")
        return 0
    rows = [
        (
            one.source,
            str(one.version),
            ",".join(one.principals),
            str(one.readers or "-"),
            ", ".join(f"{count} {kind.lower()}" for kind, count in one.personal.items()) or "-",
            ", ".join(one.privilege) or "-",
        )
        for one in found
    ]
    say_table(("source", "version", "for", "synced readers", "personal data", "privilege"), rows)
    return 0
