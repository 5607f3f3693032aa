"""A release that answers in the background what the current one has answered, which nobody sees."""

from __future__ import annotations

from typing import Any

import pytest

from api.wiring.trials.course import Course
from api.wiring.trials.keeping import Keeping
from generation.types import Strictness
from infra.postgres.pool import transaction
from infra.vault import refs
from tests.contract.trials.conftest import NOTHING, House, Q, wait


def shadows(house: House) -> list[tuple[Any, ...]]:
    return [row for row in house.rows() if row[0] == "shadow"]


def dropped(house: House, why: str) -> bool:
    return f'footnote_shadows_dropped_total{{reason="{why}"}} 1.0' in house.parts.telemetry.scrape().decode()


def test_a_shadow_ships_nothing_and_leaves_no_answer_in_the_trail(house: House) -> None:
    house.propose("r2")
    house.other.text = NOTHING
    house.begin("r2", "shadow")
    house.parts.budgets.set("user:shady", 10, 1000)
    answer = house.ask("shady").json()
    assert answer["status"] == "answered"
    wait(lambda: bool(shadows(house)))
    ((arm, release, person, status, _, _, audit_id, overlap, same),) = shadows(house)
    assert (arm, release, status, audit_id) == ("shadow", "r2", "abstained", answer["audit_id"])
    assert (overlap, same) == (0.0, False)
    assert person == refs.observed(house.parts.keys, "shady")
    assert house.other.asked, "the candidate was asked"
    told = [row for row in house.parts.audit.show(limit=50) if not row.record.startswith('{"accesses"')]
    assert told[0].record.count('"kind":"closed"') == 1
    assert told[0].id in {row.id for row in house.parts.audit.show(audit_id)}  # it is the last of all
    trial = house.parts.releases.candidate()
    assert trial is not None
    counts = house.parts.observations.counts(trial.number)
    assert (counts["shadow"].answers, counts["current"].answers, counts["shadow"].tokens) == (1, 1, 15)
    with transaction(house.parts.pool) as conn:
        used = conn.execute(b"SELECT questions, tokens FROM budget_use WHERE subject = 'user:shady'").fetchall()
    assert used == [(1, 15)]


def test_a_shadow_is_not_asked_once_the_asker_has_lost_the_right(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "shadow")
    offered: list[Any] = []
    house.parts.shadowing.offer = offered.append  # type: ignore[method-assign]
    assert house.ask("ana").json()["status"] == "answered"
    (question,) = offered
    del house.parts.shadowing.offer
    for key in house.parts.api_keys.list():
        if key.user == "ana":
            house.parts.api_keys.revoke(key.id)
    assert house.client.portal is not None
    house.client.portal.call(house.parts.shadowing.offer, question)
    wait(lambda: dropped(house, "rights"))
    assert house.other.asked == []
    assert shadows(house) == []


def test_a_shadow_is_held_to_the_strictness_that_was_asked_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, Strictness]] = []
    seen = Keeping.seen

    def noted(keeping: Keeping, running: Any, arm: Any, user: str, course: Course, **more: Any) -> None:
        assert course.answer is not None
        told.append((arm, course.answer.strictness))
        seen(keeping, running, arm, user, course, **more)

    monkeypatch.setattr(Keeping, "seen", noted)
    house.propose("r2")
    house.begin("r2", "shadow")
    for number, asked in enumerate(("strict", "usual"), 1):
        reply = house.client.post("/v1/query", json=Q | {"strictness": asked}, headers=house.key("ana"))
        assert reply.json()["strictness"] == asked
        wait(lambda number=number: len(told) == 2 * number)  # type: ignore[misc]
    assert told == [(arm, asked) for asked in (Strictness.STRICT, Strictness.USUAL) for arm in ("current", "shadow")]


def test_a_full_queue_drops_and_counts(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "shadow")
    offered: list[Any] = []
    keep = house.parts.shadowing.offer
    house.parts.shadowing.offer = offered.append  # type: ignore[method-assign]
    house.ask("ana")
    house.parts.shadowing.offer = keep  # type: ignore[method-assign]
    house.parts.shadowing._waiting.extend(offered * 8)
    house.parts.shadowing.offer(offered[0])
    assert dropped(house, "full")
