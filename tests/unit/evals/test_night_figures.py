"""Figures of suites and slices, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from api.gating.slices import sliced
from evals.measuring.statistics import gap_interval
from evals.suites.nightly.scoring import summed
from evals.systems.nights import CaseResult


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
    one = summed("golden", "x", [0.781], 0)  # of one case nothing is known of others
    assert (one.value, one.low, one.high, one.n) == (0.781, None, None, 1)
    assert summed("golden", "x", [1.0], 0).low == pytest.approx(0.2065, abs=1e-4)
    means = summed("golden", "x", [0.2, 0.4, 0.6, 0.8], 0)
    assert means.value == pytest.approx(0.5)
    assert means.low is not None
    assert 0.2 <= means.low < 0.5
