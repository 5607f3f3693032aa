"""`footnote release promote`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from api.gating.gates import Outcome
from api.terminal import UsageError, note, say, say_json
from evals.suites.nightly.run_weighing import CODES, say_weighed
from evals.systems.gate_files import load_gates
from evals.systems.installations import Installation, opened
from evals.systems.nights import EvalRun
from evals.systems.promoting import Plain, grounds, plain, promote, runs_of


def run_promote(name: str, new: str, old: str, force: str, gates: Path | None, as_json: bool) -> int:
    """The exit code: 0 promoted, 1 blocked, 3 undecided."""
    force = force.strip()
    rules = load_gates(gates) if gates else None
    with opened() as parts:
        parts.releases.check_promotion(name, again=bool(force))
        if bool(new) != bool(old) or not (new or force):
            raise UsageError(_runs_wanted(parts, name))
        if new and parts.releases.current() is None:
            note(_compared_with(plain(parts), name))
        ground = grounds(parts, name, new, old, rules) if new else None
        ships = bool(force) or (ground is not None and ground.weighed.outcome is Outcome.SHIP)
        before = promote(parts, name, ground, force) if ships else None
    told = f"{name} is current{f' instead of {before}' if before else ''}." if ships else f"{name} is not promoted."
    if as_json:
        decision = ground.decision if ground else None
        say_json({"promoted": ships, "previous": before, "decision": decision, "forced": force or None, "text": told})
    else:
        if ground is not None:
            say_weighed(ground.weighed)
            say(f"Kept as decision {ground.decision.id[:8]}.")
        say(told)
    return 0 if ships or ground is None else CODES[ground.weighed.outcome]


def _runs_wanted(parts: Installation, name: str) -> str:
    current = parts.releases.current()
    over = current.name if current else ""
    by_it, by_other = (_newest(runs_of(parts, one), one) for one in (name, over))
    return (
        f"Give two nights: --new one by {name} ({by_it}), --old one by {over or 'what answers without a release'} "
        f"({by_other}); or a reason in --force."
    )


def _newest(runs: Sequence[EvalRun], name: str) -> str:
    if not runs:
        return f"none yet: footnote eval nightly{f' --release {name}' if name else ''}"
    return f"the newest: {runs[0].id[:8]} of {runs[0].started_at:%Y-%m-%d %H:%M} UTC"


def _compared_with(found: Plain, name: str) -> str:
    """Raises `UsageError` where what a service answers by is known to be something else than what is compared with."""
    here = f"No release is current: {name} is compared with profile and environment of this shell"
    if found.at is None:
        return (
            f"{here}. No answer of the last 90 days is without a release: nothing tells whether the service has these."
        )
    at = f"{found.at:%Y-%m-%d %H:%M} UTC"
    if not found.differing:
        return f"{here}, by which the newest answer without a release ({at}) was given, too."
    raise UsageError(
        f"{here}, and the newest answer without a release ({at}) was given by something else: "
        f"{', '.join(found.differing)} differ. Set in this shell what is set for the service, and its nights are "
        "compared with what answers. If the service was changed since then, ask it a question first."
    )
