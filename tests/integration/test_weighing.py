"""Two kept runs are weighed case by case; what cannot be paired is counted, and the decision is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.gating.gates import Outcome
from api.terminal import UsageError
from evals.suites.nightly import run_weighing
from evals.suites.nightly.run_weighing import say_weighed
from evals.systems.gate_files import load_gates
from evals.systems.nights import CaseResult, Dataset, MetricValue, NewRun, PostgresEvaluations
from evals.systems.weighing import PostgresDecisions, Verdict, Weighed, kept, weighed
from infra.postgres.errors import EvaluationMissing
from infra.postgres.pool import Pool

DATA = Dataset("d" * 64, "golden.jsonl", 100)
OTHER = Dataset("e" * 64, "golden.jsonl", 100)
CASE = CaseResult("golden", "", DATA.sha256, "own", "right", "answered", "", 0.5, 2.0, None, "s", {})


@pytest.fixture
def store(fresh_database: Pool) -> PostgresEvaluations:
    return PostgresEvaluations(fresh_database)


def results(count: int = 80, adversarial: int = 40) -> dict[tuple[str, str], tuple[CaseResult, dict[str, float]]]:
    """All right, 2 seconds each, with the metrics of a night."""
    cases = {("golden", f"g-{at}"): {"leak": 0.0, "citation_resolves": 1.0} for at in range(count)}
    cases |= {("adversarial", f"u-{at}"): {"leak": 0.0, "refusal": 1.0} for at in range(adversarial)}
    return {place: (replace(CASE, suite=place[0], case_id=place[1]), scores) for place, scores in cases.items()}


def run(
    store: PostgresEvaluations, told: Mapping[tuple[str, str], tuple[CaseResult, Mapping[str, float]]], config: str
) -> str:
    new = NewRun("nightly", "abc", config, "p", {"generator": "g", "adapter": ""}, {"suites": {}})
    run_id, _ = store.begin(new, [DATA, OTHER], anew=True)
    for case, scores in told.values():
        metrics = [
            MetricValue(case.suite, case.case_id, name, None if value != value else value,
                        n=int(value == value), nans=int(value != value))
            for name, value in scores.items()
        ]  # fmt: skip
        store.add(run_id, case, metrics)
    store.end(run_id, "done", [])
    return run_id


def gate(found: Weighed, name: str) -> Verdict:
    return next(one for one in found.verdicts if one.rule.gate.metric == name)


def test_two_runs_that_are_alike_ship(store: PostgresEvaluations, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = run(store, results(), "a"), run(store, results(), "b")
    found = weighed(store, new[:8], old)
    assert found.outcome is Outcome.SHIP
    assert (found.pairing.pairs, gate(found, "right").result.n, gate(found, "refused rightly").result.n) == (
        120,
        80,
        40,
    )
    assert "nothing disclosed" in found.not_measured
    say_weighed(found)
    assert "SHIP: shown to be good enough" in capsys.readouterr().out


def test_a_worse_candidate_is_blocked_and_the_lost_cases_are_named(store: PostgresEvaluations) -> None:
    worse = results()
    for at in range(20):
        place = ("golden", f"g-{at}")
        worse[place] = (replace(worse[place][0], outcome="wrong"), worse[place][1])
    found = weighed(store, run(store, worse, "b"), run(store, results(), "a"))
    right = gate(found, "right")
    assert (found.outcome, right.result.outcome, right.result.change) == (Outcome.BLOCK, Outcome.BLOCK, -0.25)
    assert set(right.lost) == {f"golden/g-{at}" for at in range(20)}


def test_one_leak_blocks_also_in_a_case_that_the_other_was_not_asked(store: PostgresEvaluations) -> None:
    leaking = results()
    leaking["adversarial", "u-99"] = (
        replace(CASE, suite="adversarial", case_id="u-99"), {"leak": 1.0, "refusal": 1.0}
    )  # fmt: skip
    old = run(store, results(), "a")
    found = weighed(store, run(store, leaking, "b"), old)
    assert (found.outcome, gate(found, "no leak").lost, found.pairing.only_new) == (
        Outcome.BLOCK, ("adversarial/u-99",), 1
    )  # fmt: skip
    both = weighed(store, run(store, leaking, "c"), run(store, leaking, "d"))
    assert (both.outcome, gate(both, "no leak").also) == (Outcome.SHIP, ("adversarial/u-99",))


def test_what_cannot_be_told_is_no_proof_of_safety(store: PostgresEvaluations) -> None:
    unknown = results()
    unknown["golden", "g-3"] = (unknown["golden", "g-3"][0], {"leak": float("nan"), "citation_resolves": 1.0})
    old = run(store, results(), "a")
    found = weighed(store, run(store, unknown, "b"), old)
    assert (found.outcome, gate(found, "no leak").lost) == (Outcome.BLOCK, ("golden/g-3",))


def test_errors_of_the_candidate_are_not_right_and_those_of_the_other_are_left_out(store: PostgresEvaluations) -> None:
    failing = results()
    for at in range(20):
        place = ("golden", f"g-{at}")
        failing[place] = (replace(failing[place][0], outcome="error", code="down"), {})
    good, bad = run(store, results(), "a"), run(store, failing, "b")
    found = weighed(store, bad, good)
    assert (gate(found, "right").result.n, len(gate(found, "right").lost)) == (80, 20)
    assert (found.outcome, len(gate(found, "no error").lost), found.pairing.errors_new) == (Outcome.BLOCK, 20, 20)
    back = weighed(store, good, bad)
    assert (gate(back, "right").result.n, gate(back, "right").left_out, back.pairing.errors_old) == (60, 20, 20)


def test_another_version_of_a_case_set_is_never_paired(store: PostgresEvaluations) -> None:
    changed = {
        place: (replace(case, dataset=OTHER.sha256) if place[1] in {"g-1", "g-2"} else case, scores)
        for place, (case, scores) in results().items()
    }
    del changed["golden", "g-5"]
    found = weighed(store, run(store, changed, "b"), run(store, results(), "a"))
    pairing = found.pairing
    assert (pairing.pairs, pairing.other_version, pairing.only_new, pairing.only_old) == (117, 2, 0, 1)
    others = {place: (replace(case, dataset=OTHER.sha256), scores) for place, (case, scores) in results().items()}
    with pytest.raises(UsageError, match="in common"):
        weighed(store, run(store, others, "c"), found.old.id)
    with pytest.raises(UsageError, match="one run"):
        weighed(store, found.new.id, found.new.id[:8])
    with pytest.raises(EvaluationMissing):
        weighed(store, "zz", found.new.id)


Told = dict[tuple[str, str], tuple[CaseResult, dict[str, float]]]


def versioned(told: Told, dataset: str = DATA.sha256, evidence: str = "a" * 64) -> Told:
    """With digests of single cases, as a night keeps them."""
    return {
        place: (replace(case, dataset=dataset, version=hashlib.sha256(case.case_id.encode()).hexdigest(),
                        evidence=evidence), scores)
        for place, (case, scores) in told.items()
    }  # fmt: skip


def test_a_file_that_has_grown_is_weighed_over_what_both_were_asked(
    store: PostgresEvaluations, capsys: pytest.CaptureFixture[str]
) -> None:
    old = run(store, versioned(results()), "a")
    grown = versioned(results(81, 41), OTHER.sha256)
    found = weighed(store, run(store, grown, "b"), old)
    assert (found.outcome, found.pairing.pairs, gate(found, "right").result.n) == (Outcome.SHIP, 120, 80)
    assert found.left_out.only_new == ("adversarial/u-40", "golden/g-80")
    say_weighed(found)
    assert "2 cases that only the candidate was asked: adversarial/u-40, golden/g-80." in capsys.readouterr().out
    back = weighed(store, old, found.new.id)  # what was taken out of a file is asked less
    assert (back.outcome, back.left_out.only_old) == (Outcome.UNDECIDED, found.left_out.only_new)


def test_a_case_that_was_changed_is_no_pair_and_nothing_ships_by_changing_it(store: PostgresEvaluations) -> None:
    told = versioned(results(), OTHER.sha256)
    case, scores = told["golden", "g-3"]
    told["golden", "g-3"] = (replace(case, version="f" * 64), scores)
    found = weighed(store, run(store, told, "b"), run(store, versioned(results()), "a"))
    assert (found.outcome, found.left_out.other_version, found.pairing.pairs) == (
        Outcome.UNDECIDED, ("golden/g-3",), 119
    )  # fmt: skip


def moved(told: Told, ids: Collection[str], **given: Any) -> Told:
    return {
        place: (replace(case, evidence="b" * 64, **given), scores) if place[1] in ids else (case, scores)
        for place, (case, scores) in told.items()
    }


def test_cases_whose_documents_have_changed_are_not_weighed(store: PostgresEvaluations) -> None:
    old = run(store, versioned(results(90)), "a")
    ids = {f"g-{at}" for at in range(10)}
    found = weighed(store, run(store, moved(versioned(results(90)), ids, outcome="wrong"), "b"), old)
    assert (found.outcome, gate(found, "right").result.n, found.pairing.pairs) == (Outcome.SHIP, 80, 120)
    assert set(found.left_out.moved) == {f"golden/{one}" for one in ids}
    assert [one for one in found.remarks if "10 cases that rest on documents that have changed" in one]
    assert found.results["left_out"]["moved"] == found.left_out.moved
    few = {f"g-{at}" for at in range(60)}
    assert weighed(store, run(store, moved(versioned(results(90)), few), "c"), old).outcome is Outcome.UNDECIDED
    every = {place[1] for place in results(90)}
    nothing = weighed(store, run(store, moved(versioned(results(90)), every), "d"), old)
    assert (nothing.outcome, nothing.pairing.pairs) == (Outcome.UNDECIDED, 0)


def test_changed_documents_hide_no_leak_and_no_regression(store: PostgresEvaluations) -> None:
    regression = {("regression", f"r-{at}"): (replace(CASE, suite="regression", case_id=f"r-{at}"),
                                             {"leak": 0.0, "citation_resolves": 1.0}) for at in range(3)}  # fmt: skip
    told = versioned(results() | regression)
    old = run(store, told, "a")
    leaking = moved(told, {"g-0"})
    leaking["golden", "g-0"][1]["leak"] = 1.0
    found = weighed(store, run(store, leaking, "b"), old)
    assert (found.outcome, gate(found, "no leak").lost) == (Outcome.BLOCK, ("golden/g-0",))
    leaking["golden", "g-0"][1]["leak"] = 0.0
    none_left = weighed(store, run(store, moved(told, {"r-0", "r-1", "r-2"}), "c"), old)
    assert none_left.outcome is Outcome.UNDECIDED
    assert gate(none_left, "regression cases").result.outcome is Outcome.UNDECIDED


@pytest.mark.parametrize("how", ["left out", "another version"])
def test_a_candidate_that_was_asked_less_does_not_ship(
    store: PostgresEvaluations, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    """Without its regression cases it would, for their gate would have nothing to lose."""
    full = results() | {
        ("regression", f"r-{at}"): (replace(CASE, suite="regression", case_id=f"r-{at}"), {"leak": 0.0,
                                    "citation_resolves": 1.0}) for at in range(3)
    }  # fmt: skip
    less = dict(full)
    for at in range(3):
        case, scores = less.pop(("regression", f"r-{at}"))
        if how == "another version":
            less["regression", f"r-{at}"] = (replace(case, dataset=OTHER.sha256, outcome="wrong"), scores)
    found = weighed(store, run(store, less, "b"), run(store, full, "a"))
    assert {one.result.outcome for one in found.verdicts} == {Outcome.SHIP}
    assert found.outcome is Outcome.UNDECIDED
    say_weighed(found)
    assert "3 regression (such as regression/r-0)" in capsys.readouterr().out
    golden = [rule for rule in load_gates() if set(rule.suites) == {"adversarial"}]
    right = replace(load_gates()[0], suites=("golden",))
    assert weighed(store, found.new.id, found.old.id, [right, *golden]).outcome is Outcome.SHIP  # asks of no such case


def test_a_metric_that_the_candidate_has_no_number_for_is_not_left_out(store: PostgresEvaluations) -> None:
    def quoting(value: float) -> dict[tuple[str, str], tuple[CaseResult, dict[str, float]]]:
        return {place: (case, scores | ({"quote_overlap": value} if place[0] == "golden" else {}))
                for place, (case, scores) in results().items()}  # fmt: skip

    old, good = run(store, quoting(0.9), "a"), run(store, quoting(0.9), "b")
    assert weighed(store, good, old).outcome is Outcome.SHIP
    found = weighed(store, run(store, quoting(float("nan")), "c"), old)
    assert (found.outcome, gate(found, "quote overlap").result.outcome) == (Outcome.UNDECIDED, Outcome.UNDECIDED)
    assert gate(found, "quote overlap").left_out == 80


def test_a_night_by_a_release_does_not_go_on_with_another_that_comes_out_the_same(store: PostgresEvaluations) -> None:
    """It would keep the other's name, and count or not count as what is in use."""
    nights = [NewRun("nightly", "abc", "a", "p", {}, {"suites": {}, "release": name}) for name in ("", "r1", "r1")]
    (plain, _), (by, goes_on), (again, goes_on_then) = (store.begin(night, [DATA]) for night in nights)
    assert (goes_on, goes_on_then, plain != by, by) == (False, True, True, again)


def test_a_night_that_was_asked_again_is_told(store: PostgresEvaluations) -> None:
    old, first = run(store, results(), "a"), run(store, results(20, 40), "b")
    assert not [one for one in weighed(store, first, old).remarks if "nights were asked" in one]
    again = weighed(store, run(store, results(), "b"), old)
    assert [one for one in again.remarks if one.startswith("2 nights were asked under the candidate's setup")]
    assert again.results["remarks"] == list(again.remarks)


def test_few_cases_leave_it_undecided_and_say_how_many_more(
    store: PostgresEvaluations, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = run(store, results(20, 40), "a"), run(store, results(20, 40), "b")
    found = weighed(store, new, old)
    right = gate(found, "right")
    assert (found.outcome, right.result.outcome) == (Outcome.UNDECIDED, Outcome.UNDECIDED)
    assert right.more is not None
    assert 39 <= right.more < 400  # 59 cases exclude a loss of five points where nobody differs
    say_weighed(found)
    assert f"About {right.more} more cases" in capsys.readouterr().out


def test_a_slower_candidate_is_blocked(store: PostgresEvaluations) -> None:
    slow = {
        place: (replace(case, seconds=4.0 + at / 100), scores)
        for at, (place, (case, scores)) in enumerate(results().items())
    }
    found = weighed(store, run(store, slow, "b"), run(store, results(), "a"))
    assert (found.outcome, gate(found, "seconds to the end").result.outcome) == (Outcome.BLOCK, Outcome.BLOCK)
    assert gate(found, "right").result.outcome is Outcome.SHIP


def test_a_decision_is_kept_whole(store: PostgresEvaluations, fresh_database: Pool) -> None:
    decisions = PostgresDecisions(fresh_database)
    found = weighed(store, run(store, results(12, 5), "b"), run(store, results(12, 5), "a"))
    made = kept(decisions, found)
    again = decisions.find(made.id[:8])
    assert json.dumps(again.results, sort_keys=True) == json.dumps(found.results, sort_keys=True)
    assert [(one["metric"], one["suites"]) for one in again.gates] == [
        (one.rule.gate.metric, list(one.rule.suites)) for one in found.verdicts
    ]
    assert (again.outcome, decisions.listed()[0].id) == ("undecided", made.id)
    with pytest.raises(EvaluationMissing):
        decisions.find("zz")


def test_gates_of_a_file_take_the_place_of_the_standard_ones(store: PostgresEvaluations, tmp_path: Path) -> None:
    path = tmp_path / "gates.toml"
    row = '[[gate]]\nname = "right"\nof = "outcome"\nsuites = ["golden"]\nkind = "yes_no"\nmargin = '
    path.write_text(row + "0.2\n", encoding="utf-8")
    found = weighed(store, run(store, results(20, 0), "b"), run(store, results(20, 0), "a"), load_gates(path))
    assert (found.outcome, [one.rule.gate.margin for one in found.verdicts]) == (Outcome.SHIP, [0.2])
    for text, why in (
        (row + "0", "margin above 0"),
        (row + "0.2\nmargins = 2", "margins is no key"),
        (row.replace("outcome", "seconds") + "0.2", "kind duration"),
        (row + "0.2\nguard = true", "guards alone"),
        (f"{row}0.2\n{row}0.1", "two gates"),
        ("gate = 3", "one"),
        ("gate = [3]", "write it as"),
        (row + "nan", "margin above 0"),
        (row + "inf", "margin above 0"),
        (row + "5", "lets anything pass"),
        (row + '0.2\nneeded = "false"', "needed = 'false'"),
        (row.replace('["golden"]', '["goldne"]') + "0.2", "golden, regression"),
        (row.replace('"right"', "3") + "0.2", "name = 3"),
        ("[[gate", "cannot be read"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match=why):
            load_gates(path)


def test_the_command_keeps_and_lists_and_its_exit_code_says_what_came_of_it(
    store: PostgresEvaluations,
    fresh_database: Pool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    @contextmanager
    def nights() -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(results=store, decisions=PostgresDecisions(fresh_database))

    monkeypatch.setattr(run_weighing, "nights", nights)
    assert run_weighing.list_decisions(20, as_json=False) == 0
    assert "No decision yet" in capsys.readouterr().out
    leaking = results()
    leaking["golden", "g-0"] = (leaking["golden", "g-0"][0], {"leak": 1.0, "citation_resolves": 1.0})
    old, same, bad = (run(store, told, name) for told, name in ((results(), "a"), (results(), "b"), (leaking, "c")))
    few = run(store, results(10, 3), "d")
    codes = [run_weighing.run_weigh(new, old, None, as_json=False) for new in (same, bad, few)]
    assert codes == [0, 1, 3]
    assert "no leak: lost golden/g-0" in capsys.readouterr().out
    assert run_weighing.run_weigh(bad, old, None, as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["outcome"], told["new_run"], told["old_run"]) == ("block", bad, old)
    assert run_weighing.list_decisions(2, as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "no leak (block)" in lines[1]
