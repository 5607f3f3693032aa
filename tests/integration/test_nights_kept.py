"""What is kept of nights: which are gone on with, which count for what is in use, which are let go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from api.terminal import UsageError
from api.wiring.evaluations import Evaluations
from evals.suites.nightly.asking import night
from evals.suites.nightly.plan import Plan, Suite, planned
from evals.suites.nightly.report import reported, say_report
from evals.systems.nights import NewRun, PostgresEvaluations
from infra.postgres.errors import EvaluationMissing, EvaluationRuns
from infra.postgres.evaluation_health import evaluation_health
from infra.postgres.pool import Pool, transaction
from infra.postgres.releases import PostgresReleases, Release
from infra.postgres.sql import SQL
from tests.integration.scripted import (
    ALL_RIGHT,
    SETUP,
    Scripted,
    asked,
    begun,
    cases_file,
    own,
)


@pytest.fixture
def store(fresh_database: Pool) -> PostgresEvaluations:
    return PostgresEvaluations(fresh_database)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return own(planned(["regression", "adversarial"], [cases_file(tmp_path / "cases.jsonl")]))


def test_a_night_by_a_release_that_is_tried_is_no_measure_of_what_is_in_use(
    store: PostgresEvaluations, plan: Plan, fresh_database: Pool
) -> None:
    _, first = asked(store, plan, Scripted(ALL_RIGHT))
    tried = NewRun("nightly", "abc", "other", plan.sha256, SETUP, {**plan.told, "release": "candidate"})
    run_id, _ = store.begin(tried, plan.datasets)
    worse = Scripted(ALL_RIGHT | {"a-1": lambda case: "It is 9."})
    assert night(store, run_id, plan, worse.over, 1e6, worse.clock) == "done"
    found = reported(store, run_id)
    assert (found.before, found.newly_wrong) == (first.run.id, ["regression/a-1"])
    health = evaluation_health(fresh_database)
    assert (health.finished_at, health.outcomes) == (first.run.ended_at, {"right": 8})
    _, third = asked(store, plan, Scripted(ALL_RIGHT))
    assert (third.before, third.newly_right) == (first.run.id, [])
    assert set(third.case_files) == {"cases.jsonl"}


def test_a_night_by_another_release_lets_one_be_gone_on_with(store: PostgresEvaluations, plan: Plan) -> None:
    usual = NewRun("nightly", "abc", "one", plan.sha256, SETUP, plan.told)
    tried = NewRun("nightly", "abc", "other", plan.sha256, SETUP, {**plan.told, "release": "candidate"})
    first, _ = store.begin(usual, plan.datasets)
    second, goes_on = store.begin(tried, plan.datasets)
    assert (second != first, goes_on) == (True, False)
    assert store.begin(usual, plan.datasets) == (first, True)
    assert store.begin(tried, plan.datasets) == (second, True)
    assert store.begin(replace(usual, config_sha256="two"), plan.datasets)[1] is False
    assert store.find(first).status == "abandoned"


def test_stale_cases_are_told_and_sets_are_listed(
    store: PostgresEvaluations, plan: Plan, capsys: pytest.CaptureFixture[str], fresh_database: Pool
) -> None:
    assert (store.datasets(), evaluation_health(fresh_database).seen_at) == ([], None)
    service = Scripted(ALL_RIGHT)
    service.gone = {"a-2"}
    _, found = asked(store, plan, service)
    assert found.stale == ["a-2"]
    say_report(found)
    assert "Stale" in capsys.readouterr().out
    (version,) = [one for one in store.datasets() if one.name == "cases.jsonl"]
    assert (version.sha256, version.cases, version.nights, version.asked_at is not None) == (
        plan.datasets[-1].sha256, 8, 1, True
    )  # fmt: skip
    health = evaluation_health(fresh_database)
    assert (health.finished_at, health.stale, health.outcomes) == (found.run.ended_at, 1, {"right": 8})
    assert set(health.sets) == {"cases.jsonl"}
    asked(store, plan, Scripted(ALL_RIGHT), seconds=2)
    later = evaluation_health(fresh_database)
    assert (later.finished_at, later.outcomes) == (health.finished_at, {"right": 8})
    assert later.seen_at is not None
    assert health.seen_at is not None
    assert later.seen_at > health.seen_at


def test_old_runs_go_but_the_last_finished_one(store: PostgresEvaluations, plan: Plan, fresh_database: Pool) -> None:
    asked(store, plan, Scripted(ALL_RIGHT))
    _, last = asked(store, plan, Scripted(ALL_RIGHT))
    stopped, newer = asked(store, plan, Scripted(ALL_RIGHT), seconds=2)
    with transaction(fresh_database) as conn:
        conn.execute("UPDATE eval_runs SET ended_at = now() - interval '11 days'")
        assert conn.execute(SQL["drop_old_eval_runs"], {"days": 12}).rowcount == 0
        assert conn.execute(SQL["drop_old_eval_runs"], {"days": 10}).rowcount == 1
    assert stopped == "stopped"
    assert {one.id for one in store.runs()} == {last.run.id, newer.run.id}


def test_one_night_at_a_time(store: PostgresEvaluations) -> None:
    with store.alone(), pytest.raises(EvaluationRuns), store.alone():
        pass
    with store.alone():
        pass


def test_a_run_is_found_by_the_beginning_of_its_id(store: PostgresEvaluations, plan: Plan) -> None:
    with pytest.raises(EvaluationMissing, match="no night yet: `footnote eval nightly`"):
        store.find("")
    first, _ = begun(store, plan)
    assert store.find(first[:8]).id == store.find("").id == first
    with pytest.raises(EvaluationMissing, match="'zz': `footnote eval runs`"):
        store.find("zz")


def test_readers_of_documents_see_nothing_of_evaluations(fresh_database: Pool) -> None:
    for table in ("eval_datasets", "eval_runs", "eval_cases", "eval_metrics"):
        with transaction(fresh_database) as conn:
            conn.execute("SET LOCAL ROLE footnote_reader")
            with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
                conn.execute(sql.SQL("SELECT FROM {}").format(sql.Identifier(table)))


def test_a_set_of_cases_is_known_by_what_it_asks(tmp_path: Path) -> None:
    one = planned(["regression"], [cases_file(tmp_path / "one.jsonl")]).datasets[0]
    same = planned(["regression"], [cases_file(tmp_path / "two.jsonl")]).datasets[0]
    text = (tmp_path / "one.jsonl").read_text(encoding="utf-8")
    (tmp_path / "three.jsonl").write_text(text.replace("312,000", "312,001"), encoding="utf-8")
    assert one.sha256 == same.sha256 != planned(["regression"], [tmp_path / "three.jsonl"]).datasets[0].sha256
    with pytest.raises(UsageError, match="id of its own"):
        planned(["regression"], [tmp_path / "one.jsonl", tmp_path / "three.jsonl"])
    with pytest.raises(UsageError, match="nothing to ask"):
        planned(["regression"], [])
    whole = planned(list(Suite), [])
    assert whole.told["suites"] == {"golden": 70, "adversarial": 58, "performance": 70}
    assert whole.sha256 == planned(list(Suite), []).sha256


def test_any_run_is_compared_with(store: PostgresEvaluations, plan: Plan) -> None:
    _, first = asked(store, plan, Scripted(ALL_RIGHT | {"a-1": lambda case: "It is 9."}))
    asked(store, plan, Scripted(ALL_RIGHT))
    _, third = asked(store, plan, Scripted(ALL_RIGHT))
    assert (third.newly_right, reported(store, third.run.id, first.run.id[:8]).newly_right) == ([], ["regression/a-1"])


def test_a_night_by_what_is_promoted_since_is_one_by_what_is_in_use(
    store: PostgresEvaluations, plan: Plan, fresh_database: Pool
) -> None:
    """Who promotes on a night need not ask another to be fresh; and one that is rolled back tells nothing any more."""
    releases = PostgresReleases(fresh_database)
    for name in ("candidate", "other"):
        releases.add(Release(name, {}, {}, "0" * 64, "operator"), {})
    tried = NewRun("nightly", "abc", "new", plan.sha256, SETUP, {**plan.told, "release": "candidate"})
    run_id, _ = store.begin(tried, plan.datasets)
    service = Scripted(ALL_RIGHT | {"a-1": lambda case: "It is 9."})
    night(store, run_id, plan, service.over, 1e6, service.clock)
    assert evaluation_health(fresh_database).finished_at is None
    releases.promote("candidate", "operator", {})
    releases.begin("other", "shadow", "operator", {})
    health = evaluation_health(fresh_database)
    ended = store.find(run_id).ended_at
    assert (health.finished_at, health.seen_at, health.outcomes) == (ended, ended, {"right": 7, "wrong": 1})
    assert set(health.sets) == {"cases.jsonl"}
    _, found = asked(store, plan, Scripted(ALL_RIGHT))
    assert (found.before, found.newly_right) == (run_id, ["regression/a-1"])
    releases.rollback("operator", {}, name="other")  # the end of a trial changes nothing
    assert evaluation_health(fresh_database).finished_at == found.run.ended_at
    with transaction(fresh_database) as conn:
        conn.execute("DELETE FROM eval_runs WHERE id = %s", (found.run.id,))
        assert conn.execute(SQL["drop_old_eval_runs"], {"days": -1}).rowcount == 0
    assert evaluation_health(fresh_database).finished_at == ended
    releases.rollback("operator", {})
    assert evaluation_health(fresh_database).finished_at is None


def test_a_night_is_compared_with_the_last_one_by_what_was_in_use_then(
    store: PostgresEvaluations, plan: Plan, fresh_database: Pool
) -> None:
    releases = PostgresReleases(fresh_database)
    releases.add(Release("candidate", {}, {}, "0" * 64, "operator"), {})
    _, first = asked(store, plan, Scripted(ALL_RIGHT))
    tried = NewRun("nightly", "abc", "new", plan.sha256, SETUP, {**plan.told, "release": "candidate"})
    nights = []
    for _ in range(2):
        nights.append(store.begin(tried, plan.datasets)[0])
        service = Scripted(ALL_RIGHT)
        night(store, nights[-1], plan, service.over, 1e6, service.clock)
    releases.promote("candidate", "operator", {})
    _, after = asked(store, plan, Scripted(ALL_RIGHT))
    assert after.before == nights[1]
    assert reported(store, nights[1]).before == first.run.id  # as it was when it was asked


def test_a_candidate_s_night_is_not_the_night_that_is_due(
    store: PostgresEvaluations, plan: Plan, fresh_database: Pool
) -> None:
    tried = NewRun("nightly", "abc", "new", plan.sha256, SETUP, {**plan.told, "release": "candidate"})
    store.begin(tried, plan.datasets)
    assert evaluation_health(fresh_database).seen_at is None
    begun(store, plan)
    assert evaluation_health(fresh_database).seen_at is not None


def test_a_case_of_a_file_that_has_grown_is_the_same_case(store: PostgresEvaluations, tmp_path: Path) -> None:
    small, grown = (
        own(planned(["regression"], [cases_file(tmp_path / f"{count}.jsonl", count, 0)])) for count in (4, 6)
    )
    _, first = asked(store, small, Scripted(ALL_RIGHT))
    service = Scripted(ALL_RIGHT | {"a-1": lambda case: "It is 9."})
    service.documents = "b" * 64
    _, found = asked(store, grown, service)
    assert (found.newly_wrong, found.overlooked, found.before) == (["regression/a-1"], 2, first.run.id)
    page = Evaluations(store._pool).report(found.run.id)
    assert page is not None
    assert ([one.case_id for one in page.turned.wrong], page.turned.paired) == (["a-1"], 4)
    told = {one.case_id: (one.version, one.evidence) for one in store.cases(found.run.id)}
    was = {one.case_id: (one.version, one.evidence) for one in store.cases(first.run.id)}
    assert all(told[case][0] == was[case][0] != "" for case in was)
    assert {one[1] for one in told.values()} == {"b" * 64} != {one[1] for one in was.values()}


def test_every_word_of_a_case_is_in_its_version(tmp_path: Path) -> None:
    path = cases_file(tmp_path / "cases.jsonl", 1, 0)
    text = path.read_text(encoding="utf-8")
    (task,) = own(planned(["regression"], [path])).tasks
    for word, other in (("flat 0", "flat 9"), ("vera", "zoe"), ('["legal"]', '["hr"]'), ("The secret", "The"),
                        ('[["312,000"]]', '[["312,001"]]'), ("lease.pdf", "let.pdf")):  # fmt: skip
        path.write_text(text.replace(word, other), encoding="utf-8")
        (changed,) = own(planned(["regression"], [path])).tasks
        assert changed.version != task.version, word
    attacks = planned(["adversarial"], [], attacks=12).tasks
    assert len({task.version for task in attacks}) == len(attacks)
