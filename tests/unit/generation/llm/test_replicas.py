"""Which of several servers is asked next, by a clock of the test's own."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack

import pytest

from generation.errors import GeneratorUnavailable
from generation.llm.replicas import MARGIN, Load, Outcome, Replica, Replicas, State

GONE = GeneratorUnavailable("gone")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def replicas(count: int = 3, clock: Clock | None = None) -> Replicas:
    found = Replicas([Replica(f"gpu{number}", "http://x/v1") for number in range(count)], clock=clock or Clock())
    for replica in found.all:
        found.back(replica)
    return found


def test_a_view_goes_to_one_server_and_views_to_all() -> None:
    found = replicas()
    first = {f"view {number}": found.choose(f"view {number}") for number in range(300)}
    assert {key: found.choose(key) for key in first} == first
    assert all(60 < count < 140 for count in Counter(first.values()).values())


def test_a_server_that_goes_moves_only_what_was_its_own() -> None:
    found = replicas()
    first = {f"view {number}": found.choose(f"view {number}") for number in range(300)}
    found.leave_out(found.all[0], GONE)
    assert all(found.choose(key) is one for key, one in first.items() if one is not found.all[0])
    assert {found.choose(key) for key, one in first.items() if one is found.all[0]} == set(found.all[1:])
    found.back(found.all[0])
    assert {key: found.choose(key) for key in first} == first


def test_the_preferred_server_is_left_above_the_margin_only() -> None:
    found = replicas(2)
    preferred = found.choose("view")
    with ExitStack() as stack:
        for _ in range(MARGIN + 1):
            assert stack.enter_context(found.asked("view")) is preferred
        assert stack.enter_context(found.asked("view")) is not preferred
        assert stack.enter_context(found.asked("view")) is preferred
    assert [replica.under_way for replica in found.all] == [0, 0]


def test_without_a_key_the_least_loaded_is_asked() -> None:
    found = replicas(3)
    with ExitStack() as stack:
        assert {stack.enter_context(found.asked()) for _ in found.all} == set(found.all)


def test_what_others_have_sent_there_counts_while_it_is_fresh() -> None:
    clock = Clock()
    found = replicas(2, clock)
    preferred = found.choose("view")
    with found.asked("view"):
        found.hears(preferred, Load(running=3, waiting=3))  # one of them is ours
        assert preferred.load(clock()) == 6
        with found.asked("other view", without=[one for one in found.all if one is not preferred]):
            assert preferred.load(clock()) == 7
        assert found.choose("view") is not preferred
        clock.now += 11
        assert preferred.load(clock()) == 1
        assert found.choose("view") is preferred


def test_a_pause_doubles_up_to_a_minute_and_many_failures_at_once_are_one() -> None:
    clock = Clock()
    found = replicas(1, clock)
    (only,) = found.all
    pauses = []
    for _ in range(9):
        for _ in range(20):  # requests that were all under way there
            found.leave_out(only, GONE)
        assert not found.due(only)
        pauses.append(only.due_at - clock.now)
        clock.now = only.due_at
        assert found.due(only)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    found.back(only)
    found.leave_out(only, GONE)
    assert only.due_at - clock.now == 1


def test_each_change_is_told_once() -> None:
    told: list[tuple[str, bool]] = []
    ended: list[Outcome] = []
    found = Replicas(
        [Replica("a", "")],
        changed=lambda replica, error: told.append((replica.name, error is None)),
        ended=lambda replica, outcome: ended.append(outcome),
    )
    for _ in range(2):
        found.back(found.all[0])
    for _ in range(2):
        found.leave_out(found.all[0], GONE)
    found.leave_out(found.all[0], GONE, State.OTHER)
    found.count(found.all[0], Outcome.OK)
    assert told == [("a", True), ("a", False), ("a", False)]
    assert ended == [Outcome.OK]
    assert dict(found.outcomes) == {(found.all[0], Outcome.OK): 1}


def test_where_nobody_is_left_each_is_named() -> None:
    found = replicas(2)
    found.leave_out(found.all[0], GONE)
    found.leave_out(found.all[1], GeneratorUnavailable("another model"), State.OTHER)
    with pytest.raises(GeneratorUnavailable, match=r"None of the 2 .*gpu0, gpu1") as caught:
        found.choose("view")
    assert "another model" not in str(caught.value)  # it may name folders, and anybody may read it
    assert [replica.why for replica in found.all] == ["gone", "another model"]
