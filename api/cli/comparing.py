"""`footnote documents compare`."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from api.cli.local import opened, principal, recorded
from api.cli.options import As, Groups, Json
from api.terminal import UsageError, say, say_json

if TYPE_CHECKING:
    from api.bootstrap import Container
    from api.http.compared import Compared
    from api.http.schemas.comparing import CompareOut, DifferenceOut, PlaceOut
    from retrieval.types import Numbering, Principal

_WIDTH = 100
_LONGEST = 1_200  # characters of a quote that are printed
Which = Annotated[
    str,
    typer.Argument(
        metavar="ID[@VERSION]", help="As `footnote documents list` shows it; without @VERSION the current one."
    ),
]


def compare(
    old: Which,
    new: Which,
    as_user: As = "",
    groups: Groups = "",
    only: Annotated[
        str,
        typer.Option(
            metavar="a,b",
            help="Only these: changed, added, removed, moved, renumbered, or changes of: amount, date, number, party, "
            "modal, negation, reference, name, wording, punctuation.",
        ),
    ] = "",
    limit: Annotated[int, typer.Option(help="So many differences.", min=1)] = 200,
    offset: Annotated[int, typer.Option(help="After so many.", min=0)] = 0,
    as_json: Json = False,
) -> int:
    """What differs between two versions of a document (ID@1 ID@2), or between two documents.

    Words that changed are marked [-old-] and {+new+}. Exit code 0 whether there are differences or not.
    """
    from api.http.schemas.comparing import CompareOut

    asker, wanted = principal(as_user, groups), _only(only)
    with opened() as parts:
        seen = parts.numbers.of(asker, {_parted(old)[0], _parted(new)[0]})
        found = _found(parts, asker, seen, old, new)
        views = (found.old, found.new)
        shown = [(view.document_id, view.version) for view in views]
        recorded(parts, "compare", asker, shown, hits=len(found.comparison.differences))
        seen = parts.numbers.of(asker, {view.document_id for view in views})
        told = CompareOut.of(found, seen, only=wanted, offset=offset, limit=limit)
    if as_json:
        say_json(told)
    else:
        _say(told, offset)
    return 0


def _found(parts: Container, asker: Principal, seen: Numbering, old: str, new: str) -> Compared:
    one, other = (_stored(seen, *_parted(which)) for which in (old, new))
    found = parts.differences.of(one, other, asker) if one and other else None
    if found is None:
        asked = [{"document_id": _parted(which)[0]} for which in (old, new)]
        recorded(parts, "compare", asker, refused="not_found", asked=asked)
        raise UsageError(f"One of {old} and {new} is nothing that user:{asker.user} may read.")
    return found


def _only(text: str) -> list[str]:
    from api.http.schemas.comparing import Only

    known = get_args(Only)
    wanted = [one.strip() for one in text.split(",") if one.strip()]
    for one in wanted:
        if one not in known:
            raise UsageError(f"--only {one}: choose from {', '.join(known)}.")
    return wanted


def _parted(which: str) -> tuple[str, int | str | None]:
    """Document and version, a number or an id."""
    document_id, at, version = which.partition("@")
    if at and not version:
        raise UsageError(f"{which}: write ID@VERSION, or the ID alone for the current version.")
    return document_id.lower(), (int(version) if version.isdecimal() else version) if version else None


def _stored(seen: Numbering, document_id: str, version: int | str | None) -> tuple[str, int | None] | None:
    if version is None:
        return document_id, None
    number = seen.stored(document_id, version)
    return None if number is None else (document_id, number)


def _say(told: CompareOut, offset: int) -> None:
    for mark, side in (("-", told.old), ("+", told.new)):
        say(f"{mark} {side.title}, version {side.version} ({side.document_id})")
    for number, one in enumerate(told.differences, offset + 1):
        changes = f": {', '.join(one.changes)}" if one.changes else ""
        say(f"\n{number}. {one.kind}{changes}{_where(one)}")
        _say_places("-", one.old, [(words.old.start, words.old.end) for words in one.words], ("[-", "-]"))
        _say_places("+", one.new, [(words.new.start, words.new.end) for words in one.words], ("{+", "+}"))
    if told.differences:
        say()
    for note in told.notes:
        say(f"! {note}")
    say(told.summary)
    if told.next is not None:
        say(f"{told.total - told.next} more: --offset {told.next}")


def _where(one: DifferenceOut) -> str:
    sides = [_place(found[0]) for found in (one.old, one.new) if found]
    return f"  ({' -> '.join(dict.fromkeys(sides))})" if any(sides) else ""


def _place(place: PlaceOut) -> str:
    heading = place.section[-1] if place.section else ""
    clause = place.clause if place.clause and not heading.startswith(place.clause) else ""
    page = f"page {place.page_label}" if place.page else ""
    return ", ".join(part for part in (heading, clause, page) if part)


def _say_places(
    mark: str, places: Sequence[PlaceOut], spans: Sequence[tuple[int, int]], marks: tuple[str, str]
) -> None:
    for place in places:
        text = place.quote
        for start, end in sorted(spans, reverse=True):
            if place.start <= start < end <= place.end:
                a, b = start - place.start, end - place.start
                text = f"{text[:a]}{marks[0]}{text[a:b]}{marks[1]}{text[b:]}"
        if len(text) > _LONGEST:
            text = f"{text[:_LONGEST]} ... ({len(place.quote)} characters)"
        for line in filter(str.strip, text.split("\n")):
            say(textwrap.fill(line, _WIDTH, initial_indent=f"   {mark} ", subsequent_indent="     "))
