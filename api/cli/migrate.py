"""`footnote migrate`."""

from __future__ import annotations

from api.cli.local import opened
from api.cli.registry import Registry
from api.terminal import say


def register(commands: Registry) -> None:
    commands.add(migrate, "migrate")


def migrate() -> int:
    """Bring the database to this version's schema, and name what was ingested by an older one."""
    from api.wiring.naming import name_documents

    with opened() as parts:
        parts.pool  # noqa: B018  which migrates
        named = name_documents(parts.documents)
    say(f"The database has this version's schema; {named:,} versions of documents were named.")
    return 0
