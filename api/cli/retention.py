"""`footnote retention`."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.local import opened
from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import UsageError, counted, say, say_json, say_table

FOR_EVER = "keep"
_WHAT = {
    "trail": "what the audit trail says; its chain is kept for ever",
    "keys": "API keys that were revoked or have ended",
    "people": "people whom the identity provider has removed",
    "observations": "what became of answers while a release was tried",
    "evaluations": "runs of the nightly evaluation, but for the last finished one",
}
Class = Annotated[str, typer.Argument(metavar="trail|keys|people|observations|evaluations", help="What is kept.")]


def register(commands: Registry) -> None:
    group = commands.add_group("retention", "For how long what is kept, by class.")
    group.add(show, "show")
    group.add(assign, "set")
    group.add(run, "run")


def show(as_json: Json = False) -> int:
    """All classes, also those that are settings."""
    with opened() as parts:
        rules, settings = parts.retention.rules(), parts.settings
    if as_json:
        say_json({"retention": rules, "recycle_days": settings.recycle_days, "job_days": settings.job_days})
        return 0
    rows = [
        (
            rule.class_,
            f"{rule.days} days" if rule.days else "for ever",
            f"{rule.ran_at:%Y-%m-%d %H:%M}" if rule.ran_at else "-",
            _WHAT[rule.class_],
        )
        for rule in rules
    ]
    rows += [
        ("recycle bin", f"{settings.recycle_days} days", "-", "deleted documents (FOOTNOTE_RECYCLE_DAYS)"),
        ("jobs", f"{settings.job_days} days", "-", "jobs that have ended, and their reports (FOOTNOTE_JOB_DAYS)"),
    ]
    say_table(("class", "kept", "last run", "what"), rows)
    return 0


def assign(class_: Class, days: Annotated[str, typer.Argument(metavar="DAYS|keep", help="For how long.")]) -> int:
    """Say for how many days a class is kept, or for ever. The service carries it out once a day."""
    if days != FOR_EVER and not days.isdigit():
        raise UsageError(f"Write a number of days, or {FOR_EVER}.")
    with opened() as parts:
        parts.retention.set(class_, None if days == FOR_EVER else int(days))
    say(f"{class_}: kept {'for ever' if days == FOR_EVER else f'for {days} days'}.")
    return 0


def run(as_json: Json = False) -> int:
    """Carry it out now."""
    from api.wiring.erasing.retaining import Retaining

    with opened() as parts:
        done = Retaining(parts).run()
    if as_json:
        say_json({"retained": done})
        return 0
    for one in done:
        what = "month" if one.class_ == "trail" else "row"
        held = f"; {counted(one.held, what)} kept by a hold" if one.held else ""
        say(f"{one.class_}: {counted(one.gone, what)} gone{held}.")
    if not done:
        say("Everything is kept for ever: `footnote retention set`.")
    return 0
