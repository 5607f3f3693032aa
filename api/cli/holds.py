"""`footnote holds`."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.local import opened
from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import UsageError, note, say, say_json, say_table

KINDS = ("document", "person", "collection")


def register(commands: Registry) -> None:
    group = commands.add_group("holds", "Legal holds: what is kept whoever deletes it, and is not erased.")
    group.add(place, "place")
    group.add(list_all, "list")
    group.add(lift, "lift")


def place(
    kind: Annotated[str, typer.Argument(metavar="document|person|collection", help="What is held.")],
    subject: Annotated[str, typer.Argument(metavar="ID|SOURCE|NAME", help="Which document, person or collection.")],
    reason: Annotated[str, typer.Option(help="Why, as the matter's number.")] = "",
) -> int:
    """Keep a document, all documents of a collection, or a person's account, documents and trail."""
    from api.wiring.erasing.asked import as_id
    from ingest.errors import FootnoteError

    if kind not in KINDS:
        raise UsageError(f"Write {', '.join(KINDS[:-1])} or {KINDS[-1]} first, then which.")
    if not reason:
        raise UsageError("Say why, with --reason: whoever wants to erase it will ask.")
    named = as_id(subject) if kind == "document" else subject.removeprefix("user:")
    with opened() as parts:
        known = kind != "person" or named.lower() in {name.lower() for name in parts.erasures.names()}
        try:
            hold = parts.holds.place(kind, named, reason)
        except FootnoteError as error:
            if error.code != "document_missing":
                raise
            raise UsageError(f"There is no {kind} {subject} by this id or name.") from error
    if not known:
        note(f"! No account, key, document or label names {named}. Is it the user name? If not, lift it again.")
    say(f"Held: {kind} {named}. To lift it: footnote holds lift {hold}")
    return 0


def list_all(
    lifted: Annotated[bool, typer.Option("--lifted", help="Also those that were lifted.")] = False,
    as_json: Json = False,
) -> int:
    """All holds, and versions that only a hold keeps."""
    with opened() as parts:
        holds, versions = parts.holds.list(lifted=lifted), parts.holds.versions()
        called = dict(parts.erasures.titled([one.subject for one in holds if one.kind == "document"]))
    if as_json:
        say_json({"holds": holds, "versions": versions})
        return 0
    rows = [
        (
            one.id,
            one.kind,
            f"{called[one.subject]} ({one.subject})" if one.subject in called else one.subject,
            f"{one.placed_at:%Y-%m-%d}",
            f"{one.lifted_at:%Y-%m-%d}" if one.lifted_at else "-",
            one.reason,
        )
        for one in holds
    ]
    say_table(("id", "kind", "what", "since", "lifted", "why"), rows)
    for version in versions:
        say(f"Kept: {version.source}, version {version.version} ({version.document_id}), {version.content_sha256}")
    return 0


def lift(hold: Annotated[str, typer.Argument(metavar="ID", help="As `footnote holds list` shows it.")]) -> int:
    """Lift a hold: what it kept can be deleted and erased as ever."""
    with opened() as parts:
        parts.documents.sweep(parts.holds.lift(hold))
    say(f"Lifted {hold}.")
    return 0
