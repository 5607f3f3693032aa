"""/v1/audit, and that every access over HTTP is in the trail: who, what, which versions; refusals as well."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from api.http.admission import demands
from api.http.app import create_app
from api.http.limits import BodyLimits
from api.http.recording import OTHERS, READS
from generation.errors import AuditUnavailable
from infra.postgres.pool import transaction

ROOT = Path(__file__).parents[2]
MISSING = "00000000-0000-5000-8000-000000000000"
FIND = {"query": "rent of Unit 7"}
TELLS_NOTHING = {
    ("GET", "/v1/models"), ("GET", "/v1/models/{model}"),
    ("GET", "/scim/v2/ServiceProviderConfig"), ("GET", "/scim/v2/ResourceTypes"), ("GET", "/scim/v2/Schemas"),
    ("GET", "/scim/v2/ResourceTypes/{name}"), ("GET", "/scim/v2/Schemas/{name}"),
}  # fmt: skip


@pytest.fixture
def eve(service: Any) -> dict[str, str]:
    """An auditor, who may read nothing else."""
    return {"Authorization": f"Bearer {service.parts.api_keys.create('eve', [], ['audit'], 'test')}"}


@pytest.fixture
def ana(service: Any) -> dict[str, str]:
    return service.key("ana", "legal")


def listed(service: Any, eve: dict[str, str], **wanted: object) -> list[dict[str, Any]]:
    """The entries that fit, newest first, in full."""
    service.parts.accesses.flush()
    reply = service.client.get("/v1/audit", params=wanted, headers=eve)
    assert reply.status_code == 200, reply.text
    return reply.json()["entries"]


def full(service: Any, eve: dict[str, str], entry: dict[str, Any]) -> dict[str, Any]:
    (found,) = service.client.get(f"/v1/audit/{entry['id']}", headers=eve).json()["entries"]
    assert {name: found[name] for name in entry} == entry
    return found["record"]


def newest(service: Any, eve: dict[str, str], **wanted: object) -> dict[str, Any]:
    return full(service, eve, listed(service, eve, **wanted)[0])


def test_every_call_that_takes_a_credential_is_recorded_or_known_to_tell_nothing() -> None:
    routes = [route for route in create_app(None).routes if isinstance(route, APIRoute)]
    called = {(method, route.path) for route in routes for method in route.methods}
    taking = {
        (method, route.path) for route in routes for method in route.methods if demands(route, BodyLimits()).credential
    }
    known = READS.keys() | OTHERS.keys()
    assert taking - known == TELLS_NOTHING
    assert known <= called
    assert {method for method, _ in READS} - {"GET"} == {"POST"}  # a change that was made is not refused afterwards
    reads = [
        "/v1/search",
        "/v1/documents/{document_id}/links",
        "/v1/answers/{audit_id}/replay",
        "/v1/audit/verify",
        "/v1/compare",
        "/v1/reviews/count",
    ]
    assert [path for method, path in READS if method == "POST"] == reads


def test_a_search_is_recorded_with_what_it_showed(service: Any, ana: dict[str, str], eve: dict[str, str]) -> None:
    body = FIND | {"documents": [service.lease], "as_of": "2026-01-01"}
    assert service.client.post("/v1/search", json=body, headers=ana | {"X-Request-ID": "request-0007"}).json()["hits"]
    record = newest(service, eve, action="search", user="ana")
    key = ana["Authorization"].split("_")[1]
    assert {name: record[name] for name in ("principal", "way", "key_id", "request_id", "query", "as_of")} == {
        "principal": "user:ana", "way": "key", "key_id": key, "request_id": "request-0007", "query": FIND["query"],
        "as_of": "2026-01-01",
    }  # fmt: skip
    assert record["filter"] == {"documents": [service.lease]}
    assert record["hits"] == 1
    assert record["shown"] == [{"document_id": service.lease, "version": 1}]
    assert json.dumps(record).count(ana["Authorization"].split("_", 2)[2]) == 0


@pytest.mark.parametrize(
    ("path", "action"),
    [
        ("/v1/documents/{}", "read_document"),
        ("/v1/documents/{}/text", "read_text"),
        ("/v1/documents/{}/text?version=1", "read_text"),
        ("/v1/documents/{}/original", "read_original"),
        ("/v1/documents/{}/versions", "read_versions"),
        ("/v1/documents/{}/facts", "read_facts"),
    ],
)
def test_reads_are_recorded_and_hidden_is_recorded_as_missing_is(
    service: Any, ana: dict[str, str], eve: dict[str, str], path: str, action: str
) -> None:
    assert service.client.get(path.format(service.lease), headers=ana).status_code == 200
    record = newest(service, eve, action=action, user="user:ana", document=service.lease)
    assert record["shown"] == [{"document_id": service.lease, "version": 1}]
    hidden, missing = (service.client.get(path.format(id_), headers=ana) for id_ in (service.salaries, MISSING))
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    told = [newest(service, eve, refused="not_found", document=id_) for id_ in (service.salaries, MISSING)]
    for record, id_ in zip(told, (service.salaries, MISSING), strict=True):
        assert record.pop("document_id") == id_
        del record["at"], record["request_id"]
    assert told[0] == told[1]
    assert (told[0]["action"], told[0]["principal"]) == (action, "user:ana")


def test_lists_are_recorded_with_what_they_showed(service: Any, ana: dict[str, str], eve: dict[str, str]) -> None:
    assert service.client.get("/v1/documents", params={"q": "lease"}, headers=ana).status_code == 200
    record = newest(service, eve, action="list_documents", user="ana")
    assert record["asked"] == [["q", "lease"]]
    assert record["shown"] == [{"document_id": service.lease, "version": 1}]


def test_a_signed_page_is_recorded_for_who_signed_and_its_address_is_not(service: Any, eve: dict[str, str]) -> None:
    paul = service.key("paul", "paper", write=True)
    nda = ROOT.joinpath("api/demo/corpus/current/legal/havenbrook_nda.pdf").read_bytes()
    form = {"allow": "group:paper"}
    reply = service.client.post("/v1/documents", files={"file": ("nda.pdf", nda)}, data=form, headers=paul)
    id_ = reply.json()["document_id"]
    url = service.client.post(f"/v1/documents/{id_}/links", json={"page": 1}, headers=paul).json()["url"]
    assert service.client.get(url).status_code == 200
    assert service.client.get(f"/v1/documents/{id_}/pages/1.png", headers=paul).status_code == 200
    assert service.client.get("/v1/pages/forged.png").status_code == 404
    actions = [(entry["action"], entry["refused"]) for entry in listed(service, eve)][:4]
    wanted = [("read_signed_page", "not_found"), ("read_page", ""), ("read_signed_page", ""), ("sign_page", "")]
    assert [action for action in actions if action in wanted] == wanted
    record = newest(service, eve, action="read_signed_page", user="paul")
    assert (record["way"], record["page"], record["shown"]) == ("link", 1, [{"document_id": id_, "version": 1}])
    assert url.split("/")[-1][:40] not in json.dumps(record)


def test_a_key_that_does_not_count_is_recorded_and_nobody_without_one(service: Any, eve: dict[str, str]) -> None:
    key = service.key("mallory", "legal")["Authorization"].removeprefix("Bearer ")
    service.parts.api_keys.revoke(key.split("_")[1])
    before = len(listed(service, eve, refused="not_authenticated"))
    assert service.client.post("/v1/search", json=FIND).status_code == 401
    assert len(listed(service, eve, refused="not_authenticated")) == before
    for _ in range(3):
        assert (
            service.client.post("/v1/search", json=FIND, headers={"Authorization": f"Bearer {key}"}).status_code == 401
        )
    entry = listed(service, eve, refused="not_authenticated")[0]
    assert (entry["action"], entry["principal"]) == ("search", "")
    record = full(service, eve, entry)
    assert (record["key_id"], record["address"]) == (key.split("_")[1], "testclient")
    assert key.split("_", 2)[2] not in json.dumps(record)


def test_failed_sign_ins_are_recorded_beside_those_that_succeed(
    service: Any, ana: dict[str, str], eve: dict[str, str]
) -> None:
    secret = ana["Authorization"].removeprefix("Bearer ")
    begun = service.client.post("/v1/session", json={"key": secret})
    assert begun.status_code == 200
    assert service.client.post("/v1/session", json={"key": secret + "x"}).status_code == 401
    page = {"Sec-Fetch-Site": "same-origin", "Cookie": begun.headers["set-cookie"].partition(";")[0]}
    assert service.client.delete("/v1/session", headers=page).status_code == 204
    service.client.cookies.clear()
    entries = [full(service, eve, entry) for entry in listed(service, eve, action="sign_in")[:2]]
    assert [entry.get("refused") for entry in entries] in (["not_authenticated", None], [None, "not_authenticated"])
    assert {entry.get("key_id") for entry in entries} == {secret.split("_")[1]}
    assert newest(service, eve, action="sign_out")["principal"] == "user:ana"


def test_the_trail_is_for_auditors_alone(service: Any, ana: dict[str, str], eve: dict[str, str]) -> None:
    admin = service.key("root", "legal", admin=True)
    for path in ("/v1/audit", "/v1/audit/export", f"/v1/audit/{MISSING}"):
        assert service.client.get(path).status_code == 401
        for headers in (ana, admin):
            assert service.client.get(path, headers=headers).status_code == 403
    assert newest(service, eve, refused="not_allowed", user="root")["action"] == "read_audit"
    assert service.client.post("/v1/search", json=FIND, headers=eve).status_code == 403


def test_reading_the_trail_is_recorded(service: Any, eve: dict[str, str]) -> None:
    listed(service, eve, action="delete")
    assert newest(service, eve, action="list_audit", user="eve")["asked"] == [["action", "delete"]]
    assert newest(service, eve, action="read_audit", user="eve")["entry_id"]
    assert service.client.get("/v1/audit/nonsense", headers=eve).status_code == 404


def test_nothing_else_that_is_sent_hides_what_was_asked_of_the_trail(service: Any, eve: dict[str, str]) -> None:
    ahead = [(f"x{number}", "y") for number in range(40)]
    found = service.client.get("/v1/audit", params=[*ahead, ("user", "bo"), ("user", "ana")], headers=eve)
    assert {entry["principal"] for entry in found.json()["entries"]} <= {"user:ana"}
    asked = newest(service, eve, action="list_audit", user="eve")["asked"]
    assert ["user", "ana"] in asked
    assert len(asked) == 30


def test_pages_follow_one_another(service: Any, ana: dict[str, str], eve: dict[str, str]) -> None:
    for _ in range(5):
        service.client.get(f"/v1/documents/{service.lease}/text", headers=ana)
    wanted = {"action": "read_text", "user": "ana", "limit": 2}
    service.parts.accesses.flush()
    seen, after = [], ""
    while True:
        told = service.client.get("/v1/audit", params=wanted | {"after": after}, headers=eve).json()
        seen += [entry["id"] for entry in told["entries"]]
        if told["next"] is None:
            break
        after = told["next"]
    everything = [entry["id"] for entry in listed(service, eve, action="read_text", user="ana", limit=500)]
    assert seen == everything
    assert len(seen) >= 5
    reply = service.client.get("/v1/audit", params={"after": "nonsense"}, headers=eve)
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_cursor")


def test_an_export_is_verified_by_a_program_of_its_own(
    service: Any, ana: dict[str, str], eve: dict[str, str], tmp_path: Path
) -> None:
    service.client.get(f"/v1/documents/{service.lease}/text", headers=ana)
    service.parts.accesses.flush()
    reply = service.client.get("/v1/audit/export", params={"action": "read_text"}, headers=eve)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/jsonl")
    (tmp_path / "export").write_bytes(reply.content)
    (tmp_path / "key.pem").write_text(service.parts.public_key)
    command = [sys.executable, str(ROOT / "infra/audit_verifier/verify_export.py"), str(tmp_path / "export")]
    command += ["--public-key", str(tmp_path / "key.pem")]
    command += ["--audit-key", str(service.parts.settings.home / "secrets" / "audit.key")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    first = json.loads(reply.content.splitlines()[0])
    assert (first["by"], first["wanted"]) == ("user:eve", {"action": "read_text"})
    assert newest(service, eve, action="export_audit")["principal"] == "user:eve"


@pytest.fixture
def unwritable(service: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A trail to which no row can be added."""
    monkeypatch.setattr("api.wiring.accesses.WAIT_S", 0.0)
    monkeypatch.setattr("api.wiring.accesses.REFUSE_S", 0.0)
    service.parts.accesses.flush()
    with transaction(service.parts.pool) as conn:
        conn.execute("ALTER TABLE audit ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
    yield
    with transaction(service.parts.pool) as conn:
        conn.execute("ALTER TABLE audit DROP CONSTRAINT full_disk")
    service.parts.accesses.flush()


def test_where_nothing_can_be_recorded_nothing_is_shown(
    service: Any, ana: dict[str, str], eve: dict[str, str], unwritable: None
) -> None:
    text = f"/v1/documents/{service.lease}/text"
    assert service.client.get(text, headers=ana).status_code == 200
    with pytest.raises(AuditUnavailable):
        service.parts.accesses.flush()
    for reply in (
        service.client.get(text, headers=ana),
        service.client.get(f"/v1/documents/{MISSING}/text", headers=ana),
        service.client.post("/v1/search", json=FIND, headers=ana),
        service.client.get("/v1/audit", headers=eve),
    ):
        assert (reply.status_code, reply.json()["code"]) == (503, "audit_unavailable")
        assert "rent" not in reply.text
    assert service.client.get("/healthz").status_code == 200


def test_what_is_shown_to_others_does_not_depend_on_the_trail(service: Any, ana: dict[str, str]) -> None:
    before = service.client.post("/v1/search", json=FIND, headers=ana)
    bo = service.key("bo", "hr")
    service.client.get(f"/v1/documents/{service.salaries}/text", headers=bo)
    service.client.get(f"/v1/documents/{service.salaries}/text", headers=ana)
    service.parts.accesses.flush()
    after = service.client.post("/v1/search", json=FIND, headers=ana)
    assert before.content == after.content
    assert service.parts.audit.verify().ok
