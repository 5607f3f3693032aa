"""/scim/v2 as identity providers use it: request shapes of Okta and Microsoft Entra, and how fast a change holds."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
MISSING = "00000000-0000-4000-8000-000000000000"
FIND = {"query": "rent of Unit 7"}


class Sync:
    """What an identity provider does; `application/scim+json` both ways."""

    def __init__(self, service: Any) -> None:
        self.service = service
        secret = service.parts.api_keys.create("okta", [], {"scim"}, "sync")
        self.headers = {"Authorization": f"Bearer {secret}"}
        self.made: list[str] = []

    def ask(self, method: str, path: str, body: object = None, **query: Any) -> httpx.Response:
        content = None if body is None else json.dumps(body)
        headers = self.headers | ({"Content-Type": "application/scim+json"} if content else {})
        reply = self.service.client.request(
            method, f"/scim/v2{path}", content=content, headers=headers, params=query or None
        )
        assert reply.status_code == 204 or reply.headers["content-type"] == "application/scim+json"
        if method == "POST" and reply.status_code == 201:
            self.made.append(f"{path}/{reply.json()['id']}")
        return reply

    def user(self, name: str, **more: Any) -> str:
        reply = self.ask("POST", "/Users", {"schemas": [USER], "userName": name, "active": True} | more)
        assert reply.status_code == 201, reply.text
        id_: str = reply.json()["id"]
        return id_

    def group(self, name: str, *members: str) -> str:
        body = {"schemas": [GROUP], "displayName": name, "members": [{"value": id_} for id_ in members]}
        reply = self.ask("POST", "/Groups", body)
        assert reply.status_code == 201, reply.text
        id_: str = reply.json()["id"]
        return id_

    def patch(self, path: str, *operations: dict[str, Any]) -> httpx.Response:
        return self.ask("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})

    def members(self, group: str) -> set[str]:
        return {one["value"] for one in self.ask("GET", f"/Groups/{group}").json()["members"]}


@pytest.fixture
def sync(service: Any) -> Iterator[Sync]:
    sync = Sync(service)
    yield sync
    for path in reversed(sync.made):
        sync.ask("DELETE", path)
    with service.parts.pool.connection() as conn:  # whom other tests know by the same name
        conn.execute("DELETE FROM people")


def check(reply: httpx.Response, status: int, kind: str | None = None) -> str:
    body = reply.json()
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/scim+json"), reply.text
    assert (body["schemas"], body["status"], body.get("scimType")) == ([ERROR], str(status), kind)
    detail: str = body["detail"]
    assert detail
    return detail


def found(service: Any, headers: dict[str, str]) -> set[str]:
    reply = service.client.post("/v1/search", json=FIND, headers=headers)
    assert reply.status_code == 200, reply.text
    return {hit["document_id"] for hit in reply.json()["hits"]}


def token(provider: Any, user: str, *groups: str) -> dict[str, str]:
    claims = {
        "iss": "https://idp.test", "aud": "https://footnote.test", "sub": user, "groups": groups, "scope": "read write",
        "exp": datetime.now(UTC) + timedelta(hours=1),
    }  # fmt: skip
    return {"Authorization": f"Bearer {jwt.encode(claims, provider, 'RS256')}"}


# How fast a change holds


def test_a_group_that_is_taken_away_shows_nothing_from_the_next_query_on(
    service: Any, sync: Sync, provider: Any
) -> None:
    ana = sync.user("ana")
    legal = sync.group("legal", ana)
    key, jwt_ = service.key("ana", "legal"), token(provider, "ana", "legal", "hr")
    synced = service.parts.api_keys.create("ana", None, {"read"}, "synced")
    holders = [key, jwt_, {"Authorization": f"Bearer {synced}"}]
    assert [found(service, one) for one in holders] == [{service.lease}] * 3  # and not by `hr`, which the token says
    sync.patch(f"/Groups/{legal}", {"op": "remove", "path": f'members[value eq "{ana}"]'})
    assert [found(service, one) for one in holders] == [set()] * 3
    sync.patch(f"/Groups/{legal}", {"op": "add", "path": "members", "value": [{"value": ana}]})
    assert [found(service, one) for one in holders] == [{service.lease}] * 3
    assert sync.ask("DELETE", f"/Groups/{legal}").status_code == 204
    assert [found(service, one) for one in holders] == [set()] * 3


def test_a_key_opens_only_the_groups_that_it_was_made_with(service: Any, sync: Sync) -> None:
    ana = sync.user("ana")
    sync.group("legal", ana)
    sync.group("hr", ana)
    assert found(service, service.key("ana", "legal")) == {service.lease}
    assert found(service, service.key("ana", "legal", "hr")) == {service.lease, service.salaries}


def test_a_wall_against_a_group_holds_for_keys_that_do_not_open_the_group(service: Any, sync: Sync) -> None:
    ana, legal = sync.user("ana"), frozenset({"group:legal"})
    sync.group("legal", ana)
    opposite = sync.group("opposite", ana)
    key = service.key("ana", "legal")
    service.parts.documents.relabel(service.lease, legal | {"!group:opposite"})
    try:
        text = f"/v1/documents/{service.lease}/text"
        assert (found(service, key), service.client.get(text, headers=key).status_code) == (set(), 404)
        assert service.client.get("/v1/documents", headers=key).json()["documents"] == []
        assert service.client.get("/v1/session", headers=key).json()["me"]["groups"] == ["legal"]
        sync.ask("DELETE", f"/Groups/{opposite}")
        assert (found(service, key), service.client.get(text, headers=key).status_code) == ({service.lease}, 200)
    finally:
        service.parts.documents.relabel(service.lease, legal)


@pytest.mark.parametrize("how", ["okta", "entra", "entra, new", "put", "delete"])
def test_who_is_deactivated_is_refused_at_the_next_request_whatever_they_hold(
    service: Any, sync: Sync, provider: Any, how: str
) -> None:
    ana = sync.user("ana", externalId="00u1")
    sync.group("legal", ana)
    key = service.key("ana", "legal")
    secret = key["Authorization"].removeprefix("Bearer ")
    client = service.client
    assert client.post("/v1/session", json={"key": secret}, headers={"Host": "localhost"}).status_code == 200
    cookie = {
        "Cookie": f"footnote-80={client.cookies['footnote-80']}",
        "Host": "localhost",
        "Origin": "http://localhost",
    }
    client.cookies.clear()
    holders = [key, token(provider, "ana", "legal"), token(provider, "ANA", "legal"), token(provider, "00u1", "legal")]
    holders.append(cookie)
    assert [found(service, one) for one in holders] == [{service.lease}] * 5
    path = f"/Users/{ana}"
    if how == "okta":
        sync.patch(path, {"op": "replace", "value": {"active": False}})
    elif how == "entra":
        sync.patch(path, {"op": "Replace", "path": "active", "value": "False"})
    elif how == "entra, new":
        sync.patch(path, {"op": "replace", "path": "active", "value": False})
    elif how == "put":
        sync.ask("PUT", path, {"schemas": [USER], "userName": "ana", "active": False})
    else:
        sync.ask("DELETE", path)
    for headers in holders:
        reply = client.post("/v1/search", json=FIND, headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (401, "not_authenticated")
    if how == "delete":
        ana = sync.user("ana")
        sync.group("legal-2", ana)
    else:
        sync.patch(path, {"op": "replace", "value": {"active": True}})
    assert client.post("/v1/search", json=FIND, headers=key).status_code == 200
    assert client.post("/v1/search", json=FIND, headers=cookie).status_code == 401  # which was ended


def test_a_former_name_is_still_told_to_be_the_same_person(service: Any, sync: Sync, provider: Any) -> None:
    ana = sync.user("ana")
    legal = sync.group("legal", ana)
    before, after = token(provider, "ana", "legal"), token(provider, "ana.b")
    sync.patch(f"/Users/{ana}", {"op": "replace", "path": "userName", "value": "ana.b"})
    assert found(service, before) == found(service, after) == {service.lease}
    sync.patch(f"/Groups/{legal}", {"op": "remove", "path": "members"})
    assert found(service, before) == found(service, after) == set()
    sync.user("ana")  # another person
    assert service.client.get("/v1/session", headers=before).json()["me"]["user"] == "ana"
    assert service.client.get("/v1/session", headers=after).json()["me"]["user"] == "ana.b"


# Okta


def test_what_okta_asks_when_it_is_set_up_and_when_it_assigns_somebody(sync: Sync) -> None:
    reply = sync.ask("GET", "/Users", startIndex=1, count=2)
    assert reply.json() == {"schemas": [LIST], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []}
    reply = sync.ask("GET", "/Users", filter='userName eq "isaac.brock@example.com"', startIndex=1, count=100)
    assert reply.json()["totalResults"] == 0
    body = {
        "schemas": [USER],
        "userName": "isaac.brock@example.com",
        "name": {"givenName": "Isaac", "familyName": "Brock"},
        "emails": [{"primary": True, "value": "isaac.brock@example.com", "type": "work"}],
        "displayName": "Isaac Brock",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": True,
    }
    reply = sync.ask("POST", "/Users", body)
    made = reply.json()
    assert reply.status_code == 201
    assert {name: made[name] for name in body if name not in ("password", "locale")} == {
        name: value for name, value in body.items() if name not in ("password", "locale")
    }
    assert made["meta"]["location"] == f"/scim/v2/Users/{made['id']}" == reply.headers["location"]
    assert made["meta"]["resourceType"] == "User"
    assert "password" not in reply.text
    (listed,) = sync.ask("GET", "/Users", filter='userName eq "ISAAC.brock@example.com"').json()["Resources"]
    assert listed == made == sync.ask("GET", f"/Users/{made['id']}").json()
    check(sync.ask("POST", "/Users", body | {"userName": "Isaac.Brock@example.com"}), 409, "uniqueness")
    reply = sync.ask("PUT", f"/Users/{made['id']}", made | {"name": {"givenName": "Zac", "familyName": "Brock"}})
    assert (reply.status_code, reply.json()["name"]["givenName"]) == (200, "Zac")


def test_what_okta_does_with_groups(sync: Sync) -> None:
    ana, ben = sync.user("ana"), sync.user("ben")
    assert sync.ask("GET", "/Groups", startIndex=1, count=100).json()["totalResults"] == 0
    group = sync.group("Test SCIMv2", ana)
    changes: list[tuple[dict[str, Any], set[str]]] = [
        ({"op": "replace", "value": {"id": group, "displayName": "Test SCIMv2 b"}}, {ana}),
        ({"op": "add", "path": "members", "value": [{"value": ben, "display": "ben"}]}, {ana, ben}),
        ({"op": "remove", "path": f'members[value eq "{ana}"]'}, {ben}),
        ({"op": "replace", "path": "members", "value": [{"value": ana, "display": "ana"}]}, {ana}),
    ]
    for operation, members in changes:
        assert sync.patch(f"/Groups/{group}", operation).status_code == 204
        assert sync.members(group) == members
    shown = sync.ask("GET", f"/Groups/{group}").json()
    assert (shown["displayName"], shown["members"][0]["display"]) == ("Test SCIMv2 b", "ana")
    both = [
        {"op": "remove", "path": f'members[value eq "{ana}"]'},
        {"op": "add", "path": "members", "value": [{"value": ben}]},
    ]
    sync.patch(f"/Groups/{group}", *both)
    assert sync.members(group) == {ben}
    (of_ben,) = sync.ask("GET", f"/Users/{ben}").json()["groups"]
    assert (of_ben["value"], of_ben["display"]) == (group, "Test SCIMv2 b")
    reply = sync.ask("PUT", f"/Groups/{group}", {"schemas": [GROUP], "displayName": "x", "members": [{"value": ana}]})
    assert [one["value"] for one in reply.json()["members"]] == [ana]


# Microsoft Entra


def test_what_entra_does_with_a_user(sync: Sync) -> None:
    check_it = f'userName eq "non-existent-{uuid.uuid4()}"'  # as it tests the connection
    assert sync.ask("GET", "/Users", filter=check_it).json()["totalResults"] == 0
    body = {
        "schemas": [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
        "userName": "Test_User_ab6490ee@example.com",
        "active": True,
        "emails": [{"primary": True, "type": "work", "value": "Test_User_fd0ea19b@example.com"}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName"},
        "roles": [],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Legal"},
    }
    made = sync.ask("POST", "/Users", body).json()
    reply = sync.patch(
        f"/Users/{made['id']}",
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "updatedEmail@example.com"},
        {"op": "Replace", "path": "name.familyName", "value": "updatedFamilyName"},
        {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "1"},
        {"op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "HR"},
        {"op": "Replace", "value": {"displayName": "Test", "name.givenName": "New"}},
    )
    changed = reply.json()
    assert reply.status_code == 200
    assert changed["emails"] == [{"type": "work", "value": "updatedEmail@example.com"}]
    assert changed["name"] == {
        "formatted": "givenName familyName",
        "familyName": "updatedFamilyName",
        "givenName": "New",
    }
    assert (changed["displayName"], changed["userName"]) == ("Test", body["userName"])
    assert sync.ask("GET", "/Users", filter=f'externalId eq "{body["externalId"]}"').json()["totalResults"] == 1
    off = sync.patch(f"/Users/{made['id']}", {"op": "Replace", "path": "active", "value": False})
    assert off.json()["active"] is False
    (shown,) = sync.ask("GET", "/Users", filter=f'userName eq "{body["userName"]}"').json()["Resources"]
    assert shown["active"] is False


def test_what_entra_does_with_groups(sync: Sync) -> None:
    ana, ben = sync.user("ana"), sync.user("ben")
    body = {
        "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
        "displayName": "Legal Team",
        "meta": {"resourceType": "Group"},
    }
    made = sync.ask("POST", "/Groups", body).json()
    place = f"/Groups/{made['id']}"
    assert made["members"] == []
    query = {"excludedAttributes": "members", "filter": 'displayName eq "Legal Team"'}
    (shown,) = sync.ask("GET", "/Groups", **query).json()["Resources"]
    assert (shown["id"], "members" in shown) == (made["id"], False)
    assert "members" not in sync.ask("GET", place, excludedAttributes="members").json()
    members = [{"$ref": None, "value": ana}, {"$ref": None, "value": ben}]
    assert sync.patch(place, {"op": "Add", "path": "members", "value": members}).status_code == 204
    assert sync.members(made["id"]) == {ana, ben}
    assert sync.patch(place, {"op": "Remove", "path": "members", "value": members[:1]}).status_code == 204
    assert sync.members(made["id"]) == {ben}
    held = {"filter": f'id eq "{made["id"]}" and members eq "{ben}"'}
    assert sync.ask("GET", "/Groups", **held).json()["totalResults"] == 1
    assert sync.patch(place, {"op": "Replace", "path": "displayName", "value": "Legal"}).status_code == 204
    assert sync.ask("GET", place).json()["displayName"] == "Legal"


# By the book


def test_spaces_in_the_name_of_a_group_are_hyphens_in_access_labels(service: Any, sync: Sync, provider: Any) -> None:
    sync.group("Legal  Team", sync.user("ana"))
    me = service.client.get("/v1/session", headers=token(provider, "ana")).json()["me"]
    assert me["groups"] == ["Legal-Team"]
    check(sync.ask("POST", "/Groups", {"displayName": "legal-team"}), 409, "uniqueness")
    check(sync.ask("POST", "/Groups", {"displayName": "Équipe"}), 400, "invalidValue")


def test_pages_are_stable_and_complete(sync: Sync) -> None:
    made = [sync.user(f"user{number}") for number in range(5)]
    seen = []
    for start in (1, 3, 5):
        page = sync.ask("GET", "/Users", startIndex=start, count=2).json()
        assert (page["totalResults"], page["startIndex"]) == (5, start)
        assert page["itemsPerPage"] == len(page["Resources"])
        seen += [one["id"] for one in page["Resources"]]
    assert seen == made
    assert sync.ask("GET", "/Users", startIndex=9).json()["Resources"] == []
    assert sync.ask("GET", "/Users", count=0).json() | {"Resources": []} == {
        "schemas": [LIST], "totalResults": 5, "startIndex": 1, "itemsPerPage": 0, "Resources": [],
    }  # fmt: skip
    assert len(sync.ask("GET", "/Users", startIndex=-5, count=3).json()["Resources"]) == 3
    assert sync.ask("GET", "/Users", count=-1).json()["itemsPerPage"] == 0


@pytest.mark.parametrize(
    "text",
    ['userName sw "a"', "userName eq ana", 'nickName eq "a"', 'userName eq "a" or userName eq "b"', "userName",
     'userName eq "\\ud800"', 'userName eq "a" and', 'active eq "true"', 'userName eq "a" userName eq "b"', "(", 'userName eq "a\\"'],
)  # fmt: skip
def test_a_filter_that_is_not_taken_says_so(sync: Sync, text: str) -> None:
    check(sync.ask("GET", "/Users", filter=text), 400, "invalidFilter")


@pytest.mark.parametrize("path", [f"/Users/{MISSING}", f"/Groups/{MISSING}", "/Users/x", "/Groups/%00", "/Nothing"])
def test_what_is_not_there_is_404_in_the_shape_of_scim(sync: Sync, path: str) -> None:
    check(sync.ask("GET", path), 404)
    if path.count("/") == 2:
        check(sync.ask("DELETE", path), 404)
        operation = {"op": "replace", "value": {"displayName": "x"}}
        check(sync.patch(path, operation), 404)
        check(sync.ask("PUT", path, {"userName": "x", "displayName": "x"}), 404)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/Users", {}),
        ("/Users", {"userName": "a b"}),
        ("/Users", {"userName": ""}),
        ("/Users", {"userName": "a\0b"}),
        ("/Users", {"userName": "ana", "active": "maybe"}),
        ("/Users", []),
        ("/Groups", {"displayName": " "}),
        ("/Groups", {"displayName": "g", "members": [{"value": MISSING}]}),
        ("/Groups", {"displayName": "g", "members": [{"value": "x"}]}),
        ("/Groups", {"displayName": "g", "members": [{}]}),
    ],
)
def test_what_cannot_be_stored_is_400(sync: Sync, path: str, body: object) -> None:
    reply = sync.ask("POST", path, body)
    assert reply.status_code == 400
    check(reply, 400, reply.json()["scimType"])


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "move", "path": "active", "value": True},
        {"op": "replace", "path": "userName", "value": "a b"},
        {"op": "remove", "path": "userName"},
        {"op": "remove", "path": "active"},
        {"op": "replace", "path": "active", "value": None},
        {"op": "replace", "path": "active", "value": {"a": 1}},
        {"op": "replace", "value": "x"},
        {"op": "add", "path": "members", "value": []},
        {"op": "replace", "path": "emails", "value": "x"},
        {"op": "replace", "path": "emails", "value": [7]},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": 7},
        {"op": "replace", "path": "name", "value": 7},
        {"op": "replace", "value": {"name": "x", "name.givenName": "y"}},
        {"op": "replace", "value": {"emails": [7], 'emails[type eq "work"].value': "y"}},
        {"op": "replace", "value": {"emails": None, 'emails[type eq "work"].value': "y"}},
    ],
)
def test_an_operation_that_cannot_be_carried_out_changes_nothing(sync: Sync, operation: dict[str, Any]) -> None:
    ana = sync.user("ana")
    before = sync.ask("GET", f"/Users/{ana}").json()
    good = {"op": "replace", "path": "displayName", "value": "Changed"}
    assert sync.patch(f"/Users/{ana}", good, operation).status_code == 400
    assert sync.ask("GET", f"/Users/{ana}").json() == before


def test_an_operation_on_a_group_that_cannot_be_carried_out_changes_nothing(sync: Sync) -> None:
    group = sync.group("legal", sync.user("ana"))
    before = sync.ask("GET", f"/Groups/{group}").json()
    for operation in (
        {"op": "remove", "path": "displayName"},
        {"op": "replace", "path": "displayName", "value": None},
        {"op": "add", "path": "members", "value": [{"value": MISSING}]},
        {"op": "add", "path": "members", "value": "x"},
        {"op": "add", "path": "members", "value": [None]},
        {"op": "add", "path": 'members[value eq "x"]', "value": {}},
    ):
        assert sync.patch(f"/Groups/{group}", {"op": "remove", "path": "members"}, operation).status_code == 400
        assert sync.ask("GET", f"/Groups/{group}").json() == before
    assert sync.patch(f"/Groups/{group}", {"op": "remove", "path": "members", "value": []}).status_code == 204
    assert sync.ask("GET", f"/Groups/{group}").json() == before  # nobody is named: nobody leaves


def test_the_service_describes_what_it_can(sync: Sync) -> None:
    config = sync.ask("GET", "/ServiceProviderConfig").json()
    assert (config["patch"]["supported"], config["bulk"]["supported"]) == (True, False)
    types = sync.ask("GET", "/ResourceTypes").json()["Resources"]
    assert [one["endpoint"] for one in types] == ["/Users", "/Groups"]
    assert sync.ask("GET", "/ResourceTypes/User").json() == types[0]
    for schema in sync.ask("GET", "/Schemas").json()["Resources"]:
        assert sync.ask("GET", f"/Schemas/{schema['id']}").json() == schema
    check(sync.ask("GET", "/Schemas/x"), 404)


def test_only_a_key_for_it_syncs_and_such_a_key_reads_nothing(service: Any, sync: Sync) -> None:
    for path in ("/Users", "/Groups", "/Users/x", "/Schemas", "/ServiceProviderConfig"):
        reply = service.client.get(f"/scim/v2{path}")
        assert reply.headers["www-authenticate"] == "Bearer"
        check(reply, 401)
        check(service.client.get(f"/scim/v2{path}", headers=service.key("root", "legal", admin=True)), 403)
    body: dict[str, Any] = {"content": b"x" * 300_000}
    json_ = {"Content-Type": "application/scim+json"}
    check(service.client.post("/scim/v2/Users", headers=json_ | service.key("ana", "legal"), **body), 403)
    check(service.client.post("/scim/v2/Users", headers=json_ | sync.headers, **body), 413)
    check(service.client.post("/scim/v2/Users", headers=sync.headers | {"Content-Type": "text/plain"}, **body), 413)
    reply = service.client.post("/v1/search", json=FIND, headers=sync.headers)
    assert (reply.status_code, reply.json()["code"]) == (403, "not_allowed")
    assert service.client.get("/v1/keys", headers=sync.headers).status_code == 403


def test_every_change_is_in_the_record_and_what_changes_nothing_is_not(service: Any, sync: Sync) -> None:
    def records() -> list[dict[str, Any]]:
        rows = [json.loads(row.record) for row in service.parts.audit.show(limit=100_000)]
        return [row for row in rows if row["kind"] == "change" and row["principal"] == "user:okta"]

    known = len(records())
    ana = sync.user("ana", emails=[{"value": "ana@example.com"}])
    legal = sync.group("Legal", ana)
    sync.ask("PUT", f"/Users/{ana}", sync.ask("GET", f"/Users/{ana}").json())
    sync.ask("PUT", f"/Groups/{legal}", sync.ask("GET", f"/Groups/{legal}").json())
    sync.patch(f"/Groups/{legal}", {"op": "add", "path": "members", "value": [{"value": ana}]})
    sync.patch(f"/Groups/{legal}", {"op": "remove", "path": "members"})
    sync.patch(f"/Users/{ana}", {"op": "replace", "value": {"active": False}})
    sync.ask("DELETE", f"/Groups/{legal}")
    sync.ask("DELETE", f"/Users/{ana}")
    new = list(reversed(records()[: len(records()) - known]))
    assert [row["action"] for row in new] == [
        "add_person", "add_group", "change_group", "change_person", "remove_group", "remove_person",
    ]  # fmt: skip
    assert (new[1]["name"], new[1]["added"]) == ("Legal", ["ana"])
    assert (new[2]["removed"], new[2]["added"]) == (["ana"], [])
    assert (new[3]["was"], new[3]["active"]) == ("ana", False)
    assert "example.com" not in json.dumps(new)
    assert service.parts.audit.verify().ok


def test_what_the_provider_says_otherwise_of_somebody_is_recorded_by_the_names_of_it(service: Any, sync: Sync) -> None:
    ana = sync.user("ana")
    last = service.parts.audit.head().seq
    assert sync.patch(f"/Users/{ana}", {"op": "replace", "value": {"displayName": "Ana Quill"}}).status_code == 200
    (row,) = [json.loads(row.record) for row in service.rows(5) if row.seq > last]
    assert (row["action"], row["was"], row["attributes"]) == ("change_person", "ana", ["displayName"])
    assert "Quill" not in json.dumps(row)


def test_a_change_that_changes_nothing_and_shows_somebody_is_recorded_as_an_access(service: Any, sync: Sync) -> None:
    ana = sync.user("ana")
    legal = sync.group("Legal", ana)
    asked = sync.ask("GET", f"/Groups/{legal}").json()
    service.parts.accesses.flush()
    last = service.parts.audit.head().seq
    reply = sync.patch(f"/Users/{ana}", {"op": "replace", "value": {"active": True}})
    assert (reply.status_code, reply.json()["userName"]) == (200, "ana")
    assert sync.ask("PUT", f"/Groups/{legal}", asked).json()["members"]
    service.parts.accesses.flush()
    rows = [json.loads(row.record) for row in service.parts.audit.show(limit=10) if row.seq > last]
    told = [one for row in rows for one in row.get("accesses", ())]
    assert [(one["action"], one["principal"]) for one in told] == [
        ("change_person", "user:okta"), ("change_group", "user:okta"),
    ]  # fmt: skip
    assert told[0]["user_id"] == ana
