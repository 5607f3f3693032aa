"""/v1/keys, and keys that end: what admins may do with them, and that it is no way around what they may read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest

FIND = {"query": "rent of Unit 7"}


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def check(reply: httpx.Response, status: int, code: str) -> str:
    assert (reply.status_code, reply.json()["code"]) == (status, code), reply.text
    detail: str = reply.json()["detail"]
    return detail


@pytest.fixture
def root(service: Any) -> dict[str, str]:
    return service.key("root", "legal", admin=True)


def made(service: Any, root: dict[str, str], **body: Any) -> Any:
    reply = service.client.post("/v1/keys", json=body, headers=root)
    assert reply.status_code == 201, reply.text
    return reply.json()


def expire(service: Any, key_id: str) -> None:
    with service.parts.pool.connection() as conn:
        conn.execute("UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = %s", [key_id])


def test_an_admin_makes_lists_and_revokes_keys(service: Any, root: dict[str, str]) -> None:
    ends = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    key = made(service, root, groups=["legal"], scopes=["read", "write"], expires_at=ends, label="x")
    headers = bearer(key["secret"])
    hits = service.client.post("/v1/search", json=FIND, headers=headers).json()["hits"]
    assert {hit["document_id"] for hit in hits} == {service.lease}
    listed = service.client.get("/v1/keys", headers=root)
    assert key["secret"] not in listed.text
    (shown,) = [one for one in listed.json()["keys"] if one["id"] == key["id"]]
    assert datetime.fromisoformat(shown["expires_at"]) == datetime.fromisoformat(ends)
    assert datetime.now(UTC) - datetime.fromisoformat(shown["last_used_at"]) < timedelta(minutes=1)
    known = {"user": "root", "groups": ["legal"], "scopes": ["read", "write"], "label": "x"}
    assert {name: shown[name] for name in known} | {"expired": shown["expired"]} == known | {"expired": False}
    assert service.client.delete(f"/v1/keys/{key['id']}", headers=root).status_code == 204
    check(service.client.post("/v1/search", json=FIND, headers=headers), 401, "not_authenticated")
    check(service.client.delete(f"/v1/keys/{key['id']}", headers=root), 404, "not_found")
    records = [json.loads(row.record) for row in service.parts.audit.show(limit=10)]
    told = [(row["action"], row["principal"]) for row in records if row.get("key_id") == key["id"]]
    assert told == [("revoke_key", "user:root"), ("create_key", "user:root")]


def test_the_last_use_is_written_once_an_hour(service: Any) -> None:
    headers = service.key("ana", "legal")

    def used() -> datetime | None:
        key_id = headers["Authorization"].split("_")[1]
        return next(key.last_used_at for key in service.parts.api_keys.list() if key.id == key_id)

    assert used() is None
    service.client.get("/v1/documents", headers=headers)
    first = used()
    assert first is not None
    service.client.get("/v1/documents", headers=headers)
    assert used() == first
    with service.parts.pool.connection() as conn:
        conn.execute("UPDATE api_keys SET last_used_at = last_used_at - interval '2 hours'")
    service.client.get("/v1/documents", headers=headers)
    assert (used() or first) >= first


def test_an_expired_key_opens_nothing_nor_does_a_session_by_it(service: Any) -> None:
    headers = service.key("ana", "legal")
    secret = headers["Authorization"].removeprefix("Bearer ")
    page = {"Host": "localhost", "Origin": "http://localhost"}
    assert service.client.post("/v1/session", json={"key": secret}, headers=page).status_code == 200
    cookie = {"Cookie": f"footnote-80={service.client.cookies['footnote-80']}"} | page
    service.client.cookies.clear()
    assert service.client.get("/v1/documents", headers=cookie).status_code == 200
    expire(service, secret.split("_")[1])
    said = check(service.client.post("/v1/search", json=FIND, headers=headers), 401, "not_authenticated")
    assert "expired" in said
    unknown = check(
        service.client.post("/v1/search", json=FIND, headers=bearer(secret + "x")), 401, "not_authenticated"
    )
    assert "expired" not in unknown  # who does not hold all of it hears nothing of it
    check(service.client.post("/v1/session", json={"key": secret}, headers=page), 401, "not_authenticated")
    check(service.client.get("/v1/documents", headers=cookie), 401, "not_authenticated")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"user": "carla"}, "yourself alone"),
        ({"user": "Root"}, "yourself alone"),
        ({"user": "service-x", "groups": ["legal"]}, "yourself alone"),
        ({"groups": ["legal", "hr"]}, "groups that you are in"),
        ({"scopes": ["audit"]}, "'audit'"),
        ({"scopes": ["read", "scim"]}, "'scim'"),
    ],
)
def test_a_key_reaches_nothing_that_its_maker_may_not(
    service: Any, root: dict[str, str], body: dict[str, Any], says: str
) -> None:
    before = len(service.parts.api_keys.list())
    assert says in check(service.client.post("/v1/keys", json=body, headers=root), 403, "not_allowed")
    assert len(service.parts.api_keys.list()) == before


def test_who_is_walled_off_makes_no_key_that_reads_what_is_behind_the_wall(service: Any, root: dict[str, str]) -> None:
    text, legal = f"/v1/documents/{service.lease}/text", frozenset({"group:legal"})
    own = bearer(made(service, root, user="root", groups=["legal"])["secret"])
    assert service.client.get(text, headers=own).status_code == 200
    service.parts.documents.relabel(service.lease, legal | {"!user:root"})
    try:
        for user in ("service-x", "root-2", ""):
            said = check(service.client.post("/v1/keys", json={"user": user}, headers=root), 403, "not_allowed")
            assert "yourself alone" in said
        for key in (own, root, bearer(made(service, root, groups=["legal"])["secret"])):
            check(service.client.get(text, headers=key), 404, "not_found")
    finally:
        service.parts.documents.relabel(service.lease, legal)


def test_a_key_for_some_groups_makes_none_for_all_groups(service: Any, root: dict[str, str]) -> None:
    asked = {"groups": None, "scopes": ["read", "admin"]}
    said = check(service.client.post("/v1/keys", json=asked, headers=root), 403, "not_allowed")
    assert "some of your groups" in said
    unlimited = service.parts.api_keys.create("root", None, {"read", "admin"}, "test")
    made(service, bearer(unlimited), **asked)


def test_a_key_that_ends_makes_none_that_outlasts_it(service: Any) -> None:
    ends = datetime.now(UTC) + timedelta(hours=1)
    secret = service.parts.api_keys.create("root", ["legal"], {"read", "admin"}, "test", expires_at=ends)
    ours = {"Host": "localhost", "Origin": "http://localhost"}
    assert service.client.post("/v1/session", json={"key": secret}, headers=ours).status_code == 200
    cookie = ours | {"Cookie": f"footnote-80={service.client.cookies['footnote-80']}"}
    service.client.cookies.clear()
    for headers in (bearer(secret), cookie):
        late = {"expires_at": (ends + timedelta(seconds=1)).isoformat()}
        assert "outlast" in check(service.client.post("/v1/keys", json=late, headers=headers), 403, "not_allowed")
        for body in ({"expires_at": ends.isoformat()}, {"expires_at": None}, {}):
            assert end_of(service, made(service, headers, **body)["id"]) == ends


def test_a_key_does_not_outlast_the_token_that_it_is_made_with(
    service: Any, provider: Any, of_provider: dict[str, str]
) -> None:
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
    claims = of_provider | {"sub": "root", "groups": ["legal"], "scope": "read admin", "exp": int(ends.timestamp())}
    headers = bearer(jwt.encode(claims, provider, "RS256"))
    late = {"expires_at": (ends + timedelta(seconds=1)).isoformat()}
    assert "outlast" in check(service.client.post("/v1/keys", json=late, headers=headers), 403, "not_allowed")
    assert end_of(service, made(service, headers)["id"]) == ends


def end_of(service: Any, key_id: str) -> datetime | None:
    return next(key.expires_at for key in service.parts.api_keys.list() if key.id == key_id)


def test_a_key_over_http_ends_in_a_year_at_the_latest(service: Any, root: dict[str, str]) -> None:
    year, now = timedelta(days=365), datetime.now(UTC)
    end = end_of(service, made(service, root)["id"])
    assert end is not None
    assert abs((end - now - year).total_seconds()) < 60
    late = {"expires_at": (now + timedelta(days=366)).isoformat()}
    said = check(service.client.post("/v1/keys", json=late, headers=root), 403, "not_allowed")
    assert "365 days at most" in said


@pytest.mark.parametrize(
    "body",
    [{"scopes": []}, {"scopes": ["root"]}, {"expires_at": "2020-01-01T00:00:00Z"}, {"expires_at": "2099-01-01"},
     {"label": "x" * 201}, {"secret": "x"}],
)  # fmt: skip
def test_a_key_that_cannot_be(service: Any, root: dict[str, str], body: dict[str, Any]) -> None:
    check(service.client.post("/v1/keys", json=body, headers=root), 422, "invalid_request")


def test_only_admins_see_keys(service: Any, root: dict[str, str]) -> None:
    much: dict[str, Any] = {"content": b"x" * 300_000}  # of which nobody reads a byte before it is known who sends it
    for headers, status, code in ((service.key("ana"), 403, "not_allowed"), (root, 413, "body_too_large")):
        check(
            service.client.post("/v1/keys", headers=headers | {"Content-Type": "application/json"}, **much),
            status,
            code,
        )
    for headers in (service.key("ana", "legal", write=True), {}):
        for method, path in (("GET", "/v1/keys"), ("POST", "/v1/keys"), ("DELETE", "/v1/keys/x")):
            reply = service.client.request(method, path, headers=headers, json={} if method == "POST" else None)
            check(reply, 403 if headers else 401, "not_allowed" if headers else "not_authenticated")


@pytest.mark.parametrize("body", [{"label": "a\0b"}, {"expires_at": "9999-12-31T23:59:59-23:59"}])
def test_a_key_that_could_not_be_listed_is_not_made(service: Any, root: dict[str, str], body: dict[str, str]) -> None:
    check(service.client.post("/v1/keys", json=body, headers=root), 422, "invalid_request")
    assert service.client.get("/v1/keys", headers=root).status_code == 200


def test_a_key_that_cannot_be_is_not_found(service: Any, root: dict[str, str]) -> None:
    check(service.client.delete("/v1/keys/%00", headers=root), 404, "not_found")


def rotated(service: Any, who: dict[str, str], key_id: str, **body: Any) -> httpx.Response:
    reply: httpx.Response = service.client.post(
        f"/v1/keys/{key_id}/rotate", json={"grace_days": 7, **body}, headers=who
    )
    return reply


def test_a_key_of_ones_own_is_rotated(service: Any, root: dict[str, str]) -> None:
    old = made(service, root, groups=["legal"], scopes=["read", "write"], label="Night export")
    reply = rotated(service, root, old["id"], grace_days=2)
    assert reply.status_code == 201, reply.text
    body = reply.json()
    grace = datetime.fromisoformat(body["old_ends_at"]) - datetime.now(UTC)
    assert timedelta(days=1, hours=23) < grace <= timedelta(days=2)
    for secret in (old["secret"], body["secret"]):
        assert service.client.post("/v1/search", json=FIND, headers=bearer(secret)).status_code == 200
    listed = {one["id"]: one for one in service.client.get("/v1/keys", headers=root).json()["keys"]}
    same = ("user", "groups", "scopes", "label")
    assert [listed[body["id"]][name] for name in same] == [listed[old["id"]][name] for name in same]
    assert rotated(service, root, old["id"], grace_days=0).status_code == 201
    check(service.client.post("/v1/search", json=FIND, headers=bearer(old["secret"])), 401, "not_authenticated")
    check(rotated(service, root, old["id"]), 404, "not_found")
    records = [json.loads(row.record) for row in service.parts.audit.show(limit=20)]
    told = [row["principal"] for row in records if row.get("action") == "rotate_key" and row["key_id"] == old["id"]]
    assert told == ["user:root", "user:root"]


def test_rotating_gives_nobody_what_they_do_not_have(service: Any, root: dict[str, str]) -> None:
    """Neither another's key, nor groups, scopes or a life that one has not oneself."""
    others = service.key("carla", "legal")["Authorization"].split("_")[1]
    assert others in check(rotated(service, root, others), 403, "not_allowed")
    for groups, scopes in ((["hr"], ["read"]), (["legal"], ["read", "audit"]), (None, ["read"])):
        wider = service.parts.api_keys.create("root", groups, scopes, "wider").split("_")[1]
        check(rotated(service, root, wider), 403, "not_allowed")
    short = made(
        service, root, scopes=["read", "admin"], expires_at=(datetime.now(UTC) + timedelta(days=1)).isoformat()
    )
    narrow = made(service, root, scopes=["read"])
    successor = rotated(service, bearer(short["secret"]), narrow["id"]).json()
    listed = {one["id"]: one for one in service.client.get("/v1/keys", headers=root).json()["keys"]}
    assert listed[successor["id"]]["expires_at"] == listed[short["id"]]["expires_at"]
