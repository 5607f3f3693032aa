"""Canaries looked at after every person, drift, and judged samples: errors hold, changes are found."""

from __future__ import annotations

import numpy as np
import pytest

from api.gating.drift import distance, stability
from api.gating.powered import mean
from api.gating.sequential import Person, Step, canary, closed, look


def changes(rng: np.random.Generator, effect: float, n: int = 800) -> list[float]:
    return list(rng.choice([1.0, 0.0, -1.0], p=[0.1 + effect / 2, 0.8, 0.1 - effect / 2], size=n))


def steps(effect: float, runs: int = 200) -> list[Step]:
    rng = np.random.default_rng(4)
    return [look(changes(rng, effect), 0.1).step for _ in range(runs)]


def test_error_under_looking_after_every_person() -> None:
    harmless, harmful = steps(0.0), steps(-0.1)
    assert harmless.count(Step.ROLL_BACK) <= 0.08 * len(harmless)  # 0.05 and chance
    assert harmless.count(Step.PROMOTE) >= 0.9 * len(harmless)
    assert harmful.count(Step.PROMOTE) <= 0.08 * len(harmful)
    assert harmful.count(Step.ROLL_BACK) >= 0.9 * len(harmful)


def test_the_bet_is_worth_one_on_average_at_its_null() -> None:
    rng = np.random.default_rng(5)
    looks = [look(changes(rng, 0.0, n=15), 0.1) for _ in range(1500)]
    assert np.mean([one.e_worse for one in looks]) == pytest.approx(1.0, abs=0.06)
    at_margin = [look(changes(rng, -0.1, n=15), 0.1) for _ in range(1500)]
    assert np.mean([one.e_within for one in at_margin]) == pytest.approx(1.0, abs=0.06)


def test_the_end_does_not_depend_on_the_order_and_the_first_crossing_counts() -> None:
    seen = changes(np.random.default_rng(6), 0.0)
    there, back = look(seen, 0.1), look(seen[::-1], 0.1)
    assert there.e_worse == pytest.approx(back.e_worse)
    early = look([-1.0] * 20 + [1.0] * 200, 0.1)
    assert early.step is Step.ROLL_BACK
    assert early.decided_after is not None
    assert early.decided_after <= 20
    assert look([], 0.1).step is Step.GO_ON


def arms(rng: np.random.Generator, effect: float, share: float, n: int) -> list[Person]:
    drawn = rng.random(n) < share
    base = rng.beta(8, 2, n)
    right = rng.binomial(5, np.clip(base + effect * drawn, 0, 1)) / 5
    return [Person(bool(one), float(mean)) for one, mean in zip(drawn, right, strict=True)]


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_a_canary_of_drawn_people(share: float) -> None:
    rng = np.random.default_rng(7)
    harmless = [canary(arms(rng, 0.0, share, 1500), share, 0.15).step for _ in range(60)]
    harmful = [canary(arms(rng, -0.2, share, 1500), share, 0.15).step for _ in range(60)]
    assert harmless.count(Step.ROLL_BACK) <= 6
    assert harmless.count(Step.PROMOTE) >= 50
    assert harmful.count(Step.PROMOTE) <= 6
    assert harmful.count(Step.ROLL_BACK) >= 50


def test_a_canarys_change_is_that_of_its_arms() -> None:
    rng = np.random.default_rng(8)
    assert canary(arms(rng, -0.2, 0.3, 40_000), 0.3, 0.15).change == pytest.approx(-0.18, abs=0.03)


def test_a_person_counts_once() -> None:
    asked = [("ann", 1.0), ("ben", -1.0), ("ann", 0.0), ("ann", -1.0), ("ann", -1.0), ("ben", -1.0), ("cay", 1.0)]
    assert closed(asked, 2) == [0.5, -1.0]


@pytest.mark.parametrize(("seen", "margin"), [([2.0], 0.1), ([0.0], 0.0), ([float("nan")], 0.1), ([0.0], 1.0)])
def test_what_cannot_be_bet_on_is_refused(seen: list[float], margin: float) -> None:
    with pytest.raises(ValueError, match="within"):
        look(seen, margin)


def test_stability_of_counts() -> None:
    before = {"answered": 700, "partial": 200, "abstained": 100}
    assert not stability(before, {"answered": 690, "partial": 205, "abstained": 105}).drifted
    moved = stability(before, {"answered": 450, "partial": 200, "abstained": 350})
    assert moved.drifted
    assert moved.largest == "abstained"
    shares, now = np.array([0.7, 0.2, 0.1]), np.array([0.45, 0.2, 0.35])
    assert moved.index == pytest.approx(float(((now - shares) * np.log(now / shares)).sum()), rel=0.01)


def test_a_few_cases_are_not_taken_for_drift() -> None:
    few = stability({"en": 700, "de": 300}, {"en": 5, "de": 5})
    assert few.index > 0.1
    assert not few.drifted
    assert stability({}, {"en": 4}).drifted is False
    assert stability({"en": 300}, {"en": 100, "de": 200}).largest == "de"


def test_energy_distance_is_its_definition_and_finds_a_shift() -> None:
    rng = np.random.default_rng(9)
    one, other = rng.normal(size=(30, 4)), rng.normal(size=(20, 4)) + 1.0

    def apart(x: np.ndarray, y: np.ndarray) -> float:
        return float(np.mean([np.linalg.norm(a - b) for a in x for b in y]))

    found = distance(one, other)
    assert found.distance == pytest.approx(2 * apart(one, other) - apart(one, one) - apart(other, other))
    assert found.drifted
    same = [distance(rng.normal(size=(30, 4)), rng.normal(size=(20, 4)), seed=at, alpha=0.1) for at in range(100)]
    assert sum(one.drifted for one in same) <= 20
    assert np.mean([one.p for one in same]) == pytest.approx(0.5, abs=0.12)


def labelled(
    rng: np.random.Generator, n: int, others: int, good: float
) -> tuple[list[float], list[float], list[float]]:
    """The judge says too often that all is well; `good` is how often it agrees."""
    truth = rng.random(n + others) < 0.7
    judged = np.where(rng.random(n + others) < good, truth, True).astype(float)
    return list(truth[:n].astype(float)), list(judged[:n]), list(judged[n:])


def test_intervals_cover_and_are_narrower_than_labels_alone() -> None:
    rng = np.random.default_rng(10)
    found = [mean(*labelled(rng, 60, 1000, 0.9)) for _ in range(200)]
    assert np.mean([one.low <= 0.7 <= one.high for one in found]) >= 0.91
    assert np.mean([one.worth for one in found]) > 120
    assert all(one.high - one.low <= one.labels_alone[1] - one.labels_alone[0] for one in found[:20])


def test_a_judge_that_knows_nothing_is_not_believed() -> None:
    rng = np.random.default_rng(11)
    people = list((rng.random(200) < 0.7).astype(float))
    found = mean(people, list(rng.random(200)), list(rng.random(2000)))
    assert found.weight < 0.3
    assert found.mean == pytest.approx(float(np.mean(people)), abs=0.02)
    with pytest.raises(ValueError, match="at least 10"):
        mean(people[:9], people[:9], people)
