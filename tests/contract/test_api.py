"""The HTTP API over the real service: identity, hidden documents, uploads, the event stream, safety headers."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import metadata
from typing import Any

import httpx
import jwt
import pytest
from fastapi.testclient import TestClient

from api.http.app import create_app
from api.http.listening import Server, listening
from generation.errors import GeneratorUnavailable

ASK = {"question": "What is the rent of Unit 7?"}
FIND = {"query": "rent of Unit 7"}
MISSING = "00000000-0000-5000-8000-000000000000"


@pytest.fixture(scope="module")
def ana(service: Any) -> dict[str, str]:
    return service.key("ana", "legal", write=True)


@pytest.fixture(scope="module")
def carla(service: Any) -> dict[str, str]:
    return service.key("carla", "hr")


def bearer(credential: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential}"}


def check_problem(reply: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")
    body = reply.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["title"]
    assert body["detail"]
    assert "Traceback" not in reply.text
    return body


CALLS = [
    ("POST", "/v1/query", {"json": ASK}),
    ("POST", "/v1/search", {"json": FIND}),
    ("GET", "/v1/documents", {}),
    ("POST", "/v1/documents", {"files": {"file": ("a.txt", b"x")}, "data": {"allow": "user:ana"}}),
    ("GET", f"/v1/documents/{MISSING}/text", {}),
    ("GET", f"/v1/documents/{MISSING}/original", {}),
    ("DELETE", f"/v1/documents/{MISSING}", {}),
    ("POST", f"/v1/documents/{MISSING}/restore", {}),
]


@pytest.mark.parametrize(("method", "path", "content"), CALLS)
def test_nobody_gets_in_without_a_credential(service: Any, method: str, path: str, content: dict[str, Any]) -> None:
    for headers in ({}, bearer("fn_000000000000_wrong"), {"Authorization": "Basic YTpi"}):
        reply = service.client.request(method, path, headers=headers, **content)
        check_problem(reply, 401, "not_authenticated")
        assert reply.headers["www-authenticate"] == "Bearer"


def test_a_revoked_key_opens_nothing_from_the_next_request_on(service: Any) -> None:
    headers = service.key("zoe", "legal")
    assert service.client.get("/v1/documents", headers=headers).status_code == 200
    assert service.parts.api_keys.revoke(headers["Authorization"].split("_")[1])
    check_problem(service.client.get("/v1/documents", headers=headers), 401, "not_authenticated")


def signed(key: Any, algorithm: str, **changes: Any) -> dict[str, str]:
    claims = {
        "iss": "https://idp.test", "aud": "https://footnote.test", "sub": "ana", "groups": ["legal"],
        "exp": datetime.now(UTC) + timedelta(hours=1),
    } | changes  # fmt: skip
    return bearer(jwt.encode(claims, key, algorithm))


def test_a_token_of_the_identity_provider_opens_what_its_groups_may_read(service: Any, provider: Any) -> None:
    reply = service.client.get("/v1/documents", headers=signed(provider, "RS256"))
    assert [document["document_id"] for document in reply.json()["documents"]] == [service.lease]
    reply = service.client.get("/v1/documents", headers=signed(provider, "RS256", groups=["hr"]))
    assert [document["document_id"] for document in reply.json()["documents"]] == [service.salaries]


def test_forged_and_ended_tokens_are_refused(service: Any, provider: Any) -> None:
    past = datetime.now(UTC) - timedelta(minutes=1)
    forged = (
        signed(b"x" * 32, "HS256"), signed(provider, "RS256", exp=past), signed(None, "none"),
        signed(provider, "RS512"), signed(provider, "RS256", groups="legal"), bearer("a.b.c"),
    )  # fmt: skip
    for headers in forged:
        check_problem(service.client.get("/v1/documents", headers=headers), 401, "not_authenticated")


@pytest.mark.parametrize("extra", ["user", "principal", "groups", "as"])
@pytest.mark.parametrize(("path", "body"), [("/v1/query", ASK), ("/v1/search", FIND)])
def test_who_asks_never_comes_from_the_body(
    service: Any, ana: dict[str, str], path: str, body: dict[str, Any], extra: str
) -> None:
    check_problem(service.client.post(path, json=body | {extra: "eve"}, headers=ana), 422, "invalid_request")


def test_identity_headers_of_a_proxy_mean_nothing(service: Any, carla: dict[str, str]) -> None:
    spoofed = carla | {"X-Forwarded-User": "ana", "X-User": "ana", "X-Groups": "legal", "Cookie": "user=ana"}
    hits = service.client.post("/v1/search", json=FIND, headers=spoofed).json()["hits"]
    assert {hit["document_id"] for hit in hits} == {service.salaries}


@pytest.mark.parametrize(
    "path", ["/v1/documents/{}/text", "/v1/documents/{}/original", "/v1/documents/{}/text?version=1"]
)
def test_hidden_and_missing_are_the_same_answer(service: Any, ana: dict[str, str], path: str) -> None:
    ana = ana | {"X-Request-Id": "the-same-request"}
    hidden = service.client.get(path.format(service.salaries), headers=ana)
    missing = service.client.get(path.format(MISSING), headers=ana)
    check_problem(hidden, 404, "not_found")
    assert hidden.content == missing.content
    assert hidden.headers == missing.headers


def test_hidden_and_missing_are_the_same_answer_to_delete(
    service: Any, ana: dict[str, str], carla: dict[str, str]
) -> None:
    hidden = service.client.delete(f"/v1/documents/{service.salaries}", headers=ana)
    missing = service.client.delete(f"/v1/documents/{MISSING}", headers=ana)
    check_problem(hidden, 404, "not_found")
    assert hidden.content == missing.content
    assert service.client.get(f"/v1/documents/{service.salaries}/text", headers=carla).status_code == 200


@pytest.mark.parametrize("name", ["not-an-id", "%00", "..%2f..", "é", "0" * 5000])
def test_what_is_no_id_is_not_found(service: Any, ana: dict[str, str], name: str) -> None:
    check_problem(service.client.get(f"/v1/documents/{name}/text", headers=ana), 404, "not_found")


def test_a_version_that_does_not_exist_is_not_found_or_invalid(service: Any, ana: dict[str, str]) -> None:
    path = f"/v1/documents/{service.lease}/text"
    check_problem(service.client.get(path, params={"version": 2}, headers=ana), 404, "not_found")
    for version in ("0", "-1", "x", "9" * 30):
        check_problem(service.client.get(path, params={"version": version}, headers=ana), 422, "invalid_request")
    for version in (2**31 - 1, 2**31, 2**63, 2**64):
        assert service.client.get(path, params={"version": version}, headers=ana).status_code in {404, 422}


def test_the_list_shows_what_the_caller_may_read(service: Any, carla: dict[str, str]) -> None:
    (document,) = service.client.get("/v1/documents", headers=carla).json()["documents"]
    assert document["document_id"] == service.salaries
    assert document["allow"] == ["group:hr"]
    assert [version["version"] for version in document["versions"]] == [1]


def upload(service: Any, headers: dict[str, str], name: str, data: bytes, *allow: str) -> httpx.Response:
    return service.client.post(
        "/v1/documents", headers=headers, files={"file": (name, data)}, data={"allow": list(allow)}
    )


def test_upload_search_read_and_delete(service: Any, ana: dict[str, str]) -> None:
    text = "The zeppelin hangar costs 77 euros."
    made = upload(service, ana, "../secret/hangar <1>.txt", text.encode(), "user:ana")
    assert made.status_code == 201
    body = made.json()
    assert (body["outcome"], body["version"], body["chunks"]) == ("added", 1, 1)
    assert body["source"] == "upload/ana/secret/hangar _1_.txt"
    hits = service.client.post("/v1/search", json={"query": "zeppelin hangar"}, headers=ana).json()["hits"]
    assert hits[0]["text"] == text
    place = f"/v1/documents/{body['document_id']}"
    assert service.client.get(f"{place}/text", headers=ana).json()["text"] == text
    again = upload(service, ana, "/secret/./hangar <1>.txt", b"The zeppelin hangar costs 78 euros.", "user:ana")
    assert (again.json()["outcome"], again.json()["version"]) == ("replaced", 2)
    assert service.client.get(f"{place}/text", params={"version": 1}, headers=ana).json()["text"] == text
    assert service.client.delete(place, headers=ana).status_code == 204
    hits = service.client.post("/v1/search", json={"query": "zeppelin hangar"}, headers=ana).json()["hits"]
    assert not any("zeppelin" in hit["text"] for hit in hits)
    for path in (f"{place}/text", f"{place}/original"):
        check_problem(service.client.get(path, headers=ana), 404, "not_found")


FOLDERS = ("lease.txt", "2024/lease.txt", "2025/lease.txt")
TENANT = "The tenant Zeno rents the mill from the first of May and pays on the last day of each month."
MINUTES = "Minutes of the meeting in June. Nobody was there, and so nothing at all could be agreed upon by anybody."


def test_one_name_in_two_folders_is_two_documents(service: Any, ana: dict[str, str]) -> None:
    def put(sent: str, text: str, **form: Any) -> Any:
        data = {"allow": "user:ana"} | form
        reply = service.client.post("/v1/documents", files={"file": (sent, text.encode())}, data=data, headers=ana)
        assert reply.is_success, reply.text
        return reply.json()

    made = [put(name, f"{TENANT} That is {name}.") for name in FOLDERS]
    assert [(one["outcome"], one["source"]) for one in made] == [("added", f"upload/ana/{name}") for name in FOLDERS]
    again = put("lease.txt", TENANT.replace("May", "June"), name="2024/lease.txt")  # as curl sends it
    assert (again["document_id"], again["outcome"], again["version"]) == (made[1]["document_id"], "replaced", 2)
    assert again["warnings"] == []
    spelled = [
        put("a.txt", TENANT, name=name)["document_id"] for name in ("B\u00fcro/Ä.txt", "Bu\u0308ro\\A\u0308.txt")
    ]
    assert spelled[0] == spelled[1]
    other = put("lease.txt", MINUTES)
    assert (other["outcome"], other["version"]) == ("replaced", 2)
    assert [one["kind"] for one in other["warnings"]] == ["other_words"]
    assert service.client.get(f"/v1/documents/{other['document_id']}", headers=ana).json()["warnings"] == []
    long = service.client.post(
        "/v1/documents", files={"file": ("a.txt", b"x")}, data={"allow": "user:ana", "name": "é/" * 500}, headers=ana
    )
    check_problem(long, 422, "invalid_name")
    for document in {one["document_id"] for one in (*made, again, other)} | set(spelled):
        service.client.delete(f"/v1/documents/{document}", headers=ana)


def test_who_may_change_a_document_and_who_may_bring_it_back(service: Any, ana: dict[str, str]) -> None:
    ben = service.key("ben", "legal", write=True)
    names = {"admin": service.key("root", "legal", admin=True), "outside": service.key("out", "hr", admin=True)}
    # what the operator has ingested is not Ana's to delete
    told = check_problem(service.client.delete(f"/v1/documents/{service.lease}", headers=ana), 403, "not_allowed")
    assert "may read this document but not change it" in told["detail"]
    made = upload(service, ana, "plan.txt", b"The zeppelin costs 77 euros.", "group:legal").json()
    place = f"/v1/documents/{made['document_id']}"

    def listed(headers: dict[str, str], **query: Any) -> dict[str, bool]:
        body = service.client.get("/v1/documents", headers=headers, params=query).json()
        assert body["recycle_days"] == 30
        return {found["document_id"]: found["may_change"] for found in body["documents"]}

    assert listed(ana) == {made["document_id"]: True, service.lease: False}
    assert listed(ben) == {made["document_id"]: False, service.lease: False}
    assert listed(names["admin"]) == {made["document_id"]: True, service.lease: True}
    assert listed(service.key("ana", "legal")) == {made["document_id"]: False, service.lease: False}  # reads only
    for headers, status, code in ((ben, 403, "not_allowed"), (names["outside"], 404, "not_found")):
        check_problem(service.client.delete(place, headers=headers), status, code)
    assert service.client.delete(place, headers=names["admin"]).status_code == 204
    for headers in (ben, names["outside"]):
        missing = service.client.post(f"/v1/documents/{MISSING}/restore", headers=headers)
        assert service.client.post(f"{place}/restore", headers=headers).content == missing.content
        assert listed(headers, deleted=True) == {}
    check_problem(service.client.post(f"{place}/restore", headers=service.key("ana", "legal")), 403, "not_allowed")
    gone, *_ = service.client.get("/v1/documents", headers=ana, params={"deleted": True}).json()["documents"]
    assert (gone["document_id"], gone["may_change"]) == (made["document_id"], True)
    assert gone["deleted_at"] < gone["restorable_until"]
    assert service.client.post(f"{place}/restore", headers=ana).status_code == 204
    assert listed(ana) == {made["document_id"]: True, service.lease: False}
    hits = service.client.post("/v1/search", json={"query": "zeppelin"}, headers=ben).json()["hits"]
    assert hits[0]["document_id"] == made["document_id"]
    assert service.client.delete(place, headers=ana).status_code == 204


def test_an_upload_may_name_who_manages_it(service: Any, ana: dict[str, str]) -> None:
    files, form = {"file": ("m.txt", b"Managed by all of legal.")}, {"allow": "group:legal", "manage": "group:legal"}
    made = service.client.post("/v1/documents", files=files, data=form, headers=ana)
    ben = service.key("ben", "legal", write=True)
    assert service.client.delete(f"/v1/documents/{made.json()['document_id']}", headers=ben).status_code == 204
    foreign = service.client.post("/v1/documents", files=files, data=form | {"manage": "group:hr"}, headers=ana)
    check_problem(foreign, 422, "invalid_principal")


def test_an_upload_may_say_how_it_is_cut(service: Any, ana: dict[str, str]) -> None:
    text = " ".join(
        f"The balloon shed number {at} costs {at} 250 euros a month, to be paid in advance." for at in range(9)
    )
    files, form = {"file": ("shed.txt", text.encode())}, {"allow": "user:ana", "chunking": "small-to-big"}
    whole = service.client.post("/v1/documents", files=files, data={"allow": "user:ana"}, headers=ana).json()
    made = service.client.post("/v1/documents", files=files, data=form, headers=ana).json()
    assert (made["outcome"], made["version"]) == ("rechunked", 1)
    assert made["chunks"] > whole["chunks"]
    listed = service.client.get("/v1/documents", headers=ana).json()["documents"]
    assert {one["chunking"] for one in listed if one["document_id"] == made["document_id"]} == {"small-to-big"}
    assert {one["chunking"] for one in listed if one["source"] == "files/lease.txt"} == {"structure"}
    hits = service.client.post("/v1/search", json={"query": "balloon shed"}, headers=ana).json()["hits"]
    assert len(hits[0]["text"]) <= 400
    wrong = service.client.post("/v1/documents", files=files, data=form | {"chunking": "pages"}, headers=ana)
    check_problem(wrong, 422, "invalid_request")
    assert service.client.delete(f"/v1/documents/{made['document_id']}", headers=ana).status_code == 204


def test_an_upload_may_say_in_which_language_it_is(service: Any, ana: dict[str, str]) -> None:
    files, form = {"file": ("bail.txt", b"Le preneur verse deux mois de loyer.")}, {"allow": "user:ana"}

    def put(**said: str) -> Any:
        return service.client.post("/v1/documents", files=files, data=form | said, headers=ana)

    made = put().json()
    assert made["language"] == "fr"
    assert put(language="pt-br").json() == made | {
        "outcome": "unchanged", "language": "pt-BR", "chunks": 0,
    }  # fmt: skip
    listed = service.client.get("/v1/documents", headers=ana).json()["documents"]
    assert [one["language"] for one in listed if one["document_id"] == made["document_id"]] == ["pt-BR"]
    text = service.client.get(f"/v1/documents/{made['document_id']}/text", headers=ana).json()
    assert text["language"] == "pt-BR"
    check_problem(put(language="Portuguese!"), 422, "unknown_language")
    service.client.delete(f"/v1/documents/{made['document_id']}", headers=ana)


def test_a_token_of_the_identity_provider_may_carry_the_scope_admin(service: Any, provider: Any) -> None:
    made = upload(service, service.key("zed", "legal", write=True), "z.txt", b"Of Zed.", "group:legal").json()
    place = f"/v1/documents/{made['document_id']}"
    check_problem(
        service.client.delete(place, headers=signed(provider, "RS256", scope="read write")), 403, "not_allowed"
    )
    assert service.client.delete(place, headers=signed(provider, "RS256", scope="read admin")).status_code == 204


@pytest.mark.parametrize(
    ("name", "data", "status", "code"),
    [
        ("empty.txt", b"", 422, "empty_file"),
        ("cut.pdf", b"%PDF-1.7 cut", 422, "damaged_file"),
        ("cut.docx", b"PK\x03\x04cut", 422, "damaged_file"),
        ("image.pdf", b"\x89PNG\r\n\x1a\n123", 415, "wrong_extension"),
        ("photo.jpg", b"\xff\xd8\xff\xe0", 422, "damaged_file"),
        ("photo.gif", b"GIF89a" + bytes(20), 415, "unsupported_format"),
        ("tool.exe", b"MZ" + bytes(40), 415, "unsupported_format"),
        ("big.txt", b"x" * 100_001, 413, "file_too_large"),
    ],
)
def test_a_bad_file_is_a_problem_that_says_which(
    service: Any, ana: dict[str, str], name: str, data: bytes, status: int, code: str
) -> None:
    check_problem(upload(service, ana, name, data, "user:ana"), status, code)


def test_a_file_that_takes_long_to_parse_holds_up_nobody_but_uploads(service: Any, ana: dict[str, str]) -> None:
    send = partial(upload, service, ana, "slow.jpg", b"\xff\xd8\xff\xe0", "user:ana")
    with ThreadPoolExecutor(50) as threads:
        with ExitStack() as busy:
            for parser in service.parts.pipeline._files._parser._parsers:  # as while other files are parsed
                busy.enter_context(parser._lock)
            uploads = [threads.submit(send) for _ in range(45)]
            time.sleep(1)
            health = threads.submit(service.client.get, "/healthz")
            answered, _ = wait([health], timeout=5)
        assert {sent.result().status_code for sent in uploads} == {422}
    assert answered


@pytest.mark.parametrize(
    "allow", [["group:hr"], ["group:legal", "group:hr"], ["user:carla"], ["legal"], ["group:"], [""]]
)
def test_only_groups_of_ones_own_may_be_named(service: Any, ana: dict[str, str], allow: list[str]) -> None:
    check_problem(upload(service, ana, "a.txt", b"Text.", *allow), 422, "invalid_principal")


def test_an_upload_says_who_may_read_it(service: Any, ana: dict[str, str]) -> None:
    check_problem(upload(service, ana, "a.txt", b"Text."), 422, "invalid_request")


def test_reading_does_not_allow_writing(service: Any, carla: dict[str, str]) -> None:
    check_problem(upload(service, carla, "a.txt", b"Text.", "group:hr"), 403, "not_allowed")
    check_problem(service.client.delete(f"/v1/documents/{service.salaries}", headers=carla), 403, "not_allowed")


def test_the_original_comes_back_byte_for_byte_and_harmless(service: Any, ana: dict[str, str]) -> None:
    page = "<html><body><p>Rent für 5.</p><script>alert(1)</script></body></html>".encode()
    made = upload(service, ana, "täst page.html", page, "group:legal").json()
    reply = service.client.get(f"/v1/documents/{made['document_id']}/original", headers=ana)
    assert reply.content == page
    assert reply.headers["content-disposition"] == "attachment; filename*=UTF-8''t%C3%A4st%20page.html"
    assert reply.headers["content-security-policy"] == "sandbox"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "private, no-store"
    service.client.delete(f"/v1/documents/{made['document_id']}", headers=ana)


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in text.split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        found.append((fields["event"], json.loads(fields["data"])))
    assert [data["seq"] for _, data in found] == list(range(1, len(found) + 1))
    return found


def test_an_answer_is_cited_and_recorded(service: Any, ana: dict[str, str]) -> None:
    service.parts.script.text = "The rent of Unit 7 is 500 euros per month [1]."
    body = service.client.post("/v1/query", json=ASK, headers=ana).json()
    assert body["status"] == "answered"
    (citation,) = body["citations"]
    text = service.client.get(f"/v1/documents/{citation['document_id']}/text", headers=ana).json()["text"]
    assert (
        text[citation["start"] : citation["end"]] == citation["quote"] == "The rent of Unit 7 is 500 euros per month."
    )
    row, *_ = service.parts.audit.show(body["audit_id"])
    record = json.loads(row.record)
    assert record["answer"]["answer"] == body["answer"]
    assert record["recipe"]["footnote"] == metadata.version("footnote")
    assert record["recipe"]["context"]["budget_chars"] == service.parts.settings.budget_chars
    assert record["recipe"]["search"]["fusion"] == "min_max"
    assert body["model"]["prompt"].startswith("answer@")
    limits = service.parts.limits
    assert f"@{limits.ship:g}/{limits.grey:g}/{limits.conflict:g} " in body["model"]["judge"]
    assert "@" in body["model"]["embedder"]


def test_hidden_evidence_is_never_shown_to_the_model(service: Any, ana: dict[str, str]) -> None:
    said = "The salary of the chief financial officer is 91,000 euros per year"
    service.parts.script.text = f"{said} [1]."
    body = service.client.post(
        "/v1/query", json={"question": "What does the chief financial officer earn?"}, headers=ana
    ).json()
    assert body["status"] == "abstained"
    shown = [message.content for messages in service.parts.script.asked for message in messages]
    assert "91,000" not in "\n".join(shown).replace(said, "")
    assert "91" not in body["answer"]
    assert "91,000" not in json.dumps(body["abstention"])


def test_somebody_who_may_read_nothing_gets_an_abstention_without_the_model(service: Any) -> None:
    service.parts.script.text = "Secrets [1]."
    body = service.client.post("/v1/query", json=ASK, headers=service.key("nina")).json()
    assert (body["status"], body["why"], body["citations"]) == ("abstained", "nothing_found", [])
    assert body["abstention"]["nearest"] == []
    assert (body["abstention"]["searched"]["documents"], body["abstention"]["searched"]["passages"]) == (0, 0)
    assert service.parts.script.asked == []


def test_an_abstention_tells_what_came_nearest_at_its_exact_words(service: Any, ana: dict[str, str]) -> None:
    service.parts.script.text = "NOT FOUND"
    body = service.client.post("/v1/query", json=ASK, headers=ana).json()
    assert (body["status"], body["sentences"], body["citations"], body["withheld"]) == ("abstained", [], [], 0)
    assert (body["why"], body["answer"]) == ("nothing_drafted", body["explanation"])
    assert body["abstention"]["searched"]["query"] == ASK["question"]
    nearest = body["abstention"]["nearest"]
    assert [citation["id"] for citation in nearest] == list(range(1, len(nearest) + 1))
    assert nearest[0]["quote"] == "The rent of Unit 7 is 500 euros per month."
    for citation in nearest:
        text = service.client.get(f"/v1/documents/{citation['document_id']}/text", headers=ana).json()["text"]
        assert text[citation["start"] : citation["end"]] == citation["quote"]
    streamed = events(service.client.post("/v1/query", json=ASK | {"stream": True}, headers=ana).text)
    assert dict(streamed)["final"]["answer"]["abstention"] == body["abstention"]
    row, *_ = service.parts.audit.show(body["audit_id"])
    recorded = json.loads(row.record)["answer"]["abstention"]
    for citation in body["abstention"]["nearest"]:
        del citation["version"]
    assert recorded == body["abstention"]


def test_an_abstention_is_the_same_whatever_hidden_documents_hold(
    service: Any, ana: dict[str, str], carla: dict[str, str]
) -> None:
    """Everything but the times and the id, before and after the answer has come to stand in a hidden document."""
    service.parts.script.text = "NOT FOUND"

    def ask() -> dict[str, Any]:
        body = service.client.post("/v1/query", json={"question": "What does a parrot cost?"}, headers=carla).json()
        return {key: value for key, value in body.items() if key not in {"timings_ms", "audit_id"}}

    before = ask()
    assert before["abstention"]["searched"]["documents"] == 1
    made = upload(service, ana, "parrots.txt", b"What does a parrot cost? A parrot costs 5 euros.", "user:ana").json()
    assert ask() == before
    service.client.delete(f"/v1/documents/{made['document_id']}", headers=ana)


def test_what_is_withheld_is_counted_and_never_shown(service: Any, ana: dict[str, str]) -> None:
    service.parts.script.text = (
        "The rent of Unit 7 is 500 euros per month [1]. |The rent doubles to 1,234 euros in May [1]."
    )
    reply = service.client.post("/v1/query", json=ASK, headers=ana)
    body = reply.json()
    assert (body["status"], body["why"], body["withheld"], body["abstention"]) == ("answered", "", 1, None)
    assert "1,234" not in reply.text
    row, *_ = service.parts.audit.show(body["audit_id"])
    record = json.loads(row.record)
    assert [item["text"] for item in record["withheld"]] == ["The rent doubles to 1,234 euros in May."]
    assert record["gate"]["withheld"] == 1
    assert record["gate"]["stages"]["figures"]["caught"] >= 1


def test_the_stream_tells_the_same_story(service: Any, ana: dict[str, str]) -> None:
    service.parts.script.text = (
        "The rent of Unit 7 is 500 euros per month [1]. |Kestrel may end it with thirty days of notice [1]."
    )
    reply = service.client.post("/v1/query", json=ASK | {"stream": True}, headers=ana)
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert reply.headers["cache-control"] == "no-store"
    got = [(kind, data) for kind, data in events(reply.text) if kind != "heartbeat"]
    assert [kind for kind, _ in got] == [
        "status", "retrieval", "status", "citation", "sentence", "citation", "sentence", "final", "done",
    ]  # fmt: skip
    final = dict(got)["final"]["answer"]
    sentences = [data["sentence"] for kind, data in got if kind == "sentence"]
    assert final["sentences"] == sentences
    assert final["citations"] == [data["citation"] for kind, data in got if kind == "citation"]
    assert service.parts.audit.show(final["audit_id"])


def test_what_surely_answers_opens_the_stream_in_its_own_words(start: Any) -> None:
    parts = start(shown_chars=500)
    lease = b"LEASE\n\nThe rent of Unit 7 is 500 euros per month.\n\nDogs are welcome in all units."
    parts.pipeline.ingest(lease, "lease.txt", "files/lease.txt", frozenset({"group:legal"}))
    parts.script.text = "NOT FOUND"
    secret = parts.api_keys.create("ana", ("legal",), {"read"}, "test")
    with TestClient(create_app(parts.http, warm=parts.warm)) as client:
        reply = client.post("/v1/query", json=ASK | {"stream": True}, headers={"Authorization": f"Bearer {secret}"})
    got = [(kind, data) for kind, data in events(reply.text) if kind != "heartbeat"]
    assert [kind for kind, _ in got] == ["status", "retrieval", "status", "citation", "sentence", "final", "done"]
    sentence, cited = dict(got)["sentence"]["sentence"], dict(got)["citation"]["citation"]
    assert (sentence["note"], sentence["text"]) == ("quoted", cited["quote"])
    row, *_ = parts.audit.show(dict(got)["final"]["answer"]["audit_id"])
    assert json.loads(row.record)["openings"][0]["judgement"]["stage"] == "verbatim"


def test_a_model_that_fails_is_a_problem_in_either_form(service: Any, ana: dict[str, str]) -> None:
    service.parts.script.error = GeneratorUnavailable("The language model is gone.")
    check_problem(service.client.post("/v1/query", json=ASK, headers=ana), 503, "generator_unavailable")
    got = events(service.client.post("/v1/query", json=ASK | {"stream": True}, headers=ana).text)
    assert [kind for kind, _ in got if kind != "heartbeat"][-2:] == ["error", "done"]
    assert got[-2][1]["problem"]["code"] == "generator_unavailable"


def test_a_pause_is_filled_with_heartbeats(service: Any, ana: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.http.streaming.server_sent.__defaults__", (0.05,))
    service.parts.script.text, service.parts.script.pause = "|", 0.2
    got = events(service.client.post("/v1/query", json=ASK | {"stream": True}, headers=ana).text)
    assert [kind for kind, _ in got].count("heartbeat") >= 2
    assert got[-1][0] == "done"


BAD_QUESTIONS = [
    ("", "invalid_query"), (" \n\t ", "invalid_query"), ("\x00\x01", "invalid_query"), ("\u200b\u202e", "invalid_query"),
    ("x" * 100_000, "invalid_request"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "code"), BAD_QUESTIONS, ids=range(len(BAD_QUESTIONS)))
def test_a_question_that_cannot_be_asked_is_a_clear_problem(
    service: Any, ana: dict[str, str], question: str, code: str
) -> None:
    for path, body in (("/v1/query", {"question": question}), ("/v1/search", {"query": question})):
        problem = check_problem(service.client.post(path, json=body, headers=ana), 422, code)
        assert len(problem["detail"]) < 300
    if code == "invalid_query":
        got = events(service.client.post("/v1/query", json={"question": question, "stream": True}, headers=ana).text)
        assert [kind for kind, _ in got] == ["status", "error", "done"]
        assert got[1][1]["problem"]["code"] == code


@pytest.mark.parametrize(
    "question",
    [
        "What\x00 is\x07 the \u202erent?",
        "rent 🏠 \U0001f468\u200d\U0001f469 'OR 1=1; --",
        "%s {question} {sources}",
        "rent\ud83d",
    ],
)
def test_odd_characters_in_a_question_do_no_harm(service: Any, ana: dict[str, str], question: str) -> None:
    service.parts.script.text = "NOT FOUND"
    raw = json.dumps({"question": question}).encode()
    reply = service.client.post("/v1/query", content=raw, headers=ana | {"Content-Type": "application/json"})
    assert reply.status_code in {200, 422}
    if reply.status_code == 422:
        assert question[-1] == "\ud83d"
        check_problem(reply, 422, "invalid_request")


@pytest.mark.parametrize("top_k", [0, 101, "x", None])
def test_top_k_has_limits(service: Any, ana: dict[str, str], top_k: Any) -> None:
    check_problem(service.client.post("/v1/search", json=FIND | {"top_k": top_k}, headers=ana), 422, "invalid_request")


def test_a_search_for_more_than_there_is_gives_what_there_is(service: Any, carla: dict[str, str]) -> None:
    reply = service.client.post("/v1/search", json=FIND | {"top_k": 100}, headers=carla)
    body = reply.json()
    assert len(body["hits"]) == 1
    assert set(body) == {"hits", "snapshot", "clues", "parts", "hypothesis"}
    stages = [stage.split(";dur=")[0] for stage in reply.headers["Server-Timing"].split(", ")]
    assert stages == ["view", "names", "embed", "dense", "sparse", "fuse", "read", "rerank"]


def test_a_search_that_asks_for_it_does_without_a_stage(service: Any, carla: dict[str, str]) -> None:
    def ask(**options: Any) -> Any:
        reply = service.client.post("/v1/search", json=FIND | options, headers=carla)
        assert reply.status_code == 200, reply.text
        return reply.json()["hits"]

    assert "rerank" in ask()[0]["scores"]
    assert "rerank" not in ask(rerank=False)[0]["scores"]
    assert ask(fusion="sparse", rerank=False)[0]["scores"]["fused"] == 0.0  # one hit alone
    assert ask(as_of="1999-12-31")[0]["version"] == 1  # a first version without a day holds since ever
    bad = service.client.post("/v1/search", json=FIND | {"fusion": "best"}, headers=carla)
    check_problem(bad, 422, "invalid_request")


def test_sample_people_sign_in_in_demo_mode_only(service: Any, start: Callable[..., Any]) -> None:
    check_problem(service.client.post("/v1/session", json={"user": "ana"}), 404, "not_found")
    strictness = {"default": "usual", "offered": ["usual", "strict"]}
    nobody = {"demo": False, "people": [], "organisation": False, "me": None, "strictness": strictness}
    assert service.client.get("/v1/session").json() == nobody
    parts = start(home=service.parts.settings.home, demo=True)
    client = TestClient(create_app(parts.http), base_url="http://localhost:8000")
    assert [person["user"] for person in client.get("/v1/session").json()["people"]][:2] == ["ana", "ben"]
    check_problem(client.post("/v1/session", json={"user": "nobody"}), 404, "not_found")
    me = client.post("/v1/session", json={"user": "ana"}).json()
    assert me == {"user": "ana", "groups": ["legal", "staff"], "scopes": ["read", "write"]}
    assert client.get("/v1/session").json()["me"] == me


def test_health_and_readiness_need_no_credential(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert service.client.get("/healthz").json()["status"] == "ok"
    ready = service.client.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]) == (200, {"database": "ok", "generator": "ok", "audit": "ok"})

    async def gone(*_: object, **__: object) -> None:
        raise GeneratorUnavailable("The language model does not answer.")

    monkeypatch.setattr(service.parts.script, "ping", gone, raising=False)
    broken = service.client.get("/readyz")
    assert broken.status_code == 503
    assert broken.json()["checks"]["generator"] == "generator_unavailable"
    assert service.client.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/documents", "/v1/nothing"])
def test_every_reply_carries_the_safety_headers(service: Any, path: str) -> None:
    headers = service.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_page_is_served_where_it_is_built(service: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><title>Footnote</title>")
    monkeypatch.setattr("api.http.app.static_folder", lambda: tmp_path)
    client = TestClient(create_app(service.parts.http))
    assert "<title>Footnote</title>" in client.get("/").text
    check_problem(client.get("/v1/nothing"), 404, "not_found")
    monkeypatch.setattr("api.http.app.static_folder", lambda: None)
    check_problem(TestClient(create_app(service.parts.http)).get("/"), 404, "not_found")


class Url(str):
    """Of a server that runs in a thread."""

    server: Server


@contextmanager
def serving(app: Any) -> Iterator[Url]:
    """The application behind a real socket."""
    with socket.socket() as listening_on:
        listening_on.bind(("127.0.0.1", 0))
        port = listening_on.getsockname()[1]
        url = Url(f"http://127.0.0.1:{port}")
        url.server = Server(listening(app, "127.0.0.1", port, header_timeout_s=10))
        thread = threading.Thread(target=url.server.run, kwargs={"sockets": [listening_on]})
        thread.start()
        try:
            yield url
        finally:
            url.server.should_exit = True
            thread.join()


@pytest.fixture
def served(service: Any) -> Iterator[str]:
    """The address of the service behind a real socket."""
    with serving(create_app(replace(service.parts.http, stop=lambda: None))) as url:
        yield url


def test_a_reader_who_hangs_up_in_the_middle_leaves_a_record(service: Any, ana: dict[str, str], served: str) -> None:
    service.parts.script.text = "The rent of Unit 7 is 500 euros per month [1]. |Kestrel |may |end |it [1]."
    service.parts.script.pause = 1.0
    with httpx.stream("POST", f"{served}/v1/query", json=ASK | {"stream": True}, headers=ana, timeout=20) as reply:
        for line in reply.iter_lines():
            if line == "event: sentence":
                break
    deadline = time.monotonic() + 5
    record: dict[str, Any] = {}
    while not record.get("interrupted") and time.monotonic() < deadline:
        record = json.loads(service.rows()[0].record)
        time.sleep(0.05)
    assert record["interrupted"] is True
    assert record["answer"]["answer"] == "The rent of Unit 7 is 500 euros per month."
    assert service.parts.audit.verify().ok


def test_a_client_that_hangs_up_before_the_answer_stops_it(service: Any, ana: dict[str, str], served: str) -> None:
    said: list[str] = []

    class Counted(str):
        def split(self, *_: Any) -> Any:
            for word in ("The rent of Unit 7 is 500 euros per month [1]. ", *("Kestrel ",) * 50):
                said.append(word)
                yield word

    service.parts.script.text, service.parts.script.pause = Counted(), 0.2
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{served}/v1/query", json=ASK, headers=ana, timeout=3)
    deadline = time.monotonic() + 5
    record: dict[str, Any] = {}
    while record.get("kind") != "closed" and time.monotonic() < deadline:
        record = json.loads(service.rows()[0].record)
        time.sleep(0.05)
    written = len(said)
    assert 0 < written < 30
    assert record["interrupted"] is True
    assert record["answer"]["answer"] == "The rent of Unit 7 is 500 euros per month."
    time.sleep(0.5)
    assert len(said) == written


def test_a_client_that_hangs_up_before_the_hits_stops_the_search(service: Any, ana: dict[str, str]) -> None:
    ended: list[str] = []

    class Long:
        options = service.parts.search.options

        async def search(self, *_: Any, **__: Any) -> Any:
            try:
                await asyncio.sleep(30)
            finally:
                ended.append("cancelled")

    parts = replace(service.parts.http, stop=lambda: None, search=Long())
    with serving(create_app(parts)) as url:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{url}/v1/search", json=FIND, headers=ana, timeout=1)
        deadline = time.monotonic() + 5
        while not ended and time.monotonic() < deadline:
            time.sleep(0.05)
        assert ended == ["cancelled"]


def test_limits_of_a_request_do_not_cut_its_answer(start: Any) -> None:
    parts = start(body_timeout_s=0.2)
    parts.pipeline.ingest(b"The rent of Unit 7 is 500 euros.", "a.txt", "files/a.txt", frozenset({"group:legal"}))
    parts.script.text, parts.script.pause = "The rent of Unit 7 is 500 euros [1]. |And |more", 0.5
    secret = parts.api_keys.create("ana", ("legal",), {"read"}, "test")
    with serving(create_app(parts.http)) as url:
        for stream in (True, False):
            reply = httpx.post(f"{url}/v1/query", json=ASK | {"stream": stream}, headers=bearer(secret), timeout=20)
            assert reply.status_code == 200
            assert "500 euros" in reply.text
            assert "error" not in reply.text


def test_answers_under_way_are_told_that_the_service_stops(service: Any, ana: dict[str, str]) -> None:
    """A stream ends with an error event, an answer in one piece is a problem; what was shipped is recorded."""
    service.parts.script.text = "The rent of Unit 7 is 500 euros per month [1]. " + "|Kestrel " * 100
    service.parts.script.pause = 0.3
    app = create_app(replace(service.parts.http, stop=lambda: None))
    with serving(app) as url, ThreadPoolExecutor(2) as threads:

        def ask(stream: bool) -> httpx.Response:
            return httpx.post(f"{url}/v1/query", json=ASK | {"stream": stream}, headers=ana, timeout=30)

        streamed = threads.submit(ask, True)
        time.sleep(1)  # so it is the first one in line
        whole = threads.submit(ask, False)
        time.sleep(1)
        url.server.should_exit = True
        began = time.monotonic()
        got = events(streamed.result().text)
        check_problem(whole.result(), 503, "service_stopping")
        assert time.monotonic() - began < 20  # the text would take half a minute
    assert [kind for kind, _ in got if kind != "heartbeat"][-2:] == ["error", "done"]
    assert got[-2][1]["problem"]["code"] == "service_stopping"
    assert [kind for kind, _ in got].count("sentence") == 1
    records = [json.loads(row.record) for row in service.parts.audit.show(limit=20)]
    assert [record.get("interrupted") for record in records if record["kind"] == "closed"][:2] == [True, True]


def test_a_search_of_a_page_elsewhere_reaches_no_demo(service: Any, start: Callable[..., Any]) -> None:
    """Whose name was made to mean this machine (DNS rebinding)."""
    home = service.parts.settings.home
    demo = TestClient(create_app(start(home=home, demo=True, allowed_hosts="demo.test,*.intra.test").http))
    plain = TestClient(create_app(start(home=home, allowed_hosts="footnote.test").http))
    own = ("localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000", "[::1]", "localhost.")
    others = (
        "evil.test",
        "evil.test:8000",
        "127.0.0.1.evil.test",
        "xdemo.test",
        "intra.test",
        "localhost:80:80",
        "",
        "[::2]",
    )
    for path in ("/v1/session", "/healthz", "/", "/openapi.json"):
        for client, named in (
            (demo, ("demo.test", "a.intra.test:443")),
            (plain, ("footnote.test", "Footnote.test:8443")),
        ):
            for host in own + named:
                assert client.get(path, headers={"Host": host}).status_code == 200, host
            for host in others:
                reply = client.get(path, headers={"Host": host})
                assert reply.headers["connection"] == "close"  # its body is not waited for
                told = check_problem(reply, 421, "unknown_host")
                assert "FOOTNOTE_ALLOWED_HOSTS" in told["detail"]
    assert service.client.get("/v1/session", headers={"Host": "anything.test"}).status_code == 200


def test_an_upload_may_say_from_which_day_it_holds(service: Any, ana: dict[str, str]) -> None:
    def put(text: str, day: str) -> Any:
        form = {"allow": "user:ana", "date": day}
        files = {"file": ("airship fares.txt", text.encode(), "text/plain")}
        return service.client.post("/v1/documents", files=files, data=form, headers=ana)

    def fare(**options: str) -> list[str]:
        body = {"query": "airship fare", "top_k": 1} | options
        hits = service.client.post("/v1/search", json=body, headers=ana).json()["hits"]
        return [word for hit in hits for word in hit["text"].split() if word.isdigit() and "airship" in hit["text"]]

    assert put("The airship fare is 40 euros.", "2020-01-01").status_code == 201
    made = put("The airship fare is 55 euros.", "2022-01-01")
    assert (fare(), fare(as_of="2021-06-30"), fare(as_of="2019-06-30")) == (["55"], ["40"], [])
    check_problem(put("No day.", "yesterday"), 422, "invalid_request")
    service.client.delete(f"/v1/documents/{made.json()['document_id']}", headers=ana)
