"""A candidate that fails, or cannot be started: it takes nothing down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from api.wiring.deployment import Wanted
from api.wiring.in_use import Answering
from api.wiring.language import Language
from api.wiring.trials.here import MOST_FAILURES, MOST_TRIES
from generation.answering.service import AnswerService
from generation.errors import GeneratorUnavailable
from infra.postgres.pool import transaction
from tests.contract.trials.conftest import OTHER, House, Two, people


def test_where_the_candidate_fails_the_current_release_answers_and_it_counts_against_it(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    inside = people("r2", 0.5, True, 3)
    house.other.text, house.other.error = "", GeneratorUnavailable("gone")
    answers = [house.ask(user) for user in inside for _ in range(4)]
    assert {one.status_code for one in answers} == {200}
    assert {one.json()["answer"] for one in answers} == {house.ask(people("r2", 0.5, False, 1)[0]).json()["answer"]}
    rows = house.rows()
    assert {(arm, status, code, alone) for arm, _, _, status, code, alone, *_ in rows} == {
        ("candidate", "error", "generator_unavailable", True),
        ("current", "answered", "", False),
    }
    assert len(answers) > MOST_FAILURES
    house.parts.trials.look()  # which finds that it does nothing but fail
    (last,) = house.parts.releases.events("r2")[-1:]
    assert (last.action, last.by) == ("rollback", "service")
    assert last.evidence["because"] == ["fails where the current release answers"]
    house.parts.trials.look()
    assert house.parts.trials.now is None
    assert "footnote_release_rollbacks_total 1" in house.parts.telemetry.scrape().decode()


def test_an_error_that_is_not_the_candidates_is_not_held_against_it_alone(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    for script in house.parts.scripts.values():
        script.text, script.error = "", GeneratorUnavailable("gone")
    assert house.ask(people("r2", 0.5, True, 1)[0]).status_code == 503
    assert house.ask(people("r2", 0.5, False, 1)[0]).status_code == 503
    assert [(arm, status, alone) for arm, _, _, status, _, alone, *_ in house.rows()] == [
        ("candidate", "error", False),
        ("current", "error", False),
    ]


def test_a_candidate_that_does_not_start_takes_nothing_down(house: House) -> None:
    house.propose("r2")
    house.parts.broken.add(OTHER)
    house.parts.releases.begin("r2", "canary", "operator", {}, share=0.9)
    for _ in range(MOST_TRIES):
        assert house.release_of("ana") is None
        with pytest.raises(GeneratorUnavailable):
            house.parts.trials.look()
    (last,) = house.parts.releases.events("r2")[-1:]
    assert (last.action, last.evidence["because"]) == ("rollback", ["does not start"])
    assert last.evidence["code"] == "generator_unavailable"
    house.parts.trials.look()
    assert house.rows() == []


@pytest.fixture
def other(house: House) -> Iterator[Two]:
    """Another service over the same database."""
    with Two(house.parts.settings) as parts:
        parts.answer_service  # noqa: B018
        yield parts


def vain(parts: Two) -> None:
    """As often as it is tried to start it."""
    for _ in range(MOST_TRIES):
        with pytest.raises(GeneratorUnavailable):
            parts.trials.look()


def left_out(parts: Two) -> bool:
    return "footnote_candidate_left_out 1.0" in parts.telemetry.scrape().decode()


def last(house: House) -> tuple[str, object]:
    (event,) = house.parts.releases.events("r2")[-1:]
    return event.action, event.evidence.get("because")


def silent(house: House, minutes: int) -> None:
    """Nobody has said anything for so long."""
    with transaction(house.parts.pool) as conn:
        conn.execute("UPDATE release_processes SET at = at - make_interval(mins => %s)", (minutes,))


def test_what_one_machine_cannot_start_is_left_out_there_alone(
    house: House, other: Two, caplog: pytest.LogCaptureFixture
) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    house.parts.trials.look()
    other.broken.add(OTHER)
    with caplog.at_level("WARNING", logger="footnote"):
        vain(other)
    assert [one.getMessage() for one in caplog.records if "left out" in one.getMessage()] == [
        "Release r2 is left out by this process, others go on with it. See `footnote release watch`."
    ]
    assert last(house)[0] == "canary"
    assert (left_out(other), left_out(house.parts)) == (True, False)
    assert other.trials.now is None
    assert house.release_of(people("r2", 0.5, True, 1)[0]) == "r2"  # here it answers
    other.trials.look()  # and is not tried there at each look

    other.broken.clear()
    other.trials._here._again = 0.0  # some minutes later
    other.trials.look()
    other.trials.look()
    assert other.trials.now is not None
    assert not left_out(other)


def test_what_no_machine_can_use_any_more_is_rolled_back(house: House, other: Two) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    house.parts.trials.look()
    other.broken.add(OTHER)
    vain(other)
    silent(house, 9)  # the one that answers by it may be started again
    other.trials.look()
    assert last(house)[0] == "canary"
    silent(house, 2)
    other.trials.look()
    assert last(house) == ("rollback", ["does not start"])


def test_what_does_not_start_anywhere_is_rolled_back_by_the_last(house: House, other: Two) -> None:
    house.propose("r2")
    for parts in (house.parts, other):
        parts.broken.add(OTHER)
    house.parts.releases.begin("r2", "canary", "operator", {}, share=0.9)
    with pytest.raises(GeneratorUnavailable):
        house.parts.trials.look()
    vain(other)
    assert last(house)[0] == "canary"  # one is still at it
    for _ in range(MOST_TRIES - 1):
        with pytest.raises(GeneratorUnavailable):
            house.parts.trials.look()
    assert last(house) == ("rollback", ["does not start"])


def test_what_only_fails_on_one_machine_is_left_out_there_alone(house: House, other: Two) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.9)
    other.trials.look()
    other.trials.look()
    house.other.text, house.other.error = "", GeneratorUnavailable("gone")
    for _ in range(MOST_FAILURES):
        assert house.ask(people("r2", 0.9, True, 1)[0]).status_code == 200
    house.parts.trials.look()
    assert last(house)[0] == "canary"
    assert house.parts.trials.now is None
    assert left_out(house.parts)
    assert house.release_of(people("r2", 0.9, True, 1)[0]) is None


def test_a_language_model_whose_release_cannot_be_loaded_is_ended(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []
    start = house.parts.trials._start

    def unloadable(wanted: Wanted, shared: Language | None) -> Answering:
        answering = start(wanted, shared)
        monkeypatch.setattr(answering.language, "close", lambda: closed.append(True), raising=False)

        def make(*_: object) -> AnswerService:
            raise GeneratorUnavailable("its selector is not here")

        return replace(answering, make_service=make)

    monkeypatch.setattr(house.parts.trials, "_start", unloadable)
    house.propose("r2")
    house.parts.releases.begin("r2", "canary", "operator", {}, share=0.5)
    with pytest.raises(GeneratorUnavailable):
        house.parts.trials.look()
    assert closed == [True]


def test_settings_that_cannot_be_used_are_the_candidates_trouble_alone(house: House) -> None:
    house.propose("r2", passages=0)
    house.parts.releases.begin("r2", "canary", "operator", {}, share=0.9)
    assert house.release_of("ana") is None
    assert not house.parts.take_over()
    assert "FOOTNOTE_PASSAGES" in str(house.parts.candidate_watch._attempt())
