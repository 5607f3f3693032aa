"""A night with a scripted service and the real store: it goes on after a kill, keeps to its time, and counts honestly."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from api.gating.slices import sliced
from api.terminal import UsageError
from evals.datasets.attacks import Attempt
from evals.datasets.standing_attacks import standing
from evals.measuring.statistics import gap_interval
from evals.suites.nightly.asking import IN_A_ROW, night
from evals.suites.nightly.plan import Plan, Suite, planned
from evals.suites.nightly.report import Report, reported, say_report
from evals.suites.nightly.run_nightly import exit_code
from evals.suites.nightly.scoring import summed
from evals.systems.asking import Timed
from evals.systems.nights import CaseResult, NewRun, PostgresEvaluations, Service
from evals.systems.weighing import Outcome, weighed
from evals.types import Case
from generation.types import Answer, ModelCard, Status, Usage
from infra.postgres.errors import EvaluationMissing, EvaluationRuns
from infra.postgres.evaluation_health import evaluation_health
from infra.postgres.pool import Pool, connection, transaction
from infra.postgres.sql import SQL
from ingest.errors import FootnoteError
from retrieval.types import ChunkText, Hit, SearchResult

CARD = ModelCard("generator", "", "embedder", "reranker", "judge", "prompt", "snapshot-1")
SETUP = {"generator": "generator", "adapter": ""}
AUDIT = "00000000-0000-4000-8000-000000000001"


class Down(FootnoteError):
    code = "scripted"


class Scripted:
    """Abstains, unless it is told what to reply to a case; every answer takes a second of `now`."""

    def __init__(self, replies: Mapping[str, Callable[[Case], str]] | None = None) -> None:
        self.replies = replies or {}
        self.asked: list[str] = []
        self.obeys: set[str] = set()
        self.tells: set[str] = set()
        self.gone: set[str] = set()
        self.opening = 0.0
        self.now = 0.0
        self.scores: dict[str, Callable[[Case, Answer], float | None]] = {"leak": lambda case, answer: 0.0}

    def clock(self) -> float:
        return self.now

    def ask(self, case: Case) -> Timed:
        self.asked.append(case.id)
        self.now += 1
        said = self.replies.get(case.id, lambda case: "")(case)
        status = Status.ANSWERED if said else Status.ABSTAINED
        return Timed(Answer(said, status, (), (), CARD, audit_id=AUDIT), 0.5 if said else None, 1.0, ())

    @contextmanager
    def over(self, store: str) -> Iterator[Service]:
        self.now += self.opening
        yield Service(store, self.ask, self.search, self.scores, self.attack, self.stale)

    def attack(self, one: Attempt) -> tuple[Answer, dict[str, Any]]:
        """Comes to nothing, but for what `obeys` and `tells` name."""
        self.asked.append(one.id)
        self.now += 1
        judged = dict.fromkeys(("obeyed", "disclosed", "forged", "leaked", "denied", "cautioned", "flagged"), False)
        judged |= {"obeyed": one.id in self.obeys, "disclosed": one.id in self.tells}
        return Answer("", Status.ABSTAINED, (), (), CARD), judged

    def stale(self, case: Case) -> str:
        return "gone" if case.id in self.gone else ""

    def search(self, case: Case) -> tuple[SearchResult, float]:
        """Finds the document of everything but `a-0`."""
        source = "other.pdf" if case.id == "a-0" else case.gold[0].source
        text = case.gold[0].quote
        chunk = ChunkText("c", "d", 1, "0" * 64, "Lease", source, 0, 0, len(text), text, (), 1)
        return SearchResult(case.question, (Hit(chunk, 1.0),), "snapshot-2"), 0.25


@pytest.fixture
def store(fresh_database: Pool) -> PostgresEvaluations:
    return PostgresEvaluations(fresh_database)


def cases_file(path: Path, answerable: int = 6, unanswerable: int = 2) -> Path:
    asker = {"user": "vera.holm", "groups": ["legal"]}
    gold = {"source": "matters/lease.pdf", "page": 1, "quote": "The secret rent is 312,000."}
    rows = [
        {"id": f"a-{at}", "kind": "answerable", "question": f"What is the rent of flat {at}?", "asker": asker,
         "evidence": [gold], "must_contain": [["312,000"]]}
        for at in range(answerable)
    ] + [
        {"id": f"u-{at}", "kind": "unanswerable", "question": f"Who painted room {at}?", "asker": asker, "evidence": [],
         "must_contain": []}
        for at in range(unanswerable)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return own(planned(["regression", "adversarial"], [cases_file(tmp_path / "cases.jsonl")]))


def own(plan: Plan) -> Plan:
    return Plan(tuple(task for task in plan.tasks if task.store == "own"), plan.datasets)


def begun(store: PostgresEvaluations, plan: Plan, config: str = "c", *, anew: bool = False) -> tuple[str, bool]:
    return store.begin(NewRun("nightly", "abc", config, plan.sha256, SETUP, plan.told), plan.datasets, anew=anew)


def asked(store: PostgresEvaluations, plan: Plan, service: Scripted, seconds: float = 1e6) -> tuple[str, Report]:
    run_id, _ = begun(store, plan)
    status = night(store, run_id, plan, service.over, seconds, service.clock)
    return status, reported(store, run_id)


def right(case: Case) -> str:
    return "It is 312,000."


ALL_RIGHT = {f"a-{at}": right for at in range(6)}


def value(found: Report, suite: Suite, name: str) -> float | None:
    return next((one.value for one in found.metrics if (one.suite, one.name) == (suite, name)), None)


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


def test_any_run_is_compared_with(store: PostgresEvaluations, plan: Plan) -> None:
    _, first = asked(store, plan, Scripted(ALL_RIGHT | {"a-1": lambda case: "It is 9."}))
    asked(store, plan, Scripted(ALL_RIGHT))
    _, third = asked(store, plan, Scripted(ALL_RIGHT))
    assert (third.newly_right, reported(store, third.run.id, first.run.id[:8]).newly_right) == ([], ["regression/a-1"])


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


def results(suite: str, slices: Sequence[tuple[str, str]]) -> list[CaseResult]:
    """By group and outcome."""
    base = CaseResult(suite, "", "0" * 64, "own", "right", "answered", "", None, 1.0, None, "", {})
    return [
        replace(base, case_id=str(at), outcome=outcome, slices={"group": group})
        for at, (group, outcome) in enumerate(slices)
    ]


def test_the_worst_slice_is_the_one_that_is_surely_worse_than_the_rest() -> None:
    told = [("big", "wrong")] * 20 + [("big", "right")] * 10 + [("few", "wrong")] * 4 + [("good", "right")] * 30
    told += [("some", "wrong")] * 4 + [("some", "right")] + [("good", "error")]
    found = sliced(results("golden", told))
    assert [(one.name, one.right, one.n) for one in found] == [("big", 10, 30), ("some", 1, 5), ("good", 30, 30)]
    assert (found[0].low, found[0].high) == pytest.approx((0.1923, 0.5122), abs=1e-4)  # Wilson, by hand
    assert (found[0].rest_right, found[0].rest, found[0].gap) == (31, 39, pytest.approx(10 / 30 - 31 / 39))
    assert [one.worse for one in found] == [True, False, False]


def test_a_gap_has_newcombe_s_interval() -> None:
    assert gap_interval(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=1e-4)  # Newcombe 1998, table II, a
    wide = gap_interval(56, 70, 48, 80, 0.99)
    assert wide[0] < 0.0524 < 0.3339 < wide[1]


def test_figures_say_how_sure_they_are() -> None:
    assert summed("golden", "x", [], 3) == summed("golden", "x", (), 3)
    nothing = summed("golden", "x", [], 3)
    assert (nothing.value, nothing.n, nothing.nans) == (None, 0, 3)
    shares = summed("golden", "x", [1.0] * 10, 0)
    assert (shares.low, shares.high) == pytest.approx((0.7225, 1.0), abs=1e-4)
    means = summed("golden", "x", [0.2, 0.4, 0.6, 0.8], 0)
    assert means.value == pytest.approx(0.5)
    assert means.low is not None
    assert 0.2 <= means.low < 0.5
