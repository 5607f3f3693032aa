"""`footnote models`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import note, say_json, say_table


def register(commands: Registry) -> None:
    group = commands.add_group("models", "Fetch and check model weights.")
    group.add(pull, "pull")
    group.add(list_all, "list")
    group.add(verify, "verify")


def pull(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="As `footnote models list` shows them; else all that are needed."),
    ] = None,
) -> int:
    """Fetch models, by default those of the profile; an interrupted download goes on where it was."""
    from api.wiring.models import pull as fetch
    from infra.settings import load_settings

    fetch(load_settings(), names or [])
    return 0


def list_all(as_json: Json = False) -> int:
    """Every known model and whether it is here."""
    from api.wiring.models import known

    models = known()
    if as_json:
        say_json({"models": models})
    else:
        rows = [(model.name, model.role, model.state, model.size, model.licence) for model in models]
        say_table(("model", "role", "state", "size", "licence"), rows)
    return 0


def verify(
    name: Annotated[str | None, typer.Argument(help="As `footnote models list` shows it; else all.")] = None,
    as_json: Json = False,
) -> int:
    """Hash every fetched file again; exit code 1 if one is damaged."""
    from api.wiring.models import verified

    checks, whole = verified(name)
    if as_json:
        say_json({"ok": whole, "files": [asdict(check) for check in checks]})
    else:
        say_table(("model", "file", "state"), [(c.model, c.path, c.state) for c in checks])
        if not whole:
            note("Run `footnote models pull` with the model's name to fetch it again.")
    return 0 if whole else 1
