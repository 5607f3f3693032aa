"""`footnote notices`: which answers rest on what has changed, as one of the people is told."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.answers import changed_line
from api.cli.local import opened, principal, recorded
from api.cli.options import As, Groups, Json
from api.cli.registry import Registry
from api.terminal import counted, say, say_json


def register(commands: Registry) -> None:
    group = commands.add_group("notices", "What a person is told of answers that rest on what has changed.")
    group.add(list_all, "list")


def list_all(
    as_user: As = "",
    groups: Groups = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="So many of the newest.")] = 50,
    as_json: Json = False,
) -> int:
    """Answers of theirs, or shared with them, that rest on what has changed and of which they were not told yet."""
    from api.http.schemas.recall import NoticeList, NoticeOut, with_cells

    asker = principal(as_user, groups)
    with opened() as parts:
        parts.recall.refresh()
        found = parts.recall.notices(asker, limit)
        places = [place for one in found for place in sorted(one.kept.rests_on)]
        seen = parts.numbers.of(asker, {document_id for document_id, _ in places})
        told = NoticeList(notices=[NoticeOut.of(one, seen) for one in found])
        with_cells(told.notices, parts.placing.of([one.audit_id for one in told.notices], asker))
        recorded(parts, "list_notices", asker, places, hits=len(found))
    if as_json:
        say_json(told)
        return 0
    for one in told.notices:
        whose = "" if one.asked_by.lower() == asker.owner else f"  shared by {one.asked_by}"
        again = f"  asked again: {one.asked_again}" if one.asked_again else ""
        say(f"{one.asked_at:%Y-%m-%d %H:%M}  {one.audit_id}{whose}{again}")
        say(f"    {' '.join(one.question.split())}")
        for changed in one.changed:
            say(f"    - {changed_line(changed)}")
        for cell in one.cells:
            say(f"    - in the review {cell.title} ({cell.review_id}): question {cell.question} of {cell.document_id}")
    if number := len(told.notices):
        say(f"{counted(number, 'answer')} {'rests' if number == 1 else 'rest'} on what has changed.")
    else:
        nothing = "nothing that their answers, or those shared with them, rest on has changed"
        say(f"No news for user:{asker.user}: {nothing}.")
    return 0
