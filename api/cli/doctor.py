"""`footnote doctor`: the readiness list against the running system."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import UsageError, say, say_json


def register(commands: Registry) -> None:
    commands.add(doctor, "doctor")


def doctor(
    only: Annotated[
        list[str] | None, typer.Argument(metavar="[ROW|AREA]...", help="Only these rows or areas of the list.")
    ] = None,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Hash models and segments again, and read the whole audit trail.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as failing for the exit code.")] = False,
    as_json: Json = False,
) -> int:
    """Is this installation fit to be used? Goes through the readiness list; exit code 1 if a row is failing."""
    from api.demo.home import settled
    from api.wiring.doctor.examining import ROWS, examine
    from api.wiring.doctor.findings import Level
    from infra.settings import load_settings

    known = {row.id for row in ROWS} | {str(row.area) for row in ROWS}
    if unknown := sorted(set(only or ()) - known):
        raise UsageError(f"There is no row or area {unknown[0]} in the list. See docs/operations.md.")
    found, area = [], ""
    for one in examine(settled(load_settings()), thorough=thorough, only=only or ()):
        found.append(one)
        if as_json:
            continue
        if one.area != area:
            area = one.area
            say(f"\n{area.capitalize()}")
        say(f"  {one.level:<8} {one.id}: {one.said}")
        if one.do:
            say(f"           -> {one.do}")
    counts = Counter(one.level for one in found)
    failing = counts[Level.FAILING] + (counts[Level.WARNING] if strict else 0)
    if as_json:
        say_json({"ok": not failing, "counts": {level: counts[level] for level in Level}, "rows": found})
    else:
        say(f"\n{counts[Level.OK]} ok, {counts[Level.WARNING]} warnings, {counts[Level.FAILING]} failing.")
    return 1 if failing else 0
