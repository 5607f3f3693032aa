"""RAGAS on a night's random few: drawn by id and day, counted where it has no number, gone on with where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from evals.suites.nightly.few import DRAWN, MISCOUNTED, SECONDS, Few, drawn, judge_few
from evals.suites.nightly.plan import Plan, planned
from evals.suites.nightly.report import reported, say_report
from evals.systems.nights import CaseResult, MetricValue, NewRun, PostgresEvaluations, Service
from evals.systems.ragas_scores import Score
from evals.types import Case
from generation.errors import GeneratorUnavailable
from infra.postgres.pool import Pool

AUDIT = "00000000-0000-4000-8000-000000000001"
RESULT = CaseResult("regression", "a-0", "d", "own", "right", "answered", "", 0.5, 1.0, AUDIT, "s", {})


def test_the_same_day_draws_the_same_and_another_day_others() -> None:
    cases = [replace(RESULT, case_id=f"a-{at}") for at in range(200)]
    first = drawn(cases, "2026-11-30", 40)
    assert len({one.case_id for one in first}) == 40
    assert drawn(list(reversed(cases)), "2026-11-30", 40) == first
    assert drawn(cases, "2026-11-30", 10) == first[:10]
    assert len({one.case_id for one in drawn(cases, "2026-12-01", 40)} & {one.case_id for one in first}) < 20
    assert [one.case_id for one in first[:3]] == ["a-138", "a-101", "a-159"]  # on any machine, by any version


def test_the_run_says_how_it_was_drawn() -> None:
    told = Few(40, 0.25, ("https://judge.example/v1", "large", "KEY")).told["ragas"]
    assert told == {"by": "ragas@0.4.3", "judge": "large", "count": 40, "seconds": 120.0}
    assert Few(0, 0.25, ("", "", "")).told == {"ragas": None}


def test_only_answers_that_were_given_are_drawn() -> None:
    others = [
        replace(RESULT, status="abstained"), replace(RESULT, outcome="error", status="", audit_id=None),
        replace(RESULT, audit_id=None), replace(RESULT, case_id="a-9", status="partial"),
    ]  # fmt: skip
    assert [one.case_id for one in drawn(others, "2026-11-30", 40)] == ["a-9"]


class Judge:
    """Scores whatever it is asked; each answer takes ten seconds of `now`."""

    def __init__(self, scores: Callable[[str], Sequence[Score]]) -> None:
        self.scores = scores
        self.asked: list[str] = []
        self.now = 0.0
        self.takes: dict[int, float] = {}  # seconds of the nth that is asked

    def clock(self) -> float:
        return self.now

    @contextmanager
    def over(self, store: str) -> Iterator[Service]:
        def opinion(case: Case, audit_id: str, left: float) -> list[Score] | None:
            assert audit_id == AUDIT
            self.asked.append(case.id)
            self.now += min(left, takes := self.takes.get(len(self.asked), 10.0))
            return list(self.scores(case.id)) if takes <= left else None

        def ask(case: Case) -> None:
            raise AssertionError("nothing is asked again")

        yield Service(store, ask, ask, {}, second=lambda judge, seconds: opinion)  # type: ignore[arg-type]


def scored(case_id: str) -> list[Score]:
    """Of a-1 no faithfulness; of a-2 one of two statements without a verdict."""
    value, why = (None, "time") if case_id == "a-1" else (1.0, "")
    verdicts = 1 if case_id == "a-2" else 2
    return [
        Score("faithfulness", value, why, 20.0, 2, 0 if why else verdicts), Score("answer_relevancy", 0.8, "", 5.0)
    ]  # fmt: skip


@pytest.fixture
def night(fresh_database: Pool, tmp_path: Path) -> tuple[PostgresEvaluations, str, Plan]:
    """Eight cases, all answered but one."""
    path = tmp_path / "cases.jsonl"
    rows = [
        {"id": f"a-{at}", "kind": "answerable", "question": f"What is the rent of flat {at}?",
         "asker": {"user": "vera", "groups": ["legal"]}, "must_contain": [["1"]],
         "evidence": [{"source": "lease.pdf", "page": 1, "quote": "It is 1."}]}
        for at in range(8)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    plan = planned(["regression"], [path])
    store = PostgresEvaluations(fresh_database)
    run_id, _ = store.begin(
        NewRun("nightly", "abc", "c", plan.sha256, {"generator": "g", "adapter": ""}, plan.told), plan.datasets
    )
    for task in plan.tasks:
        status = "abstained" if task.case.id == "a-7" else "answered"
        case = replace(RESULT, case_id=task.case.id, dataset=task.dataset, status=status)
        store.add(run_id, case, [MetricValue("regression", task.case.id, "leak", 0.0)])
    return store, run_id, plan


def judged(
    night: tuple[PostgresEvaluations, str, Plan],
    judge: Judge,
    count: int = 40,
    seconds: float = 1e6,
    at: str = "",
    own: bool = False,
) -> dict[str, MetricValue]:
    store, run_id, plan = night
    store.end(run_id, "done", [])
    judge_few(store, run_id, plan, judge.over, Few(count, 0.25, (at, "", ""), own), seconds, judge.clock)
    assert store.find(run_id).status == "done"
    return {one.name: one for one in store.metrics(run_id) if not one.case_id}


def test_no_number_is_counted_and_in_no_mean(night: tuple[PostgresEvaluations, str, Plan]) -> None:
    found = judged(night, Judge(scored))
    faithful, relevant = found["ragas_faithfulness"], found["ragas_answer_relevancy"]
    assert (faithful.value, faithful.n, faithful.nans) == (1.0, 6, 1)
    assert (relevant.value, relevant.n, relevant.nans) == (pytest.approx(0.8), 7, 0)
    assert (found[MISCOUNTED].value, found[MISCOUNTED].n) == (pytest.approx(1 / 6), 6)
    assert (found[DRAWN].n, found[SECONDS].value) == (7, 25.0)
    assert (found["leak"].n, found["right"].n) == (8, 8)  # our own are of all


def test_what_was_not_reached_is_reached_by_the_next_call_and_the_draw_stays(
    night: tuple[PostgresEvaluations, str, Plan],
) -> None:
    first, second = Judge(scored), Judge(scored)
    found = judged(night, first, count=4, seconds=20.0)
    assert (len(first.asked), found[DRAWN].n, found[SECONDS].n) == (2, 4, 2)
    found = judged(night, second, count=4)
    assert not {*first.asked} & {*second.asked}
    assert (len(second.asked), found[DRAWN].n, found[SECONDS].n) == (2, 4, 4)
    third = Judge(scored)
    judged(night, third, count=4)
    assert third.asked == []
    more = judged(night, third, count=6)
    assert (len(third.asked), more[DRAWN].n) == (2, 6)


def test_none_is_begun_that_would_not_be_scored_in_time(
    night: tuple[PostgresEvaluations, str, Plan], capsys: pytest.CaptureFixture[str]
) -> None:
    judge = Judge(scored)
    found = judged(night, judge, seconds=39.0)  # three in 30 seconds, and 9 are left
    assert (len(judge.asked), judge.now, found[DRAWN].n, found[SECONDS].n) == (3, 30.0, 7, 3)
    assert "4 of 7 answers (own) without a score" in capsys.readouterr().err
    told = reported(night[0], night[1])
    assert told.unscored == 4
    say_report(told)
    assert "RAGAS has scored 3 of the 7 answers that were drawn" in capsys.readouterr().out
    later = Judge(scored)  # what the first call took is known
    assert judged(night, later, seconds=9.0)[SECONDS].n == 3
    assert later.asked == []


def test_what_is_under_way_at_the_end_is_broken_off(night: tuple[PostgresEvaluations, str, Plan]) -> None:
    judge = Judge(scored)
    judge.takes = {2: 500.0}
    assert judged(night, judge, seconds=25.0)[SECONDS].n == 1
    assert (len(judge.asked), judge.now) == (2, 25.0)
    assert judged(night, Judge(scored))[SECONDS].n == 7


def test_a_judge_that_is_gone_leaves_the_rest_to_the_next_call(night: tuple[PostgresEvaluations, str, Plan]) -> None:
    def gone(case_id: str) -> list[Score]:
        raise GeneratorUnavailable("gone")

    assert SECONDS not in judged(night, Judge(gone))
    assert judged(night, Judge(scored))[SECONDS].n == 7


def test_a_judge_elsewhere_is_shown_nothing_of_this_installation(
    night: tuple[PostgresEvaluations, str, Plan],
) -> None:
    judge = Judge(scored)
    assert DRAWN not in judged(night, judge, at="https://judge.example/v1")
    assert judge.asked == []
    assert judged(night, judge, at="https://judge.example/v1", own=True)[DRAWN].n == 7
