"""`footnote release promote`."""

from __future__ import annotations

from pathlib import Path

from api.gating.gates import Outcome
from api.terminal import UsageError, say, say_json
from evals.suites.nightly.run_weighing import CODES, say_weighed
from evals.systems.gate_files import load_gates
from evals.systems.installations import opened
from evals.systems.promoting import grounds, promote


def run_promote(name: str, new: str, old: str, force: str, gates: Path | None, as_json: bool) -> int:
    """The exit code: 0 promoted, 1 blocked, 3 undecided."""
    force = force.strip()
    if bool(new) != bool(old) or not (new or force):
        raise UsageError("Give two runs, --new by this release and --old by what is current, or a reason in --force.")
    rules = load_gates(gates) if gates else None
    with opened() as parts:
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
