"""Recall of answers over HTTP: affected ones for auditors, notices for who asked, and asking again."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from api.http.auth import AUDIT, READ, SCIM
from api.wiring.recall.again import ask_again
from api.wiring.reviews import ReviewDesk
from generation.errors import NotAskedAgain
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


def auditor(service: Any, *groups: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {service.parts.api_keys.create('eve', groups, {READ, AUDIT}, 'test')}"}


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


def test_whom_it_is_shared_with_is_told_what_they_may_read(service: Any) -> None:
    lena, otto, hanna = (service.key(*who) for who in (("lena", "legal"), ("otto", "legal"), ("hanna", "hr")))
    put(service, OLD)
    service.parts.script.text = f"{OLD[:-1]} [1]."
    asked = {"question": QUESTION, "conversation": "new"}
    told = service.client.post("/v1/query", json=asked, headers=lena).json()
    id_, place = told["audit_id"], f"/v1/conversations/{told['conversation']['id']}"
    shares = {"principals": ["user:otto", "user:hanna"]}
    assert service.client.put(f"{place}/shares", json=shares, headers=lena).status_code == 200
    put(service, NEW)
    notice = notices(service, otto)[id_]
    assert (notice["asked_by"], notice["question"], notice["asked_again"]) == ("user:lena", QUESTION, "")
    assert (notice["changed"][0]["title"], notice["changed"][0]["stands"]) == ("corvin", False)
    nothing = service.client.get("/v1/answers/notices", headers=service.key("nobody", "hr")).content
    assert service.client.get("/v1/answers/notices", headers=hanna).content == nothing
    for person in (hanna, otto):
        reply = service.client.post("/v1/answers/notices/seen", json={"answers": [id_]}, headers=person)
        assert reply.status_code == 204
    assert id_ not in notices(service, otto)
    assert id_ in notices(service, lena)
    seen = [json.loads(row.record) for row in service.rows(50)]
    assert [one["audit_id"] for one in seen if one.get("action") == "notice_seen"][:1] == [id_]
    assert service.client.delete(place, headers=lena).status_code == 204


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
    with pytest.raises(NotAskedAgain, match="There is no answer"):
        asyncio.run(ask_again("x", parts.audit.show, parts.people.standing, parts.answers))


def recorded(service: Any, action: str) -> dict[str, Any]:
    records = (json.loads(row.record) for row in service.rows(50))
    return dict(next(record for record in records if record.get("action") == action))


def test_it_is_asked_again_over_http_for_who_reviews(
    service: Any, changed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    took: list[tuple[str, str]] = []
    monkeypatch.setattr(ReviewDesk, "take_over", lambda desk, *answers: took.append(answers))
    old = changed["audit_id"]
    path = f"/v1/answers/{old}/ask-again"
    lena, admin = service.key("lena", "legal"), service.key("ada", "legal", admin=True)
    assert service.client.post(path, headers=lena).status_code == 403
    missing = service.client.post("/v1/answers/00000000-0000-4000-8000-000000000000/ask-again", headers=admin)
    shut = service.client.post(path, headers=service.key("ada", "hr", admin=True))
    assert (shut.status_code, shut.content) == (404, missing.content)
    service.parts.script.text = f"{NEW[:-1]} [1]."
    told = service.client.post(f"/v1/answers/{old.upper()}/ask-again", headers=admin)
    assert told.status_code == 201, told.text
    new = told.json()["audit_id"]
    assert told.json() == {"audit_id": new, "asked_again": old}
    assert took == [(old, new)]  # in cells of reviews
    assert (recorded(service, "ask_again")["principal"], recorded(service, "ask_again")["audit_id"]) == (
        "user:ada",
        new,
    )
    assert notices(service, lena)[old]["asked_again"] == new
    answer = service.client.get(f"/v1/answers/{new}", headers=lena).json()
    assert (answer["asked_by"], answer["answer"]["citations"][0]["quote"]) == ("user:lena", NEW)
    assert service.client.get(f"/v1/answers/{new}", headers=admin).status_code == 404  # it is lena's
    assert service.client.post(path, headers=auditor(service)).status_code == 201  # of any answer


@pytest.mark.parametrize("strictness", ["strict", "usual"])
def test_what_is_asked_again_stays_as_strict_as_it_was(service: Any, changed: dict[str, Any], strictness: str) -> None:
    service.parts.script.text = f"{NEW[:-1]} [1]."
    lena, admin = service.key("lena", "legal"), service.key("ada", "legal", admin=True)
    asked = {"question": QUESTION, "strictness": strictness}
    old = service.client.post("/v1/query", json=asked, headers=lena).json()
    assert old["strictness"] == strictness
    told = service.client.post(f"/v1/answers/{old['audit_id']}/ask-again", headers=admin)
    assert told.status_code == 201, told.text
    new = service.client.get(f"/v1/answers/{told.json()['audit_id']}", headers=lena).json()["answer"]
    assert (new["strictness"], new["audit_id"]) == (strictness, told.json()["audit_id"])


def test_asking_again_counts_as_a_question_of_who_wants_it(service: Any, changed: dict[str, Any]) -> None:
    path = f"/v1/answers/{changed['audit_id']}/ask-again"
    service.parts.script.text = f"{NEW[:-1]} [1]."
    admin = service.key("olga", "legal", admin=True)
    service.parts.budgets.set("user:olga", 1, None)
    assert service.client.post(path, headers=admin).status_code == 201
    assert service.client.post(path, headers=admin).json()["code"] == "budget_spent"


def test_nothing_is_asked_in_the_name_of_who_was_deactivated(service: Any, changed: dict[str, Any]) -> None:
    asked = service.client.post("/v1/query", json={"question": QUESTION}, headers=service.key("mona", "legal")).json()
    provider = {"Authorization": f"Bearer {service.parts.api_keys.create('idp', (), {SCIM}, 'test')}"}
    gone = {"userName": "mona", "active": False}
    assert service.client.post("/scim/v2/Users", json=gone, headers=provider).status_code == 201
    reply = service.client.post(
        f"/v1/answers/{asked['audit_id']}/ask-again", headers=service.key("ada", "legal", admin=True)
    )
    assert (reply.status_code, reply.json()["code"]) == (409, "not_asked_again")


def test_who_reviews_finds_a_version_wrong_and_takes_it_back(service: Any, changed: dict[str, Any]) -> None:
    lena, admin, shut = (service.key(*who, admin=admin) for *who, admin in (("lena", "legal", False), ("ada", "legal", True), ("ada", "hr", True)))  # fmt: skip
    place, version = document_id(SOURCE), changed["citations"][0]["version_id"]
    body = {"document_id": place, "version": version, "reason": " The scan lacks page 3. "}

    def put(headers: dict[str, str], **other: Any) -> int:
        return int(service.client.put("/v1/answers/wrong", json={**body, **other}, headers=headers).status_code)

    def listed(headers: dict[str, str]) -> list[tuple[Any, ...]]:
        found = service.client.get("/v1/answers/wrong", headers=headers).json()["versions"]
        return [(one["version"], one["version_id"], one["reason"]) for one in found if one["document_id"] == place]

    def drop(headers: dict[str, str], **params: Any) -> int:
        asked = {"document": place, **params}
        return int(service.client.delete("/v1/answers/wrong", params=asked, headers=headers).status_code)

    assert [put(lena), put(shut), put(auditor(service)), put(admin, version="v_" + "x" * 16)] == [403, 404, 404, 404]
    assert [put(admin, version=1), put(admin, reason="  ")] == [422, 422]  # numbers are each reader's own
    assert listed(admin) == []
    assert put(admin) == 204
    assert (recorded(service, "mark_wrong")["principal"], recorded(service, "mark_wrong")["reason"]) == ("user:ada", "The scan lacks page 3.")  # fmt: skip
    number = changed["citations"][0]["version"]
    assert listed(admin) == listed(auditor(service, "legal")) == [(number, version, "The scan lacks page 3.")]
    assert listed(shut) == []
    assert listed(auditor(service)) == [(0, version, "The scan lacks page 3.")]
    told = {one["change"]: one for one in notices(service, lena)[changed["audit_id"]]["changed"]}
    assert told["wrong"]["reason"] == "The scan lacks page 3."
    affected = service.client.get("/v1/answers/affected", params={"document": place}, headers=auditor(service)).json()
    assert {one["version_id"] for one in affected["answers"][0]["changed"]} == {version}
    assert put(admin, version=None, reason="A draft") == 204
    assert listed(admin) == [(None, "", "A draft"), (number, version, "The scan lacks page 3.")]
    assert [drop(lena), drop(shut), drop(auditor(service, "legal")), drop(admin)] == [403, 404, 204, 404]
    assert recorded(service, "unmark_wrong")["principal"] == "user:eve"
    assert [drop(admin, version=version), drop(admin, version=version)] == [204, 404]
    assert listed(admin) == []
