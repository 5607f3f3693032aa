"""Recall of answers over HTTP: affected ones for auditors, notices for who asked, and asking again."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from api.http.auth import AUDIT, READ
from api.terminal import UsageError
from api.wiring.recall.again import ask_again
from ingest.types import OPERATOR, document_id

QUESTION = "What is the fee of the Corvin storage?"
SOURCE = "matters/recall-corvin.txt"
OLD, NEW = "The fee of the Corvin storage is 70 euros.", "The fee of the Corvin storage is 80 euros."


@pytest.fixture
def changed(service: Any) -> dict[str, Any]:
    """An answer of lena's whose document has a newer version since."""
    put(service, OLD)
    service.parts.script.text = f"{OLD[:-1]} [1]."
    asked = service.client.post("/v1/query", json={"question": QUESTION}, headers=service.key("lena", "legal")).json()
    assert asked["status"] == "answered"
    put(service, NEW)
    service.parts.recall.refresh()
    return dict(asked)


def put(service: Any, text: str, *groups: str) -> None:
    allow = frozenset(f"group:{group}" for group in groups or ("legal",))
    service.parts.pipeline.ingest(text.encode(), "corvin.txt", SOURCE, allow)


def auditor(service: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {service.parts.api_keys.create('eve', (), {READ, AUDIT}, 'test')}"}


def notices(service: Any, headers: dict[str, str]) -> dict[str, dict[str, Any]]:
    service.parts.recall.refresh()
    reply = service.client.get("/v1/answers/notices", headers=headers)
    assert reply.status_code == 200, reply.text
    return {one["audit_id"]: one for one in reply.json()["notices"]}


def test_an_auditor_finds_every_answer(service: Any, changed: dict[str, Any]) -> None:
    assert service.client.get("/v1/answers/affected", headers=service.key("lena", "legal")).status_code == 403
    wanted = {"document": document_id(SOURCE), "limit": 1}
    page = service.client.get("/v1/answers/affected", params=wanted, headers=auditor(service)).json()
    (one,) = page["answers"]
    assert (one["audit_id"], one["asked_by"], one["question"]) == (changed["audit_id"], "user:lena", QUESTION)
    (told,) = one["changed"]
    assert (told["change"], told["by"], told["stands"]) == ("superseded", told["version"] + 1, False)
    assert service.client.get("/v1/answers/affected?after=x", headers=auditor(service)).status_code == 422
    older = service.client.get("/v1/answers/affected?since=2999-01-01T00:00:00Z", headers=auditor(service)).json()
    assert older == {"answers": [], "next": None}


def test_who_asked_is_told_until_they_have_seen_it(service: Any, changed: dict[str, Any]) -> None:
    lena, id_ = service.key("lena", "legal"), changed["audit_id"]
    told = notices(service, lena)[id_]
    (one,) = told["changed"]
    numbers = service.parts.numbers.of(
        service.parts.authenticator.identify(lena["Authorization"]).principal, [one["document_id"]]
    )
    assert (told["question"], one["title"], one["stands"]) == (QUESTION, "corvin", False)
    assert one["version_id"] == changed["citations"][0]["version_id"]
    assert one["by_id"] == list(numbers.versions[one["document_id"]].values())[-1]
    assert id_ not in notices(service, service.key("otto", "legal"))
    seen = {"answers": [id_]}
    assert (
        service.client.post("/v1/answers/notices/seen", json=seen, headers=service.key("otto", "legal")).status_code
        == 204
    )
    assert id_ in notices(service, lena)
    assert service.client.post("/v1/answers/notices/seen", json=seen, headers=lena).status_code == 204
    assert id_ not in notices(service, lena)
    assert service.client.post("/v1/answers/notices/seen", json={"answers": []}, headers=lena).status_code == 422
    put(service, f"{OLD} {NEW}")
    assert notices(service, lena)[id_]["changed"][0]["stands"] is True


def test_an_answer_is_read_again_with_what_has_changed(service: Any, changed: dict[str, Any]) -> None:
    lena, path = service.key("lena", "legal"), f"/v1/answers/{changed['audit_id']}"
    told = service.client.get(path, headers=lena).json()
    untimed = {name: one for name, one in changed.items() if name != "timings_ms"}
    assert {name: one for name, one in told["answer"].items() if name != "timings_ms"} == untimed
    assert (told["question"], told["asked_by"]) == (QUESTION, "user:lena")
    (one,) = told["changed"]
    assert (one["change"], one["version"], one["stands"]) == ("superseded", changed["citations"][0]["version"], False)
    missing = service.client.get("/v1/answers/00000000-0000-4000-8000-000000000000", headers=lena)
    for others in (service.key("otto", "legal"), service.key("lena", "hr"), auditor(service)):
        reply = service.client.get(path, headers=others)
        assert (reply.status_code, reply.content) == (404, missing.content)


def test_nothing_is_told_of_what_they_may_not_read_any_more(service: Any, changed: dict[str, Any]) -> None:
    lena, id_ = service.key("lena", "legal"), changed["audit_id"]
    nothing = service.client.get("/v1/answers/notices", headers=service.key("nobody")).content
    assert service.client.get("/v1/answers/notices", headers=service.key("lena")).content == nothing
    service.parts.documents.relabel(document_id(SOURCE), frozenset({"group:hr"}))
    assert id_ not in notices(service, lena)
    service.parts.documents.relabel(document_id(SOURCE), frozenset({"group:legal"}))
    assert id_ in notices(service, lena)
    service.parts.documents.delete(document_id(SOURCE), OPERATOR, now=True)
    assert id_ not in notices(service, lena)


def test_it_is_asked_again_as_the_same_person(service: Any, changed: dict[str, Any]) -> None:
    parts, old = service.parts, changed["audit_id"]
    parts.script.text = f"{NEW[:-1]} [1]."
    asker, answer = asyncio.run(ask_again(old, parts.audit.show, parts.people.standing, parts.answers))
    parts.answer_marks.asked_again(old, answer.audit_id)
    assert (asker.user, asker.groups) == ("lena", {"legal"})
    assert answer.citations[0].quote == NEW
    kept = parts.kept.open(answer.audit_id, asker)
    assert (kept.asked_by, kept.question, kept.changed) == ("user:lena", QUESTION, ())
    closed = json.loads(parts.audit.stored(answer.audit_id)[0].record)
    assert closed["asked_again"] == old
    assert notices(service, service.key("lena", "legal"))[old]["asked_again"] == answer.audit_id
    with pytest.raises(UsageError, match="There is no answer"):
        asyncio.run(ask_again("x", parts.audit.show, parts.people.standing, parts.answers))
