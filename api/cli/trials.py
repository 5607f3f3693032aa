"""`footnote release shadow|canary|ab|stop|watch`: a candidate tried beside what answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.cli.local import opened
from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import UsageError, note, say, say_json, say_table

if TYPE_CHECKING:
    from api.bootstrap import Container
    from api.wiring.trials.here import TrialProcess
    from api.wiring.trials.weighing import ArmCounts, Reading, Weighed

OPERATOR = "operator"
Name = Annotated[str, typer.Argument(help="As `footnote release list` shows it.")]
Share = Annotated[float, typer.Option(min=0.001, max=0.999, help="Of the people, who are drawn by their names.")]


def register(commands: Registry) -> None:
    group = commands.group("release")
    group.add(shadow, "shadow")
    group.add(canary, "canary")
    group.add(ab, "ab")
    group.add(stop, "stop")
    group.add(watch, "watch")


def shadow(name: Name) -> int:
    """Have a release answer in the background what people ask; nothing of that is shown to anybody."""
    _begin(name, "shadow", None, {})
    say(f"{name} answers in the background what is asked from now on, behind everybody who waits.")
    return 0


def canary(
    name: Name,
    share: Share = 0.1,
    auto: Annotated[
        bool, typer.Option("--auto", help="Promote it, too, once no metric is worse by its margin.")
    ] = False,
) -> int:
    """Answer a share of the people by a release. The service rolls it back by itself where it is shown to be worse.

    --auto needs a night by it that ships: what leaks or is wrong no canary sees.
    """
    _begin(name, "canary", share, {"auto": auto})
    say(f"{_share(share)} of the people are answered by {name} from now on. If it is shown worse it is rolled back.")
    if auto:
        say("Once no metric is worse by its margin it is promoted.")
    return 0


def ab(name: Name, share: Share = 0.5) -> int:
    """Answer a share of the people by a release until you stop it, and compare both ways. Nothing is decided by itself
    but that a release that only fails is rolled back."""
    _begin(name, "ab", share, {})
    say(f"{_share(share)} of the people are answered by {name} until `footnote release stop {name}`.")
    return 0


def stop(name: Name, as_json: Json = False) -> int:
    """End the trial of a release. What it has come to is kept with it; it is again what it was before, and may be
    promoted, tried again or put away."""
    from api.wiring.trials.weighing import evidence, weighed

    with opened() as parts:
        trial = parts.releases.candidate()
        if trial is None or trial.release.name != name:
            raise UsageError(f"{parts.releases.named(name).name} is not being tried. See `footnote release list`.")
        found = weighed(trial, parts.observations)
        parts.releases.stop(name, OPERATOR, evidence(found), trial=trial.number)
        status, outcome = parts.releases.standing().settled[name], parts.releases.weighed_last(name)
    if as_json:
        say_json(evidence(found))
        return 0
    say(f"The trial of {name} has ended: everybody is answered by what is current.")
    _say(found)
    say(_came_to(found))
    for line in _next(name, status.replace("_", " "), outcome):
        say(line)
    return 0


def watch(as_json: Json = False) -> int:
    """What the arms of the trial look like now: people, means, intervals, what is decided and what is lacking."""
    from api.wiring.trials.here import HEARD_S
    from api.wiring.trials.weighing import evidence, weighed

    with opened() as parts:
        current, trial = parts.releases.in_use()
        found = weighed(trial, parts.observations) if trial else None
        processes = parts.trial_processes.heard(trial.number, HEARD_S) if trial else []
    if as_json:
        told = {**evidence(found), "processes": processes} if found else {}
        say_json({"candidate": trial and trial.release.name, **told})
        return 0
    if found is None or trial is None:
        say("No release is being tried: `footnote release shadow`, `canary` or `ab` NAME.")
        return 0
    of = f", {_share(trial.share)} of the people" if trial.share else ""
    beside = current.name if current else "no release"
    say(f"{trial.release.name}: {trial.mode} since {trial.at:%Y-%m-%d %H:%M}{of}, beside {beside}.")
    for line in _where(processes):
        say(line)
    _say(found)
    say(_came_to(found))
    itself, name = "" if trial.mode == "ab" else "the service rolls it back, or ", trial.release.name
    say(f"It goes on until {itself}somebody promotes {name} or says `footnote release stop {name}`.")
    return 0


def _begin(name: str, mode: Literal["shadow", "canary", "ab"], share: float | None, evidence: dict[str, Any]) -> None:
    """Raises what the release's settings raise where this machine cannot use it."""
    with opened() as parts:
        parts.deploying.wanted(parts.deploying.by(name))
        if evidence.get("auto"):
            _check_auto(parts, name)
        parts.releases.begin(name, mode, OPERATOR, evidence, share=share)
    note("A running service starts it within seconds, and needs memory for it. See `footnote release watch`.")


def _check_auto(parts: Container, name: str) -> None:
    """Who promotes by hand is asked for as much. Raises `UsageError`."""
    status, outcome = parts.releases.standing().settled[name], parts.releases.weighed_last(name)
    if status in {"rolled_back", "retired"}:
        raise UsageError(f"{name} was {status.replace('_', ' ')}: leave out --auto, or propose it by another name.")
    if outcome != "ship":
        said = f"the last one says {outcome}" if outcome else "none was weighed"
        raise UsageError(
            f"--auto promotes {name} only after a night by it that ships, and {said}: footnote eval nightly --release "
            f"{name}, then footnote eval weigh; or leave out --auto."
        )


def _say(found: Weighed) -> None:
    from api.wiring.trials.weighing import FIRST

    watched = found.watch
    if not found.counts:
        say("No answer has been observed: what is asked counts from the moment on at which a service has started it.")
        return
    say_table(
        (
            *("arm", "people", "answers", "answered", "partial", "abstained", "errors", "left"),
            *("first after", "end after", "95 % within", "tokens", "said wrong"),
        ),
        [_arm(found.counts[arm]) for arm in ("current", "candidate", "shadow") if arm in found.counts],
    )
    for one in found.counts.values():
        if one.overlap is not None and one.same_status is not None:
            say(
                f"Shadow: {one.same_status:.0%} came out the same; of the documents cited {one.overlap:.0%} are shared."
            )
    arms = f"{watched.candidate:,} of the candidate's and {watched.current:,} of the current release's people"
    people = arms if found.trial.share else f"{watched.candidate:,} people"
    say(f"A person counts with {FIRST} answers: {people} so far, {watched.open:,} not yet.")
    say_table(
        ("metric", "candidate", "current", "change", "95 %", "margin", "shown", "margin excluded"),
        [_metric(one, found) for one in watched.readings],
    )
    if found.lopsided:
        note("The arms are not of the sizes that were drawn: people leave one of them before they have answers enough.")


def _arm(one: ArmCounts) -> tuple[object, ...]:
    tokens = f"{one.tokens / one.answers:.0f}"
    counts = one.arm, one.people, one.answers, one.answered, one.partial, one.abstained, one.errors, one.left
    return *counts, *map(_seconds, (one.first_seconds, one.seconds, one.slow_seconds)), tokens, one.wrong


def _metric(one: Reading, found: Weighed) -> tuple[object, ...]:
    from api.wiring.trials.weighing import more_people

    more = more_people(found, one)
    excluded = (
        f"after {one.within_after:,}" if one.within_after is not None else f"about {more:,} more" if more else "-"
    )
    watched = found.watch
    known = watched.candidate > 0 and (watched.current > 0 or not found.trial.share)
    interval = f"{one.low:+.3f} to {one.high:+.3f}" if known else "-"
    means = _number(one.candidate, 3), _number(one.current, 3)
    return one.metric, *means, f"{one.change:+.3f}" if known else "-", interval, one.margin, one.shown or "-", excluded


def _where(processes: Sequence[TrialProcess]) -> list[str]:
    """How it does in the processes that serve."""
    if not processes:
        return ["No running service has said yet that it starts it: is one running? `footnote serve`."]
    does = {"starting": "is being started", "up": "answers", "out": "CANNOT BE USED and is left out"}
    return [
        f"On {one.host}: {does[one.state]}{f' ({one.code})' if one.code else ''} since {one.since:%Y-%m-%d %H:%M}."
        for one in processes
    ]


def _came_to(found: Weighed) -> str:
    watched = found.watch
    if not found.counts:
        return "So nothing is known of it."
    if found.trial.mode == "ab":
        shown = {way: [one.metric for one in watched.readings if one.shown == way] for way in ("better", "worse")}
        told = [f"{way} in {', '.join(metrics)}" for way, metrics in shown.items() if metrics]
        return (
            f"Shown so far: {' and '.join(told) or 'no difference in any metric'}. An A/B test decides nothing itself."
        )
    if str(watched.step) == "roll_back":
        return f"Worse in {', '.join(watched.because)} after {watched.after:,} people: the service rolls it back."
    if str(watched.step) == "promote":
        return f"No metric is worse by its margin, after {watched.after:,} people: it may go on."
    return f"Nothing is decided: a loss of the margin is not excluded in {', '.join(watched.because)}."


def _next(name: str, status: str, outcome: str | None) -> list[str]:
    """What may be done with a release whose trial has ended. `outcome`: of its last weighed night."""
    night = f"Its last weighed night says {outcome}" if outcome else "No night by it was weighed yet"
    before = "" if outcome else f"footnote eval nightly --release {name}, then "
    forced = " --force REASON" if status != "proposed" else ""
    return [
        f"{name} is {status}, as before. Next:",
        f"  to promote it: {before}footnote release promote {name} --new RUN --old RUN{forced} ({night}.)",
        f"  to try it again: footnote release canary {name}, ab {name} or shadow {name}",
        f"  to put it away: footnote release retire {name}",
    ]


def _share(value: float) -> str:
    return f"{100 * value:.3g} %"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


def _number(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
