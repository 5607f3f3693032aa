"""`footnote migrate`."""

from __future__ import annotations

from api.cli.local import opened
from api.cli.registry import Registry
from api.terminal import say


def register(commands: Registry) -> None:
    commands.add(migrate, "migrate")


def migrate() -> int:
    """Bring the database to this version's schema."""
    with opened() as parts:
        parts.pool  # noqa: B018  which migrates
    say("The database has this version's schema.")
    return 0
