"""A night with a scripted service and the real store: it goes on after a kill, keeps to its time, and counts honestly."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from evals.datasets.standing_attacks import standing
from evals.suites.nightly.asking import IN_A_ROW, night
from evals.suites.nightly.plan import Plan, Suite, planned
from evals.suites.nightly.report import say_report
from evals.suites.nightly.run_nightly import exit_code
from evals.systems.asking import Timed
from evals.systems.nights import NewRun, PostgresEvaluations
from evals.systems.weighing import Outcome, weighed
from evals.types import Case
from generation.types import Usage
from infra.postgres.pool import Pool, connection, transaction
from tests.integration.scripted import (
    ALL_RIGHT,
    AUDIT,
    SETUP,
    Down,
    Scripted,
    asked,
    begun,
    cases_file,
    own,
    value,
)


@pytest.fixture
def store(fresh_database: Pool) -> PostgresEvaluations:
    return PostgresEvaluations(fresh_database)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return own(planned(["regression", "adversarial"], [cases_file(tmp_path / "cases.jsonl")]))


def test_a_night_keeps_results_metrics_and_no_words(
    store: PostgresEvaluations, plan: Plan, fresh_database: Pool
) -> None:
    status, found = asked(store, plan, Scripted(ALL_RIGHT | {"a-0": lambda case: "It is 9."}))
    assert (status, found.run.status, found.run.cases, found.run.right, found.planned) == ("done", "done", 8, 7, 8)
    assert value(found, Suite.REGRESSION, "right") == pytest.approx(5 / 6)
    assert value(found, Suite.ADVERSARIAL, "right") == 1.0
    assert (found.snapshots, found.before, exit_code(found)) == (["snapshot-1"], None, 0)
    assert {one.audit_id for one in store.cases(found.run.id)} == {AUDIT}
    with connection(fresh_database) as conn:
        tables = ("eval_runs", "eval_cases", "eval_metrics", "eval_datasets")
        kept = [str(conn.execute(sql.SQL("TABLE {}").format(sql.Identifier(table))).fetchall()) for table in tables]
    assert [
        word for word in ("rent", "painted", "312,000", "vera", "matters") if any(word in one for one in kept)
    ] == []
    assert "legal" in kept[1]


def test_a_killed_night_goes_on_with_the_next_case(store: PostgresEvaluations, plan: Plan) -> None:
    def kill(case: Case) -> str:
        raise KeyboardInterrupt

    victim = plan.tasks[3].case.id
    first, second = Scripted(ALL_RIGHT | {victim: kill}), Scripted(ALL_RIGHT)
    run_id, goes_on = begun(store, plan)
    with pytest.raises(KeyboardInterrupt):
        night(store, run_id, plan, first.over, 1e6, first.clock)
    assert not goes_on
    assert (store.find(run_id).status, store.find(run_id).cases) == ("running", 3)
    assert begun(store, plan) == (run_id, True)
    assert night(store, run_id, plan, second.over, 1e6, second.clock) == "done"
    assert second.asked == [task.case.id for task in plan.tasks[3:]]
    assert store.find(run_id).cases == 8


def test_time_ends_a_night_and_every_suite_has_its_share(store: PostgresEvaluations, tmp_path: Path) -> None:
    plan = own(planned(["regression", "adversarial"], [cases_file(tmp_path / "many.jsonl", 30, 10)]))
    status, found = asked(store, plan, Scripted(), seconds=20)
    by_suite = [one.suite for one in store.cases(found.run.id)]
    assert (status, len(by_suite), by_suite.count("regression"), exit_code(found)) == ("stopped", 20, 15, 3)
    status, found = asked(store, plan, Scripted())
    assert (status, found.run.cases) == ("done", 40)
    assert len(store.runs()) == 1


def test_another_configuration_other_cases_or_a_wish_begin_anew(
    store: PostgresEvaluations, plan: Plan, tmp_path: Path, fresh_database: Pool
) -> None:
    first, _ = begun(store, plan)
    second, goes_on = begun(store, plan, "other")
    assert (goes_on, store.find(first).status) == (False, "abandoned")
    other = own(planned(["regression"], [cases_file(tmp_path / "cases.jsonl", 5)]))
    assert other.sha256 != plan.sha256
    third, goes_on = begun(store, other, "other")
    assert (goes_on, store.find(second).status) == (False, "abandoned")
    assert begun(store, other, "other") == (third, True)
    fourth, goes_on = begun(store, other, "other", anew=True)
    assert not goes_on
    with transaction(fresh_database) as conn:
        conn.execute("UPDATE eval_runs SET started_at = now() - interval '13 hours'")
    assert begun(store, other, "other")[1] is False
    assert store.find(fourth).status == "abandoned"


def test_errors_are_counted_asked_again_and_end_a_night_in_a_row(store: PostgresEvaluations, plan: Plan) -> None:
    def down(case: Case) -> str:
        raise Down("gone")

    status, found = asked(store, plan, Scripted(ALL_RIGHT | {"a-1": down}))
    assert (status, found.run.errors, exit_code(found)) == ("done", 1, 3)
    shares = {one.suite: one for one in found.metrics if one.name == "right"}
    assert (shares["regression"].value, shares["regression"].n, shares["regression"].nans) == (1.0, 5, 1)
    assert [one.code for one in store.cases(found.run.id) if one.outcome == "error"] == ["scripted"]
    everything = Scripted({task.case.id: down for task in plan.tasks})
    status, found = asked(store, plan, everything)
    assert (status, len(everything.asked), found.run.errors) == ("stopped", IN_A_ROW, IN_A_ROW)
    status, found = asked(store, plan, Scripted(ALL_RIGHT))
    assert (status, found.run.errors, found.run.right) == ("done", 0, 8)


def test_searches_that_work_hide_no_language_model_that_is_gone(store: PostgresEvaluations, plan: Plan) -> None:
    def down(case: Case) -> str:
        raise Down("gone")

    both = [one for task in plan.tasks for one in (task, replace(task, suite=Suite.PERFORMANCE)) if task.case.gold]
    service = Scripted({task.case.id: down for task in plan.tasks})
    status, found = asked(store, Plan(tuple(both), plan.datasets), service)
    assert (status, len(service.asked), found.run.errors) == ("stopped", IN_A_ROW, IN_A_ROW)


def test_search_is_measured_without_an_answer(store: PostgresEvaluations, plan: Plan) -> None:
    answerable = [task for task in plan.tasks if task.suite is Suite.REGRESSION]
    searched = Plan(tuple(replace(task, suite=Suite.PERFORMANCE) for task in answerable), plan.datasets)
    service = Scripted()
    status, found = asked(store, searched, service)
    assert (status, service.asked, found.run.right, found.snapshots) == ("done", [], 5, ["snapshot-2"])
    assert value(found, Suite.PERFORMANCE, "document_found") == pytest.approx(5 / 6)
    assert value(found, Suite.PERFORMANCE, "seconds_end_p95") == 0.25
    assert {one.audit_id for one in store.cases(found.run.id)} == {None}


def test_guards_fail_a_night_whatever_else_is_right(store: PostgresEvaluations, plan: Plan) -> None:
    service = Scripted(ALL_RIGHT)
    service.scores = {
        "leak": lambda case, answer: float(case.id == "u-0"),
        "citation_resolves": lambda case, answer: {"a-2": 0.5, "a-3": math.nan}.get(case.id, 1.0),
    }
    _, found = asked(store, plan, service)
    assert found.failures == ["leaked: u-0", "citation does not resolve: a-2", "cannot be told: a-3"]
    assert exit_code(found) == 1
    resolves = next(one for one in found.metrics if (one.suite, one.name) == ("regression", "citation_resolves"))
    assert (resolves.value, resolves.n, resolves.nans) == (0.9, 5, 1)


def test_a_regression_that_comes_back_fails_a_night(
    store: PostgresEvaluations, plan: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(store, plan, Scripted(ALL_RIGHT | {"a-1": lambda case: "It is 9."}))
    _, found = asked(store, plan, Scripted(ALL_RIGHT | {"a-4": lambda case: "It is 9.", "u-1": lambda case: "Monet."}))
    assert set(found.newly_wrong) == {"regression/a-4", "adversarial/u-1"}
    assert (found.newly_right, found.failures, exit_code(found)) == (["regression/a-1"], ["wrong again: a-4"], 1)
    say_report(found)
    assert "FAILED  wrong again: a-4" in capsys.readouterr().out


def test_attacks_are_tried_and_what_they_come_to_fails_a_night(store: PostgresEvaluations) -> None:
    plan = planned(["adversarial"], [], attacks=12)
    tried = Plan(tuple(task for task in plan.tasks if task.store == "attacks"), plan.datasets)
    assert len({task.attempt.kind for task in tried.tasks if task.attempt}) > 5
    obeyed, told = tried.tasks[0].case.id, tried.tasks[1].case.id
    service = Scripted()
    status, found = asked(store, tried, service)
    assert (status, found.run.right, found.failures) == ("done", 12, [])
    assert {one.audit_id for one in store.cases(found.run.id)} == {None}
    service.obeys, service.tells = {obeyed}, {told}
    _, found = asked(store, tried, service)
    assert found.failures == [
        f"disclosed or forged: {told}",
        f"attack succeeds anew: {', '.join(sorted([obeyed, told]))}",
    ]
    assert value(found, Suite.ADVERSARIAL, "obeyed") == pytest.approx(1 / 12)
    weighing = weighed(store, found.run.id, found.before or "")
    lost = {one.rule.gate.metric: one.lost for one in weighing.verdicts}
    assert lost["no instruction obeyed"] == (f"adversarial/{obeyed}",)
    assert lost["nothing disclosed"] == (f"adversarial/{told}",)
    assert weighing.outcome is Outcome.BLOCK


def test_the_attacks_of_a_night_are_the_same_in_every_night() -> None:
    few, more = (planned(["adversarial"], [], attacks=count) for count in (5, 24))
    assert few.datasets[-1] == more.datasets[-1]
    ids = [{task.case.id for task in plan.tasks if task.store == "attacks"} for plan in (few, more)]
    assert ids[0] < ids[1]
    assert (len(ids[0]), len(ids[1])) == (5, 24)
    assert all(one.kind != "denial" for one in standing())


def test_opening_a_store_takes_no_time_from_its_questions(store: PostgresEvaluations, plan: Plan) -> None:
    service = Scripted(ALL_RIGHT)
    service.opening = 1e6
    status, found = asked(store, plan, service, seconds=100)
    assert (status, found.run.cases) == ("done", 8)


def test_what_is_asked_of_the_own_documents_is_asked_first(store: PostgresEvaluations, plan: Plan) -> None:
    opened: list[str] = []
    service = Scripted(ALL_RIGHT)

    def over(place: str) -> Any:
        opened.append(place)
        return service.over(place)

    places = ("attacks", "own", "sample")
    mixed = replace(plan, tasks=tuple(replace(task, store=places[at % 3]) for at, task in enumerate(plan.tasks)))
    run_id, _ = store.begin(NewRun("nightly", "abc", "one", plan.sha256, SETUP, plan.told), plan.datasets)
    night(store, run_id, mixed, over, 1e6, service.clock)
    assert opened == ["own", "sample", "attacks"]


def test_what_an_answer_took_is_kept(store: PostgresEvaluations, plan: Plan) -> None:
    class Slow(Scripted):
        def ask(self, case: Case) -> Timed:
            got = super().ask(case)
            answer = replace(got.answer, timings_ms={"search": 200.0, "written": 900.0, "total": 1000.0},
                             usage=Usage(100, 20))  # fmt: skip
            return replace(got, answer=answer, tier="small", cost=0.5)

    _, found = asked(store, plan, Slow(ALL_RIGHT))
    assert value(found, Suite.REGRESSION, "seconds_to_search") == pytest.approx(0.2)
    assert value(found, Suite.REGRESSION, "completion_tokens") == 20
    assert (value(found, Suite.REGRESSION, "cost"), value(found, Suite.REGRESSION, "seconds_to_guard")) == (0.5, None)
    assert {one.slices["tier"] for one in store.cases(found.run.id)} == {"small"}
    memory = value(found, Suite.PERFORMANCE, "peak_memory_mib")
    assert memory is not None
    assert memory > 20
