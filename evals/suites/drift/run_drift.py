"""`footnote eval drift`: the answers of the last days against those before them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from api.terminal import counted, say, say_json
from evals.measuring.tables import table
from evals.suites.drift.windows import ALPHA, FEWEST, Drift, Moved, compared
from evals.systems.trail_windows import trail_windows

DRIFTED, TOO_FEW = 1, 3


def run_drift(days: float, against: float, show: int, as_json: bool) -> int:
    """The exit code, as the command's help has it."""
    until = datetime.now(UTC)
    since = until - timedelta(days=days)
    with trail_windows() as trail:
        before = list(trail.answers(since - timedelta(days=against), since))
        found = compared(before, list(trail.answers(since, until)), trail.embedded, show)
    if as_json:
        say_json({**asdict(found), "drifted": found.drifted})
    else:
        say_drift(found, days, against)
    return exit_code(found)


def exit_code(found: Drift) -> int:
    if found.drifted:
        return DRIFTED
    return 0 if found.enough else TOO_FEW


def say_drift(found: Drift, days: float, against: float) -> None:
    say(f"The last {days:g} days: {counted(found.now.answers, 'answer')} to {found.now.people} people; the {against:g} "
        f"before: {counted(found.before.answers, 'answer')} to {found.before.people} people.")  # fmt: skip
    if not found.enough:
        say(f"Too few: at least {FEWEST} people must have asked in each, for each counts once.")
        return
    table(
        f"What may have drifted (a false alarm in any of {len(found.tests)}: at most {ALPHA:.0%})",
        ("what", "moved by", "alarm", "p", "", "most moved"),
        [_line(one) for one in found.tests],
    )
    _say_releases(found)
    if found.farthest:
        say("\nFarthest from what was asked before (footnote audit show ID):")
        for audit_id in found.farthest:
            say(audit_id)


def _line(one: Moved) -> tuple[str, ...]:
    alarm = f"above {one.limit:.3f}" if one.p is None else f"p < {one.limit:.4f}"
    p = "" if one.p is None else f"{one.p:.3f}"
    return one.name, f"{one.value:.3f}", alarm, p, *(("DRIFTED", one.largest) if one.drifted else ("", ""))


def _say_releases(found: Drift) -> None:
    known = {name for window in (found.before, found.now) for name in window.releases} - {""}
    if known:
        table("Answers by release", ("release", "before", "now"),
              [(name or "none", found.before.releases.get(name, 0), found.now.releases.get(name, 0))
               for name in sorted({*found.before.releases, *found.now.releases})])  # fmt: skip
        if found.other_releases:
            say("No release answered in both: a drift of status, hits or withheld sentences may be the release's own.")
