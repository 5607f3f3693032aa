"""What the nights found, for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from api.http.evaluations import Case, Decision, Figured, Report, Run, Side
from api.http.schemas.recall import KeptOut


class FigureOut(BaseModel):
    """Of a suite, or of one case. `value`: null where there is no number; of `n` cases, with its 95 % interval, where
    it has one; `nans`: of how many more there was no number. Names that begin with `seconds_` are seconds, those that
    end with `_tokens`, `cost` and `peak_memory_mib` are amounts; others are shares, or means of scores from 0 to 1."""

    model_config = ConfigDict(from_attributes=True)

    suite: str
    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    nans: int


class EvaluationOut(BaseModel):
    """`setup`: what decided the answers; `plan`: the suites with their numbers of cases, and the sets they are of.
    `status`: running, stopped (out of time), done or abandoned. `planned`: how many cases there are, of which `cases`
    have a result, `errors` among them."""

    id: str
    what: str
    started_at: datetime
    ended_at: datetime | None
    status: str
    commit: str
    config_sha256: str
    data_sha256: str
    setup: dict[str, Any]
    plan: dict[str, Any]
    planned: int
    cases: int
    right: int
    errors: int
    figures: list[FigureOut]

    @classmethod
    def of(cls, shown: Figured) -> EvaluationOut:
        run = {name: getattr(shown.run, name) for name in cls.model_fields if hasattr(shown.run, name)}
        figures = [FigureOut.model_validate(one) for one in shown.figures]
        return cls(**run, planned=shown.planned, figures=figures)


class EvaluationList(BaseModel):
    runs: list[EvaluationOut]
    next: str | None = None


class OtherEvaluation(BaseModel):
    """The run that one is set against."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    started_at: datetime
    status: str
    commit: str
    config_sha256: str
    data_sha256: str

    @classmethod
    def of(cls, run: Run | None) -> OtherEvaluation | None:
        return None if run is None else cls.model_validate(run)


class SliceOut(BaseModel):
    """`right` of `n` cases of a suite that have this `name` by kind, group, language and such; `low` to `high`: 95 %
    interval of `share`. `gap`: the share less that of the `rest` of the suite, of which `rest_right` are right; its
    interval holds for all slices that were looked at together. `worse`: shown to be worse than the rest."""

    model_config = ConfigDict(from_attributes=True)

    suite: str
    by: str
    name: str
    n: int
    right: int
    share: float
    low: float
    high: float
    rest: int
    rest_right: int
    gap: float
    gap_low: float
    gap_high: float
    worse: bool


class CaseResultOut(BaseModel):
    """A case as it came out: `outcome` is right, wrong or error, with its `code`; `status` that of the answer. `store`:
    over whose documents, "own", "sample" or "attacks", and so in whose trail `audit_id` is; `dataset`: the version of
    its set."""

    model_config = ConfigDict(from_attributes=True)

    suite: str
    case_id: str
    dataset: str
    store: str
    outcome: str
    status: str
    code: str
    first_seconds: float | None
    seconds: float
    audit_id: str | None
    snapshot: str
    slices: dict[str, str]

    @classmethod
    def all(cls, cases: Sequence[Case]) -> list[CaseResultOut]:
        return [cls.model_validate(one) for one in cases]


class EvaluationReport(BaseModel):
    """A run set `against` another, null where there is none. Of cases that both have a result of, in one version of
    their set (`paired` many): which are `newly_wrong`, and `newly_right`; `overlooked`: how many cannot be paired.
    `slices`: those of five cases or more, the worst first."""

    run: EvaluationOut
    against: OtherEvaluation | None
    paired: int
    overlooked: int
    newly_wrong: list[CaseResultOut]
    newly_right: list[CaseResultOut]
    slices: list[SliceOut]
    snapshots: list[str]

    @classmethod
    def of(cls, found: Report) -> EvaluationReport:
        return cls(
            run=EvaluationOut.of(found.shown),
            against=OtherEvaluation.of(found.against),
            paired=found.turned.paired,
            overlooked=found.turned.overlooked,
            newly_wrong=CaseResultOut.all(found.turned.wrong),
            newly_right=CaseResultOut.all(found.turned.right),
            slices=[SliceOut.model_validate(one) for one in found.slices],
            snapshots=list(found.snapshots),
        )


class GateOut(BaseModel):
    """A gate of a decision. `kind`: yes_no, score or duration; `aim`: not_worse (by `margin`), better, or never (may a
    case be lost). `change`: candidate less current, more is better (of durations log(old / new)), `low` to `high` its
    90 % interval; null where there is none. `detects`: the margin within which so many cases let an equal candidate
    ship four times in five; `more`: how many more would decide, where that can be said. `left_out`: cases with a value
    on one side alone. `lost` and `gained`: the yes/no cases that differ, as suite/id; `also`: those of a gate that may
    lose none which both sides lose."""

    metric: str
    kind: str
    aim: str
    margin: float
    guard: bool
    outcome: str
    n: int
    change: float | None
    low: float | None
    high: float | None
    detects: float | None
    more: int | None
    left_out: int
    lost: list[str]
    gained: list[str]
    also: list[str]


class PairingOut(BaseModel):
    """How many cases both runs have a result of (`pairs`), and what is left out."""

    pairs: int
    only_new: int
    only_old: int
    other_version: int
    errors_new: int
    errors_old: int


class DecisionOut(BaseModel):
    """Two runs weighed against each other, as it was decided then: ship, block or undecided. `not_measured`: gates that
    neither run had values for; `remarks`: what to know before the figures."""

    id: str
    at: datetime
    new_run: str
    old_run: str
    outcome: str
    pairing: PairingOut
    gates: list[GateOut]
    not_measured: list[str]
    remarks: list[str]

    @classmethod
    def of(cls, found: Decision) -> DecisionOut:
        own = {name: getattr(found, name) for name in ("id", "at", "new_run", "old_run", "outcome")}
        return cls(**own, **{name: found.results[name] for name in ("pairing", "gates", "not_measured", "remarks")})


class DecisionList(BaseModel):
    decisions: list[DecisionOut]
    next: str | None = None


class CaseResultList(BaseModel):
    cases: list[CaseResultOut]
    next: str | None = None


class SideOut(BaseModel):
    """`answer`: what was answered, as the trail keeps it: for a credential with the scope `audit`, of a caller who may
    read every version that it quotes or names, over this installation's documents; else null."""

    run_id: str
    case: CaseResultOut
    metrics: list[FigureOut]
    answer: KeptOut | None

    @classmethod
    def of(cls, side: Side, answer: KeptOut | None) -> SideOut:
        metrics = [FigureOut.model_validate(one) for one in side.metrics]
        return cls(run_id=side.run_id, case=CaseResultOut.model_validate(side.case), metrics=metrics, answer=answer)


class CaseSides(BaseModel):
    """A case, and the same in the other run, null where that has not asked it. `same`: whether both are of one version
    of its set, so that they can be compared."""

    now: SideOut
    then: SideOut | None
    same: bool
