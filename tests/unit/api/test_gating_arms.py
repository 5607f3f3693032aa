"""Several metrics of a canary, an A/B or a shadow: the errors hold, what stands first stands, arms are of their sizes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from api.gating.arms import FIRST, WITHIN, Measure, Pair, Seen, lopsided, speed, watch, watch_pairs
from api.gating.sequential import Step, interval
from evals.suites.gating.several import MEASURES, PAIRED, answers, pairs

ANSWERED = (Measure("answered", 0.05),)


def asked(person: str, candidate: bool, value: float, seconds: float | None = 1.0) -> list[Seen]:
    return [Seen(person, candidate, {"answered": value}, seconds)] * FIRST


def test_a_candidate_that_abstains_always_is_rolled_back_soon() -> None:
    seen = [one for at in range(60) for one in asked(f"p{at}", at % 2 == 0, float(at % 2))]
    found = watch(seen, 0.5, ANSWERED)
    assert (found.step, found.because, found.candidate, found.current) == (Step.ROLL_BACK, ("answered",), 30, 30)
    assert found.after is not None
    assert found.after < 40
    (reading,) = found.readings
    assert (reading.candidate, reading.current, reading.shown) == (0.0, 1.0, "worse")
    assert reading.high < -0.5
    later = watch([*seen, *(one for at in range(900) for one in asked(f"q{at}", at % 2 == 0, 1.0))], 0.5, ANSWERED)
    assert (later.step, later.after) == (Step.ROLL_BACK, found.after)  # what stands first stands


def test_people_count_once_and_only_when_they_have_answers_enough() -> None:
    seen = [*asked("ann", True, 0.0), *asked("ann", True, 1.0), *asked("ben", False, 1.0)[:-1]]
    found = watch(seen, 0.5, ANSWERED)
    assert (found.candidate, found.current, found.open, found.step) == (1, 0, 1, Step.GO_ON)
    assert found.because == ("answered",)
    assert watch([], 0.5, ANSWERED).readings[0].change == 0.0


def test_rolling_back_takes_more_evidence_the_more_metrics_there_are() -> None:
    seen = [one for at in range(200) for one in asked(f"p{at}", at % 2 == 0, 1.0 - 0.6 * (at % 4 == 0))]
    alone = watch(seen, 0.5, ANSWERED)
    many = [Seen(s.person, s.candidate, {**s.values, **{f"m{n}": 1.0 for n in range(9)}}, 1.0) for s in seen]
    among = watch(many, 0.5, (*ANSWERED, *(Measure(f"m{n}", 0.05) for n in range(9))))
    assert alone.after is not None
    assert among.after is not None
    assert among.after > alone.after


def test_errors_of_both_kinds_with_five_metrics() -> None:
    rng = np.random.default_rng(12)
    equal = [watch(answers(rng, {}, 0.5, 500), 0.5, MEASURES).step for _ in range(40)]
    assert equal.count(Step.ROLL_BACK) <= 5
    harm = [watch(answers(rng, {"answered": 0.15}, 0.5, 500), 0.5, MEASURES) for _ in range(30)]
    assert sum(one.step is Step.ROLL_BACK for one in harm) >= 25
    assert all("answered" in one.because for one in harm if one.step is Step.ROLL_BACK)
    both = [watch_pairs(pairs(rng, {}, 500), PAIRED).step for _ in range(40)]
    assert both.count(Step.ROLL_BACK) <= 5
    assert both.count(Step.PROMOTE) >= 34
    at_margin = [watch_pairs(pairs(rng, {"answered": 0.05}, 500), PAIRED).step for _ in range(40)]
    assert at_margin.count(Step.PROMOTE) <= 5


def test_a_slow_tail_is_found_where_the_middle_is_the_same() -> None:
    rng = np.random.default_rng(13)
    seen = []
    for at in range(600):
        drawn = bool(rng.random() < 0.5)
        for _ in range(FIRST):
            seconds = 30.0 if drawn and rng.random() < 0.3 else float(rng.normal(4, 0.3))
            seen.append(Seen(f"p{at}", drawn, {"answered": 1.0}, seconds))
    found = watch(seen, 0.5, (*ANSWERED, Measure(WITHIN, 0.05)))
    assert (found.step, found.because) == (Step.ROLL_BACK, (WITHIN,))
    quick = [Seen(s.person, s.candidate, s.values, float(rng.normal(4, 0.3))) for s in seen]
    assert watch(quick, 0.5, (*ANSWERED, Measure(WITHIN, 0.05))).step is Step.PROMOTE


def test_an_interval_holds_the_change_at_every_look() -> None:
    rng = np.random.default_rng(14)
    missed = 0
    for _ in range(100):
        seen = [float(one) for one in rng.choice([1.0, 0.0, -1.0], p=[0.05, 0.7, 0.25], size=300)]
        low, high = interval(seen)
        missed += not low <= -0.2 <= high
        assert low < np.mean(seen) < high
    assert missed <= 10
    assert interval([]) == (-1.0, 1.0)
    narrow, wide = interval([-0.2, 0.0] * 400), interval([-0.2, 0.0] * 20)
    assert narrow[1] - narrow[0] < (wide[1] - wide[0]) / 3


def test_pairs_have_the_change_of_each_person() -> None:
    both = [Pair(f"p{at}", {"answered": 0.0}, {"answered": 1.0}) for at in range(40) for _ in range(FIRST)]
    found = watch_pairs(both, ANSWERED)
    assert (found.step, found.candidate, found.current) == (Step.ROLL_BACK, 40, 40)
    assert found.readings[0].change == -1.0


def test_arms_of_other_sizes_than_drawn_are_told() -> None:
    assert lopsided(100, 100, 0.5) < 1
    assert lopsided(60, 140, 0.5) > 100
    assert lopsided(20, 180, 0.1) < 1
    rng = np.random.default_rng(15)
    ever = 0
    for _ in range(60):
        drawn = np.cumsum(rng.random(150) < 0.2)
        ever += any(lopsided(int(one), at + 1 - int(one), 0.2) >= 20 for at, one in enumerate(drawn))
    assert ever <= 7


def test_speed_counts_by_ratio() -> None:
    assert (speed(0), speed(500)) == (1.0, 0.0)
    assert speed(4) - speed(4.8) == pytest.approx(speed(20) - speed(24), rel=0.03)
    assert speed(4) - speed(4.8) == pytest.approx(math.log(1.2) / math.log1p(1200), rel=0.03)
