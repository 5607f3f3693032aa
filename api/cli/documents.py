"""`footnote documents`."""

from __future__ import annotations

from api.cli.local import opened, principal
from api.cli.options import As, Groups, Json
from api.cli.registry import Registry
from api.terminal import UsageError, say, say_json, say_table


def register(commands: Registry) -> None:
    group = commands.add_group("documents", "List, show and delete documents.")
    group.add(list_all, "list")
    group.add(delete, "delete")
    group.add(sweep, "sweep")


def list_all(as_user: As = "", groups: Groups = "", as_json: Json = False) -> int:
    """What the asker may read."""
    asker = principal(as_user, groups)
    with opened() as parts:
        infos = parts.documents.list(asker)
    if as_json:
        say_json({"documents": infos})
    else:
        say_table(
            ("id", "version", "pages", "readable by", "title"),
            [(i.document_id, i.version, i.pages or "-", ",".join(sorted(i.allow)), i.title) for i in infos],
        )
    return 0


def delete(document_id: str, as_user: As = "", groups: Groups = "") -> int:
    """Delete a document with all its versions."""
    asker = principal(as_user, groups)
    with opened() as parts:
        if not parts.documents.delete(document_id, asker):
            raise UsageError(f"There is no document {document_id} that user:{asker.user} may read.")
    say(f"Deleted {document_id} with all its versions.")
    return 0


def sweep() -> int:
    """Remove stored originals that no version uses, as a crash in the middle of ingestion leaves them."""
    with opened() as parts:
        count = parts.documents.sweep_blobs()
    say(f"Removed {count} originals that no version uses.")
    return 0
