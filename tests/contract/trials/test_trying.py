"""A release that is tried on a share of the people: who is answered by it, and what becomes of it."""

from __future__ import annotations

import json
from functools import partial

import pytest

from api.wiring.erasing.erasing import Eraser
from api.wiring.trials.running import drawn
from api.wiring.trials.weighing import weighed
from infra.postgres.errors import ReleaseRefused
from infra.vault import refs
from retrieval.types import EVERYTHING, Principal
from tests.contract.trials.conftest import NOTHING, OTHER, House, Q, Two, people


def test_drawing_is_by_share_and_stays() -> None:
    users = [f"user{n}" for n in range(20_000)]
    small = {user for user in users if drawn("r1", user, 0.1)}
    assert len(small) == pytest.approx(2000, abs=150)
    assert small <= {user for user in users if drawn("r1", user, 0.3)}
    other = {user for user in users if drawn("r2", user, 0.1)}
    assert len(small & other) == pytest.approx(200, abs=60)  # another release draws anew
    assert all(drawn("r1", user.upper(), 0.1) for user in small)
    assert not any(drawn("r1", user, 0.0) for user in users)


def test_a_canary_answers_its_share_of_people_and_others_as_before(house: House) -> None:
    house.propose("r2")
    (inside,), (outside,) = people("r2", 0.3, True, 1), people("r2", 0.3, False, 1)
    house.begin("r2", "canary", 0.3)
    for _ in range(2):
        assert house.release_of(inside) == "r2"
        assert house.release_of(outside) is None
    rows = house.rows()
    assert [(arm, release, status) for arm, release, _, status, *_ in rows] == [
        ("candidate", "r2", "answered"),
        ("current", "", "answered"),
    ] * 2
    pseudonym = refs.observed(house.parts.keys, inside)
    assert [row[2] for row in rows] == [pseudonym, refs.observed(house.parts.keys, outside)] * 2
    assert pseudonym != refs.handle(house.parts.keys, inside)
    counted = house.parts.telemetry.scrape().decode()
    assert 'footnote_trial_answers_total{arm="candidate",status="answered"} 2.0' in counted

    house.parts.releases.retire("r2", "operator", {})
    house.parts.trials.look()
    assert house.release_of(inside) is None
    assert house.parts.closed == [OTHER]
    assert len(house.rows()) == 4


def test_a_canary_that_abstains_always_is_rolled_back_by_itself(house: House) -> None:
    """Simulated people, each asked three times; the answers are real."""
    house.propose("r2")
    house.other.text = NOTHING
    house.begin("r2", "canary", 0.5)
    for n in range(60):
        for _ in range(3):
            assert house.ask(f"p{n}").status_code == 200
        if n % 10 == 9:
            house.rows()
            house.parts.trial_watch.look()
        if house.parts.releases.candidate() is None:
            break
    (last,) = house.parts.releases.events("r2")[-1:]
    assert (last.action, last.by, last.evidence["because"]) == ("rollback", "service", ["answered"])
    answered = next(one for one in last.evidence["metrics"] if one["metric"] == "answered")
    assert (answered["candidate"], answered["current"]) == (0.0, 1.0)
    assert answered["high"] < 0
    house.parts.trials.look()
    assert house.parts.trials.now is None
    assert house.ask(people("r2", 0.5, True, 1)[0]).json()["status"] == "answered"


def test_asking_again_stays_with_the_current_release(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    (inside,) = people("r2", 0.5, True, 1)
    asker, first = Principal(inside, frozenset({"legal"})), house.ask(inside).json()["audit_id"]
    assert house.client.portal is not None
    asking = partial(house.parts.answers.answer_again, Q["question"], asker, None, EVERYTHING, None, first)
    again = house.client.portal.call(asking)
    (row, *_) = house.parts.audit.show(again.audit_id)
    assert json.loads(row.record)["release"] is None
    assert [arm for arm, *_ in house.rows()] == ["candidate"]


def test_a_service_that_was_killed_goes_on_with_the_canary(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    (inside,) = people("r2", 0.5, True, 1)
    assert house.release_of(inside) == "r2"
    before = house.parts.releases.candidate()
    assert before is not None
    assert len(house.rows()) == 1
    with Two(house.parts.settings) as after:  # nothing of the first was closed
        after.answer_service  # noqa: B018
        after.trials.look()
        assert after.trials.now is not None
        assert after.trials.now.trial == before
        assert drawn("r2", inside, after.trials.now.trial.share)
        found = weighed(before, after.observations)
        assert found.counts["candidate"].answers == 1
        assert found.watch.open == 1


def test_erasing_a_person_takes_what_was_observed_of_them(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    for user in ("ana.person", "ben.person"):
        house.ask(user)
    pseudonym = refs.observed(house.parts.keys, "ana.person")
    assert pseudonym in {row[2] for row in house.rows()}
    Eraser(house.parts, by="test").person("ana.person")
    assert [row[2] for row in house.rows()] == [refs.observed(house.parts.keys, "ben.person")]
    assert refs.observed(house.parts.keys, "ana.person") != pseudonym


def test_a_promoted_candidate_hands_its_language_model_over(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    assert house.parts.trials.now is not None
    language = house.parts.trials.now.answering.language
    house.parts.releases.promote("r2", "operator", {})
    house.parts.trials.look()
    assert house.parts.take_over()
    assert house.parts.in_use.now().language is language
    house.parts.trials.look()
    assert house.parts.trials.now is None
    assert house.release_of("ana") == "r2"
    assert OTHER not in house.parts.closed


def test_a_candidate_with_the_same_language_model_shares_it(house: House) -> None:
    house.propose("r2", generator=house.parts.settings.generator, max_tokens=300)
    house.begin("r2", "canary", 0.5)
    assert house.parts.trials.now is not None
    assert house.parts.trials.now.answering.language is house.parts.language
    assert house.release_of(people("r2", 0.5, True, 1)[0]) == "r2"
    house.parts.releases.retire("r2", "operator", {})
    house.parts.trials.look()
    assert house.parts.closed == []
    assert house.release_of("ana") is None


def test_only_a_canary_that_was_told_to_is_promoted_by_itself(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.gating.sequential import Step
    from api.wiring.trials import deciding

    class Found:
        step, after, because, candidate, current, open, lopsided, readings = Step.PROMOTE, 9, (), 5, 4, 0, 1.0, ()

    monkeypatch.setattr(
        deciding,
        "weighed",
        lambda trial, kept: deciding.Weighed(trial, Found(), {}),  # type: ignore[arg-type]
    )
    for name, auto, action in (("r2", False, "canary"), ("r3", True, "promote")):
        house.propose(name)
        house.begin(name, "canary", 0.5, auto=auto)
        house.ask("ana")
        house.rows()
        house.parts.trial_watch.look()
        assert house.parts.releases.events(name)[-1].action == action
        if not auto:
            house.parts.releases.retire(name, "operator", {})


def test_a_service_decides_of_the_trial_that_it_has_looked_at_alone(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    looked = house.parts.releases.candidate()
    assert looked is not None
    house.begin("r2", "canary", 0.1)  # meanwhile, by the operator
    house.parts.trial_watch.give_up(looked, "why", "")
    with pytest.raises(ReleaseRefused, match="ended meanwhile"):
        house.parts.releases.promote("r2", "service", {}, trial=looked.number)
    assert house.parts.releases.events("r2")[-1].action == "canary"


def test_a_trial_ends_where_something_else_becomes_current(house: House) -> None:
    house.propose("r2")
    house.propose("r3", generator=house.parts.settings.generator)
    house.begin("r2", "canary", 0.5)
    house.parts.releases.promote("r3", "operator", {})
    house.parts.trials.look()
    assert house.parts.trials.now is None
    assert house.parts.closed == [OTHER]
