"""Answers for drift, out of the trail of a real installation: sealed, opened by the vault, erased."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.wiring.erasing.erasing import Eraser
from api.wiring.people_stores import PeopleStores
from evals.suites.drift.windows import compared
from evals.systems.trail_windows import MEASURED, Observation, TrailWindows
from infra.settings import load_settings
from tests.unit.evals.test_drift import embed

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def parts() -> Iterator[PeopleStores]:
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made,
        PeopleStores(load_settings(home=Path(made) / "home", DATABASE_URL="", demo=False)) as stores,
    ):
        yield stores


def answer(parts: PeopleStores, user: str, question: str, **told: Any) -> str:
    """As the service records one; its id."""
    opened = parts.audit.append_now({"kind": "opened", "principal": f"user:{user}", "question": question})
    record = {
        "answer": {"answer": "Yes.", "status": told.pop("status", "answered"), "why": "", "withheld": 1},
        "hits": [{"chunk_id": "a", "score": 0.4}, {"chunk_id": "b", "score": 0.7}],
        "context": [{"document_id": "d1"}, {"document_id": "d1"}, {"document_id": "d2"}],
        "languages": {"question": "", "passages": {}},
    }
    closing = {"kind": "closed", "principal": f"user:{user}", "question": question, "answer_id": opened}
    parts.audit.append_now(closing | record | told)
    return opened


def found(parts: PeopleStores, since: datetime, until: datetime | None = None) -> list[Observation]:
    windows = TrailWindows(parts)  # type: ignore[arg-type]  # no models are needed
    return list(windows.answers(since, until or datetime.now(UTC) + timedelta(minutes=1)))


def test_an_answer_is_read_as_it_was_recorded(parts: PeopleStores) -> None:
    began = datetime.now(UTC)
    one = answer(parts, "ana", "What is the rent of the flat?", release="spring", follow_up={"words": "And the rent?"})
    (seen,) = found(parts, began)
    assert seen == Observation(one, "user:ana", "What is the rent of the flat?", MEASURED, True, "answered", "", 1, 2, 2, 0.7,
                               "spring")  # fmt: skip


def test_what_has_no_end_or_is_no_answer_is_left_out(parts: PeopleStores) -> None:
    began = datetime.now(UTC)
    parts.audit.append_now({"kind": "opened", "principal": "user:ana", "question": "Is it broken off?"})
    interrupted = {"kind": "closed", "principal": "user:ana", "question": "Broken?", "interrupted": True}
    parts.audit.append_now(interrupted | {"answer_id": "0"})
    parts.audit.append_now({"kind": "change", "action": "delete", "principal": "operator", "document_id": "x"})
    answer(parts, "ana", "What is asked every night?", purpose="evaluation")
    assert found(parts, began) == []


def test_an_erased_answer_is_not_there(parts: PeopleStores) -> None:
    parts.api_keys.create("jane", ["legal"], ["read"], "")  # by which the name is known
    began = datetime.now(UTC)
    answer(parts, "jane", "What did they settle for?")
    kept = answer(parts, "bo", "What is the rent?")
    assert len(found(parts, began)) == 2
    Eraser(parts).person("jane")
    assert [one.id for one in found(parts, began)] == [kept]


def test_two_windows_of_a_trail_are_told_apart(parts: PeopleStores) -> None:
    """More answers than one page of the trail has; those of the second window are abstentions on something else."""
    began = datetime.now(UTC)
    for at in range(120):
        answer(parts, f"p{at % 60}", f"lease of flat {at}", release="spring")
    between = datetime.now(UTC)
    for at in range(120):
        answer(parts, f"q{at % 60}", f"visa of guest {at}", status="abstained", release="summer")
    before, now = found(parts, began, between), found(parts, between)
    assert (len(before), len(now)) == (120, 120)
    drift = compared(before, now, embed)
    assert {"questions", "status"} <= set(drift.drifted)
    assert not {"language", "hits", "documents", "withheld", "top score"} & set(drift.drifted)
    assert (dict(drift.before.releases), dict(drift.now.releases)) == ({"spring": 120}, {"summer": 120})
    assert found(parts, LONG_AGO, began - timedelta(hours=1)) == []


def test_that_answers_were_read_is_in_the_trail(parts: PeopleStores) -> None:
    began = datetime.now(UTC)
    answer(parts, "ana", "What is the rent?")
    windows = TrailWindows(parts)  # type: ignore[arg-type]
    until = datetime.now(UTC)
    assert len(list(windows.answers(began, until))) == 1
    windows.record()
    row, *_ = parts.audit.show(limit=1)
    (access,) = json.loads(row.record)["accesses"]
    looked = {"since": began.isoformat(), "until": until.isoformat(), "hits": 1}
    assert (access["action"], access["principal"], access["windows"]) == ("look_for_drift", "operator", [looked])
