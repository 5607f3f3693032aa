"""`footnote bench gates` draws what it says, and tells errors that are too frequent from chance."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from api.gating.gates import Decision, Outcome
from evals.suites.gating import candidates, run_gating, several, watched
from evals.suites.gating.candidates import Rates
from evals.suites.gating.watched import Watched

RATES = Rates("right", 0.05, 300, 0.05, 0.9, 0.0, 0.1, runs=1000)
WATCHED = Watched("canary", 0.0, 0.05, 0.9, 0.05, 100, 200, runs=1000)


def test_drawn_changes_are_the_true_ones() -> None:
    rng = np.random.default_rng(0)
    for draw in (candidates.yes_no(0.2), candidates.scored, candidates.rarely):
        new, old = draw(rng, 60_000, -0.05)
        assert np.mean(new) - np.mean(old) == pytest.approx(-0.05, abs=0.006)
    new, old = candidates.yes_no(0.2)(rng, 60_000, 0.0)
    assert np.mean(np.not_equal(new, old)) == pytest.approx(0.2, abs=0.01)
    slower, before = candidates.timed(rng, 60_000, -0.2)
    assert np.median(slower) / np.median(before) == pytest.approx(np.exp(0.2), rel=0.02)


def test_people_have_tendencies_and_the_mean_change_is_the_true_one() -> None:
    rng = np.random.default_rng(1)
    changes = watched.paired(rng, -0.05, 40_000)
    assert np.mean(changes) == pytest.approx(-0.05, abs=0.01)
    assert np.var(changes) > 0.2 / watched.ASKED * 1.5  # answers of one person resemble each other
    people = watched.arms(rng, -0.1, 0.2, 60_000)
    drawn, rest = ([one.mean for one in people if one.candidate is arm] for arm in (True, False))
    assert np.mean(drawn) - np.mean(rest) == pytest.approx(-0.1, abs=0.015)
    assert len(drawn) / len(people) == pytest.approx(0.2, abs=0.01)


def test_errors_beyond_chance_are_told_and_end_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("judged", "drifting", "together", "several"):
        monkeypatch.setattr(run_gating, name, lambda *_: iter(()))
    monkeypatch.setattr(run_gating, "peeking", lambda *_: 0.2)
    monkeypatch.setattr(run_gating, "alone", lambda *_: iter([RATES]))
    monkeypatch.setattr(run_gating, "canaries", lambda *_: iter([WATCHED]))
    out = tmp_path / "rows.jsonl"
    assert run_gating.run(20, 20, 0, out) == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert {row["row"] for row in rows} == {"size", "rates", "watched", "summary"}
    assert rows[-1]["above"] == []
    for gates, looks in (
        ([replace(RATES, harm_shipped=0.08)], [WATCHED]),
        ([replace(RATES, harmless_blocked=0.08)], [WATCHED]),
        ([RATES], [replace(WATCHED, rolled_back=0.08)]),
        ([RATES], [replace(WATCHED, true_change=-0.05, promoted=0.08)]),
    ):
        monkeypatch.setattr(run_gating, "alone", lambda *_, gates=gates: iter(gates))
        monkeypatch.setattr(run_gating, "canaries", lambda *_, looks=looks: iter(looks))
        assert run_gating.run(20, 20, 0, None) == 1
        assert "Above 5 %" in capsys.readouterr().out


def test_gates_that_let_all_through_would_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "decide", lambda _: Decision(Outcome.SHIP, ()))
    rows = list(candidates.together(20, np.random.default_rng(0), 60))
    assert all(row.harm_shipped == 1.0 for row in rows)


def test_small_runs_of_every_part() -> None:
    rng = np.random.default_rng(2)
    nights = list(candidates.together(20, rng, 80))
    assert [row.runs for row in nights] == [20, 20]
    assert all(row.harm_shipped <= 0.2 for row in nights)
    looks = list(watched.canaries(3, rng, most=300))
    assert len(looks) == 18
    assert all(row.promoted + row.rolled_back <= 1 for row in looks)
    many = list(several.several(3, rng, most=150))
    assert [row.how.startswith("five metrics") for row in many] == [True] * 13
    assert all(row.promoted + row.rolled_back <= 1 for row in many)
    assert 0 <= watched.peeking(5, rng, nights=4) <= 1
    assert all(row.covered > 0.5 for row in watched.judged(20, rng, others=200))
    assert {row.test for row in watched.drifting(20, rng, texts=(30,))} == {"stability index", "energy distance"}
