"""`footnote absence`: do documents hold such a clause? From the local data folder."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.asking import asked, narrowed_to, on_day
from api.cli.local import opened, principal
from api.cli.options import As, AsOf, Groups, Json, Kinds, OwnGroups, Since, Until
from api.cli.output import told_apart
from api.cli.registry import Registry
from api.terminal import counted, note, say, say_json

if TYPE_CHECKING:
    from api.http.absences import NumberedAbsences
    from api.http.schemas.asking import AbsenceRequest
    from generation.absence.types import Absence, DocumentAbsence
    from retrieval.types import Principal

NOT_ESTABLISHED_EXIT = 3
_STEPS = 20  # lines of progress, at most
_SHOWN = 300  # characters of a passage
Those = Annotated[
    list[str] | None,
    typer.Option("--document", "--documents", metavar="ID", help="Only this document; may be given several times."),
]


def register(commands: Registry) -> None:
    commands.add(absence, "absence")


def absence(
    question: Annotated[str, typer.Argument(help="What such a clause says, best as a statement.")],
    as_user: As = "",
    groups: Groups = "",
    as_of: AsOf = None,
    documents: Those = None,
    kind: Kinds = None,
    group: OwnGroups = None,
    since: Since = None,
    until: Until = None,
    as_json: Json = False,
) -> int:
    """Look through whole documents for a clause, every page accounted for; exit code 3 where nothing is established."""
    import asyncio

    from api.http.absences import NumberedAbsences
    from api.http.schemas.asking import AbsenceRequest
    from generation.absence.types import AbsenceStatus

    narrowed = narrowed_to(documents, kind, group, since, until)
    request = asked(AbsenceRequest, {"question": question, **on_day(as_of), **narrowed})
    asker = principal(as_user, groups)
    with opened() as parts:
        absences = NumberedAbsences(parts.deployed.absence_service, parts.numbers)
        found = asyncio.run(_followed(absences, request, asker))
    if as_json:
        say_json(found)
    else:
        _say(found)
    return NOT_ESTABLISHED_EXIT if found.status is AbsenceStatus.NOT_ESTABLISHED else 0


async def _followed(absences: NumberedAbsences, request: AbsenceRequest, asker: Principal) -> Absence:
    """The last event; how far it has come goes to stderr."""
    from generation.absence.types import AbsenceEvent, LookedEvent

    async for event in absences.stream(request.question, asker, request.as_of, request.only):
        if isinstance(event, LookedEvent):
            step = max(1, event.total // _STEPS)
            if event.done and (event.done % step == 0 or event.done == event.total):
                note(f"Looked through {event.done:,} of {event.total:,}.")
        elif isinstance(event, AbsenceEvent):
            return event.absence
    raise AssertionError("the stream ended without its last event")


def _say(found: Absence) -> None:
    say(textwrap.fill(found.statement, 100))
    named = told_apart((one.title, one.source) for one in found.documents)
    for one in found.documents:
        say(f"\n{named(one.title, one.source)}: {one.status} ({one.score:.2f}; {_pages(one)})")
        for gap in one.gaps:
            say(textwrap.fill(f"! {gap.words}", 100, initial_indent="   ", subsequent_indent="     "))
        for near in one.nearest:
            place = f"page {near.citation.page_label}" if near.citation.page_label else f"from {near.citation.start}"
            words = " ".join(near.citation.quote.split())[:_SHOWN]
            line = f"{near.score:.2f}  {place}: “{words}”"
            say(textwrap.fill(line, 100, initial_indent="   ", subsequent_indent="         "))
    documents = counted(len(found.documents), "document")
    say(f"\n{found.status} | {documents} | audit {found.audit_id}")


def _pages(one: DocumentAbsence) -> str:
    """ "12 pages: 9 text, 2 recognised, 1 unread" """
    pages = one.pages
    if not pages.total:
        return "no pages"
    counts = ((pages.text, "text"), (pages.ocr, "recognised"), (pages.blank, "blank"), (len(pages.unread), "unread"))
    told = ", ".join(f"{count} {what}" for count, what in counts if count)
    return f"{pages.total} pages: {told}" if told else f"{pages.total} pages"
