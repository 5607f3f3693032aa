"""Two runs of the evaluation weighed against each other: may what the newer was asked of ship?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from api.gating.gates import FEWEST, Aim, Kind, Outcome, Result, decide
from api.gating.needed import needed
from api.terminal import UsageError, counted
from evals.systems.gate_files import OUTCOME, Rule, load_gates
from evals.systems.pairing import LeftOut, Pairing, Place, Side, changed, paired, unasked
from infra.postgres.decisions import EvalDecision, PostgresDecisions
from infra.postgres.evaluations import EvalRun, PostgresEvaluations

__all__ = ["EvalDecision", "Outcome", "PostgresDecisions", "Pairing", "Verdict", "Weighed", "kept", "weighed"]
_LOOKED_BACK = 1000  # runs
_NAMED = 8  # cases of a kind


@dataclass(frozen=True, slots=True)
class Verdict:
    """`more`: cases beyond those at hand with which an undecided gate ships four times in five, if what was seen is the
    truth; None if none do, or it is decided. `left_out`: cases with a value on one side alone. `lost` and `gained`:
    the yes/no cases that differ, as suite/id. `also`: those of a gate that must lose none that both sides lose."""

    rule: Rule
    result: Result
    more: int | None
    left_out: int
    lost: tuple[str, ...]
    gained: tuple[str, ...]
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """`not_measured`: gates that can be done without, and have no values in the other run, or too few of scores.
    `remarks`: what a reader should know before the figures."""

    new: EvalRun
    old: EvalRun
    outcome: Outcome
    verdicts: tuple[Verdict, ...]
    pairing: Pairing
    left_out: LeftOut
    not_measured: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def results(self) -> Mapping[str, Any]:
        """As a decision keeps it, and JSON gives it: figures that are none are None."""
        counts = {name: getattr(self.pairing, name) for name in Pairing.__slots__}
        return {"pairing": counts, "left_out": asdict(self.left_out), "gates": [_told(one) for one in self.verdicts],
                "not_measured": list(self.not_measured), "remarks": list(self.remarks)}  # fmt: skip


def weighed(store: PostgresEvaluations, new_run: str, old_run: str, gates: Sequence[Rule] | None = None) -> Weighed:
    """By the first characters of their ids. `gates`: None for the standard ones. Raises `EvaluationMissing`, and
    `UsageError` where nothing can be paired."""
    new = Side.of(store, new_run)
    old = Side.of(store, old_run, like=new.cases.values())
    if new.run.id == old.run.id:
        raise UsageError("That is one run: another is needed to weigh it against.")
    pairing, left_out = paired(new, old)
    if not pairing.pairs and not left_out.moved:
        raise UsageError("The two runs have no case of the same version in common: ask the same files of both.")
    apart = changed(new, old)
    drawn = [(rule, _drawn(rule, new, old, apart)) for rule in (load_gates() if gates is None else gates)]
    asked = [
        (rule, one) for rule, one in drawn if rule.needed or max(len(one.new), _held(rule, new, old)) >= _least(rule)
    ]
    decision = decide([(rule.gate, one.new, one.old) for rule, one in asked])
    verdicts = tuple(
        Verdict(rule, result, _more(result), one.left_out, tuple(one.lost), tuple(one.gained), tuple(one.also))
        for (rule, one), result in zip(asked, decision.results, strict=True)
    )
    without = tuple(rule.gate.metric for rule, one in drawn if (rule, one) not in asked)
    not_asked = unasked([rule for rule, _ in drawn], new, old)
    outcome = Outcome.UNDECIDED if not_asked and decision.outcome is Outcome.SHIP else decision.outcome
    remarks = [*_missing(not_asked), *_left(left_out), *_remarks(new, old, pairing), *_tries(store, new.run, old.run)]
    return Weighed(new.run, old.run, outcome, verdicts, pairing, left_out, without, tuple(remarks))


def _held(rule: Rule, new: Side, old: Side) -> int:
    """Of how many common cases the other run has a value: a gate is not left out for want of the candidate's alone, nor
    since documents have changed."""
    both = [place for place in old.cases.keys() & new.cases.keys() if place[0] in rule.suites]
    return sum((value := old.value(rule, place)) is not None and not math.isnan(value) for place in both)


def _least(rule: Rule) -> int:
    return 1 if rule.gate.kind is Kind.YES_NO else FEWEST


def kept(decisions: PostgresDecisions, found: Weighed) -> EvalDecision:
    gates = [one.rule.told for one in found.verdicts]
    return decisions.keep(found.new.id, found.old.id, found.outcome.value, found.results, gates)


@dataclass(slots=True)
class _Drawn:
    """The values of a gate's cases on both sides, while they are gathered."""

    new: list[Any]
    old: list[Any]
    lost: list[str]
    gained: list[str]
    also: list[str]
    left_out: int = 0


def _drawn(rule: Rule, new: Side, old: Side, apart: Collection[Place]) -> _Drawn:
    """An error of the candidate is no right answer; one of the current leaves the case out. Of a gate that must lose
    none a value that cannot be told is a loss, and so is one in a case that was asked of the candidate alone: of the
    current nothing bad is supposed. But a case set that has grown since is no loss of outcomes. `apart`: cases over
    other documents, which tell of such a gate alone, and not of outcomes."""
    found = _Drawn([], [], [], [], [])
    never, yes_no = rule.gate.aim is Aim.NEVER, rule.gate.kind is Kind.YES_NO
    for place in sorted(new.cases):
        if place[0] not in rule.suites:
            continue
        was = old.value(rule, place) if place in old.cases else None
        if (place not in old.cases or place in apart) and (not never or rule.of == OUTCOME):
            continue
        now = new.value(rule, place)
        if rule.of == OUTCOME and new.cases[place].outcome == "error" and was is not None:
            now = False
        if never and now is not None:
            now, was = now is True, was is not False
        now, was = (None if _unknown(one) else one for one in (now, was))
        if now is None or was is None:
            found.left_out += now is not was
            continue
        found.new.append(now)
        found.old.append(was)
        named = f"{place[0]}/{place[1]}"
        if yes_no and now != was:
            (found.gained if now else found.lost).append(named)
        elif never and not now:
            found.also.append(named)
    return found


def _unknown(value: float | bool | None) -> bool:
    return value is not None and math.isnan(value)


def _missing(unasked: Sequence[Place]) -> list[str]:
    if not unasked:
        return []
    counts = [f"{number} {suite}" for suite, number in sorted(Counter(suite for suite, _, _ in unasked).items())]
    return [
        f"Nothing ships while the candidate was not asked what the other run was, or another version of it: "
        f"{', '.join(counts)} (such as {unasked[0][0]}/{unasked[0][1]}). Finish its night, or ask both the same files."
    ]


def _left(found: LeftOut) -> list[str]:
    """What is not weighed, by number and id."""
    whys = {
        "only the candidate was asked": found.only_new,
        "only the other run was asked": found.only_old,
        "both were asked in different versions": found.other_version,
        "rest on documents that have changed between the runs": found.moved,
    }
    return [
        f"Not weighed: {counted(len(ids), 'case')} that {why}: {', '.join(ids[:_NAMED])}"
        f"{f', and {len(ids) - _NAMED} more' if len(ids) > _NAMED else ''}."
        for why, ids in whys.items()
        if ids
    ]


def _remarks(new: Side, old: Side, pairing: Pairing) -> list[str]:
    told = [f"Run {side.run.id[:8]} is {side.run.status}, not done: its cases so far."
            for side in (new, old) if side.run.status != "done"]  # fmt: skip
    if new.run.config_sha256 == old.run.config_sha256:
        told.append("Both were asked under one setup: what differs is chance, documents and the machine.")
    both = (new.cases.keys() & old.cases.keys()) - changed(new, old)
    if apart := sum(new.cases[place].snapshot != old.cases[place].snapshot for place in both):
        told.append(f"{apart} of {pairing.pairs} cases were asked over another snapshot: documents had changed, though "
                    "none that they are known to rest on.")  # fmt: skip
    return told


def _tries(store: PostgresEvaluations, new: EvalRun, old: EvalRun) -> list[str]:
    """Who asks until it ships and weighs that night has tested nothing."""
    if new.config_sha256 == old.config_sha256:
        return []
    alike = [run for run in store.runs(_LOOKED_BACK) if run.config_sha256 == new.config_sha256 and run.cases]
    if len(alike) < 2:
        return []
    return [
        f"{len(alike)} nights were asked under the candidate's setup: one that was chosen for what it says proves "
        "nothing."
    ]


def _more(result: Result) -> int | None:
    if result.outcome is not Outcome.UNDECIDED:
        return None
    cases = needed(result)
    return None if cases is None else cases - result.n


def _told(one: Verdict) -> Mapping[str, Any]:
    result = one.result
    figures = {name: getattr(result, name)
               for name in ("change", "low", "high", "detects", "p_ship", "p_worse", "p_better")}  # fmt: skip
    gate = result.gate
    return {
        "metric": gate.metric, "kind": gate.kind.value, "aim": gate.aim.value, "margin": gate.margin,
        "guard": gate.guard, "outcome": result.outcome.value, "n": result.n,
        **{name: value if math.isfinite(value) else None for name, value in figures.items()},
        "more": one.more, "left_out": one.left_out,
        "lost": list(one.lost), "gained": list(one.gained), "also": list(one.also),
    }  # fmt: skip
