"""A service that answers by a release: its records say so, are replayed by it, and are found by its name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.cli.audit import _line
from api.wiring.comparing import Outcome
from api.wiring.recall.marking import _Known
from evals.systems.installations import opened
from generation.types import EVALUATION
from infra.postgres.pool import transaction
from infra.postgres.releases import Release
from infra.settings import RELEASABLE
from infra.vault import refs

QUESTION = "What is the rent of Unit 7?"
SAID = "The rent of Unit 7 is 500 euros per month [1]."


@pytest.fixture
def released(service: Any) -> Iterator[Any]:
    """r1 is current: as the service is, but with three passages."""
    parts = service.parts
    if "r1" not in {one.name for one in parts.releases.all()}:
        settings = {name: getattr(parts.settings, name) for name in RELEASABLE} | {"passages": 3}
        parts.releases.add(Release("r1", settings, {}, "0" * 64, "operator"), {})
    parts.releases.promote("r1", "operator", {})
    assert parts.take_over()
    yield service
    while parts.releases.current():
        parts.releases.rollback("operator", {})
    parts.take_over()


def asked(service: Any, user: str = "rita") -> str:
    service.parts.script.text = SAID
    reply = service.client.post("/v1/query", json={"question": QUESTION}, headers=service.key(user, "legal"))
    assert reply.json()["status"] == "answered", reply.text
    return str(reply.json()["audit_id"])


def records(service: Any, audit_id: str) -> dict[str, dict[str, Any]]:
    rows = map(json.loads, (row.record for row in service.parts.audit.show(audit_id)))
    return {record["kind"]: record for record in rows}


def stored(service: Any, audit_id: str) -> str:
    """The closing record as it lies in the database."""
    with transaction(service.parts.pool) as conn:
        rows = conn.execute(
            b"SELECT record FROM audit WHERE record LIKE %s", [f'%"answer_id":"{audit_id}"%']
        ).fetchall()
    return str(next(record for (record,) in rows if '"kind":"closed"' in record))


def test_every_record_says_by_which_release(released: Any) -> None:
    found = records(released, asked(released))
    assert {kind: found[kind]["release"] for kind in ("opened", "closed")} == {"opened": "r1", "closed": "r1"}
    assert found["closed"]["recipe"]["context"]["passages"] == 3
    parts = released.parts
    parts.releases.rollback("operator", {})
    assert parts.take_over()
    closed = records(released, asked(released))["closed"]
    assert (closed["release"], closed["recipe"]["context"]["passages"]) == (None, parts.settings.passages)
    assert parts.audit.verify().ok


def test_the_name_of_a_release_stands_in_clear_and_nothing_else_does(released: Any) -> None:
    audit_id = asked(released)
    closed = stored(released, audit_id)
    assert '"release":"r1"' in closed
    assert QUESTION not in closed


def test_a_search_and_a_bundle_are_by_the_release_too(released: Any) -> None:
    audit_id = asked(released)
    assert released.parts.bundles.own(audit_id)
    assert released.parts.deployed.context_options.passages == 3
    found = released.client.post("/v1/search", json={"query": "rent"}, headers=released.key("rita", "legal"))
    assert found.json()["hits"]


def test_an_answer_is_replayed_by_the_release_that_gave_it(released: Any) -> None:
    parts, audit_id = released.parts, asked(released)
    assert {stage.outcome for stage in asyncio.run(parts.replaying.replay(audit_id))} == {Outcome.SAME}
    parts.releases.rollback("operator", {})
    assert parts.take_over()
    plain = asked(released)
    assert {stage.outcome for stage in asyncio.run(parts.replaying.replay(audit_id))} == {Outcome.SAME}
    parts.releases.promote("r1", "operator", {})
    assert parts.take_over()
    assert {stage.outcome for stage in asyncio.run(parts.replaying.replay(plain))} == {Outcome.SAME}


def test_a_release_that_is_gone_is_told_as_another_setup(released: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    audit_id = asked(released)
    parts = released.parts
    parts.releases.rollback("operator", {})
    assert parts.take_over()
    monkeypatch.setattr(parts.releases, "named", lambda name: type(parts.releases).named(parts.releases, "gone"))
    stages = {stage.stage: stage for stage in asyncio.run(parts.replaying.replay(audit_id))}
    assert stages["setup"].outcome is Outcome.DIFFERS
    assert "release was 'r1' and is None" in stages["setup"].said


def test_the_answers_of_a_release_are_found_with_who_relied_on_them(released: Any) -> None:
    parts = released.parts
    before = {one.audit_id for one in parts.release_answers.affected("r1", questions=True)}
    first, second = asked(released, "rita"), asked(released, "otto")
    body, key = {"verdict": "approved"}, released.key("rita", "legal")
    assert released.client.put(f"/v1/answers/{first}/sign-off", json=body, headers=key).status_code == 200
    parts.releases.rollback("operator", {})
    parts.take_over()
    asked(released)
    found = [one for one in parts.release_answers.affected("r1", questions=True) if one.audit_id not in before]
    assert [one.audit_id for one in found] == [second, first]
    assert [(one.asked_by, one.question, one.status, one.erased, one.signed_off) for one in found] == [
        ("user:otto", QUESTION, "answered", False, 0), ("user:rita", QUESTION, "answered", False, 1),
    ]  # fmt: skip
    assert {one.question for one in parts.release_answers.affected("r1", questions=False)} == {""}


def test_what_an_evaluation_asked_in_the_name_of_somebody_is_no_answer_of_theirs(
    released: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = released.parts
    before = {one.audit_id for one in parts.release_answers.affected("r1", questions=False)}
    own = asked(released, "otto")
    monkeypatch.setitem(parts.answer_service._by, "purpose", EVALUATION)
    measured = asked(released, "otto")
    assert [records(released, one)["closed"]["purpose"] for one in (own, measured)] == [None, EVALUATION]
    assert records(released, measured)["opened"]["purpose"] == EVALUATION
    assert '"purpose":"evaluation"' in stored(released, measured)  # in clear, so that it is known of what was erased
    affected = {one.audit_id for one in parts.release_answers.affected("r1", questions=False)}
    assert affected - before == {own}
    rows = [row for one in (own, measured) for row in parts.audit.show(one)]
    assert {one.audit_id for one in _Known(parts.vault, lambda: ["otto"]).rested(rows)} == {own}
    line = next(_line(entry) for entry in parts.trail.find(measured) if entry.action == "closed")
    assert "closed for an evaluation" in line


def test_the_evaluation_says_that_it_asks(tmp_path: Path) -> None:
    with opened(home=tmp_path, DATABASE_URL="") as parts:
        assert parts.purpose == EVALUATION


def test_an_erased_answer_of_a_release_is_told_as_erased(released: Any) -> None:
    parts = released.parts
    audit_id = asked(released, "nora")
    parts.keys.destroy(refs.of_person(parts.keys, "nora"))
    found = next(one for one in parts.release_answers.affected("r1", questions=True) if one.audit_id == audit_id)
    assert (found.erased, found.question, found.asked_by.startswith("person:")) == (True, "", True)
