"""`footnote conversations`: of the local data folder, as one of its people."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.answers import changed_line
from api.cli.local import opened, principal, recorded
from api.cli.options import As, Groups, Json
from api.cli.output import say_answer
from api.cli.registry import Registry
from api.cli.signing import Form
from api.terminal import UsageError, check_place, note, say, say_json, say_table

if TYPE_CHECKING:
    from api.bootstrap import Container
    from api.http.schemas.conversations import ConversationDetail, TurnOut
    from retrieval.types import Principal

Id = Annotated[str, typer.Argument(metavar="ID", help="As `footnote conversations list` shows it.")]
Matter = Annotated[str | None, typer.Option(metavar="NAME", help='What it is filed under: "Acme v. Beta".')]
Turn = Annotated[int | None, typer.Option(min=1, help="This turn alone, instead of the whole conversation.")]


def register(commands: Registry) -> None:
    group = commands.add_group(
        "conversations", "Questions that go on from each other: list, show, export, rename, share, delete."
    )
    group.add(list_all, "list")
    group.add(show, "show")
    group.add(export, "export")
    group.add(rename, "rename")
    group.add(delete, "delete")
    group.add(share, "share")


def list_all(
    as_user: As = "",
    groups: Groups = "",
    matter: Matter = None,
    shared: Annotated[bool, typer.Option("--shared", help="What others share with this person.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many of those last used.")] = 50,
    as_json: Json = False,
) -> int:
    """A person's own, last used first, or what is shared with them."""
    from api.http.schemas.conversations import ConversationList, ConversationOut

    asker = principal(as_user, groups)
    with opened() as parts:
        if shared:
            found, total, _ = parts.conversations.shared(asker, limit=limit)
        else:
            found, total, _ = parts.conversations.list(asker, matter=matter, limit=limit)
        recorded(parts, "list_conversations", asker, hits=total)
    told = ConversationList(conversations=[ConversationOut.of(one) for one in found], total=total)
    if as_json:
        say_json(told)
        return 0
    rows = [
        (one.id, f"{one.updated_at:%Y-%m-%d %H:%M}", one.turns, one.owner, one.matter or "-", one.title or "-")
        for one in told.conversations
    ]
    if rows:
        say_table(("id", "last used", "turns", "owner", "matter", "title"), rows)
    elif shared:
        say(f"Nobody shares anything with user:{asker.user} that they may open.")
    else:
        within = f" under {matter}" if matter else ""
        say(f"user:{asker.user} has no conversations{within}. `footnote ask QUESTION --conversation new` begins one.")
    return 0


def show(conversation_id: Id, as_user: As = "", groups: Groups = "", as_json: Json = False) -> int:
    """All its turns, as far as this person may open them."""
    asker = principal(as_user, groups)
    with opened() as parts:
        told = _opened(parts, conversation_id, asker)
    if as_json:
        say_json(told)
        return 0
    say(f"{told.title or 'Without a title'} ({told.owner}{f', filed under {told.matter}' if told.matter else ''})")
    for turn in told.history:
        _say_turn(turn)
    for one in told.shares:
        say(f"\nShared with {', '.join(one.principals)}: " + (f"turn {one.turn}" if one.turn else "all of it"))
    return 0


def export(
    conversation_id: Id,
    out: Annotated[Path, typer.Option("--out", help="Where to write it.")],
    form: Annotated[Form, typer.Option("--format", help="Word, Markdown or PDF.")] = Form.DOCX,
    as_user: As = "",
    groups: Groups = "",
) -> int:
    """Write its answers as a memo whose footnotes quote the sources, as far as this person may open them."""
    check_place(out)
    asker = principal(as_user, groups)
    with opened() as parts:
        found = parts.conversations.open(conversation_id, asker)
        if found is None:
            raise _missing(conversation_id, asker)
        ids = [turn.kept.audit_id for turn in found.turns if turn.kept]
        url = parts.settings.public_url
        page = f"{url.rstrip('/')}/" if url else ""
        data, shown = parts.exporting.memo(ids, asker, found.told.title, form.value, page)
        recorded(parts, "export_conversation", asker, shown, conversation_id=conversation_id.lower())
    out.write_bytes(data)
    note(f"{out}: {len(data):,} bytes, {len(ids)} answers.")
    return 0


def rename(
    conversation_id: Id,
    as_user: As = "",
    groups: Groups = "",
    title: Annotated[str | None, typer.Option(help='What it is called; "": its first question again.')] = None,
    matter: Matter = None,
) -> int:
    """Give it a title, or file it under a matter."""
    from pydantic import ValidationError

    from api.http.schemas.conversations import ConversationChange

    if title is None and matter is None:
        raise UsageError("Say what is to change: --title or --matter.")
    try:
        ConversationChange(title=title, matter=matter)
    except ValidationError as error:
        raise UsageError(f"{error.errors()[0]['loc'][0]}: {error.errors()[0]['msg']}.") from error
    asker = principal(as_user, groups)
    with opened() as parts:
        if not parts.conversations.change(conversation_id, asker, title=title, matter=matter):
            raise _missing(conversation_id, asker)
    called = [] if title is None else [f"is called {title}" if title.strip() else "is called by its first question"]
    filed = [] if matter is None else [f"is filed under {matter}" if matter.strip() else "is filed under nothing"]
    say(f"{conversation_id} {' and '.join([*called, *filed])}.")
    return 0


def delete(conversation_id: Id, as_user: As = "", groups: Groups = "") -> int:
    """At once and for good; the audit trail keeps what was answered."""
    asker = principal(as_user, groups)
    with opened() as parts:
        if not parts.conversations.delete(conversation_id, asker):
            raise _missing(conversation_id, asker)
    say(f"Deleted {conversation_id}.")
    return 0


def share(
    conversation_id: Id,
    as_user: As = "",
    groups: Groups = "",
    whom: Annotated[
        list[str] | None, typer.Option("--with", metavar="user:NAME|group:NAME", help="May be given several times.")
    ] = None,
    turn: Turn = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="Share it with nobody any more.")] = False,
) -> int:
    """Share it with these people and groups, and no others from now on. It opens nothing that they may not read."""
    if bool(whom) == nobody:
        raise UsageError("Say with whom, --with user:NAME or --with group:NAME, or --nobody.")
    asker = principal(as_user, groups)
    with opened() as parts:
        if not parts.conversations.share(conversation_id, asker, turn or 0, whom or ()):
            raise _missing(conversation_id, asker)
    what = f"Turn {turn} of {conversation_id}" if turn else conversation_id
    say(f"{what} is shared with {', '.join(sorted(set(whom or ()))) or 'nobody'}.")
    return 0


def _opened(parts: Container, conversation_id: str, asker: Principal) -> ConversationDetail:
    """As the HTTP API tells it, after that is recorded. Raises `UsageError`."""
    from api.http.schemas.conversations import ConversationDetail, documents_in

    found = parts.conversations.open(conversation_id, asker)
    shown = [place for turn in found.turns if turn.kept for place in sorted(turn.kept.rests_on)] if found else ()
    hidden = {} if found else {"refused": "not_found"}
    recorded(parts, "read_conversation", asker, shown, conversation_id=conversation_id.lower(), **hidden)
    if found is None:
        raise _missing(conversation_id, asker)
    return ConversationDetail.whole(found, parts.numbers.of(asker, documents_in(found.turns)))


def _missing(conversation_id: str, asker: Principal) -> UsageError:
    return UsageError(
        f"There is no conversation {conversation_id} of user:{asker.user}: `footnote conversations list`."
    )


def _say_turn(turn: TurnOut) -> None:
    say(f"\n{turn.number}. {turn.asked_at:%Y-%m-%d %H:%M}  {turn.question or ''}".rstrip())
    if turn.answer is None:
        say("   This can no longer be opened: it rests on what this person may not read, or is not kept any more.")
        return
    if turn.follow_up:
        say(f"   Asked instead: {turn.asked}")
    say_answer(turn.answer)
    for one in turn.changed:
        say(textwrap.fill(f"! {changed_line(one)}", 100, subsequent_indent="  "))
