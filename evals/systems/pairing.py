"""The cases of two runs of the evaluation: which are weighed against each other, and which are not, and why."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.gating.gates import Kind
from api.wiring.same_cases import aligned, moved
from evals.systems.gate_files import ANSWERED, FIRST, OUTCOME, SECONDS, Rule
from infra.postgres.evaluations import CaseResult, EvalRun, PostgresEvaluations

__all__ = ["LeftOut", "Pairing", "Place", "Side", "aligned", "changed", "paired", "unasked"]
Place = tuple[str, str, str]  # suite, case, digest of the case set


@dataclass(frozen=True, slots=True)
class Pairing:
    """How many cases both runs have a result of, over the same documents, and what is left out: asked of one alone, or
    in another version of the case; and errors of each side among the pairs."""

    pairs: int
    only_new: int
    only_old: int
    other_version: int
    errors_new: int
    errors_old: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was not weighed, as suite/id. `moved`: the documents of the case's gold have changed between the runs."""

    only_new: tuple[str, ...]
    only_old: tuple[str, ...]
    other_version: tuple[str, ...]
    moved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """A run's cases, and of each its metrics; NaN where one had no number though it should have."""

    run: EvalRun
    cases: Mapping[Place, CaseResult]
    metrics: Mapping[tuple[str, str], Mapping[str, float]]

    @classmethod
    def of(cls, store: PostgresEvaluations, prefix: str, like: Iterable[CaseResult] = ()) -> Side:
        """`like`: cases of the other run, by whose sets those are called that are the same there."""
        run = store.find(prefix)
        metrics: dict[tuple[str, str], dict[str, float]] = {}
        for one in store.metrics(run.id):
            if one.case_id:
                metrics.setdefault((one.suite, one.case_id), {})[one.name] = (
                    math.nan if one.value is None else one.value
                )
        cases = aligned(store.cases(run.id), like)
        return cls(run, {(one.suite, one.case_id, one.dataset): one for one in cases}, metrics)

    def value(self, rule: Rule, place: Place) -> float | bool | None:
        """None: nothing to say of the case."""
        case = self.cases[place]
        if rule.of == ANSWERED:
            return case.outcome != "error"
        if case.outcome == "error":
            return None
        if rule.of == OUTCOME:
            return case.outcome == "right"
        if rule.of in {SECONDS, FIRST}:
            found = case.seconds if rule.of == SECONDS else case.first_seconds
        else:
            found = self.metrics.get(place[:2], {}).get(rule.of)
        if found is None or (rule.gate.kind is Kind.DURATION and found <= 0):
            return None
        if rule.gate.kind is Kind.YES_NO and not math.isnan(found):
            return found == 0.0 if rule.bad else found >= 1.0
        return found


def paired(new: Side, old: Side) -> tuple[Pairing, LeftOut]:
    """`old` is called by the sets of `new`."""
    apart = changed(new, old)
    both = (new.cases.keys() & old.cases.keys()) - apart
    names = [{place[:2] for place in side.cases if place not in both | apart} for side in (new, old)]
    other = names[0] & names[1]
    errors = [sum(side.cases[place].outcome == "error" for place in both) for side in (new, old)]
    groups = (names[0] - other, names[1] - other, other, {place[:2] for place in apart})
    left = LeftOut(*(tuple(sorted(f"{suite}/{case}" for suite, case in group)) for group in groups))
    counts = len(left.only_new), len(left.only_old), len(left.other_version)
    return Pairing(len(both), *counts, errors[0], errors[1]), left


def changed(new: Side, old: Side) -> set[Place]:
    """Cases of both runs of which the documents that they expect have changed."""
    return {place for place in new.cases.keys() & old.cases.keys() if moved(new.cases[place], old.cases[place])}


def unasked(rules: Sequence[Rule], new: Side, old: Side) -> list[Place]:
    """What the other run was asked and the candidate was not, in this version: it may fail in just these."""
    suites = {suite for rule in rules for suite in rule.suites}
    return sorted(place for place in old.cases.keys() - new.cases.keys() if place[0] in suites)
