"""Askers who do not wait for the end: that counts against the release that they did not wait for."""

from __future__ import annotations

from typing import Any

import pytest

from api.wiring.trials.here import MOST_FAILURES
from api.wiring.trials.weighing import values, weighed
from generation.errors import GeneratorUnavailable
from generation.types import SentenceEvent, StatusEvent
from infra.postgres.observations import Outcome
from retrieval.types import Principal
from tests.contract.trials.conftest import House, Q, people


def leave(house: House, user: str, after: type[Any]) -> None:
    """As a connection does that is closed."""

    async def ask() -> None:
        events = house.parts.answers.stream(Q["question"], Principal(user, frozenset({"legal"})))
        async for event in events:
            if isinstance(event, after):
                break
        await events.aclose()

    assert house.client.portal is not None
    house.client.portal.call(ask)


@pytest.mark.parametrize("after", [StatusEvent, SentenceEvent])
@pytest.mark.parametrize(("inside", "arm"), [(True, "candidate"), (False, "current")])
def test_who_leaves_is_counted_as_left_by_the_arm_of_theirs(
    house: House, after: type[Any], inside: bool, arm: str
) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    (user,) = people("r2", 0.5, inside, 1)
    leave(house, user, after)
    house.ask(user)
    assert [(row[0], row[3], row[4]) for row in house.rows()] == [(arm, "error", "left"), (arm, "answered", "")]
    trial = house.parts.releases.candidate()
    assert trial is not None
    counts = house.parts.observations.counts(trial.number)[arm]
    assert (counts.answers, counts.left, counts.errors, counts.answered) == (2, 1, 0, 1)
    (left, _) = house.parts.observations.first(trial.number, 3)
    assert left[2].seconds > 0
    counted = house.parts.telemetry.scrape().decode()
    assert f'footnote_trial_answers_total{{arm="{arm}",status="left"}} 1.0' in counted


def test_a_candidate_that_people_do_not_wait_for_is_told_worse(house: House) -> None:
    """Only its quick answers are heard to their end: alone they would speak for it."""
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    for user in people("r2", 0.5, True, 4):
        for _ in range(2):
            leave(house, user, SentenceEvent)
        house.ask(user)
    for user in people("r2", 0.5, False, 4):
        for _ in range(3):
            house.ask(user)
    house.rows()
    trial = house.parts.releases.candidate()
    assert trial is not None
    found = {one.metric: one for one in weighed(trial, house.parts.observations).watch.readings}
    for metric in ("answered", "no error", "speed"):
        assert found[metric].change < -0.3, metric


def test_what_was_left_is_worth_nothing() -> None:
    assert values(Outcome("error", 0, 0, 9.0)) == {"answered": 0.0, "kept": 1.0, "no error": 0.0, "speed": 0.0}


def test_who_leaves_says_nothing_of_whether_it_fails(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.9)
    (user,) = people("r2", 0.9, True, 1)
    for at in range(MOST_FAILURES):
        house.other.text, house.other.error = "", GeneratorUnavailable("gone")
        assert house.ask(user).status_code == 200
        if at == 4:
            leave(house, user, StatusEvent)
    house.parts.trials.look()
    assert house.parts.releases.events("r2")[-1].action == "rollback"
