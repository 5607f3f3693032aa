"""`footnote documents`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.local import opened, principal
from api.cli.options import As, Groups, Json
from api.cli.registry import Registry
from api.terminal import UsageError, say, say_json, say_table


def register(commands: Registry) -> None:
    group = commands.add_group("documents", "List, show, delete and restore documents.")
    group.add(list_all, "list")
    group.add(delete, "delete")
    group.add(restore, "restore")
    group.add(sweep, "sweep")


def list_all(
    as_user: As = "",
    groups: Groups = "",
    deleted: Annotated[bool, typer.Option("--deleted", help="What can be restored, all of it without --as.")] = False,
    as_json: Json = False,
) -> int:
    """What the asker may read."""
    from ingest.types import OPERATOR, Author

    asker = principal(as_user, groups) if as_user or not deleted else None
    with opened() as parts:
        if deleted:
            author = OPERATOR if asker is None else Author(asker.user, asker.tokens)
            infos = parts.documents.deleted(author)
        else:
            assert asker is not None
            infos = parts.documents.list(asker)
    if as_json:
        shown = [{**asdict(info), "may_change": True} for info in infos]  # by this command line
        say_json({"documents": shown})
        return 0
    rows = [(i.document_id, i.version, i.pages or "-", ",".join(sorted(i.allow)), i.title) for i in infos]
    if deleted:
        until = [f"{info.restorable_until:%Y-%m-%d %H:%M}" for info in infos]
        say_table(
            ("id", "version", "pages", "readable by", "until", "title"),
            [(*row[:4], day, row[4]) for row, day in zip(rows, until, strict=True)],
        )
    else:
        say_table(("id", "version", "pages", "readable by", "title"), rows)
    return 0


def delete(
    document_id: str,
    as_user: As = "",
    groups: Groups = "",
    now: Annotated[bool, typer.Option("--now", help="Purge it at once: it cannot be restored.")] = False,
) -> int:
    """Delete a document with all its versions. With --as, only one that this person may read."""
    from ingest.types import OPERATOR

    asker = principal(as_user, groups) if as_user or groups else None
    with opened() as parts:
        if asker is not None and all(i.document_id != document_id for i in parts.documents.list(asker)):
            raise UsageError(f"There is no document {document_id} that user:{asker.user} may read.")
        if not parts.documents.delete(document_id, OPERATOR, now=now):
            raise UsageError(f"There is no document {document_id}.")
        days = 0 if now else parts.documents.recycle_days
    way = f"For {days} days `footnote documents restore {document_id}` brings it back." if days else "It is purged."
    say(f"Deleted {document_id} with all its versions. {way}")
    return 0


def restore(document_id: str) -> int:
    """Bring a deleted document back, with all its versions and its label."""
    from ingest.types import OPERATOR

    with opened() as parts:
        if not parts.documents.restore(document_id, OPERATOR):
            raise UsageError(
                f"There is no deleted document {document_id} that can be restored: `footnote documents list --deleted`."
            )
    say(f"Restored {document_id} with all its versions.")
    return 0


def sweep() -> int:
    """Purge deleted documents whose recycle period is over, and originals that no version uses (after a crash)."""
    with opened() as parts:
        purged = parts.documents.purge()
        count = parts.documents.sweep_blobs()
    say(f"Purged {purged} deleted documents. Removed {count} originals that no version uses.")
    return 0
