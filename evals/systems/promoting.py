"""A release is promoted on two runs of the evaluation: one of it, one of what is current."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from api.terminal import UsageError
from api.wiring.pins import JUDGE, setup
from evals.systems.gate_files import Rule
from evals.systems.installations import Installation
from evals.systems.weighing import EvalDecision, Outcome, PostgresDecisions, Weighed, kept, weighed
from generation.types import EVALUATION
from infra.postgres.evaluations import EvalRun, PostgresEvaluations

__all__ = ["Ground", "Plain", "grounds", "plain", "promote", "runs_of"]
_LOOKED_BACK = timedelta(days=90)
_RUNS = 200


@dataclass(frozen=True, slots=True)
class Ground:
    """What a promotion stands on: two runs weighed, as the decision keeps it. `over`: the release that was current in
    the older run, "" for none."""

    weighed: Weighed
    decision: EvalDecision
    over: str


@dataclass(frozen=True, slots=True)
class Plain:
    """What an answer without a release is given by: here, by profile and environment of this process, and there, as
    the newest of them in the trail says that a person was given (`at`; None: there is none in 90 days). `differing`:
    parts that are not the same."""

    at: datetime | None
    differing: tuple[str, ...]


def plain(parts: Installation) -> Plain:
    """A service may be started with another environment than this command; only its answers tell of that."""
    here = parts.proposing.setup_now(None)
    for row in parts.trail.by_release(None, datetime.now(UTC) - _LOOKED_BACK):
        record = json.loads(row.record)
        if record.get("purpose") != EVALUATION and "recipe" in record:
            return Plain(row.recorded_at, tuple(sorted({*_differing(_given_by(record, here), here)})))
    return Plain(None, ())


def _given_by(record: Mapping[str, Any], here: Mapping[str, Any]) -> dict[str, Any]:
    """As `setup_now`, with what a record does not tell as it is here; of an answer that a tier wrote adapter and
    prompt are not these."""
    recipe, model = record["recipe"], record["answer"]["model"]
    told = setup({**here, "engine": recipe["engine"], "recipe": recipe, "code": here["recipe"]["code"], JUDGE: ""})
    del told[JUDGE]
    return told if record.get("routing") else told | {"adapter": model["adapter"], "prompt": model["prompt"]}


def runs_of(parts: Installation, name: str) -> list[EvalRun]:
    """Finished nights by this release ("": none), as it comes out here by now; newest first."""
    now = parts.proposing.setup_now(name or None)
    runs = PostgresEvaluations(parts.pool).runs(_RUNS)
    return [run for run in runs if run.status == "done" and not _differing(_compared(run), now)]


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
    of = f"release {name}" if name else "what answers without a release, by profile and environment of this shell"
    if other := sorted({*_differing(_compared(run), parts.proposing.setup_now(name or None))}):
        raise UsageError(
            f"Run {run.id[:8]} was not asked by {of}: {', '.join(other)} differ. Ask again: footnote eval nightly"
            f"{f' --release {name}' if name else ''}"
        )


def _compared(run: EvalRun) -> dict[str, Any]:
    return {part: value for part, value in run.setup.items() if part != JUDGE}


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Names of parts, in the recipe by its own."""
    flat = [{**side, **side.get("recipe", {}), "recipe": None} for side in (one, other)]
    return [name for name in flat[0].keys() | flat[1].keys() if flat[0].get(name) != flat[1].get(name)]
