"""Releases on a real PostgreSQL: what is kept, what follows from the events, and who wins a race."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from infra.postgres.errors import ReleaseRefused
from infra.postgres.pool import Pool, transaction
from infra.postgres.release_steps import standing
from infra.postgres.releases import PostgresReleases, Release
from infra.postgres.sql import SQL

WHY: Mapping[str, Any] = {"decision": {"outcome": "ship"}}


def release(name: str) -> Release:
    return Release(
        name, {"passages": 4, "adapter": "none"}, {"generator": "m"}, hashlib.sha256(name.encode()).hexdigest(),
        "operator", "of a test",
    )  # fmt: skip


@pytest.fixture
def releases(fresh_database: Pool) -> PostgresReleases:
    """Proposals a, b and c."""
    found = PostgresReleases(fresh_database)
    for name in "abc":
        found.add(release(name), {})
    return found


def statuses(releases: PostgresReleases) -> dict[str, str]:
    return dict(releases.standing().statuses)


def current(releases: PostgresReleases) -> str | None:
    found = releases.current()
    return found.name if found else None


def test_what_is_proposed_is_read_back_and_never_changed(releases: PostgresReleases) -> None:
    found = releases.named("a")
    assert found == replace(release("a"), created_at=found.created_at)
    assert [one.name for one in releases.all()] == ["a", "b", "c"]
    assert statuses(releases) == dict.fromkeys("abc", "proposed")
    assert releases.in_use() == (None, None)
    with pytest.raises(ReleaseRefused, match="a release a already, and releases are never changed"):
        releases.add(replace(release("a"), settings={}), {})
    assert releases.named("a").settings == {"passages": 4, "adapter": "none"}
    with pytest.raises(ReleaseRefused, match=r"no release 'x'. There is: a, b, c\."):
        releases.named("x")


@pytest.mark.parametrize("name", ["", "A", "-a", "a b", "a" * 65, "user:ana", "current", "none"])
def test_a_name_that_cannot_be_one(releases: PostgresReleases, name: str) -> None:
    with pytest.raises(ReleaseRefused):
        releases.check_name(name)


def test_a_chain_of_promotions_is_gone_back_step_by_step(releases: PostgresReleases) -> None:
    assert releases.promote("a", "operator", WHY, over="") is None
    before = releases.promote("b", "user:ana", WHY, over="a")
    assert (before.name if before else None, current(releases)) == ("a", "b")
    releases.promote("c", "operator", {"forced": "tried"})
    assert statuses(releases) == {"a": "retired", "b": "retired", "c": "current"}
    left, now = releases.rollback("operator", {"reason": "worse"})
    assert (left, now.name if now else None, current(releases)) == ("c", "b", "b")
    assert statuses(releases) == {"a": "retired", "b": "current", "c": "rolled_back"}
    releases.promote("c", "operator", WHY, over="b")
    for expected in ("b", "a", None):
        releases.rollback("operator", {})
        assert current(releases) == expected
    with pytest.raises(ReleaseRefused, match="no release is promoted"):
        releases.rollback("operator", {})
    events = releases.events("b")
    assert [(one.action, one.name, one.previous, one.by) for one in events][:3] == [
        ("propose", "b", None, "operator"), ("promote", "b", "a", "user:ana"), ("promote", "c", "b", "operator"),
    ]  # fmt: skip
    assert events[1].evidence == WHY
    assert [one.number for one in releases.events()] == sorted(one.number for one in releases.events())


def test_evidence_against_something_else_promotes_nothing(releases: PostgresReleases) -> None:
    releases.promote("a", "operator", WHY, over="")
    with pytest.raises(ReleaseRefused, match="a is current by now, not none: compare b with that"):
        releases.promote("b", "operator", WHY, over="")
    with pytest.raises(ReleaseRefused, match="a is current already"):
        releases.promote("a", "operator", WHY)
    assert current(releases) == "a"


def both(*calls: Callable[[], object]) -> list[object]:
    def tried(call: Callable[[], object]) -> object:
        try:
            return call()
        except ReleaseRefused as error:
            return error

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(tried, calls))


def test_two_promotions_at_once_cannot_both_hold(releases: PostgresReleases) -> None:
    releases.promote("a", "operator", WHY, over="")
    for _ in range(5):
        told = both(*(lambda name=name: releases.promote(name, "operator", WHY, over="a") for name in "bc"))
        assert sum(isinstance(one, ReleaseRefused) for one in told) == 1
        assert len(releases.standing().held) == 2
        releases.rollback("operator", {})


def test_two_who_roll_back_the_same_go_one_step(releases: PostgresReleases) -> None:
    for name in "abc":
        releases.promote(name, "operator", {})
    told = both(*[lambda: releases.rollback("operator", {}, name="c")] * 2)
    assert sum(isinstance(one, ReleaseRefused) for one in told) == 1
    assert current(releases) == "b"


def test_a_trial_runs_beside_what_is_current_and_is_rolled_back_alone(releases: PostgresReleases) -> None:
    releases.promote("a", "operator", {})
    releases.begin("b", "shadow", "operator", {})
    found, trial = releases.in_use()
    assert (found and found.name, trial and (trial.release.name, trial.mode, trial.share)) == (
        "a",
        ("b", "shadow", 0.0),
    )
    with pytest.raises(ReleaseRefused, match=r"b is tried by now \(shadow\)\. End that first"):
        releases.begin("c", "canary", "operator", {}, share=0.1)
    releases.begin("b", "canary", "operator", {}, share=0.2)
    trial = releases.candidate()
    assert trial
    assert (trial.mode, trial.share, statuses(releases)["b"]) == ("canary", 0.2, "canary")
    assert releases.rollback("operator", {"reason": "a canary"}, name="b")[0] == "b"
    assert (current(releases), releases.candidate(), statuses(releases)["b"]) == ("a", None, "rolled_back")
    with pytest.raises(ReleaseRefused, match="b is neither current nor tried"):
        releases.rollback("operator", {}, name="b")


@pytest.mark.parametrize("share", [None, 0.0, 1.0, -0.1])
def test_a_canary_needs_a_share_of_the_people(releases: PostgresReleases, share: float | None) -> None:
    with pytest.raises(ReleaseRefused, match="between 0 and 1"):
        releases.begin("b", "canary", "operator", {}, share=share)


def test_whatever_changes_what_is_current_ends_a_trial(releases: PostgresReleases) -> None:
    releases.begin("b", "ab", "operator", {}, share=0.5)
    releases.promote("a", "operator", {})
    assert (releases.candidate(), statuses(releases)["b"]) == (None, "proposed")
    releases.begin("b", "shadow", "operator", {})
    releases.promote("b", "operator", {})
    assert (current(releases), releases.candidate()) == ("b", None)
    releases.begin("c", "shadow", "operator", {})
    releases.retire("c", "operator", {})
    assert (releases.candidate(), statuses(releases)["c"]) == (None, "retired")
    with pytest.raises(ReleaseRefused, match="b is current"):
        releases.retire("b", "operator", {})
    with pytest.raises(ReleaseRefused, match="b is current"):
        releases.begin("b", "shadow", "operator", {})


@pytest.mark.parametrize("end", ["stop", "another"])
def test_to_be_tried_takes_nothing_back(releases: PostgresReleases, end: str) -> None:
    """What was rolled back or retired needs a reason also during a trial, and after it."""
    for name, away in (("a", "rolled_back"), ("b", "retired")):
        releases.begin(name, "shadow", "operator", {})
        (releases.rollback if away == "rolled_back" else releases.retire)(by="operator", evidence={}, name=name)
        releases.begin(name, "ab", "operator", {}, share=0.5)
        with pytest.raises(ReleaseRefused, match=f"{name} was {away.replace('_', ' ')}"):
            releases.promote(name, "operator", WHY, again=False)
        if end == "stop":
            releases.stop(name, "operator", {})
        else:
            releases.promote("c", "operator", {})
            releases.rollback("operator", {})
        assert (releases.candidate(), statuses(releases)[name]) == (None, away)


def test_a_trial_is_stopped_by_its_name_and_number(releases: PostgresReleases) -> None:
    releases.begin("b", "shadow", "operator", {})
    first = releases.candidate()
    assert first
    with pytest.raises(ReleaseRefused, match="a is not being tried"):
        releases.stop("a", "operator", {})
    releases.begin("b", "canary", "operator", {}, share=0.2)
    with pytest.raises(ReleaseRefused, match="ended meanwhile"):
        releases.stop("b", "operator", {}, trial=first.number)
    releases.stop("b", "operator", {"people": 3})
    assert (releases.candidate(), statuses(releases)["b"]) == (None, "proposed")
    assert releases.events("b")[-1].evidence == {"people": 3}
    releases.begin("c", "shadow", "operator", {})  # nothing is in the way any more


def test_a_person_who_is_erased_is_not_named(releases: PostgresReleases, fresh_database: Pool) -> None:
    releases.promote("a", "user:Ana", {})
    told = {"tokens": ["user:ana"]}
    with transaction(fresh_database) as conn:
        assert ("ana",) in {(name.lower(),) for (name,) in conn.execute(SQL["user_names"])}
        conn.execute(SQL["erase_release_actor"], told)
        conn.execute(SQL["erase_release_proposer"], told)
    assert [one.by for one in releases.events("a")] == ["operator", "[erased]"]


def test_standing_of_nothing() -> None:
    found = standing([])
    assert (found.current, found.trial, found.held, dict(found.statuses)) == (None, None, (), {})
