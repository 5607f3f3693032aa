"""An answer is rebuilt from its record, stage by stage, and what differs is told with its reason."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner

from api.wiring.comparing import Outcome
from generation.gate.gate import CascadeGate
from generation.types import Judgement, Stage, Verdict
from infra.postgres.pool import transaction
from ingest.types import OPERATOR

QUESTION = "What is the rent of Unit 7?"
SAID = "The rent of Unit 7 is 500 euros per month [1]. The rent of Unit 7 is 900 euros per month [1]."
STAGES = ["documents", "setup", "search", "context", "guard", "draft", "gate"]


@pytest.fixture
def audit_id(service: Any) -> str:
    service.parts.script.text = SAID
    reply = service.client.post("/v1/query", json={"question": QUESTION}, headers=service.key("rita", "legal"))
    assert (reply.json()["status"], reply.json()["withheld"]) == ("answered", 1)
    return str(reply.json()["audit_id"])


def replayed(service: Any, audit_id: str) -> dict[str, Any]:
    stages = asyncio.run(service.parts.replaying.replay(audit_id))
    return {stage.stage: stage for stage in stages or ()}


def differing(service: Any, audit_id: str) -> dict[str, Outcome]:
    found = replayed(service, audit_id)
    assert list(found) == STAGES
    return {name: stage.outcome for name, stage in found.items() if stage.outcome is not Outcome.SAME}


def test_an_answer_is_the_same_again_and_leaves_no_record(service: Any, audit_id: str) -> None:
    service.parts.accesses.flush()  # that of the question itself
    rows = service.parts.audit.verify().rows
    found = replayed(service, audit_id)
    assert {name: stage.outcome for name, stage in found.items()} == dict.fromkeys(STAGES, Outcome.SAME)
    assert found["documents"].said == "1 versions, 1 quotes"
    assert found["gate"].said == "1 sentences shipped, 1 withheld"
    assert service.parts.audit.verify().rows == rows


def test_there_is_nothing_to_replay_of_what_is_no_answer(service: Any) -> None:
    assert asyncio.run(service.parts.replaying.replay("no id")) is None
    assert asyncio.run(service.parts.replaying.replay("00000000-0000-4000-8000-000000000000")) is None


def test_another_draft_is_told_and_the_recorded_one_is_judged_still(service: Any, audit_id: str) -> None:
    service.parts.script.text = SAID.replace("500", "501")
    found = replayed(service, audit_id)
    assert [stage.outcome for stage in found.values()].count(Outcome.DIFFERS) == 1
    assert found["draft"].outcome is Outcome.DIFFERS
    assert "'501" in found["draft"].said or "is 501" in found["draft"].said


def test_another_verdict_is_told(service: Any, audit_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check = CascadeGate.check

    async def strict(self: CascadeGate, *given: Any, **more: Any) -> Any:
        decision = await check(self, *given, **more)
        return replace(decision, judgement=Judgement(Verdict.NEUTRAL, 0.1, Stage.JUDGE, "no"), evidence=())

    monkeypatch.setattr(CascadeGate, "check", strict)
    assert differing(service, audit_id) == {"gate": Outcome.DIFFERS}


def test_a_document_that_came_since_is_told_by_the_search_alone(service: Any, audit_id: str) -> None:
    more = b"RENTS\n\nThe rent of Unit 7 is 500 euros per month, and that of Unit 8 is 700 euros per month.\n"
    added = service.parts.pipeline.ingest(more, "rents.txt", "more/rents.txt", frozenset({"group:legal"}))
    found = replayed(service, audit_id)
    service.parts.documents.delete(added.document_id, OPERATOR, now=True)
    assert {name for name, stage in found.items() if stage.outcome is not Outcome.SAME} == {"search"}
    assert "What the asker may read has changed since" in found["search"].said


def test_a_document_that_is_gone_cannot_be_replayed(service: Any) -> None:
    text = b"PARKING\n\nThe parking fee of lot 12 is 80 euros per month.\n"
    added = service.parts.pipeline.ingest(text, "parking.txt", "more/parking.txt", frozenset({"group:cars"}))
    service.parts.script.text = "The parking fee of lot 12 is 80 euros per month [1]."
    asked = {"question": "What is the parking fee of lot 12?"}
    answer = service.client.post("/v1/query", json=asked, headers=service.key("rita", "cars")).json()
    assert answer["status"] == "answered"
    assert differing(service, answer["audit_id"]) == {}
    service.parts.documents.delete(added.document_id, OPERATOR, now=True)
    found = differing(service, answer["audit_id"])
    assert {name for name, outcome in found.items() if outcome is Outcome.CANNOT} == {
        "documents",
        "context",
        "guard",
        "draft",
        "gate",
    }
    assert added.document_id in replayed(service, answer["audit_id"])["documents"].said


def test_a_changed_text_is_told(service: Any, audit_id: str) -> None:
    with transaction(service.parts.pool) as conn:
        conn.execute("UPDATE versions SET text = replace(text, '500', '600') WHERE document_id = %s", (service.lease,))
    found = replayed(service, audit_id)
    with transaction(service.parts.pool) as conn:
        conn.execute("UPDATE versions SET text = replace(text, '600', '500') WHERE document_id = %s", (service.lease,))
    assert found["documents"].outcome is Outcome.DIFFERS
    assert "has another text" in found["documents"].said
    assert "do not stand where they were quoted" in found["documents"].said


def test_other_models_and_settings_are_named(service: Any, audit_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(service.parts.script), "adapter", "better@1", raising=False)
    service.parts.script.adapter = "better@1"
    found = replayed(service, audit_id)
    assert found["setup"].outcome is Outcome.DIFFERS
    assert "adapter was '' and is 'better@1'" in found["setup"].said
    assert found["draft"].outcome is Outcome.CANNOT
    assert found["gate"].outcome is Outcome.SAME


@pytest.mark.parametrize(
    ("guard", "outcome"),
    [
        ({"detector": "x", "question": None, "headings": [], "passages": {"1": [{"start": 0, "end": 9, "score": 0.9, "level": "sure"}]}}, Outcome.DIFFERS),
        (None, Outcome.CANNOT),
    ],
)  # fmt: skip
def test_other_words_like_an_instruction_are_told(
    service: Any, audit_id: str, monkeypatch: pytest.MonkeyPatch, guard: Any, outcome: Outcome
) -> None:
    show = service.parts.audit.show

    def other(wanted: str) -> Any:
        def told(row: Any) -> Any:
            record = json.loads(row.record)
            record.pop("guard", None)
            return replace(row, record=json.dumps(record | ({"guard": guard} if guard else {})))

        return tuple(map(told, show(wanted)))

    monkeypatch.setattr(service.parts.replaying._audit, "show", other)
    assert differing(service, audit_id) == {"guard": outcome}


def test_an_older_record_is_replayed_as_far_as_it_goes(
    service: Any, audit_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = service.parts.audit.show

    def older(wanted: str) -> Any:
        def without(row: Any) -> Any:
            record = {name: value for name, value in json.loads(row.record).items() if name not in ("replies", "cited")}
            return replace(row, record=json.dumps(record))

        return tuple(without(row) for row in show(wanted))

    monkeypatch.setattr(service.parts.replaying._audit, "show", older)
    found = replayed(service, audit_id)
    assert found["documents"].outcome is found["search"].outcome is Outcome.SAME
    assert "older than this program" in found["gate"].said


def test_the_command_exits_with_what_was_found(service: Any, audit_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext

    from api.cli import evidence
    from api.cli.main import command_line

    monkeypatch.setattr(evidence, "opened", lambda: nullcontext(service.parts))
    same = CliRunner().invoke(command_line(), ["audit", "replay", audit_id])
    assert (same.exit_code, same.output.split()[:2]) == (0, ["documents", "same"]), same.output
    service.parts.script.text = "Nothing."
    other = CliRunner().invoke(command_line(), ["audit", "replay", audit_id, "--json"])
    assert other.exit_code == 1
    assert {one["stage"]: one["outcome"] for one in json.loads(other.output)}["draft"] == "differs"


def over_http(service: Any, audit_id: str, user: str, *groups: str, scopes: tuple[str, ...] = ("read", "audit")) -> Any:
    secret = service.parts.api_keys.create(user, groups, set(scopes), "test")
    headers = {"Authorization": f"Bearer {secret}"}
    return service.client.post(f"/v1/answers/{audit_id}/replay", headers=headers)


def test_over_http_it_is_told_stage_by_stage_and_recorded(service: Any, audit_id: str) -> None:
    told = over_http(service, audit_id, "eve", "legal")
    assert told.status_code == 200, told.text
    assert (told.json()["audit_id"], told.json()["same"]) == (audit_id, True)
    assert [(one["stage"], one["outcome"]) for one in told.json()["stages"]] == [(stage, "same") for stage in STAGES]
    service.parts.accesses.flush()
    (row,) = service.parts.audit.show(limit=1)
    accesses = [one for one in json.loads(row.record)["accesses"] if one["action"] == "replay_answer"]
    assert [(one["principal"], one["audit_id"]) for one in accesses] == [("user:eve", audit_id)]
    service.parts.script.text = SAID.replace("500", "501")
    other = over_http(service, audit_id, "eve", "legal").json()
    assert not other["same"]
    assert [one["stage"] for one in other["stages"] if one["outcome"] != "same"] == ["draft"]


def test_over_http_it_is_for_who_audits_and_may_read_what_it_rests_on(service: Any, audit_id: str) -> None:
    asked = len(service.parts.script.asked)
    assert over_http(service, audit_id, "rita", "legal", scopes=("read",)).status_code == 403
    missing = over_http(service, "00000000-0000-4000-8000-000000000000", "eve", "legal")
    hidden = over_http(service, audit_id, "eve", "hr")
    assert (hidden.status_code, hidden.json()) == (404, missing.json())
    assert len(service.parts.script.asked) == asked
