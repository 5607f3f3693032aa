"""`footnote collections`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from api.cli.local import opened
from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import UsageError, counted, say, say_json, say_table

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the collection is called.")]
Allow = Annotated[
    list[str] | None, typer.Option("--allow", metavar="group:NAME", help="Who may read at most; repeatable.")
]
Wall = Annotated[
    list[str] | None, typer.Option("--wall", metavar="user:NAME", help="Who may not, in any case; repeatable.")
]


def register(commands: Registry) -> None:
    group = commands.add_group("collections", "Documents that share a label, and walls around them.")
    group.add(add, "add")
    group.add(list_all, "list")
    group.add(show, "show")
    group.add(label, "label")
    group.add(put, "put")
    group.add(take, "take")
    group.add(remove, "remove")


def add(name: Name, allow: Allow = None, wall: Wall = None) -> int:
    """Make a collection. Without --allow each document keeps its own label, within the walls."""
    allowed = _tokens(allow) if allow else None
    with opened() as parts:
        parts.collections.add(_name(name), allowed, _tokens(wall or ()))
    say(f"Made the collection {name}.")
    return 0


def list_all(as_json: Json = False) -> int:
    """All collections with their labels and walls."""
    with opened() as parts:
        found = parts.collections.list()
    if as_json:
        say_json({"collections": found})
        return 0
    rows = [
        (one.name, one.documents, _told(one.label), ",".join(sorted(one.walls)) or "-", ",".join(one.connectors) or "-")
        for one in found
    ]
    say_table(("collection", "documents", "readable by", "walls", "connectors"), rows)
    return 0


def show(name: Name, as_json: Json = False) -> int:
    """One collection."""
    with opened() as parts:
        found = next((one for one in parts.collections.list() if one.name == name), None)
    if found is None:
        raise UsageError(f"There is no collection {name}. `footnote collections list` shows those that there are.")
    if as_json:
        say_json(found)
        return 0
    say(f"{found.name}: {counted(found.documents, 'document')}")
    say(f"readable by  {_told(found.label)}")
    say(f"walls        {','.join(sorted(found.walls)) or '-'}")
    say(f"connectors   {','.join(found.connectors) or '-'}")
    return 0


def label(
    name: Name,
    allow: Allow = None,
    wall: Wall = None,
    unwall: Annotated[
        list[str] | None, typer.Option("--unwall", metavar="user:NAME", help="Whose wall falls; repeatable.")
    ] = None,
    any_label: Annotated[bool, typer.Option("--any", help="No label of its own: each document keeps its own.")] = False,
) -> int:
    """Change who may read a collection: --allow replaces the label, --wall adds a wall. From the next query on."""
    if not (allow or wall or unwall or any_label) or (allow and any_label):
        raise UsageError("Say what to change: --allow or --any, --wall, --unwall.")
    given, walls, falling = _tokens(allow or ()), _tokens(wall or ()), _tokens(unwall or ())

    def told(old: frozenset[str] | None, before: frozenset[str]) -> tuple[frozenset[str] | None, frozenset[str]]:
        return (None if any_label else given or old), (before | walls) - falling

    with opened() as parts:
        count = parts.collections.change(name, told)
    say(f"Changed the collection {name} with its {counted(count, 'document')}.")
    return 0


def put(
    name: Name,
    document_ids: Annotated[
        list[str], typer.Argument(metavar="ID", help="Of documents, as `footnote documents list` shows them.")
    ],
) -> int:
    """Put documents into a collection; each leaves the one that it was in."""
    return _move(name, document_ids)


def take(
    document_ids: Annotated[
        list[str], typer.Argument(metavar="ID", help="Of documents, as `footnote documents list` shows them.")
    ],
) -> int:
    """Take documents out of their collection: each gets the label that it was given itself, without walls."""
    return _move(None, document_ids)


def remove(name: Name) -> int:
    """Remove an empty collection."""
    with opened() as parts:
        parts.collections.remove(name)
    say(f"Removed the collection {name}.")
    return 0


def _move(name: str | None, document_ids: Sequence[str]) -> int:
    with opened() as parts:
        count = parts.collections.put(name, document_ids)
    if count < len(document_ids):
        raise UsageError(f"Not there: {counted(len(document_ids) - count, 'document')}. Moved: {count}.")
    say(f"Moved {counted(count, 'document')}.")
    return 0


def _name(name: str) -> str:
    from ingest.syncing.types import is_name

    if not is_name(name):
        raise UsageError(f"{name!r} is no name: write lower case letters, digits and . _ - (64 at most).")
    return name


def _tokens(names: Sequence[str]) -> frozenset[str]:
    """Raises `InvalidPrincipal`."""
    from retrieval.types import principal_token

    return frozenset(principal_token(name) for name in names)


def _told(label: frozenset[str] | None) -> str:
    return "as each document says" if label is None else ",".join(sorted(label)) or "nobody"
