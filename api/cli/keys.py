"""`footnote keys`."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.local import opened, principal
from api.cli.options import Groups, Json
from api.cli.registry import Registry
from api.terminal import UsageError, note, say, say_json, say_table


def register(commands: Registry) -> None:
    group = commands.add_group("keys", "Create and revoke API keys.")
    group.add(create, "create")
    group.add(list_all, "list")
    group.add(revoke, "revoke")


def create(
    user: Annotated[str, typer.Option(help="User id that the key speaks for.")],
    groups: Groups = "",
    write: Annotated[bool, typer.Option("--write", help="May upload, and delete what is theirs.")] = False,
    admin: Annotated[
        bool, typer.Option("--admin", help="May upload, and delete and restore whatever this user may read.")
    ] = False,
    label: Annotated[str, typer.Option(help="A note, for the list.")] = "",
) -> int:
    """Create an API key; it is shown once."""
    from api.http.auth import ADMIN, READ, WRITE

    owner = principal(user, groups)
    scopes = {READ} | ({WRITE} if write or admin else set()) | ({ADMIN} if admin else set())
    with opened() as parts:
        secret = parts.api_keys.create(owner.user, owner.groups, scopes, label)
    note(f"Key for user:{owner.user}. It is shown only now; keep it safe.")
    say(secret)
    return 0


def list_all(as_json: Json = False) -> int:
    """Keys without their secrets."""
    with opened() as parts:
        keys = parts.api_keys.list()
    if as_json:
        say_json({"keys": keys})
    else:
        say_table(
            ("id", "user", "groups", "scopes", "revoked", "label"),
            [
                (k.id, k.user, ",".join(sorted(k.groups)), ",".join(sorted(k.scopes)), k.revoked_at or "-", k.label)
                for k in keys
            ],
        )
    return 0


def revoke(key_id: str) -> int:
    """Revoke a key, from the next request on."""
    with opened() as parts:
        if not parts.api_keys.revoke(key_id):
            raise UsageError(f"There is no key {key_id} that is still valid.")
    say(f"Revoked {key_id}.")
    return 0
