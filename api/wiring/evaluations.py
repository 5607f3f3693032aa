"""What the nights found, put together from stored rows for whoever looks: the page, the report that is mailed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.gating.slices import Slice, sliced
from api.gating.turned import Turned, turned
from api.wiring.same_cases import aligned
from infra.postgres.decisions import EvalDecision
from infra.postgres.evaluated import Numbered, PostgresEvaluated
from infra.postgres.evaluations import CaseResult, EvalRun, MetricValue, PostgresEvaluations
from infra.postgres.pool import Pool

_NOTHING: Turned[CaseResult] = Turned((), (), 0, 0)


@dataclass(frozen=True, slots=True)
class Figured:
    """A run with the figures of its suites. `planned`: how many cases its plan has."""

    run: EvalRun
    planned: int
    figures: Sequence[MetricValue]


@dataclass(frozen=True, slots=True)
class Page:
    """`last`: where the next page begins, if there is one."""

    runs: Sequence[Figured]
    last: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """A run, set `against` another; None: there is none. `slices`: the worst first."""

    shown: Figured
    against: EvalRun | None
    turned: Turned[CaseResult]
    slices: Sequence[Slice]
    snapshots: Sequence[str]


@dataclass(frozen=True, slots=True)
class Side:
    """A case as it came out in a run."""

    run_id: str
    case: CaseResult
    metrics: Sequence[MetricValue]


class Evaluations:
    """Ids of runs are UUIDs; None: there is no such run, or case."""

    def __init__(self, pool: Pool) -> None:
        self._seen, self._runs = PostgresEvaluated(pool), PostgresEvaluations(pool)

    def page(self, before: int | None, limit: int) -> Page:
        """Newest first."""
        found = self._seen.page(before, limit + 1)
        return Page(self._with_figures(found[:limit]), found[limit - 1].number if len(found) > limit else None)

    def history(self, run_id: str, limit: int) -> Sequence[Figured]:
        """The run and those that began before it, newest first."""
        found = self._seen.run(run_id)
        return self._with_figures(self._seen.page(found.number + 1, limit)) if found else []

    def report(self, run_id: str, against: str | None = None) -> Report | None:
        """Against the last night before it that was finished, where none is named."""
        run = self._run(run_id)
        other_id = against or (self._runs.before(run) if run else None)
        other = self._run(other_id) if other_id else None
        if run is None or (against and other is None):
            return None
        cases = self._runs.cases(run_id)
        return Report(
            shown=_figured(run, self._seen.figures([run_id])[run_id]),
            against=other,
            turned=turned(cases, aligned(self._runs.cases(other.id), cases)) if other else _NOTHING,
            slices=sliced(cases),
            snapshots=sorted({one.snapshot for one in cases if one.snapshot}),
        )

    def decisions(
        self, before: int | None, limit: int, run_id: str | None = None
    ) -> tuple[Sequence[EvalDecision], int | None]:
        """Newest first, and where the next page begins; of a run: those in which it was weighed, on either side."""
        found = self._seen.decisions(before, limit + 1, run_id)
        shown = found[:limit]
        return [one for _, one in shown], shown[-1][0] if len(found) > limit else None

    def cases(
        self, run_id: str, *, suite: str, outcome: str, after: tuple[str, str], limit: int
    ) -> tuple[Sequence[CaseResult], tuple[str, str] | None] | None:
        """By suite and id, and the place after which it goes on."""
        if self._run(run_id) is None:
            return None
        found = self._seen.cases(run_id, suite=suite, outcome=outcome, after=after, limit=limit + 1)
        shown = found[:limit]
        return shown, (shown[-1].suite, shown[-1].case_id) if len(found) > limit else None

    def case(
        self, run_id: str, suite: str, case_id: str, against: str | None = None
    ) -> tuple[Side, Side | None] | None:
        """And the same case in the other run, as `report` chooses it."""
        run = self._run(run_id)
        found = self._seen.case(run_id, suite, case_id)
        if run is None or found is None or (against and self._run(against) is None):
            return None
        other_id = against or self._runs.before(run)
        other = self._seen.case(other_id, suite, case_id) if other_id else None
        return Side(run_id, *found), Side(other_id, *other) if other_id and other else None

    def _run(self, run_id: str) -> EvalRun | None:
        found = self._seen.run(run_id)
        return found.run if found else None

    def _with_figures(self, found: Sequence[Numbered]) -> list[Figured]:
        figures = self._seen.figures([one.run.id for one in found])
        return [_figured(one.run, figures[one.run.id]) for one in found]


def _figured(run: EvalRun, figures: Sequence[MetricValue]) -> Figured:
    return Figured(run, sum(run.plan["suites"].values()), figures)
