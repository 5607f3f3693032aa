"""How many cases an undecided gate asks for: so many that it then ships, and none where none would."""

from __future__ import annotations

import numpy as np
import pytest

from api.gating.gates import Aim, Gate, Kind, Outcome, Result, Side, decide
from api.gating.needed import needed

RIGHT = Gate("right", Kind.YES_NO, margin=0.05)


def result(gate: Gate, new: Side, old: Side) -> Result:
    (found,) = decide([(gate, new, old)]).results
    return found


def test_without_a_difference_it_is_what_excludes_the_loss() -> None:
    few = result(RIGHT, [True] * 20, [True] * 20)
    more = needed(few)
    assert more is not None
    assert result(RIGHT, [True] * more, [True] * more).outcome is Outcome.SHIP


def test_so_many_cases_like_these_ship_four_times_in_five() -> None:
    draw = np.random.default_rng(1)

    def sides(n: int) -> tuple[list[bool], list[bool]]:
        old = draw.random(n) < 0.8
        flip = draw.random(n) < 0.1
        return list(np.where(flip, draw.random(n) < 0.8, old)), list(old)

    asked = [needed(one) for _ in range(20) if (one := result(RIGHT, *sides(80))).outcome is Outcome.UNDECIDED]
    middle = int(np.median([count for count in asked if count is not None]))
    shipped = sum(result(RIGHT, *sides(middle)).outcome is Outcome.SHIP for _ in range(60))
    assert 36 <= shipped <= 60


def test_none_would_do_where_what_was_seen_is_as_bad_as_the_margin() -> None:
    worse = result(RIGHT, [False] * 2 + [True] * 28, [True] * 30)
    assert worse.outcome is Outcome.UNDECIDED
    assert needed(worse) is None


def test_scores_and_durations_ask_for_more_too() -> None:
    draw = np.random.default_rng(2)
    for gate in (Gate("overlap", Kind.SCORE, margin=0.05), Gate("seconds", Kind.DURATION, margin=0.1)):
        old = draw.random(30) + 0.5
        new = np.clip(old + draw.normal(0, 0.3, 30), 0.1, 2)
        found = result(gate, list(new), list(new[::-1]))
        assert found.outcome is Outcome.UNDECIDED
        assert (needed(found) or 0) > 30
        assert (needed(result(gate, list(old[:5]), list(old[:5]))) or 0) >= 20


def test_no_cases_at_all_and_what_is_decided() -> None:
    never = Gate("leak", Kind.YES_NO, Aim.NEVER, guard=True)
    found = decide([(RIGHT, [True] * 80, [True] * 80), (never, [], [])]).results
    assert needed(found[1]) == 1
    with pytest.raises(ValueError, match="decided"):
        needed(found[0])
