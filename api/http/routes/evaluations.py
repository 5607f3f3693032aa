"""What the nights found, for administrators (docs/evaluation.md)."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query

from api.http.auth import AUDIT, Identity
from api.http.cursors import read_pair, read_place, written_pair, written_place
from api.http.deps import Admin, Evaluations, FeedbackDesk, Numbers, Recorded
from api.http.evaluations import Side
from api.http.feedback import FeedbackDesk as Desk
from api.http.problems import NotFound
from api.http.schemas.evaluations import (
    CaseResultList,
    CaseResultOut,
    CaseSides,
    DecisionList,
    DecisionOut,
    EvaluationList,
    EvaluationOut,
    EvaluationReport,
    SideOut,
)
from api.http.schemas.recall import KeptOut
from api.http.stored import Numbers as NumbersPart
from generation.people import KeptAnswer

router = APIRouter(prefix="/v1/evaluations", tags=["evaluations"])
Against = Annotated[
    UUID | None, Query(description="The run that it is set against; else the last night before it that was finished.")
]
After = Annotated[str, Query(max_length=1000, description="The `next` of the page before.")]
Word = Annotated[str, Path(max_length=200, pattern=r"^[^\x00]+$")]


@router.get("", response_model=EvaluationList)
def list_evaluations(
    evaluations: Evaluations,
    caller: Admin,
    limit: Annotated[int, Query(ge=1, le=100, description="How many at most.")] = 30,
    after: After = "",
) -> EvaluationList:
    """Every run of the evaluation with the figures of its suites, newest first."""
    page = evaluations.page(read_place(after)[0] if after else None, limit)
    return EvaluationList(
        runs=[EvaluationOut.of(one) for one in page.runs], next=written_place((page.last, 0)) if page.last else None
    )


@router.get("/decisions", response_model=DecisionList)
def list_decisions(
    evaluations: Evaluations,
    caller: Admin,
    run: Annotated[UUID | None, Query(description="Those in which this run was weighed, on either side.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="How many at most.")] = 20,
    after: After = "",
) -> DecisionList:
    """What two runs weighed against each other came to, gate by gate, newest first."""
    found, last = evaluations.decisions(read_place(after)[0] if after else None, limit, _text(run))
    return DecisionList(
        decisions=[DecisionOut.of(one) for one in found], next=written_place((last, 0)) if last else None
    )


@router.get("/{run_id}", response_model=EvaluationReport)
def read_evaluation(run_id: UUID, evaluations: Evaluations, caller: Admin, against: Against = None) -> EvaluationReport:
    """A run: the figures of its suites, its slices, and what has turned since another run."""
    found = evaluations.report(str(run_id), _text(against))
    if found is None:
        raise NotFound("There is no such run.")
    return EvaluationReport.of(found)


@router.get("/{run_id}/cases", response_model=CaseResultList)
def list_cases(
    run_id: UUID,
    evaluations: Evaluations,
    caller: Admin,
    suite: Annotated[str, Query(pattern=r"^[a-z_]{0,60}$", description="Those of one suite.")] = "",
    outcome: Annotated[Literal["", "right", "wrong", "error"], Query(description="Those that came out so.")] = "",
    limit: Annotated[int, Query(ge=1, le=500, description="How many at most.")] = 100,
    after: After = "",
) -> CaseResultList:
    """The cases of a run, by suite and id."""
    place = read_pair(after) if after else ("", "")
    found = evaluations.cases(str(run_id), suite=suite, outcome=outcome, after=place, limit=limit)
    if found is None:
        raise NotFound("There is no such run.")
    cases, last = found
    return CaseResultList(cases=CaseResultOut.all(cases), next=written_pair(last) if last else None)


@router.get("/{run_id}/cases/{suite}/{case_id:path}", response_model=CaseSides)
def read_case(
    run_id: UUID,
    suite: Word,
    case_id: Word,
    evaluations: Evaluations,
    desk: FeedbackDesk,
    numbers: Numbers,
    caller: Admin,
    access: Recorded,
    against: Against = None,
) -> CaseSides:
    """A case beside the same in another run: outcome, metrics, seconds, and for a credential that carries the scope
    `audit` as well what was answered."""
    found = evaluations.case(str(run_id), suite, case_id, _text(against))
    if found is None:
        raise NotFound("There is no such case.")
    sides = [side for side in found if side is not None]
    kept = [_answer(side, desk, caller) for side in sides]
    access.shows(place for one in kept if one for place in sorted(one.rests_on))
    told = [SideOut.of(side, _told(one, numbers, caller)) for side, one in zip(sides, kept, strict=True)]
    same = len({side.case.dataset for side in sides}) == 1
    return CaseSides(now=told[0], then=told[1] if len(told) > 1 else None, same=same)


def _text(run_id: UUID | None) -> str | None:
    return None if run_id is None else str(run_id)


def _answer(side: Side, desk: Desk, caller: Identity) -> KeptAnswer | None:
    """Of the sample's trail, which lies elsewhere, there is none here."""
    if side.case.audit_id is None or side.case.store != "own" or not caller.carries(AUDIT):
        return None
    return desk.may_open(side.case.audit_id, caller.principal, auditor=True)


def _told(kept: KeptAnswer | None, numbers: NumbersPart, caller: Identity) -> KeptOut | None:
    if kept is None:
        return None
    return KeptOut.of(kept, numbers.of(caller.principal, {document_id for document_id, _ in kept.rests_on}))
