"""`footnote release`: what answers, proposed, promoted and rolled back. `promote` is in evals, which weighs results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.local import opened, recorded
from api.cli.options import Json
from api.cli.registry import Registry
from api.cli.release_told import described, shown, step
from api.terminal import UsageError, counted, counting, note, say, say_json, say_table
from ingest.errors import FootnoteError

if TYPE_CHECKING:
    from api.bootstrap import Container
    from api.wiring.deployment import Release

Name = Annotated[str, typer.Argument(help="As `footnote release list` shows it.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept.")]
OPERATOR = "operator"
_UNUSABLE = "it cannot be used"


def register(commands: Registry) -> None:
    group = commands.add_group("release", "What answers: named settings, proposed, promoted and rolled back.")
    group.add(propose, "propose")
    group.add(list_all, "list")
    group.add(show, "show")
    group.add(rollback, "rollback")
    group.add(retire, "retire")
    group.add(affected, "affected")


def propose(
    name: Annotated[str, typer.Argument(help="Of the release: a-z, 0-9, '.', '_' and '-'.")],
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting that it changes, such as passages=8. Repeatable."),
    ] = None,
    adapter: Annotated[
        str | None, typer.Option(help="An adapter by name, none, or current: the promoted one by its name.")
    ] = None,
    base: Annotated[
        str, typer.Option("--from", help="Whose settings it has otherwise: current, none (environment), or a release.")
    ] = "current",
    remark: Annotated[str, typer.Option("--note", help="What it is for.")] = "",
    as_json: Json = False,
) -> int:
    """Name settings as a release, after starting them once; nothing answers by it yet."""
    said = _changes(changes or ())
    if adapter is not None:
        said["adapter"] = adapter
    with opened() as parts, counting("Indexing") as told:
        proposal = parts.proposing.propose(name, said, by=OPERATOR, note=remark.strip(), base=base, told=told)
        of_shell = base == "none" or (base == "current" and parts.releases.current() is None)
    if of_shell:
        note("What --set does not say is as profile and environment of this shell have it: is the service started so?")
    if as_json:
        say_json(proposal)
        return 0
    say(f"{name} is proposed.")
    for setting, (old, new) in proposal.changes.items():
        say(f"  {setting}: {_change(setting, old, new)}")
    if proposal.same_as:
        say(f"It is the same as {proposal.same_as}, which is current.")
    elif not proposal.changes:
        say(
            f"It has the settings of {'profile and environment of this shell' if of_shell else 'what it is made from'}."
        )
    say(f"Next: footnote eval nightly --release {name}")
    return 0


def list_all(as_json: Json = False) -> int:
    """Every release, and which one answers."""
    with opened() as parts:
        releases, standing = parts.releases.all(), parts.releases.standing()
        current = parts.releases.current()
    for line in unused(current):
        note(line)
    if as_json:
        say_json({"current": standing.current, "releases": [_row(one, standing.statuses) for one in releases]})
        return 0
    if not releases:
        say("None yet: `footnote release propose`. Profile and environment say what answers.")
        return 0
    say_table(
        ("name", "status", "proposed", "by", "note"),
        [
            (one.name, standing.statuses[one.name], f"{one.created_at:%Y-%m-%d %H:%M}", one.by, one.note or "-")
            for one in releases
        ],
    )
    return 0


def show(name: Name, as_json: Json = False) -> int:
    """One release: what differs from what answers now, its settings, what they came out as, and what was done to it."""
    with opened() as parts:
        release, standing = parts.releases.named(name), parts.releases.standing()
        events, drifted = parts.releases.events(name), _drifted(parts, release)
        current = parts.releases.current()
        other = current.settings if current else _plain(parts)
    status = standing.statuses[name]
    if as_json:
        say_json({**asdict(release), "status": status, "drifted": drifted, "events": events})
        return 0
    beside = f"{current.name}, which is current," if current else "profile and environment of this shell"
    for line in described(release, status.replace("_", " "), beside, other, drifted):
        say(line)
    say("What was done:")
    for event in events:
        say(f"  {step(event)}")
    return 0


def rollback(
    name: Annotated[
        str, typer.Argument(help="What is to be taken back; without: what is current, if nothing is tried.")
    ] = "",
    reason: Reason = "",
    as_json: Json = False,
) -> int:
    """Answer again by what was current before the last promotion, or end the trial of the candidate NAME.

    A running service takes it over within seconds. `footnote release affected` lists what was answered meanwhile.
    Exit code 1: rolled back, but what is current again cannot be used here, and no running service takes it over.
    """
    with opened() as parts:
        if not name and (trial := parts.releases.candidate()):
            current = parts.releases.current()
            raise UsageError(
                f"{trial.release.name} is tried and {current.name if current else 'no release'} is current: say which "
                "is taken back, footnote release rollback NAME."
            )
        left, now = parts.releases.rollback(OPERATOR, {"reason": reason.strip()}, name=name or None)
        drifted = _drifted(parts, now) if now else []
    useless = any(line.startswith(_UNUSABLE) for line in drifted)
    if as_json:
        say_json({"rolled_back": left, "current": now.name if now else None, "drifted": drifted})
        return int(useless)
    say(f"{left} is rolled back. {now.name if now else 'No release'} is current.")
    if now is None:
        say("Profile and environment say what answers.")
    for line in drifted:
        note(f"{now.name if now else ''} does not come out here as it did: {line}")
    if useless and now:
        note(
            f"A RUNNING SERVICE GOES ON BY {left}, for it cannot take over {now.name}: mend what is said above, or go "
            "back further with `footnote release rollback`."
        )
    say(f"What it answered: footnote release affected {left}")
    return int(useless)


def retire(name: Name, reason: Reason = "") -> int:
    """Put a proposal away; a trial of it ends."""
    with opened() as parts:
        parts.releases.retire(name, OPERATOR, {"reason": reason.strip()})
    say(f"{name} is retired.")
    return 0


def affected(name: Name, as_json: Json = False) -> int:
    """Every answer that was given by a release, newest first, and who has relied on it."""
    with opened() as parts:
        found = list(parts.release_answers.affected(name, questions=True))
        recorded(parts, "list_affected", None, hits=len(found), release=name)
    if as_json:
        say_json({"answers": found})
        return 0
    for one in found:
        signed = f"  signed off by {one.signed_off}" if one.signed_off else ""
        shared = "  shared" if one.shared else ""
        say(f"{one.given_at:%Y-%m-%d %H:%M}  {one.asked_by}  {one.audit_id}  {one.status}{signed}{shared}")
        say(f"    {one.question or '[erased]'}")
    say(f"{counted(len(found), 'answer')} {'was' if len(found) == 1 else 'were'} given by {name}.")
    return 0


def _changes(given: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in given:
        name, equals, value = one.partition("=")
        name = name.strip().lower().removeprefix("footnote_")
        if not equals or not name:
            raise UsageError(f"--set {one}: write KEY=VALUE, such as passages=8.")
        if name in found:
            raise UsageError(f"--set {name} is there twice.")
        found[name] = value.strip()
    return found


def _drifted(parts: Container, release: Release) -> list[str]:
    try:
        return parts.proposing.drifted(release)
    except FootnoteError as error:
        return [f"{_UNUSABLE}: {error}"]


def _plain(parts: Container) -> Mapping[str, Any]:
    """Settings without a release, with the adapter that is promoted by its name, as a release has it."""
    plain = parts.deploying.plain
    with suppress(FootnoteError):  # then what is set is told
        adapter = parts.deploying.wanted(plain).adapter
        return plain.settings.model_dump() | {"adapter": adapter.name if adapter else "none"}
    return plain.settings.model_dump()


def told(parts: Container) -> list[str]:
    """What who starts a service should know of the release that it answers by."""
    current = parts.releases.current() if parts.settings.release == "current" else None
    if current is None:
        return []
    return [*unused(current), *(f"{current.name} is drifted: {one}" for one in _drifted(parts, current))]


def unused(current: Release | None) -> list[str]:
    """What is set in the environment and not used, in a line."""
    from api.wiring.deployment import not_used

    found = not_used(current)
    return [f"Set and not used, for {current.name} is in use: {', '.join(found)}."] if current and found else []


def _row(release: Release, statuses: Mapping[str, str]) -> dict[str, Any]:
    told = {name: getattr(release, name) for name in ("name", "created_at", "by", "note", "settings", "pins_sha256")}
    return told | {"status": statuses[release.name]}


def _change(setting: str, old: Any, new: Any) -> str:
    if (setting, old) == ("adapter", "current"):
        return f"{shown(new)}, as now, whichever is promoted later"
    return f"{shown(old)} -> {shown(new)}"
