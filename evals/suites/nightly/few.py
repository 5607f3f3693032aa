"""RAGAS on a random few of a night's answers, after everything else: it takes too long for all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from statistics import median

from api.terminal import counted, note
from evals.measuring.progress import progress
from evals.suites.nightly.plan import Plan
from evals.suites.nightly.scoring import figures
from evals.systems.nights import CaseResult, MetricValue, PostgresEvaluations, Service
from evals.systems.second_opinions import FAITHFULNESS, JudgeAt, Score, installed, pinned
from evals.types import Case
from generation.errors import GenerationError
from generation.types import Status

DRAWN, MISCOUNTED, SECONDS = "ragas_drawn", "ragas_miscounted", "seconds_ragas"
Clock = Callable[[], float]
Open = Callable[[str], AbstractContextManager[Service]]


@dataclass(frozen=True, slots=True)
class Few:
    """`count`: how many answers, 0 for none; `share`: of a night's time, kept for them; `seconds`: the most for one
    metric of one answer; `own`: a judge elsewhere sees this installation's documents, too, not only the sample's."""

    count: int
    share: float
    judge: JudgeAt
    own: bool = False
    seconds: float = 120.0

    @property
    def wanted(self) -> bool:
        return self.count > 0 and installed()

    @property
    def told(self) -> dict[str, object]:
        """As the run keeps it: with the day that it began and a case's id it says what is drawn."""
        if not self.wanted:
            return {"ragas": None}
        return {
            "ragas": {"by": pinned(), "judge": self.judge[1] or "own", "count": self.count, "seconds": self.seconds}
        }

    def may_see(self, case: CaseResult) -> bool:
        return self.own or not self.judge[0] or case.store == "sample"


def drawn(cases: Sequence[CaseResult], day: str, count: int) -> list[CaseResult]:
    """Of the answers that were given, `count` in an order that the day and the case's id decide: anybody can draw them
    again, and another day draws others."""

    def order(case: CaseResult) -> str:
        return hashlib.sha256(f"{day}\0{case.suite}\0{case.case_id}".encode()).hexdigest()

    given = [one for one in cases if one.audit_id and one.status in {Status.ANSWERED, Status.PARTIAL}]
    return sorted(given, key=order)[:count]


def judge_few(
    store: PostgresEvaluations, run_id: str, plan: Plan, over: Open, few: Few, seconds: float, clock: Clock
) -> None:
    """Scores what was drawn and has no score yet, and works the suites' figures out anew. None is begun that by the
    median so far would not be scored in time, and what is under way at the end is broken off. What is not reached is
    reached by the next call, of the same night; the draw stays. What it takes to open a store is not counted."""
    run, cases = store.find(run_id), [one for one in store.cases(run_id) if few.may_see(one)]
    chosen = _chosen(store, run_id, cases, f"{run.started_at:%Y-%m-%d}", few.count)
    known = [one for one in store.metrics(run_id) if one.case_id and one.name == SECONDS]
    scored, took = {(one.suite, one.case_id) for one in known}, [one.value or 0.0 for one in known]
    asked = {(task.suite.value, task.case.id): task.case for task in plan.tasks}
    waiting = [one for one in chosen if (at := (one.suite, one.case_id)) in asked and at not in scored]
    ends, left = clock() + seconds, len(waiting)
    for place in sorted({one.store for one in waiting}):
        here = [one for one in waiting if one.store == place]
        opening = clock()
        with over(place) as service:
            ends += clock() - opening
            until = clock() + (ends - clock()) * len(here) / left
            left -= len(here)
            missing = _judge(store, run_id, here, asked, service, few, until, clock, took)
        if missing:
            note(f"RAGAS: {missing} of {counted(len(here), 'answer')} ({place}) without a score, for want of time or a "
                 "judge. The same command goes on with them.")  # fmt: skip
    store.end(run_id, run.status, figures(store.cases(run_id), store.metrics(run_id)))


def case_values(case: CaseResult, scores: Sequence[Score]) -> Iterator[MetricValue]:
    """None where RAGAS gave no number: it is counted, and in no mean."""
    for one in scores:
        missing = one.value is None
        yield MetricValue(
            case.suite, case.case_id, f"ragas_{one.name}", one.value, n=int(not missing), nans=int(missing)
        )
        if one.name == FAITHFULNESS and not missing:
            yield MetricValue(case.suite, case.case_id, MISCOUNTED, float(one.miscounted))
    yield MetricValue(case.suite, case.case_id, SECONDS, sum(one.seconds for one in scores))


def _chosen(
    store: PostgresEvaluations, run_id: str, cases: Sequence[CaseResult], day: str, count: int
) -> list[CaseResult]:
    """Those drawn by an earlier call of the night, and as many more as are missing; each is marked as drawn."""
    marked = {(one.suite, one.case_id) for one in store.metrics(run_id) if one.case_id and one.name == DRAWN}
    before = [one for one in cases if (one.suite, one.case_id) in marked]
    others = [one for one in cases if (one.suite, one.case_id) not in marked]
    more = drawn(others, day, max(0, count - len(before)))
    for one in more:
        store.add(run_id, one, [MetricValue(one.suite, one.case_id, DRAWN, 1.0)])
    return drawn([*before, *more], day, len(before) + len(more))


def _judge(
    store: PostgresEvaluations,
    run_id: str,
    waiting: Sequence[CaseResult],
    asked: dict[tuple[str, str], Case],
    service: Service,
    few: Few,
    until: float,
    clock: Clock,
    took: list[float],
) -> int:
    """How many are left. `took`: the seconds of those that were scored; it grows."""
    if service.second is None:
        return len(waiting)
    note(f"RAGAS scores {counted(len(waiting), 'answer')} ({service.store}); each takes a minute or more.")
    opinion = service.second(few.judge, few.seconds)
    with progress(f"RAGAS, {service.store}", len(waiting)) as step:
        for at, case in enumerate(waiting):
            began = clock()
            if until <= began or (took and median(took) > until - began):
                return len(waiting) - at
            try:
                scores = opinion(asked[case.suite, case.case_id], case.audit_id or "", until - began)
            except GenerationError as error:
                note(f"The judge is gone: {error}")
                return len(waiting) - at
            if scores is None:
                return len(waiting) - at
            took.append(clock() - began)
            store.add(run_id, case, list(case_values(case, scores)))
            told = "  ".join(f"{one.name} {one.why if one.value is None else round(one.value, 2)}" for one in scores)
            step(f"{case.suite:<12} {case.case_id:<18} {told}")
    return 0
