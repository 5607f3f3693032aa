"""A release is promoted on two runs of the evaluation: one of it, one of what is current."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.terminal import UsageError
from evals.systems.gate_files import Rule
from evals.systems.installations import Installation
from evals.systems.weighing import EvalDecision, Outcome, PostgresDecisions, Weighed, kept, weighed
from infra.postgres.evaluations import EvalRun, PostgresEvaluations

__all__ = ["Ground", "grounds", "promote"]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a promotion stands on: two runs weighed, as the decision keeps it. `over`: the release that was current in
    the older run, "" for none."""

    weighed: Weighed
    decision: EvalDecision
    over: str


def grounds(parts: Installation, name: str, new: str, old: str, gates: Sequence[Rule] | None) -> Ground:
    """Keeps the decision. Raises `UsageError` for a run that is not of this release, or of what is current, as they
    come out on this machine by now; `EvaluationMissing`, `ReleaseRefused`."""
    runs, current = PostgresEvaluations(parts.pool), parts.releases.current()
    over = current.name if current else ""
    _check(parts, runs.find(new), name)
    _check(parts, runs.find(old), over)
    found = weighed(runs, new, old, gates)
    return Ground(found, kept(PostgresDecisions(parts.pool), found), over)


def promote(parts: Installation, name: str, ground: Ground | None, force: str, by: str = "operator") -> str | None:
    """What was current until now. Without `force`, a reason, only what ships is promoted, and nothing that was put away
    before. Raises `UsageError`, `ReleaseRefused`."""
    if not force and (ground is None or ground.weighed.outcome is not Outcome.SHIP):
        raise UsageError(f"{name} is not shown to be good enough: see `footnote eval weigh`, or give a reason.")
    evidence: dict[str, Any] = {"forced": force or None}
    if ground is not None:
        decision = ground.decision
        runs = {"new": decision.new_run, "old": decision.old_run}
        evidence |= {"decision": decision.id, "outcome": decision.outcome, "runs": runs}
        evidence |= {"results": dict(decision.results), "gates": list(decision.gates)}
    before = parts.releases.promote(name, by, evidence, over=ground.over if ground else None, again=bool(force))
    return before.name if before else None


def _check(parts: Installation, run: EvalRun, name: str) -> None:
    """`name` "": of no release."""
    of = f"release {name}" if name else "what answers without a release"
    then = {part: value for part, value in run.setup.items() if part != "judge"}
    now = parts.proposing.setup_now(name or None)
    if other := sorted({*_differing(then, now)}):
        raise UsageError(
            f"Run {run.id[:8]} was not asked by {of}: {', '.join(other)} differ. Ask again: footnote eval nightly"
            f"{f' --release {name}' if name else ''}"
        )


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Names of parts, in the recipe by its own."""
    flat = [{**side, **side.get("recipe", {}), "recipe": None} for side in (one, other)]
    return [name for name in flat[0].keys() | flat[1].keys() if flat[0].get(name) != flat[1].get(name)]
