"""`footnote audit witness`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from api.cli.local import opened
from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import note, say, say_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.wiring.witnessing import WitnessReport


def register(audit: Registry) -> None:
    group = audit.add_group("witness", "Checkpoints of the trail, kept where whoever changes it does not reach.")
    group.add(list_, "list")
    group.add(now, "now")


def list_(as_json: Json = False) -> int:
    """What each witness holds, compared with the trail; exit code 1 if one cannot be read or says something else.

    `footnote audit verify` checks the trail itself, too.
    """
    with opened() as parts:
        reports = parts.witnesses.report()
    if as_json:
        say_json([asdict(report) for report in reports])
    else:
        say_witnesses(reports)
    return int(any(report.problem for report in reports))


def now(as_json: Json = False) -> int:
    """Make a checkpoint of what is new and give it to every witness; exit code 1 if one cannot be reached."""
    with opened() as parts:
        newest = parts.witnesses.round()
    if as_json:
        say_json(newest.record() if newest else None)
    elif newest is None:
        say("The trail is empty.")
    else:
        say(f"Checkpoint {newest.checkpoint.number}: {newest.checkpoint.position} records, {newest.checkpoint.time}.")
    return 0


def say_witnesses(reports: Sequence[WitnessReport]) -> None:
    """The first is the installation's own file, which is no witness against who holds the data folder."""
    for report in reports:
        held = f"{report.checkpoints} checkpoints" if report.checkpoints != 1 else "1 checkpoint"
        upto = f" up to record {report.position}, {report.time}" if report.checkpoints else ""
        stamped = f", {report.stamped} with a timestamp" if report.stamped else ""
        behind = f"; lacks the newest {report.behind}" if report.behind else ""
        kind = "Its own file" if report is reports[0] else "Witness"
        say(f"{kind} {report.name}: {held}{upto}{stamped}{behind}.")
        if report.problem:
            say(f"  PROBLEM: {report.problem}")
    if len(reports) == 1:
        note("No witness is named (FOOTNOTE_WITNESSES): an older database with its older data folder goes unnoticed.")
