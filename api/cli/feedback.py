"""`footnote feedback`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.local import opened, recorded
from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import UsageError, say, say_json, say_table

if TYPE_CHECKING:
    from api.http.schemas.feedback import FeedbackOut
    from api.wiring.feedback import Reviewed

Id = Annotated[str, typer.Argument(metavar="ID", help="As `footnote feedback list` shows it.")]
State = Literal["open", "accepted", "rejected", "golden"]
_SHOWN = 60  # characters of the words
_SAYS = {
    "right": "is right",
    "wrong": "is wrong",
    "incomplete": "is incomplete",
    "wrong_source": "cites the wrong source",
}


def register(commands: Registry) -> None:
    group = commands.add_group("feedback", "What people say of answers: look through it, and make golden cases of it.")
    group.add(list_all, "list")
    group.add(show, "show")
    group.add(resolve, "resolve")


def list_all(
    state: Annotated[State | None, typer.Option(help="Of this state alone.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, in the order in which they came.")] = 50,
    as_json: Json = False,
) -> int:
    """What was said of answers."""
    from generation.people import FeedbackState

    with opened() as parts:
        found, more = parts.feedback.queue(None, state=FeedbackState(state) if state else None, limit=limit)
        recorded(parts, "list_feedback", None, hits=len(found))
    told = [_out(one) for one in found]
    if as_json:
        from api.http.cursors import written_place

        say_json({"feedback": told, "next": None if more is None else written_place((more, 0))})
        return 0
    if not told:
        say(f"No feedback is {state}." if state else "Nobody has said anything of an answer yet.")
        return 0
    rows = [
        (
            one.id,
            f"{one.given_at:%Y-%m-%d %H:%M}",
            one.by,
            one.kind.replace("_", " "),
            one.state,
            _short(one.words or one.question),
        )
        for one in told
    ]
    say_table(("id", "given", "by", "says", "state", "about"), rows)
    if more is not None:
        say("\nThere is more: ask for it with --limit.")
    return 0


def show(feedback_id: Id, as_json: Json = False) -> int:
    """What was said in one of them, with question, answer and the passage that was expected."""
    with opened() as parts:
        found = parts.feedback.find(feedback_id, None)
        places = sorted(found.kept.rests_on) if found and found.kept else []
        recorded(parts, "read_feedback", None, places, feedback=feedback_id)
    if found is None:
        raise UsageError(f"There is no feedback {feedback_id}: `footnote feedback list`.")
    told = _out(found)
    if as_json:
        say_json(told)
        return 0
    about = f"sentence {told.sentence} of " if told.sentence else ""
    said = f"{about}answer {told.audit_id} {_SAYS[told.kind.value]}"
    say(f"On {told.given_at:%Y-%m-%d %H:%M} {told.by} said that {said}.")
    if told.words:
        say(f"    {told.words}")
    say(f"Q: {told.question or '[erased]'}")
    say(f"A: {told.answer or '[erased]'}")
    if told.expected:
        place = told.expected
        where = f"{place.document_id}, version {place.version}, characters {place.start} to {place.end}"
        say(f'Expected: {where}\n    "{" ".join(place.quote.split())}"')
    by = f" by {told.reviewed_by}: {told.review}" if told.reviewed_by else ""
    say(f"State: {told.state.value}{by}")
    return 0


def resolve(
    feedback_id: Id,
    state: Annotated[State, typer.Option(help="What becomes of it.")] = "accepted",
    words: Annotated[str, typer.Option(help="Why.")] = "",
    as_json: Json = False,
) -> int:
    """Say what becomes of it."""
    from generation.people import FeedbackState

    with opened() as parts:
        found = parts.feedback.review(feedback_id, None, FeedbackState(state), words)
    if found is None:
        raise UsageError(f"There is no feedback {feedback_id}: `footnote feedback list`.")
    if as_json:
        say_json(_out(found))
    else:
        say(f"{feedback_id} is {state}.")
    return 0


def _out(one: Reviewed) -> FeedbackOut:
    from api.http.schemas.feedback import FeedbackOut

    return FeedbackOut.of(one, None)


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}…"
