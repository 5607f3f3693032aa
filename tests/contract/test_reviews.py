"""Reviews over HTTP: each cell an answer of its own, by the rights of the time; theirs alone who began them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient

from api.exports.types import Matrix
from api.http.app import create_app
from api.http.auth import AUDIT, READ
from api.wiring.erasing.erasing import Eraser
from api.wiring.review_matrix import MatrixExport
from ingest.types import OPERATOR
from retrieval.types import Principal

RENT, NOTICE = "What is the rent of Unit 7?", "With how much notice may Kestrel end the lease?"
SAYS = "The rent of Unit 7 is 500 euros per month [1]."
OTHER = b"LEASE OF UNIT 9\n\nThe rent of Unit 9 is 700 euros per month.\n"
MISSING = "00000000-0000-4000-8000-000000000000"
LEGAL = frozenset({"group:legal"})
LEGAL_GROUP = frozenset({"legal"})


@pytest.fixture
def lena(service: Any) -> dict[str, str]:
    service.parts.script.text = SAYS
    return dict(service.key("lena", "legal"))


@pytest.fixture
def other(service: Any) -> Iterator[str]:
    """A second lease, which there is for this test alone."""
    stored = service.parts.pipeline.ingest(OTHER, "nine.txt", "review/nine.txt", LEGAL)
    yield stored.document_id
    service.parts.documents.delete(stored.document_id, OPERATOR, now=True)


def start(service: Any, who: dict[str, str], *documents: str, questions: tuple[str, ...] = (RENT,), **more: Any) -> Any:
    asked = {"title": "Rents", "questions": list(questions), **({"documents": list(documents)} if documents else {})}
    return service.client.post("/v1/reviews", json=asked | more, headers=who)


def show(service: Any, who: dict[str, str], review_id: str, **params: Any) -> dict[str, Any]:
    reply = service.client.get(f"/v1/reviews/{review_id}", headers=who, params=params)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def until(service: Any, who: dict[str, str], review_id: str, met: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    end = time.monotonic() + 60
    while not met(found := show(service, who, review_id)):
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return found


def done(service: Any, who: dict[str, str], *documents: str, **more: Any) -> dict[str, Any]:
    sent = start(service, who, *documents, **more)
    assert sent.status_code == 202, sent.text
    return until(service, who, sent.json()["id"], lambda one: one["status"] == "done")


def cell(review: dict[str, Any], row: int = 0, question: int = 0) -> dict[str, Any]:
    return dict(review["rows"][row]["cells"][question])


def again(service: Any, document: bytes, name: str = "nine.txt", allow: frozenset[str] = LEGAL) -> None:
    service.parts.pipeline.ingest(document, name, f"review/{name}", allow)


def test_each_cell_is_an_answer_out_of_its_document_alone(service: Any, lena: dict[str, str], other: str) -> None:
    review = done(service, lena, service.lease, other, questions=(RENT, NOTICE))
    assert [row["title"] for row in review["rows"]] == ["LEASE OF UNIT 7", "LEASE OF UNIT 9"]
    assert (review["documents"], review["cells"], sum(review["counts"].values())) == (2, 4, 4)
    first = cell(review)
    assert (first["status"], first["question"], first["version"]) == ("answered", 1, 1)
    assert first["answer"]["answer"] == "The rent of Unit 7 is 500 euros per month."
    (citation,) = first["answer"]["citations"]
    assert (citation["document_id"], citation["version"]) == (service.lease, 1)
    assert citation["quote"] == "The rent of Unit 7 is 500 euros per month."
    missing = cell(review, 1)
    assert (missing["status"], missing["answer"]["status"]) == ("not_found", "abstained")
    assert {one["document_id"] for one in missing["answer"]["abstention"]["nearest"]} <= {other}
    records = [json.loads(row.record) for row in service.rows(60)]
    asked = [one for one in records if one.get("kind") == "opened" and one.get("question") == RENT]
    assert sorted(one["filter"]["documents"][0] for one in asked[:2]) == sorted([service.lease, other])
    assert {one["principal"] for one in asked[:2]} == {"user:lena"}
    started = next(one for one in records if one.get("action") == "start_review")
    assert (started["principal"], started["documents"], started["questions"]) == ("user:lena", 2, 2)


def test_rows_come_in_pages(service: Any, lena: dict[str, str], other: str) -> None:
    review = done(service, lena, service.lease, other)
    first = show(service, lena, review["id"], limit=1)
    assert ([row["document_id"] for row in first["rows"]], first["next"]) == ([service.lease], service.lease)
    second = show(service, lena, review["id"], limit=1, after=first["next"])
    assert ([row["document_id"] for row in second["rows"]], second["next"]) == ([other], None)
    wrong = service.client.get(f"/v1/reviews/{review['id']}", headers=lena, params={"after": MISSING})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_review")


def test_a_filter_names_what_a_search_would_find(service: Any, lena: dict[str, str], other: str) -> None:
    review = done(service, lena, kinds=["text"])
    assert {row["document_id"] for row in review["rows"]} == {service.lease, other}
    none = start(service, lena, service.salaries)
    assert (none.status_code, none.json()["code"]) == (422, "invalid_review")
    assert service.client.get("/v1/reviews", headers=lena).json()["reviews"][0]["id"] == review["id"]


def test_its_documents_are_counted_before_it_is_begun_also_as_of_a_day(service: Any, lena: dict[str, str]) -> None:
    def count(who: dict[str, str], **asked: Any) -> int:
        reply = service.client.post("/v1/reviews/count", json=asked, headers=who)
        assert reply.status_code == 200, reply.text
        return int(reply.json()["documents"])

    other = service.parts.pipeline.ingest(OTHER, "ten.txt", "review/ten.txt", LEGAL, date="2026-06-01").document_id
    again(service, OTHER + b"As amended.\n", "ten.txt")
    asked: list[dict[str, Any]] = [
        {}, {"as_of": "2026-05-31"}, {"as_of": "2026-06-01"}, {"documents": [other, MISSING]},
        {"documents": [service.lease, other], "kinds": ["spreadsheet"]},
    ]  # fmt: skip
    try:
        for one in asked:
            begun = service.client.post("/v1/reviews", json={"title": "x", "questions": [RENT], **one}, headers=lena)
            documents = begun.json()["documents"] if begun.status_code == 202 else 0
            assert count(lena, **one) == documents, one
        assert [count(lena, **one) for one in asked] == [2, 1, 2, 1, 0]
        assert count(service.key("stranger", "nobody")) == 0
    finally:
        service.parts.documents.delete(other, OPERATOR, now=True)


def test_rows_are_looked_for_by_their_cells(service: Any, lena: dict[str, str], other: str) -> None:
    review = done(service, lena, service.lease, other)
    audit_id = cell(review)["audit_id"]

    def found(wanted: str, **more: Any) -> list[str]:
        return [row["document_id"] for row in show(service, lena, review["id"], cells=wanted, **more)["rows"]]

    assert (found("answered"), found("not_found"), found("failed")) == ([service.lease], [other], [])
    assert (found("unsigned"), found("changed")) == ([service.lease, other], [])
    sign = {"verdict": "approved"}
    assert service.client.put(f"/v1/answers/{audit_id}/sign-off", json=sign, headers=lena).is_success
    assert found("unsigned") == [other]
    again(service, b"LEASE OF UNIT 9\n\nThe rent of Unit 9 is 710 euros per month.\n")
    assert found("changed") == [other]
    page = show(service, lena, review["id"], cells="not_found", limit=1)
    assert (page["rows"], page["next"]) == ([], None)  # it is out of date by now
    assert page["documents"] == 2
    first = show(service, lena, review["id"], cells="changed", limit=1)
    assert ([row["document_id"] for row in first["rows"]], first["next"]) == ([other], None)
    whole = next(row for row in first["rows"])
    assert [one["question"] for one in whole["cells"]] == [1]
    wrong = service.client.get(f"/v1/reviews/{review['id']}", headers=lena, params={"cells": "odd"})
    assert wrong.status_code == 422
    assert service.client.get(
        f"/v1/reviews/{review['id']}", headers=service.key("otto", "legal"), params={"cells": "answered"}
    ).status_code == 404  # fmt: skip


def test_it_is_its_owners_alone(service: Any, lena: dict[str, str]) -> None:
    review_id = done(service, lena, service.lease)["id"]
    for who in (service.key("otto", "legal"), service.key("root", "legal", admin=True)):
        missing = service.client.get(f"/v1/reviews/{MISSING}", headers=who)
        for method, place, body in (
            ("GET", "", None), ("GET", "/events", None), ("GET", "/export", None), ("POST", "/cancel", None),
            ("POST", "/resume", None), ("PATCH", "", {"title": "Mine"}), ("PUT", "/shares", {"principals": []}),
            ("POST", "/again", {"document_id": service.lease}), ("DELETE", "/shares", None), ("DELETE", "", None),
        ):  # fmt: skip
            got = service.client.request(method, f"/v1/reviews/{review_id}{place}", headers=who, json=body)
            assert (got.status_code, got.content) == (404, missing.content), place
        assert service.client.get("/v1/reviews", headers=who).json()["reviews"] == []


def test_what_is_shared_is_seen_as_far_as_it_may_be_read(service: Any, lena: dict[str, str], other: str) -> None:
    review = done(service, lena, service.lease, other)
    place, otto = f"/v1/reviews/{review['id']}", service.key("otto", "legal")
    shared = service.client.put(
        f"{place}/shares", headers=lena, json={"principals": ["group:legal", "user:otto"]}
    ).json()
    assert (shared["owner"], shared["shares"]) == ("user:lena", ["group:legal", "user:otto"])
    whole, seen = show(service, lena, review["id"]), show(service, otto, review["id"])
    assert {name for name in seen if seen[name] != whole[name]} == {"shares", "rows"}
    assert [row["document_id"] for row in seen["rows"]] == [service.lease, other]
    assert (cell(seen)["answer"]["answer"], cell(seen)["answer"]["usage"]["prompt_tokens"]) == (
        cell(whole)["answer"]["answer"], 0,
    )  # fmt: skip
    again(service, OTHER, allow=frozenset({"user:lena"}))
    alone = show(service, otto, review["id"])
    assert ([row["document_id"] for row in alone["rows"]], alone["cells"], alone["counts"]) == (
        [service.lease], 1, {"answered": 1},
    )  # fmt: skip
    (listed,) = service.client.get("/v1/reviews", headers=otto, params={"shared": True}).json()["reviews"]
    assert listed == {name: alone[name] for name in listed}
    assert service.client.get("/v1/reviews", headers=otto).json()["reviews"] == []
    told = service.client.get(f"{place}/events", headers=otto).text
    assert (service.lease in told, other in told, "\nid:" in told) == (True, False, False)
    file = service.client.get(f"{place}/export", headers=otto)
    assert (file.status_code, other in str(sheet(file.content)), service.lease in str(sheet(file.content))) == (
        200, False, True,
    )  # fmt: skip
    read = service.client.get(f"/v1/answers/{cell(seen)['audit_id']}", headers=otto)
    assert (read.status_code, read.json()["asked_by"]) == (200, "user:lena")
    for who in (service.key("nora", "hr"), service.key("otto", "hr")):
        assert service.client.get(place, headers=who).status_code == 404
        assert service.client.get("/v1/reviews", headers=who, params={"shared": True}).json()["reviews"] == []
    for method, path, body in (
        ("PATCH", "", {"title": "Mine"}), ("POST", "/resume", None), ("POST", "/cancel", None), ("DELETE", "", None),
        ("PUT", "/shares", {"principals": ["user:eve"]}), ("POST", "/again", {"document_id": service.lease}),
    ):  # fmt: skip
        assert service.client.request(method, f"{place}{path}", headers=otto, json=body).status_code == 404
    assert service.client.delete(f"{place}/shares", headers=lena).status_code == 204
    assert service.client.get(place, headers=otto).status_code == 404
    records = [json.loads(row.record) for row in service.rows(60)]
    told_of = [one for one in records if one.get("action") == "share_review"]
    assert [(one["principal"], one["shared_with"]) for one in told_of[:2]] == [
        ("user:lena", []), ("user:lena", ["group:legal", "user:otto"]),
    ]  # fmt: skip


def test_cells_tell_what_was_signed_of_their_answers(service: Any, lena: dict[str, str], other: str) -> None:
    review = done(service, lena, service.lease, other)
    place, audit_id = f"/v1/reviews/{review['id']}", cell(review)["audit_id"]
    assert cell(review)["sign_offs"] == []
    otto = service.key("otto", "legal")
    service.client.put(f"{place}/shares", headers=lena, json={"principals": ["user:otto"]})
    for path, body in (("sign-off", {"verdict": "approved"}), ("sentences/1/sign-off", {"verdict": "rejected"})):
        assert service.client.put(f"/v1/answers/{audit_id}/{path}", headers=otto, json=body).status_code == 200
    for who in (lena, otto):
        told = [
            (one["sentence"], one["by"], one["verdict"]) for one in cell(show(service, who, review["id"]))["sign_offs"]
        ]
        assert told == [(None, "user:otto", "approved"), (1, "user:otto", "rejected")]
        assert cell(show(service, who, review["id"]), 1)["sign_offs"] == []
    service.client.delete(f"/v1/answers/{audit_id}/sign-off", headers=otto)
    assert [one["sentence"] for one in cell(show(service, lena, review["id"]))["sign_offs"]] == [1]


def sheet(data: bytes) -> bytes:
    with ZipFile(BytesIO(data)) as file:
        return b"".join(file.read(one) for one in file.namelist() if one.endswith(".xml"))


def test_cells_that_rest_on_what_was_found_wrong_are_marked_and_asked_again(
    service: Any, lena: dict[str, str], other: str
) -> None:
    again(service, OTHER.replace(b"Unit 9", b"Unit 7").replace(b"700", b"500"))
    review = done(service, lena, other)
    old = cell(review)
    assert (old["status"], old["changed"]) == ("answered", [])
    parts = service.parts
    now = parts.reviews.in_force(Principal("lena", LEGAL_GROUP), [other], None)[other].version
    parts.recall.find_wrong(other, now, "The scan lacks page 3")
    marked = cell(show(service, lena, review["id"]))
    assert [(one["change"], one["reason"]) for one in marked["changed"]] == [("wrong", "The scan lacks page 3")]
    file = service.client.get(f"/v1/reviews/{review['id']}/export", headers=lena)
    assert b"found wrong" in sheet(file.content)
    notices = service.client.get("/v1/answers/notices", headers=lena).json()["notices"]
    (notice,) = [one for one in notices if one["audit_id"] == old["audit_id"]]
    named = {"review_id": review["id"], "title": "Rents", "document_id": other, "question": 1}
    assert notice["cells"] == [named]
    eve = {"Authorization": f"Bearer {parts.api_keys.create('eve', (), {READ, AUDIT}, 'test')}"}
    affected = service.client.get("/v1/answers/affected", headers=eve, params={"document": other}).json()["answers"]
    assert [one["cells"] for one in affected if one["audit_id"] == old["audit_id"]] == [[named | {"title": ""}]]
    wrong = {"document_id": other, "questions": [2]}
    refused = service.client.post(f"/v1/reviews/{review['id']}/again", headers=lena, json=wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_review")
    body = {"document_id": other, "questions": [1]}
    asked = service.client.post(f"/v1/reviews/{review['id']}/again", headers=lena, json=body)
    assert (asked.status_code, asked.json()) == (202, {"cells": 1})
    found = until(service, lena, review["id"], lambda one: one["status"] == "done")
    assert cell(found)["audit_id"] != old["audit_id"]
    parts.recall.not_wrong(other, now)


@pytest.mark.usefixtures("strict_of_all")
def test_a_strict_review_asks_strictly_whenever_it_asks(service: Any, lena: dict[str, str], other: str) -> None:
    usual = start(service, lena, service.lease).json()
    strict = start(service, lena, service.lease, strictness="strict").json()
    assert (usual["strictness"], strict["strictness"]) == ("usual", "strict")

    def cell(review: dict[str, Any]) -> dict[str, Any]:
        done = until(service, lena, review["id"], lambda found: found["status"] == "done")
        assert done["strictness"] == review["strictness"]
        ((one,),) = (row["cells"] for row in done["rows"])
        assert one["answer"]["strictness"] == review["strictness"]
        return dict(one)

    assert cell(usual)["status"] == "answered"
    first = cell(strict)
    assert (first["status"], first["answer"]["withheld"]) == ("not_found", 1)
    again = service.client.post(f"/v1/reviews/{strict['id']}/again", json={"document_id": service.lease}, headers=lena)
    assert again.json() == {"cells": 1}
    second = cell(strict)
    assert (second["status"], second["audit_id"] == first["audit_id"]) == ("not_found", False)
    listed = service.client.get("/v1/reviews", headers=lena).json()["reviews"]
    assert [one["strictness"] for one in listed[:2]] == ["strict", "usual"]
    began = [json.loads(row.record) for row in service.rows(50)]
    told = [one.get("strictness") for one in began if one.get("action") == "start_review"]
    assert told[:2] == ["strict", None]


def test_a_strictness_that_is_not_offered_begins_no_review(
    service: Any, lena: dict[str, str], usual_alone: str
) -> None:
    with TestClient(create_app(replace(service.parts.http, stop=lambda: None, works=()))) as client:
        here = SimpleNamespace(client=client)
        refused = start(here, lena, service.lease, strictness="strict")
        assert (refused.status_code, refused.json()["detail"]) == (422, usual_alone)
        assert start(here, lena, service.lease, strictness="usual").status_code == 202


def test_it_is_renamed_listed_and_deleted(service: Any, lena: dict[str, str]) -> None:
    review = done(service, lena, service.lease)
    place = f"/v1/reviews/{review['id']}"
    renamed = service.client.patch(place, headers=lena, json={"title": "Rents of 2026"}).json()
    assert (renamed["title"], renamed["live"]) == ("Rents of 2026", False)
    assert service.client.patch(place, headers=lena, json={}).json() == renamed
    newer = done(service, lena, service.lease)
    page = service.client.get("/v1/reviews", headers=lena, params={"limit": 1}).json()
    assert [one["id"] for one in page["reviews"]] == [newer["id"]]
    following = service.client.get("/v1/reviews", headers=lena, params={"limit": 1, "after": page["next"]}).json()
    assert [(one["id"], one["title"], one["counts"]) for one in following["reviews"]] == [
        (review["id"], "Rents of 2026", {"answered": 1})
    ]
    assert service.client.delete(place, headers=lena).status_code == 204
    assert service.client.get(place, headers=lena).status_code == 404
    actions = [json.loads(row.record).get("action") for row in service.rows(60)]
    assert {"change_review", "delete_review"} <= set(actions)
    assert service.parts.kept.open(cell(review)["audit_id"], Principal("lena", LEGAL_GROUP)) is not None


def test_a_new_version_makes_cells_stale_until_they_are_asked_again(
    service: Any, lena: dict[str, str], other: str
) -> None:
    review = done(service, lena, other)
    assert cell(review)["status"] == "not_found"
    again(service, OTHER.replace(b"Unit 9", b"Unit 7").replace(b"700", b"500"))
    stale = show(service, lena, review["id"])
    assert (cell(stale)["status"], stale["counts"], stale["rows"][0]["version"]) == ("stale", {"stale": 1}, 2)
    assert cell(stale)["answer"]["status"] == "abstained"
    assert service.client.post(f"/v1/reviews/{review['id']}/resume", headers=lena).json() == {"cells": 1}
    found = until(service, lena, review["id"], lambda one: one["status"] == "done")
    assert (cell(found)["status"], cell(found)["version"]) == ("answered", 2)
    assert service.client.post(f"/v1/reviews/{review['id']}/resume", headers=lena).json() == {"cells": 0}


def test_a_live_review_asks_again_by_itself(service: Any, lena: dict[str, str], other: str) -> None:
    review = done(service, lena, other, live=True)
    again(service, OTHER.replace(b"Unit 9", b"Unit 7").replace(b"700", b"500"))
    found = until(service, lena, review["id"], lambda one: one["counts"] == {"answered": 1})
    assert cell(found)["version"] == 2


def test_a_version_that_comes_while_it_is_asked_is_not_missed(service: Any, lena: dict[str, str], other: str) -> None:
    service.parts.script.pause = 4.0
    review_id = start(service, lena, other, live=True).json()["id"]
    until(service, lena, review_id, lambda one: one["counts"] == {"running": 1})
    again(service, OTHER.replace(b"Unit 9", b"Unit 7").replace(b"700", b"500"))
    assert service.parts.review_work.check() == 0
    assert show(service, lena, review_id)["counts"] == {"running": 1}
    service.parts.script.pause = 0.0
    found = until(service, lena, review_id, lambda one: one["counts"] == {"answered": 1})
    assert cell(found)["version"] == 2


def test_what_is_closed_or_deleted_is_absent(service: Any, lena: dict[str, str], other: str) -> None:
    review = done(service, lena, service.lease, other)
    whole = show(service, lena, review["id"])
    alone = done(service, lena, service.lease)
    again(service, OTHER, allow=frozenset({"group:hr"}))
    closed = show(service, lena, review["id"])
    same = {"documents", "cells", "counts", "status"}
    assert {name: closed[name] for name in same} == {name: alone[name] for name in same}
    assert [row["document_id"] for row in closed["rows"]] == [service.lease]
    listed = service.client.get("/v1/reviews", headers=lena).json()["reviews"][1]
    assert (listed["id"], listed["documents"], listed["counts"]) == (review["id"], 1, {"answered": 1})
    told = service.client.get(f"/v1/reviews/{review['id']}/events", headers=lena).text
    assert other not in told
    again(service, OTHER)
    assert len(show(service, lena, review["id"])["rows"]) == len(whole["rows"])
    service.parts.documents.delete(other, OPERATOR)
    assert [row["document_id"] for row in show(service, lena, review["id"])["rows"]] == [service.lease]
    fewer = service.key("lena", "hr")
    hidden = show(service, fewer, review["id"])
    assert (hidden["rows"], hidden["documents"], hidden["counts"]) == ([], 0, {})


def test_a_document_that_is_closed_when_its_turn_comes_is_not_asked(
    service: Any, lena: dict[str, str], other: str
) -> None:
    service.parts.script.pause = 0.5
    review_id = start(service, lena, service.lease, other).json()["id"]
    again(service, OTHER, allow=frozenset({"group:hr"}))
    found = until(service, lena, review_id, lambda one: one["status"] == "done")
    assert found["counts"] == {"answered": 1}
    assert not any(other in row.record for row in service.rows(10) if '"opened"' in row.record)
    again(service, OTHER)
    assert show(service, lena, review_id)["counts"] == {"answered": 1, "stale": 1}
    assert service.client.post(f"/v1/reviews/{review_id}/resume", headers=lena).json() == {"cells": 1}
    found = until(service, lena, review_id, lambda one: one["status"] == "done")
    assert found["counts"] == {"answered": 1, "not_found": 1}


def test_a_cancelled_review_goes_on_when_it_is_resumed(service: Any, lena: dict[str, str]) -> None:
    service.parts.script.pause = 0.3
    review_id = start(service, lena, service.lease, questions=(RENT, NOTICE, "Who is the tenant?")).json()["id"]
    until(service, lena, review_id, lambda one: one["counts"].get("running") == 1)
    assert service.client.post(f"/v1/reviews/{review_id}/cancel", headers=lena).json()["status"] == "cancelled"
    rested = until(service, lena, review_id, lambda one: not one["counts"].get("running"))
    time.sleep(1.5)
    assert (show(service, lena, review_id)["counts"], rested["status"]) == (rested["counts"], "cancelled")
    assert rested["counts"]["waiting"] == 2
    assert service.client.post(f"/v1/reviews/{review_id}/resume", headers=lena).json() == {"cells": 0}
    found = until(service, lena, review_id, lambda one: one["status"] == "done")
    assert sum(found["counts"].values()) == 3


def test_events_tell_each_cell_and_end(service: Any, lena: dict[str, str]) -> None:
    review_id = start(service, lena, service.lease, questions=(RENT, NOTICE)).json()["id"]
    with service.client.stream("GET", f"/v1/reviews/{review_id}/events", headers=lena) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = list(response.iter_lines())
    kinds = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    data = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    told = list(zip(kinds, data, strict=True))
    assert {body["question"] for kind, body in told if kind == "cell" and body["audit_id"]} == {1, 2}
    assert [body["status"] for kind, body in told if kind == "review"][-1] == "done"
    assert kinds[-1] == "done"
    last = [line.removeprefix("id: ") for line in lines if line.startswith("id: ")][-1]
    later = service.client.get(f"/v1/reviews/{review_id}/events", headers=lena | {"Last-Event-ID": last}).text
    assert ("event: cell" in later, later.count("event: review")) == (False, 1)


def test_who_may_not_ask_any_more_is_not_asked_for(service: Any, lena: dict[str, str]) -> None:
    service.parts.script.pause = 0.5
    review_id = start(service, lena, service.lease, questions=(RENT, NOTICE)).json()["id"]
    until(service, lena, review_id, lambda one: one["counts"].get("running") == 1)
    service.parts.api_keys.revoke(lena["Authorization"].split("_")[1])
    other_key = service.key("lena", "legal")
    found = until(service, other_key, review_id, lambda one: one["status"] == "done")
    assert (cell(found)["status"], cell(found, 0, 1)["status"], cell(found, 0, 1)["code"]) == (
        "answered", "failed", "not_allowed",
    )  # fmt: skip
    assert service.client.post(f"/v1/reviews/{review_id}/resume", headers=other_key).json() == {"cells": 1}
    found = until(service, other_key, review_id, lambda one: one["status"] == "done")
    assert cell(found, 0, 1)["status"] != "failed"


def test_groups_that_somebody_has_left_open_nothing(service: Any, other: str) -> None:
    people = service.parts.people
    account = SimpleNamespace(user_name="mira", external_id=None, active=True, attributes={})
    person = people.add_person(account, "user:scim")
    group = people.add_group(
        SimpleNamespace(display_name="legal", external_id=None, members=frozenset({person.id})), "user:scim"
    )
    mira = service.key("mira", "legal")
    service.parts.script.text, service.parts.script.pause = SAYS, 0.5
    review_id = start(service, mira, service.lease, other).json()["id"]
    until(service, mira, review_id, lambda one: one["counts"].get("running") == 1)
    emptied = SimpleNamespace(display_name="legal", external_id=None, members=frozenset())
    people.change_group(group.id, lambda _: emptied, "user:scim")
    hidden = show(service, mira, review_id)
    assert (hidden["documents"], hidden["rows"]) == (0, [])
    queue, end = service.parts.review_queue, time.monotonic() + 30
    while queue.open_cells(review_id) and time.monotonic() < end:
        time.sleep(0.05)
    assert queue.open_cells(review_id) == 0
    last = service.parts.reviews.cells(review_id, [2])
    assert [(one.state, one.audit_id) for one in last] == [("absent", None)]
    people.remove_group(group.id, "user:scim")
    people.change_person(person.id, lambda _: SimpleNamespace(**vars(account) | {"active": False}), "user:scim")


def test_a_spent_budget_makes_it_wait(service: Any, lena: dict[str, str]) -> None:
    service.parts.budgets.set("user:lena", 1, None)
    try:
        review_id = start(service, lena, service.lease, questions=(RENT, NOTICE)).json()["id"]
        found = until(service, lena, review_id, lambda one: one["counts"] == {"answered": 1, "waiting": 1})
        assert found["status"] == "running"
        service.parts.budgets.set("user:lena", 100, None)
        assert service.client.post(f"/v1/reviews/{review_id}/resume", headers=lena).json() == {"cells": 0}
        until(service, lena, review_id, lambda one: one["status"] == "done")
    finally:
        service.parts.budgets.set("user:lena", None, None)


def test_the_exported_matrix_has_what_is_shown(service: Any, lena: dict[str, str], other: str) -> None:
    review = done(service, lena, service.lease, other)
    made: list[Matrix] = []

    def writer(matrix: Matrix) -> bytes:
        made.append(matrix)
        return b"file"

    parts = service.parts
    export = MatrixExport(parts.review_desk, parts.numbers, parts.sign_offs, "https://footnote.test/", writer)
    file = export(review["id"], Principal("lena", LEGAL_GROUP))
    (matrix,) = made
    now = parts.reviews.in_force(Principal("lena", LEGAL_GROUP), [other], None)[other].version
    assert (file.data, set(file.shown)) == (b"file", {(service.lease, 1), (other, now)})
    assert (matrix.title, matrix.by, matrix.questions) == ("Rents", "user:lena", (RENT,))
    assert matrix.documents == ("LEASE OF UNIT 7", "LEASE OF UNIT 9")
    (found,), (missing,) = matrix.cells
    assert (found.status, found.text, found.sources) == ("answered", "The rent of Unit 7 is 500 euros per month.", (1,))
    assert (missing.status, missing.text, missing.sources) == ("not found", "", ())
    assert missing.note
    (source,) = matrix.sources
    citation = cell(review)["answer"]["citations"][0]
    place = f"{service.lease}/{citation['version_id']}/{citation['start']}/{citation['end']}"
    assert (source.number, source.version, source.quote, source.url) == (
        1, 1, citation["quote"], f"https://footnote.test/#source/{place}",
    )  # fmt: skip
    assert export(review["id"], Principal("lena", frozenset({"hr"}))).shown == ()
    assert made[-1].documents == ()


def test_erasing_a_document_takes_its_row_and_a_person_their_reviews(
    service: Any, lena: dict[str, str], other: str
) -> None:
    first = done(service, lena, service.lease, other)
    theirs = done(service, service.key("nora", "legal"), service.lease, title="Of Nora Quill")
    Eraser(service.parts).documents([other])
    assert [row["document_id"] for row in show(service, lena, first["id"])["rows"]] == [service.lease]
    Eraser(service.parts).person("nora")
    with service.parts.pool.connection() as conn:
        left = conn.execute("SELECT count(*) FROM reviews WHERE id = %s", (theirs["id"],)).fetchone()
        cells = conn.execute("SELECT count(*) FROM review_cells WHERE review_id = %s", (theirs["id"],)).fetchone()
    assert (left, cells) == ((0,), (0,))
    assert show(service, lena, first["id"])["counts"] == {"answered": 1}


def test_an_answer_that_is_erased_is_gone(service: Any, lena: dict[str, str]) -> None:
    review = done(service, lena, service.lease, questions=("Was anything said of Zanzibar Quay?",))
    Eraser(service.parts).person("somebody-else", ["Zanzibar Quay"])
    found = cell(show(service, lena, review["id"]))
    assert (found["status"], found["code"], found["answer"]) == ("failed", "answer_gone", None)
    assert service.client.post(f"/v1/reviews/{review['id']}/resume", headers=lena).json() == {"cells": 1}
    until(service, lena, review["id"], lambda one: one["status"] == "done")


@pytest.mark.parametrize(("kind", "name"), [("xlsx", "xl/workbook.xml"), ("docx", "word/document.xml")])
def test_it_is_exported_as_a_file(service: Any, lena: dict[str, str], kind: str, name: str) -> None:
    review = done(service, lena, service.lease)
    got = service.client.get(f"/v1/reviews/{review['id']}/export", headers=lena, params={"format": kind})
    assert (got.status_code, got.headers["content-disposition"]) == (200, f"attachment; filename=review.{kind}")
    with ZipFile(BytesIO(got.content)) as file:
        assert name in file.namelist()
        text = b"".join(file.read(one) for one in file.namelist() if one.endswith(".xml"))
    assert b"The rent of Unit 7 is 500 euros per month." in text
    service.parts.accesses.flush()
    last = json.loads(service.parts.audit.show(limit=1)[0].record)["accesses"][-1]
    assert (last["action"], last["format"], [one["document_id"] for one in last["shown"]]) == (
        "export_review", kind, [service.lease],
    )  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        {"questions": []},
        {"questions": ["What?"] * 51},
        {"questions": ["   "]},
        {"title": ""},
        {"title": "a\0b"},
        {"documents": []},
        {"colour": "red"},
    ],
)
def test_what_makes_no_review_is_refused(service: Any, lena: dict[str, str], body: dict[str, Any]) -> None:
    sent = {"title": "Rents", "questions": [RENT], "documents": [service.lease]} | body
    reply = service.client.post("/v1/reviews", json=sent, headers=lena)
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_request")


def test_only_so_many_cells_wait(service: Any, lena: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.postgres.reviews.MOST_OPEN", 1)
    many = start(service, lena, service.lease, questions=(RENT, NOTICE))
    assert (many.status_code, many.json()["code"]) == (429, "quota_exceeded")


def test_the_trail_tells_of_a_review_by_its_id_and_not_by_its_words(service: Any, lena: dict[str, str]) -> None:
    review = done(service, lena, service.lease, title="Quillfeather matter")
    service.client.patch(f"/v1/reviews/{review['id']}", headers=lena, json={"title": "Quillfeather again"})
    with service.parts.pool.connection() as conn:
        rows = conn.execute("SELECT record FROM audit ORDER BY seq DESC LIMIT 100").fetchall()
    told = [json.loads(record) for (record,) in rows]
    changes = [one for one in told if one.get("review_id") == review["id"]]
    assert [(one["action"], one.get("changed")) for one in changes] == [
        ("change_review", ["title"]),
        ("start_review", None),
    ]
    assert "Quillfeather" not in str(rows)
