"""Over HTTP: who may read documents is changed by those who may change these, one by one or many, on record."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingest.types import OPERATOR, NewLabel

MISSING = "00000000-0000-5000-8000-000000000000"


@pytest.fixture
def olga(service: Any) -> dict[str, str]:
    """Owns what she uploads; is in legal and sales."""
    headers: dict[str, str] = service.key("olga", "legal", "sales", write=True)
    return headers


def upload(service: Any, headers: dict[str, str], name: str, *allow: str, text: str = "") -> str:
    files = {"file": (name, (text or f"The {name} is due in May.").encode(), "text/plain")}
    reply = service.client.post("/v1/documents", files=files, data={"allow": list(allow)}, headers=headers)
    assert reply.is_success, reply.text
    return str(reply.json()["document_id"])


def put(service: Any, headers: dict[str, str], id_: str, **body: Any) -> Any:
    return service.client.put(f"/v1/documents/{id_}/allow", json=body, headers=headers)


def reads(service: Any, headers: dict[str, str], id_: str) -> bool:
    return bool(service.client.get(f"/v1/documents/{id_}/text", headers=headers).status_code == 200)


def test_an_owner_lets_others_in_and_out_from_the_next_request_on(service: Any, olga: dict[str, str]) -> None:
    id_ = upload(service, olga, "let.txt", "group:legal")
    sam, ana = service.key("sam", "sales"), service.key("ana", "legal")
    assert (reads(service, sam, id_), reads(service, ana, id_)) == (False, True)
    reply = put(service, olga, id_, add=["group:sales"])
    assert (reply.status_code, reply.json()) == (200, {"document_id": id_, "allow": ["group:legal", "group:sales"]})
    assert reads(service, sam, id_)
    found = service.client.post("/v1/search", json={"query": "let.txt due in May"}, headers=sam).json()
    assert id_ in {hit["document_id"] for hit in found["hits"]}
    assert put(service, olga, id_, allow=["user:olga", "group:sales"]).json()["allow"] == ["group:sales", "user:olga"]
    assert not reads(service, ana, id_)
    found = service.client.post("/v1/search", json={"query": "let.txt due in May"}, headers=ana).json()
    assert id_ not in {hit["document_id"] for hit in found["hits"]}
    record = json.loads(service.rows()[0].record)
    told = {name: record[name] for name in ("action", "principal", "document_id", "label", "before")}
    assert told == {
        "action": "relabel", "principal": "user:olga", "document_id": id_, "label": ["group:sales", "user:olga"],
        "before": ["group:legal", "group:sales"],
    }  # fmt: skip


def test_who_may_not_change_it_changes_nothing(service: Any, olga: dict[str, str]) -> None:
    id_ = upload(service, olga, "kept.txt", "group:legal")
    ana, nina = service.key("ana", "legal", write=True), service.key("nina", "hr", write=True)
    assert put(service, ana, id_, add=["group:legal", "user:ana"]).status_code == 403
    hidden, missing = (put(service, nina, one, add=["group:hr"]) for one in (id_, MISSING))
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert put(service, service.key("olga", "legal"), id_, add=["user:olga"]).status_code == 403  # without `write`
    assert put(service, {}, id_, add=["user:olga"]).status_code == 401
    for wrong in ({}, {"allow": []}, {"allow": ["group:legal"], "add": ["group:legal"]}, {"add": ["legal"]}):
        assert put(service, olga, id_, **wrong).status_code == 422
    document = service.client.get(f"/v1/documents/{id_}", headers=olga).json()
    assert document["allow"] == ["group:legal"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"add": ["group:hr"]}, "You are not in group:hr"), ({"remove": ["group:legal"]}, "Nobody could read it"),
        ({"allow": ["group:board"]}, "You are not in group:board"),
    ],
)  # fmt: skip
def test_an_owner_names_those_whom_they_know(service: Any, olga: dict[str, str], body: Any, words: str) -> None:
    id_ = upload(service, olga, "named.txt", "group:legal")
    reply = put(service, olga, id_, **body)
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_principal")
    assert words in reply.json()["detail"]


def test_an_admin_lets_anybody_in_and_what_others_put_there_stays(service: Any, olga: dict[str, str]) -> None:
    id_ = upload(service, olga, "admin.txt", "group:legal")
    ada = service.key("ada", "legal", admin=True)
    assert put(service, ada, id_, add=["group:hr"]).json()["allow"] == ["group:hr", "group:legal"]
    assert put(service, olga, id_, add=["group:sales"]).json()["allow"] == ["group:hr", "group:legal", "group:sales"]
    alone = put(service, olga, id_, allow=["group:hr"])
    assert "You could not read it any more" in alone.json()["detail"]
    stranger = service.key("ada", "board", admin=True)
    assert put(service, stranger, id_, add=["group:board"]).status_code == 404  # an admin reads no more than others


def test_many_are_told_one_by_one(service: Any, olga: dict[str, str]) -> None:
    own = [upload(service, olga, f"many{number}.txt", "group:legal") for number in range(2)]
    hers = upload(service, service.key("ana", "legal", write=True), "hers.txt", "group:legal")
    hidden = upload(service, service.key("nina", "hr", write=True), "hidden.txt", "group:hr")
    asked = {"documents": [*own, hers, hidden, MISSING, own[0]], "add": ["group:sales"]}
    reply = service.client.put("/v1/labels", json=asked, headers=olga)
    assert reply.status_code == 200
    told = [(one["document_id"], one["outcome"]) for one in reply.json()["documents"]]
    assert told == [
        (own[0], "changed"), (own[1], "changed"), (hers, "not_allowed"), (hidden, "not_found"), (MISSING, "not_found"),
    ]  # fmt: skip
    absent = [one for one in reply.json()["documents"] if one["outcome"] == "not_found"]
    assert all((one["allow"], one["reason"]) == ([], "") for one in absent)
    again = service.client.put("/v1/labels", json=asked, headers=olga).json()["documents"]
    assert [one["outcome"] for one in again[:2]] == ["unchanged", "unchanged"]
    wrong = service.client.put("/v1/labels", json=asked | {"add": ["group:hr"]}, headers=olga)
    assert wrong.status_code == 422
    assert reads(service, service.key("sam", "sales"), own[0])


def test_a_wall_stays_whoever_changes_the_label(service: Any, olga: dict[str, str]) -> None:
    id_ = upload(service, olga, "wall.txt", "group:legal")
    service.parts.documents.relabel(id_, frozenset({"group:legal", "!user:ana"}), author=OPERATOR)
    assert put(service, olga, id_, allow=["group:sales", "group:legal"]).status_code == 200
    assert not reads(service, service.key("ana", "legal"), id_)
    assert NewLabel(frozenset({"group:a"})).of(frozenset({"group:b", "!user:c"})) == {"group:a", "!user:c"}


def test_deleting_for_good_takes_an_admin(service: Any, olga: dict[str, str]) -> None:
    id_ = upload(service, olga, "gone.txt", "group:legal")
    ada = service.key("ada", "legal", admin=True)
    path = f"/v1/documents/{id_}"
    assert service.client.delete(path, params={"now": True}, headers=olga).status_code == 403
    assert service.client.delete(path, headers=olga).status_code == 204
    assert service.client.delete(path, params={"now": True}, headers=service.key("x", admin=True)).status_code == 404
    assert service.client.delete(path, params={"now": True}, headers=ada).status_code == 204
    assert service.client.post(f"{path}/restore", headers=olga).status_code == 404
    deleted = service.client.get("/v1/documents", params={"deleted": True}, headers=olga).json()["documents"]
    assert id_ not in {document["document_id"] for document in deleted}
    assert json.loads(service.rows()[0].record)["action"] == "purge"
