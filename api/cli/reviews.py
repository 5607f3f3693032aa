"""`footnote reviews`: those there are in the local data folder, as one of its people. `footnote review` makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.local import opened, principal, recorded
from api.cli.options import As, Groups, Json
from api.cli.registry import Registry
from api.cli.reviewing import kind_of
from api.terminal import UsageError, check_place, note, say, say_json, say_table

Id = Annotated[str, typer.Argument(metavar="ID", help="As `footnote reviews list` shows it.")]


def register(commands: Registry) -> None:
    group = commands.add_group("reviews", "Reviews that were begun: list, share, export, ask again, delete.")
    group.add(list_all, "list")
    group.add(share, "share")
    group.add(export, "export")
    group.add(again, "again")
    group.add(delete, "delete")


def list_all(
    as_user: As = "",
    groups: Groups = "",
    shared: Annotated[bool, typer.Option("--shared", help="What others share with this person.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many of the newest.")] = 50,
    as_json: Json = False,
) -> int:
    """A person's own, newest first, or what is shared with them."""
    from api.http.schemas.reviews import ReviewList, ReviewOut

    asker = principal(as_user, groups)
    with opened() as parts:
        found, _ = parts.review_desk.list(asker, shared=shared, limit=limit)
        recorded(parts, "list_reviews", asker, hits=len(found))
    told = ReviewList(reviews=[ReviewOut.of(one) for one in found], next=None)
    if as_json:
        say_json(told)
        return 0
    rows = [
        (one.id, f"{one.created_at:%Y-%m-%d %H:%M}", one.documents, one.cells, one.status.value, one.owner, one.title)
        for one in told.reviews
    ]
    say_table(("id", "begun", "documents", "cells", "status", "owner", "title"), rows)
    return 0


def share(
    review_id: Id,
    as_user: As = "",
    groups: Groups = "",
    whom: Annotated[
        list[str] | None, typer.Option("--with", metavar="user:NAME|group:NAME", help="May be given several times.")
    ] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="Share it with nobody any more.")] = False,
) -> int:
    """Share it with these, and with no others from now on; each sees what of it they may read themselves."""
    if bool(whom) == nobody:
        raise UsageError("Say with whom: --with user:NAME or --with group:NAME; or --nobody.")
    asker = principal(as_user, groups)
    with opened() as parts:
        parts.review_desk.share(review_id, asker, whom or ())
    say(f"Shared with {', '.join(whom or ['nobody'])}.")
    return 0


def export(
    review_id: Id,
    out: Annotated[Path, typer.Option("--out", help="Where to write it: .xlsx or .docx.")],
    as_user: As = "",
    groups: Groups = "",
) -> int:
    """Write what this person may see of it as a table."""
    check_place(out)
    kind, asker = kind_of(out), principal(as_user, groups)
    with opened() as parts:
        made = parts.review_exports[kind](review_id, asker)
        recorded(parts, "export_review", asker, made.shown, review_id=review_id, format=kind)
    out.write_bytes(made.data)
    note(f"{out}: {len(made.data):,} bytes.")
    return 0


def again(
    review_id: Id,
    document: Annotated[str, typer.Option("--document", metavar="ID", help="Its row.")],
    question: Annotated[list[int] | None, typer.Option(help="Its number, 1 for the first; else the whole row.")] = None,
    as_user: As = "",
    groups: Groups = "",
) -> int:
    """Let cells wait to be asked again, whatever they say: the service does it, or `footnote review --resume`."""
    asker = principal(as_user, groups)
    with opened() as parts:
        count = parts.review_desk.again(review_id, asker, None, document, question or ())
    say(f"{count} asked again. Without a service, go on with: footnote review --resume {review_id}")
    return 0


def delete(review_id: Id, as_user: As = "", groups: Groups = "") -> int:
    """At once and for good; the audit trail keeps what was answered."""
    asker = principal(as_user, groups)
    with opened() as parts:
        parts.review_desk.delete(review_id, asker)
    say(f"Deleted {review_id}.")
    return 0
