"""`footnote release build|indexes`: the indexes that releases with another embedder or chunking are answered from."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.local import opened
from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import UsageError, counting, say, say_json, say_table

if TYPE_CHECKING:
    from api.bootstrap import Container


def register(commands: Registry) -> None:
    group = commands.group("release")
    group.add(build, "build")
    group.add(indexes, "indexes")


def build(name: Annotated[str, typer.Argument(help="As `footnote release list` shows it.")]) -> int:
    """Make what is missing of the index of a release, as on a machine that was restored. Stop and run it again."""
    with opened() as parts:
        chosen = parts.deploying.by(name)
        if not chosen.beside:
            say(f"{name} is answered from the usual index.")
            return 0
        with counting("Indexing") as told:
            made = parts.beside.build(chosen.settings, told)
    say(f"{made.name} is complete: {made.embedder}, {made.chunking}.")
    return 0


def indexes(
    drop: Annotated[
        str, typer.Option(metavar="INDEX", help="Remove this one for good; no release that answers may need it.")
    ] = "",
    as_json: Json = False,
) -> int:
    """The indexes beside the usual one, how far each is, and which releases need it."""
    from api.wiring.indexes import needed_by

    with opened() as parts:
        users = needed_by(parts.releases, parts.deploying, parts.beside)
        if drop:
            return _drop(parts, drop, users.get(drop, []))
        found = parts.beside.counted()
    if as_json:
        say_json([{**asdict(one), **asdict(count), "releases": users.get(one.name, [])} for one, count in found])
        return 0
    if not found:
        say("None: every release is answered from the usual index. See `footnote release propose --set embedder=...`.")
        return 0
    say_table(
        ("index", "embedder", "chunking", "contents", "chunks", "behind", "cut otherwise", "releases"),
        [
            (one.name, one.embedder, one.chunking, count.contents, count.chunks, count.behind, count.otherwise,
             ", ".join(users.get(one.name, [])) or "-")
            for one, count in found
        ],
    )  # fmt: skip
    return 0


def _drop(parts: Container, name: str, users: list[str]) -> int:
    if users:
        raise UsageError(
            f"Answered from {name}, or perhaps later: {', '.join(users)}. Retire what will not be (footnote release "
            "retire NAME); what a rollback goes back to keeps its index."
        )
    if not parts.beside.drop(name):
        raise UsageError(f"There is no index {name}. See `footnote release indexes`.")
    say(f"{name} is gone.")
    return 0
