"""`footnote people`."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.local import opened
from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import UsageError, say, say_json, say_table


def register(commands: Registry) -> None:
    group = commands.add_group("people", "People as the identity provider has synced them, and their sessions.")
    group.add(list_all, "list")
    group.add(sign_out, "sign-out")


def list_all(as_json: Json = False) -> int:
    """Who was synced (SCIM), and in which groups."""
    with opened() as parts:
        people = parts.people.everybody()
    if as_json:
        say_json({"people": people})
    else:
        say_table(
            ("user", "external id", "state", "groups"),
            [
                (
                    one.user_name,
                    one.external_id or "-",
                    "active" if one.active else "deactivated",
                    ",".join(name for _, name in one.groups) or "-",
                )
                for one in people
            ],
        )
    return 0


def sign_out(user: Annotated[str, typer.Argument(help="The user name.")]) -> int:
    """End all sessions of a user on the web page; keys and tokens stay."""
    with opened() as parts:
        ended = parts.sessions.end_all([user])
        if not ended:
            raise UsageError(f"{user} is not signed in.")
    say(f"Ended {ended} session{'s' if ended > 1 else ''} of {user}.")
    return 0
