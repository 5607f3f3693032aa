"""`footnote answers`: which rest on what has changed since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import signing
from api.cli.local import opened, recorded
from api.cli.options import DAY, DAY_SHOWN, AnswerId, Json
from api.cli.output import say_answer
from api.cli.registry import Registry
from api.terminal import UsageError, counted, say, say_json, say_table

if TYPE_CHECKING:
    from api.bootstrap import Container
    from api.http.recall import WrongVersion
    from api.wiring.recall.recalling import Affected
    from generation.people import Changed

Which = Annotated[str, typer.Argument(metavar="DOCUMENT[@VERSION]", help="An id or a source, and a stored version.")]
_PAGE = 200


def register(commands: Registry) -> None:
    group = commands.add_group(
        "answers", "Answers that were given: as documents, signed off, and which rest on what has changed since."
    )
    group.add(affected, "affected")
    group.add(mark, "mark")
    group.add(wrong, "wrong")
    group.add(ask_again, "ask-again")
    signing.register(group)


def affected(
    which: Annotated[
        str,
        typer.Argument(
            metavar="[DOCUMENT[@VERSION]]",
            help="Those on this document alone: an id or a source, and a stored version.",
        ),
    ] = "",
    since: Annotated[
        datetime | None,
        typer.Option(formats=DAY, metavar=DAY_SHOWN, help="Asked for on this day or later (UTC)."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Every answer that rests on a version which was superseded, deleted, erased or found wrong, newest first."""
    document, version = _which(which) if which else (None, None)
    with opened() as parts:
        parts.recall.refresh()
        found = _all(parts, document, version, since.replace(tzinfo=UTC) if since else None)
        cells = parts.placing.all([one.audit_id for one in found], None)
        recorded(parts, "list_affected", None, hits=len(found), document_id=document or "")
    if as_json:
        say_json({"answers": [asdict(one) | {"cells": cells.get(one.audit_id, ())} for one in found]})
        return 0
    for one in found:
        told = f"  told {one.seen_at:%Y-%m-%d}" if one.seen_at else ""
        again = f"  asked again: {one.asked_again}" if one.asked_again else ""
        say(f"{one.asked_at:%Y-%m-%d %H:%M}  {one.asked_by or 'somebody unknown'}  {one.audit_id}{told}{again}")
        say(f"    {' '.join(one.question.split()) or '[erased]'}")
        for changed in one.changed:
            say(f"    - {changed_line(changed)}")
        for cell in cells.get(one.audit_id, ()):
            say(f"    - in the review {cell.title} ({cell.review_id}): question {cell.question} of {cell.document_id}")
    say(f"{counted(len(found), 'answer')} {'rests' if len(found) == 1 else 'rest'} on what has changed.")
    return 0


def mark(
    which: Which,
    is_wrong: Annotated[bool, typer.Option("--wrong", help="What it says is wrong, or was read so.")] = False,
    right: Annotated[bool, typer.Option("--right", help="Take that back.")] = False,
    reason: Annotated[str, typer.Option(help="Why; whoever is told of it reads this.")] = "",
) -> int:
    """Mark a version, or all of a document, as wrong: whoever was given an answer that rests on it is told."""
    document, version = _which(which)
    if is_wrong == right:
        raise UsageError("Say --wrong, with a reason, or --right to take it back.")
    if is_wrong and not reason.strip():
        raise UsageError("Say why, with --reason: whoever is told of it will ask.")
    with opened() as parts:
        if right and not parts.recall.not_wrong(document, version or 0):
            raise UsageError(f"{which} is not marked as wrong: `footnote answers wrong` lists what is.")
        if is_wrong and not parts.recall.find_wrong(document, version or 0, reason.strip()):
            raise UsageError(f"There is no document {document}{f', version {version}' if version else ''}.")
        found = _all(parts, document, version, None)
    say(f"{which} is {'no longer ' if right else ''}marked as wrong.")
    say(f"{counted(len(found), 'answer')} {'rests' if len(found) == 1 else 'rest'} on what has changed of it.")
    return 0


def wrong(as_json: Json = False) -> int:
    """Versions that are marked as wrong."""
    with opened() as parts:
        found = parts.recall.wrong()
        recorded(parts, "list_wrong", None, _places(found), hits=len(found))
    if as_json:
        say_json({"versions": found})
        return 0
    rows = [(one.document_id, one.version or "all", f"{one.at:%Y-%m-%d %H:%M}", one.reason) for one in found]
    say_table(("document", "version", "since", "why"), rows)
    return 0


def ask_again(audit_id: AnswerId, as_json: Json = False) -> int:
    """Ask the same question as the same person, over what they may read now; they are told that there is a new
    answer."""
    import asyncio

    from api.http.numbers import documents_of, numbered_answer
    from api.wiring.recall.again import ask_again as asking

    with opened() as parts:
        asker, answer = asyncio.run(asking(audit_id, parts.audit.show, parts.people.standing, parts.answers))
        parts.answer_marks.asked_again(audit_id, answer.audit_id)
        parts.review_desk.take_over(audit_id, answer.audit_id)
        answer = numbered_answer(answer, parts.numbers.of(asker, documents_of(answer)))
    if as_json:
        say_json(answer)
        return 0
    say(f"As user:{asker.user}, in place of {audit_id}:\n")
    say_answer(answer)
    return 0


def _all(parts: Container, document: str | None, version: int | None, since: datetime | None) -> list[Affected]:
    found: list[Affected] = []
    after = None
    while True:
        page = parts.recall.affected(document, version, since=since, after=after, limit=_PAGE)
        found += page.answers
        after = page.last
        if after is None:
            return found


def _places(found: Iterable[WrongVersion]) -> Iterator[tuple[str, int]]:
    return ((one.document_id, one.version) for one in found if one.version)


def _which(text: str) -> tuple[str, int | None]:
    """Id of the document, and the number of the version. A source may have an @ in it."""
    from api.wiring.erasing.asked import as_id

    name, at, number = text.rpartition("@")
    if at and number.isdecimal():
        return as_id(name), int(number)
    return as_id(text), None


def changed_line(one: Changed) -> str:
    called = f"{one.title} " if one.title else ""
    place = f"{called}({one.document_id}), version {one.version}"
    said = f"{one.change.value} on {one.at:%Y-%m-%d %H:%M}"
    if one.by is not None:
        stands = {True: "the quoted words still stand", False: "the quoted words have changed", None: ""}[one.stands]
        said = f"superseded by version {one.by} on {one.at:%Y-%m-%d %H:%M}" + (f": {stands}" if stands else "")
    return f"{place}: {said}" + (f": {one.reason}" if one.reason else "")
