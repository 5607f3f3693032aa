"""Slices, gaps and what has turned, against figures worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from scipy.stats import binomtest

from api.gating.shares import gap_interval, wilson
from api.gating.slices import FEWEST, sliced
from api.gating.turned import turned


@dataclass(frozen=True)
class Case:
    case_id: str
    outcome: str
    slices: dict[str, str] = field(default_factory=dict)
    suite: str = "golden"
    dataset: str = "a"


@pytest.mark.parametrize(("hits", "count"), [(0, 7), (7, 7), (1, 1), (3, 10), (56, 70), (999, 1000)])
def test_the_interval_of_a_share_is_the_one_that_scipy_gives(hits: int, count: int) -> None:
    known = binomtest(hits, count).proportion_ci(0.95, method="wilson")
    assert wilson(hits, count) == pytest.approx((known.low, known.high), abs=1e-12)


def test_nothing_says_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_gap_has_the_interval_that_newcombe_published() -> None:
    """Statistics in Medicine 17 (1998), table II, method 10: 56/70 less 48/80, and 9/10 less 3/10."""
    assert gap_interval(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert gap_interval(9, 10, 3, 10) == pytest.approx((0.1705, 0.8090), abs=5e-5)


def test_a_slice_is_set_against_the_rest_of_its_suite() -> None:
    cases = [Case(f"b{at}", "right" if at < 3 else "wrong", {"kind": "table"}) for at in range(10)]
    cases += [Case(f"g{at}", "right" if at < 9 else "wrong", {"kind": "text"}) for at in range(10)]
    cases += [Case("e", "error", {"kind": "table"})]
    table, text = sliced(cases)
    assert (table.name, table.n, table.right, table.share) == ("table", 10, 3, 0.3)
    assert (table.rest, table.rest_right, table.gap, table.worse) == (10, 9, pytest.approx(-0.6), True)
    both = gap_interval(3, 10, 9, 10, 0.975)  # two slices are looked at: at 95 % together
    assert (table.gap_low, table.gap_high) == pytest.approx(both)
    assert both[0] < -0.8090
    assert both[1] > -0.1705
    assert (text.gap, text.worse) == (pytest.approx(0.6), False)


def test_too_few_cases_and_a_slice_that_is_all_are_none() -> None:
    few = [Case(f"a{at}", "wrong", {"kind": "few"}) for at in range(FEWEST - 1)]
    rest = [Case(f"b{at}", "right", {"kind": "many"}) for at in range(FEWEST)]
    assert [one.name for one in sliced([*few, *rest])] == ["many"]
    assert sliced(rest) == []


def test_what_turned_is_of_the_same_version_of_a_case_and_never_an_error() -> None:
    before = [Case("a", "right"), Case("b", "wrong"), Case("c", "right"), Case("d", "error"), Case("e", "right")]
    now = [
        Case("a", "wrong"),
        Case("b", "right"),
        Case("c", "wrong", dataset="b"),
        Case("d", "wrong"),
        Case("e", "error"),
        Case("f", "right"),
    ]
    found = turned(now, before)
    assert ([one.case_id for one in found.wrong], [one.case_id for one in found.right]) == (["a"], ["b"])
    assert (found.paired, found.overlooked) == (2, 3)
