"""Gates over paired results: intervals and p-values against brute force and published numbers, and what they decide."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from scipy import stats

from api.gating import scores
from api.gating.gates import Aim, Decision, Gate, Kind, Outcome, decide, holm
from api.gating.pairs import Pairs, interval, p_better, p_not_worse, p_worse, score
from api.gating.sizes import cases, margin_of

RIGHT = Gate("right", Kind.YES_NO, margin=0.05)


def answers(n: int, gained: int, lost: int) -> tuple[list[bool], list[bool]]:
    """Half of the other cases are right on both sides."""
    same = [at % 2 == 0 for at in range(n - gained - lost)]
    return [True] * gained + [False] * lost + same, [False] * gained + [True] * lost + same


def outcome(*sides: tuple[Gate, list[float], list[float]] | tuple[Gate, list[bool], list[bool]]) -> Outcome:
    return decide(sides).outcome


def test_score_interval_has_its_closed_form_without_differences_and_turns_with_the_sides() -> None:
    z = stats.norm.isf(0.025)
    low, high = interval(Pairs(50, 0, 0), 0.95)
    assert high == pytest.approx(z**2 / (50 + z**2))
    assert low == pytest.approx(-high)
    low, high = interval(Pairs(44, 9, 1), 0.95)
    assert interval(Pairs(44, 1, 9), 0.95) == pytest.approx((-high, -low))
    assert float(score(9, 1, 44, low)) == pytest.approx(z)
    assert float(score(9, 1, 44, 0.0)) == pytest.approx(8 / math.sqrt(10))  # McNemar's, where the difference is 0


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (3, 1), (1, 3), (0, 4)])
def test_exact_p_is_the_largest_sum_over_all_outcomes(gained: int, lost: int) -> None:
    n, margin = 12, 0.2
    seen = float(score(gained, lost, n, -margin))
    more = [
        (b, c)
        for b, c in product(range(n + 1), repeat=2)
        if b + c <= n and float(score(b, c, n, -margin)) >= seen - 1e-9
    ]
    largest = max(
        sum(stats.multinomial.pmf((b, c, n - b - c), n, (q - margin, q, 1 - 2 * q + margin)) for b, c in more)
        for q in np.linspace(margin, (1 + margin) / 2, 64)
    )
    assert p_not_worse(Pairs(n, gained, lost), margin) == pytest.approx(largest, abs=1e-6)


def test_no_difference_at_all_ships_from_the_number_of_cases_that_excludes_the_margin() -> None:
    least = next(n for n in range(1, 200) if 0.95**n <= 0.05)
    assert p_not_worse(Pairs(least, 0, 0), 0.05) <= 0.05 < p_not_worse(Pairs(least - 1, 0, 0), 0.05)
    assert outcome((RIGHT, *answers(least, 0, 0))) is Outcome.SHIP
    assert outcome((RIGHT, *answers(least - 1, 0, 0))) is Outcome.UNDECIDED


def test_sign_test_of_those_that_differ() -> None:
    assert p_better(Pairs(100, 5, 0)) == pytest.approx(1 / 32)
    assert p_worse(Pairs(100, 0, 5)) == pytest.approx(1 / 32)
    assert p_better(Pairs(100, 0, 0)) == p_worse(Pairs(100, 0, 0)) == 1.0


def test_a_margin_that_is_shown_ships_a_harm_that_is_shown_blocks_and_the_rest_is_undecided() -> None:
    assert outcome((RIGHT, *answers(400, 20, 22))) is Outcome.SHIP
    assert outcome((RIGHT, *answers(400, 5, 40))) is Outcome.BLOCK
    assert outcome((RIGHT, *answers(60, 4, 5))) is Outcome.UNDECIDED


def test_a_loss_within_the_margin_ships_though_it_is_shown() -> None:
    gained, lost = 10, 40
    assert p_worse(Pairs(2000, gained, lost)) < 0.01
    assert outcome((RIGHT, *answers(2000, gained, lost))) is Outcome.SHIP


def test_better_asks_for_more_than_no_worse() -> None:
    better = Gate("right", Kind.YES_NO, Aim.BETTER)
    assert outcome((better, *answers(400, 20, 20))) is Outcome.UNDECIDED
    assert outcome((better, *answers(400, 40, 5))) is Outcome.SHIP
    assert outcome((better, *answers(400, 5, 40))) is Outcome.BLOCK


def test_one_lost_case_blocks_where_none_may_be_lost() -> None:
    leaks = Gate("no leak", Kind.YES_NO, Aim.NEVER, guard=True)
    fine = (RIGHT, *answers(400, 20, 20))
    assert outcome(fine, (leaks, *answers(40, 0, 0))) is Outcome.SHIP
    assert outcome(fine, (leaks, *answers(40, 3, 1))) is Outcome.BLOCK
    assert outcome(fine, (leaks, [], [])) is Outcome.UNDECIDED
    (_, found) = decide((fine, (leaks, *answers(40, 0, 0)))).results
    assert (1 - found.detects) ** 40 == pytest.approx(0.2)


def test_every_gate_must_ship() -> None:
    guard = Gate("refused", Kind.YES_NO, margin=0.1, guard=True)
    assert outcome((RIGHT, *answers(400, 20, 20)), (guard, *answers(10, 0, 0))) is Outcome.UNDECIDED
    with pytest.raises(ValueError, match="guards alone"):
        decide([(guard, *answers(400, 0, 0))])


def test_holm_steps_down_and_holds_back_a_harm_that_one_metric_alone_would_show() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    shown = answers(60, 0, 5)  # p = 1/32
    quiet = answers(60, 3, 3)
    assert outcome((RIGHT, *shown)) is Outcome.BLOCK
    assert outcome((RIGHT, *shown), (RIGHT, *quiet), (RIGHT, *quiet)) is Outcome.UNDECIDED


def drawn(shift: float, n: int = 200, spread: float = 0.2) -> tuple[list[float], list[float]]:
    rng = np.random.default_rng(1)
    old = rng.uniform(0.3, 0.7, n)
    noise = rng.normal(0, spread, n)
    return list(old + noise - noise.mean() + shift), list(old)


def test_scores_by_the_paired_t_test_with_a_case_against_what_is_shown() -> None:
    new, old = drawn(-0.01)
    found = scores.means(new, old, 0.05, 0.9)
    down, up = (np.append(np.subtract(new, old), case) for case in (-1.0, 1.0))
    assert found.change == pytest.approx(-0.01)
    assert found.p_worse == pytest.approx(float(stats.ttest_1samp(up, 0, alternative="less").pvalue))
    assert found.p_better == pytest.approx(float(stats.ttest_1samp(down, 0, alternative="greater").pvalue))
    assert found.p_not_worse == pytest.approx(float(stats.ttest_1samp(down, -0.05, alternative="greater").pvalue))
    assert found.low == pytest.approx(stats.ttest_1samp(down, 0).confidence_interval(0.9).low)
    assert found.high == pytest.approx(stats.ttest_1samp(up, 0).confidence_interval(0.9).high)


def test_scores_that_rarely_fall_far_do_not_ship_for_being_rare() -> None:
    rng = np.random.default_rng(5)
    falls = [list(np.where(rng.random(100) < 0.1, 0.0, 0.5)) for _ in range(400)]  # a true change of -0.05
    shipped = [scores.means(new, [0.5] * 100, 0.05, 0.9).p_not_worse <= 0.05 for new in falls]
    assert np.mean(shipped) <= 0.05


def test_scores_gate() -> None:
    faithful = Gate("faithfulness", Kind.SCORE, margin=0.05)
    assert outcome((faithful, *drawn(-0.005))) is Outcome.SHIP
    assert outcome((faithful, *drawn(-0.06))) is Outcome.BLOCK
    assert outcome((faithful, *drawn(-0.02, n=40))) is Outcome.UNDECIDED
    assert outcome((faithful, *drawn(0.0, n=19))) is Outcome.UNDECIDED


def test_scores_that_never_differ_say_what_their_number_says() -> None:
    same = [0.5] * 59
    assert scores.means(same, same, 0.05, 0.9).p_not_worse == pytest.approx(0.95**59)


def test_durations_by_the_ratio_of_medians() -> None:
    latency = Gate("first sentence", Kind.DURATION, margin=0.2, guard=True)
    fine = (RIGHT, *answers(400, 20, 20))
    old = list(np.random.default_rng(2).lognormal(1, 0.5, 200))

    def times(factor: float) -> list[float]:
        return [factor * value * noise for value, noise in zip(old, np.geomspace(0.9, 1 / 0.9, 200), strict=True)]

    assert outcome(fine, (latency, times(1.0), old)) is Outcome.SHIP
    assert outcome(fine, (latency, times(1.5), old)) is Outcome.BLOCK
    found = scores.medians(times(2.0), old, 0.2, 0.9)
    assert math.exp(-found.change) == pytest.approx(2.0, rel=0.1)
    with pytest.raises(ValueError, match="above 0"):
        scores.medians([0.0, 1.0], [1.0, 1.0], 0.2, 0.9)


def test_what_is_not_a_number_is_not_decided_over() -> None:
    with pytest.raises(ValueError, match="not a number"):
        decide([(Gate("faithfulness", Kind.SCORE, margin=0.05), [math.nan] * 30, [0.5] * 30)])
    with pytest.raises(ValueError, match="cannot be paired"):
        decide([(RIGHT, [True], [True, False])])


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": Kind.YES_NO},
        {"kind": Kind.YES_NO, "aim": Aim.BETTER, "guard": True},
        {"kind": Kind.SCORE, "aim": Aim.NEVER},
    ],
)
def test_a_gate_that_says_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="right"):
        Gate("right", **wrong)  # type: ignore[arg-type]


def test_sizes_deliver_the_power_that_they_promise() -> None:
    rng = np.random.default_rng(3)
    margin, differing = 0.1, 0.2
    n = cases(margin, differing)
    found = rng.multinomial(n, (differing / 2, differing / 2, 1 - differing), 300)
    shipped = np.mean([p_not_worse(Pairs(n, int(b), int(c)), margin) <= 0.05 for b, c, _ in found])
    assert 0.72 < shipped < 0.9
    assert cases(margin_of(n, differing), differing) <= n < cases(margin_of(n, differing) - 0.001, differing)


def test_the_result_says_what_the_cases_can_tell() -> None:
    found: Decision = decide([(RIGHT, *answers(87, 6, 6))])
    (one,) = found.results
    assert one.detects == pytest.approx(margin_of(87, 13 / 88))
    assert one.low < one.change == 0 < one.high


def test_a_candidate_that_loses_everything_is_told_and_no_division_by_zero() -> None:
    gate = Gate("overlap", Kind.SCORE, margin=0.1)
    assert decide([(gate, [0.0] * 40, [1.0] * 40)]).outcome is Outcome.BLOCK
    assert decide([(gate, [1.0] * 40, [0.0] * 40)]).outcome is Outcome.SHIP


@pytest.mark.parametrize("margin", [math.nan, math.inf, -0.1])
def test_a_margin_is_a_number(margin: float) -> None:
    with pytest.raises(ValueError, match="margin above 0"):
        Gate("seconds", Kind.DURATION, margin=margin)
