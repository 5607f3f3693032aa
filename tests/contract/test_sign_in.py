"""Signing in on the page: by the organisation's identity provider, by a key, and what a cookie may do."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from fastapi.testclient import TestClient

from api.http.app import create_app
from generation.people import TrailFilter
from tests.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider, Key
from tests.synced import Group, Person

HERE = "https://footnote.test"
CALLBACK = f"{HERE}/v1/session/oidc/callback"
OURS = {"Sec-Fetch-Site": "same-origin"}
FIND = {"query": "rent of Unit 7"}


@dataclass
class Page:
    """A browser at the page."""

    client: TestClient
    idp: IdentityProvider

    def start(self, **query: str) -> httpx.Response:
        return self.client.get("/v1/session/oidc/start", params=query)

    def sign_in(self, user: str, **query: str) -> httpx.Response:
        return self.client.get(self.idp.approve(self.start(**query).headers["location"], user))

    def me(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.client.get("/v1/session").json()["me"]
        return found

    def found(self) -> set[str]:
        hits = self.client.post("/v1/search", json=FIND, headers=OURS).json()["hits"]
        return {hit["document_id"] for hit in hits}


@pytest.fixture(scope="module")
def app(service: Any, start: Callable[..., Any], identity_provider: IdentityProvider) -> Any:
    parts = start(
        home=service.parts.settings.home,
        oidc_issuer=identity_provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        public_url=HERE,
        admin_group="admins",
        write_group="legal",
    )
    identity_provider.redirects.add(CALLBACK)
    return create_app(parts.http)


@pytest.fixture
def page(app: Any, identity_provider: IdentityProvider) -> Page:
    identity_provider.right()
    return Page(TestClient(app, base_url=HERE, follow_redirects=False), identity_provider)


def check(reply: httpx.Response, status: int, code: str) -> str:
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json"), reply.text
    assert reply.json()["code"] == code
    detail: str = reply.json()["detail"]
    return detail


def cookies(reply: httpx.Response) -> dict[str, Any]:
    return {name: one for line in reply.headers.get_list("set-cookie") for name, one in SimpleCookie(line).items()}


def test_who_signs_in_by_the_identity_provider_reads_what_their_groups_may(service: Any, page: Page) -> None:
    assert page.client.get("/v1/session").json()["organisation"] is True
    reply = page.sign_in("ana")
    assert (reply.status_code, reply.headers["location"]) == (303, "/")
    assert page.me() == {"user": "ana", "groups": ["legal", "staff"], "scopes": ["read", "write"]}
    assert page.found() == {service.lease}
    page.sign_in("carla")
    assert page.me() == {"user": "carla", "groups": ["hr", "staff"], "scopes": ["read"]}
    assert page.found() == {service.salaries}


def test_the_request_to_the_provider_is_bound_to_this_browser_and_proves_itself_later(page: Page) -> None:
    reply = page.start()
    assert reply.status_code == 303
    asked = parse_qs(urlsplit(reply.headers["location"]).query)
    assert asked["redirect_uri"] == [CALLBACK]
    assert (asked["response_type"], asked["code_challenge_method"]) == (["code"], ["S256"])
    assert asked["scope"] == ["openid profile email"]
    kept = jwt.decode(cookies(reply)["__Host-footnote-signing-in"].value, options={"verify_signature": False})
    assert kept["verifier"] not in reply.headers["location"]
    assert asked["state"] == [kept["state"]]
    assert asked["nonce"] == [kept["nonce"]]
    assert len({kept["state"], kept["nonce"], kept["verifier"]}) == 3
    other = parse_qs(urlsplit(page.start().headers["location"]).query)
    for name in ("state", "nonce", "code_challenge"):
        assert other[name] != asked[name]


def test_no_script_reads_the_cookies_and_no_other_site_sends_that_of_the_session(page: Page) -> None:
    begun, ended = page.start(), page.sign_in("ana")
    going, coming = cookies(begun)["__Host-footnote-signing-in"], cookies(ended)["__Host-footnote"]
    for cookie, same_site in ((going, "Lax"), (coming, "Strict")):
        assert (cookie["httponly"], cookie["secure"], cookie["path"], cookie["domain"]) == (True, True, "/", "")
        assert cookie["samesite"] == same_site
    assert 11 * 3600 < int(coming["max-age"]) <= 12 * 3600
    assert cookies(ended)["__Host-footnote-signing-in"]["max-age"] == "0"
    assert coming.value not in ended.text
    assert "cache-control" in ended.headers
    assert ended.headers["referrer-policy"] == "no-referrer"


def test_a_sign_in_that_this_browser_did_not_begin_is_refused(app: Any, page: Page) -> None:
    back = page.idp.approve(page.start().headers["location"], "ana")
    stranger = TestClient(app, base_url=HERE, follow_redirects=False)
    check(stranger.get(back), 401, "sign_in_failed")
    stranger.get("/v1/session/oidc/start")  # has begun one of their own
    check(stranger.get(back), 401, "sign_in_failed")
    assert stranger.get("/v1/session").json()["me"] is None
    check(page.client.get(back.replace("state=", "state=x")), 401, "sign_in_failed")
    assert page.client.get(back).status_code == 303  # nobody else has ended what this browser began,
    check(page.client.get(back), 401, "sign_in_failed")  # which now is over


def test_a_person_is_shown_the_page_and_not_a_problem(page: Page) -> None:
    reply = page.client.get(f"{CALLBACK}?code=x&state=y", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (reply.status_code, reply.headers["location"]) == (303, "/#sign-in-sign_in_failed")
    parts = page.client.app.state.parts  # type: ignore[attr-defined]
    parts.accesses.flush()
    (entry,) = parts.trail.page(TrailFilter(action="sign_in", refused="sign_in_failed"), None, 1).entries
    assert "code" not in str(entry.record)
    assert page.me() is None


def test_what_a_browser_kept_counts_as_no_credential(page: Page) -> None:
    page.start()
    kept = page.client.cookies["__Host-footnote-signing-in"]
    reply = page.client.get("/v1/documents", headers={"Authorization": f"Bearer {kept}"})
    check(reply, 401, "not_authenticated")


NOW = time.time()


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"nonce": "another"}, "another sign-in"),
        ({"nonce": None}, "another sign-in"),
        ({"aud": "other-client"}, "Audience"),
        ({"aud": ["other", "more"]}, "Audience"),
        ({"aud": [CLIENT_ID, "other"]}, "another application"),
        ({"aud": CLIENT_ID, "azp": "other"}, "another application"),
        ({"aud": None}, "aud"),
        ({"iss": "https://evil.test"}, "issuer"),
        ({"iss": "http://127.0.0.1"}, "issuer"),
        ({"iss": None}, "iss"),
        ({"exp": NOW - 120}, "expired"),
        ({"exp": None}, "exp"),
        ({"iat": None}, "iat"),
        ({"iat": NOW + 86_400}, "not yet valid"),
        ({"nbf": NOW + 86_400}, "not yet valid"),
        ({"sub": None}, "sub"),
        ({"sub": "a b"}, "not a principal"),
        ({"sub": "ana\nuser:eve"}, "not a principal"),
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(page: Page, claims: dict[str, Any], says: str) -> None:
    page.idp.claims = claims
    assert says in check(page.sign_in("ana"), 401, "sign_in_refused")
    assert page.me() is None


def test_a_token_for_several_of_whom_this_is_the_authorized_one_is_good(page: Page) -> None:
    page.idp.claims = {"aud": [CLIENT_ID, "other"], "azp": CLIENT_ID}
    assert page.sign_in("ana").status_code == 303


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS512"])
def test_a_token_of_another_algorithm_is_refused(page: Page, algorithm: str) -> None:
    """HS256 with what everybody knows, the public key, as the secret among them."""
    page.idp.algorithm = algorithm
    check(page.sign_in("ana"), 401, "sign_in_refused")


def test_a_token_that_somebody_else_signed_is_refused(page: Page) -> None:
    page.idp.signs_with = Key(page.idp.keys[-1].kid)
    assert "Signature" in check(page.sign_in("ana"), 401, "sign_in_refused")
    page.idp.signs_with = Key("of-nobody")
    assert "none of its keys" in check(page.sign_in("ana"), 401, "sign_in_refused")


def test_keys_of_the_provider_may_rotate(page: Page) -> None:
    assert page.sign_in("ana").status_code == 303
    page.idp.asked.clear()
    assert page.sign_in("ana").status_code == 303
    assert page.idp.asked == []  # what it says of itself is kept,
    old = page.idp.keys[-1]
    page.idp.rotate()
    assert page.sign_in("carla").status_code == 303  # and a key that is not known is asked for
    assert page.idp.asked == ["/jwks"]
    page.idp.signs_with = old
    check(page.sign_in("ana"), 401, "sign_in_refused")


def test_a_code_is_worth_nothing_without_the_verifier_that_began_it(app: Any, page: Page) -> None:
    """A stolen code in a sign-in that the thief began: PKCE."""
    stolen = parse_qs(urlsplit(page.idp.approve(page.start().headers["location"], "ana")).query)["code"][0]
    thief = Page(TestClient(app, base_url=HERE, follow_redirects=False), page.idp)
    back = page.idp.approve(thief.start().headers["location"], "carla")
    code = parse_qs(urlsplit(back).query)["code"][0]
    says = check(thief.client.get(back.replace(code, stolen)), 401, "sign_in_refused")
    assert says == "The identity provider refused: The code or its verifier is wrong."
    assert thief.me() is None


@pytest.mark.parametrize(
    ("answered", "says"),
    [
        ({"iss": "https://evil.test"}, "another identity provider"),
        ({"iss": ""}, "another identity provider"),
    ],
)
def test_an_answer_of_another_provider_is_refused(page: Page, answered: dict[str, str], says: str) -> None:
    page.idp.answered = answered
    assert says in check(page.sign_in("ana"), 401, "sign_in_refused")


def test_a_provider_that_refuses_is_told_in_its_words(page: Page) -> None:
    state = parse_qs(urlsplit(page.start().headers["location"]).query)["state"][0]
    query = {"error": "access_denied", "error_description": "Not\tassigned", "state": state, "iss": page.idp.issuer}
    reply = page.client.get(CALLBACK, params=query)
    assert check(reply, 401, "sign_in_refused") == "The identity provider refused: Not assigned."


def test_a_provider_that_is_down_or_calls_itself_otherwise_is_a_problem(
    service: Any, start: Callable[..., Any], identity_provider: IdentityProvider
) -> None:
    identity_provider.right()
    settings = {"oidc_issuer": identity_provider.issuer, "oidc_client_id": CLIENT_ID, "public_url": HERE}
    for spoil in ({"down": True}, {"described": {"issuer": "https://evil.test"}},
                  {"described": {"authorization_endpoint": "http://evil.test/"}},
                  {"described": {"authorization_endpoint": "javascript:alert(1)"}}):  # fmt: skip
        parts = start(home=service.parts.settings.home, **settings)
        client = TestClient(create_app(parts.http), base_url=HERE, follow_redirects=False)
        identity_provider.right()
        for name, value in spoil.items():
            setattr(identity_provider, name, value)
        check(client.get("/v1/session/oidc/start"), 503, "identity_provider_unavailable")
    identity_provider.right()


def test_sign_ins_that_do_not_complete_are_slowed_down_and_good_ones_are_not(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    throttle = page.client.app.state.parts.throttle  # type: ignore[attr-defined]
    monkeypatch.setattr(throttle, "a_minute", 3)
    bad = f"{CALLBACK}?code=x&state=y"
    found = [page.client.get(bad).status_code for _ in range(5)]
    assert found == [401, 401, 401, 429, 429]
    shown = page.client.get(bad, headers={"Accept": "text/html"})
    assert shown.headers["location"] == "/#sign-in-too_many_bad_credentials"
    assert page.sign_in("ana").status_code == 303
    throttle._buckets.clear()


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("/#documents", "/#documents"),
        ("/?a=b#c", "/?a=b#c"),
        ("https://evil.test/", "/"),
        ("//evil.test/", "/"),
        ("/\\evil.test/", "/"),
        ("/x\\..\\evil.test/", "/"),
        ("/\t/evil.test", "/"),
        ("\t//evil.test", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
        ("javascript:alert(1)", "/"),
        ("evil.test", "/"),
        ("/%0d%0aevil", "/%0d%0aevil"),
        ("", "/"),
        ("é", "/"),
    ],
)
def test_the_way_back_leads_nowhere_else(page: Page, address: str, leads: str) -> None:
    reply = page.sign_in("ana", return_to=address)
    assert reply.headers["location"] == leads
    assert len(reply.headers.get_list("set-cookie")) == 2


def test_where_no_provider_is_set_up_there_is_no_such_way(service: Any) -> None:
    for path in ("start", "callback"):
        reply = service.client.get(f"/v1/session/oidc/{path}", headers={"Accept": "application/json"})
        check(reply, 404, "not_found")


def test_signing_out_ends_the_session_here_and_in_the_database(page: Page) -> None:
    page.sign_in("ana")
    secret = page.client.cookies["__Host-footnote"]
    reply = page.client.delete("/v1/session", headers=OURS)
    assert reply.status_code == 204
    assert cookies(reply)["__Host-footnote"]["max-age"] == "0"
    assert page.me() is None
    again = {"Cookie": f"__Host-footnote={secret}"} | OURS
    check(page.client.post("/v1/search", json=FIND, headers=again), 401, "not_authenticated")
    check(page.client.get("/v1/documents", headers=again), 401, "not_authenticated")


CROSS = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.test"},
    {"Origin": "http://footnote.test:8080"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site", "Origin": HERE},
]


@pytest.mark.parametrize("headers", [*CROSS, {}])
def test_a_cookie_changes_nothing_at_the_word_of_another_page(page: Page, headers: dict[str, str]) -> None:
    page.sign_in("ana")
    check(page.client.post("/v1/search", json=FIND, headers=headers), 403, "cross_site")
    files, form = {"file": ("a.txt", b"Evil.")}, {"allow": "group:legal"}
    check(page.client.post("/v1/documents", files=files, data=form, headers=headers), 403, "cross_site")
    check(page.client.request("DELETE", "/v1/keys/x", headers=headers), 403, "cross_site")
    if headers:
        check(page.client.delete("/v1/session", headers=headers), 403, "cross_site")
        check(page.client.post("/v1/session", json={"user": "ana"}, headers=headers), 403, "cross_site")
    assert page.me() is not None


@pytest.mark.parametrize("headers", [OURS, {"Origin": HERE}])
def test_the_page_itself_may(service: Any, page: Page, headers: dict[str, str]) -> None:
    page.sign_in("ana")
    assert page.client.post("/v1/search", json=FIND, headers=headers).status_code == 200


def test_another_page_may_not_embed_what_a_cookie_opens_but_link_to_it(page: Page) -> None:
    page.sign_in("ana")
    embedded = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}
    check(page.client.get("/v1/documents", headers=embedded), 403, "cross_site")
    assert page.client.get("/v1/session", headers=embedded).json()["me"] is None
    linked = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"}
    assert page.client.get("/v1/documents", headers=linked).status_code == 200


def test_a_key_needs_no_page_whatever_cookie_comes_with_it(service: Any, page: Page) -> None:
    page.sign_in("ana")
    headers = service.key("carla", "hr") | {"Sec-Fetch-Site": "cross-site"}
    hits = page.client.post("/v1/search", json=FIND, headers=headers).json()["hits"]
    assert {hit["document_id"] for hit in hits} == {service.salaries}


def test_a_cookie_is_checked_before_the_body_of_a_request(page: Page) -> None:
    """Which is larger than the service takes: who is not signed in hears nothing of that."""
    body = {"content": b"x" * 300_000, "headers": OURS | {"Content-Type": "application/json"}}
    check(page.client.post("/v1/query", **body), 401, "not_authenticated")
    page.client.cookies.set("__Host-footnote", "fs_unknown")
    check(page.client.post("/v1/query", **body), 401, "not_authenticated")
    page.client.cookies.clear()
    page.sign_in("ana")
    check(page.client.post("/v1/query", **body), 413, "body_too_large")
    page.sign_in("carla")
    files, form = {"file": ("a.txt", b"x" * 200_000)}, {"allow": "group:hr"}
    check(page.client.post("/v1/documents", files=files, data=form, headers=OURS), 403, "not_allowed")


def test_one_signs_in_with_a_key_for_as_long_as_it_holds(service: Any, page: Page) -> None:
    secret = service.key("ana", "legal", write=True)["Authorization"].removeprefix("Bearer ")
    reply = page.client.post("/v1/session", json={"key": secret}, headers=OURS)
    assert reply.json() == {"user": "ana", "groups": ["legal"], "scopes": ["read", "write"]}
    assert secret not in reply.headers["set-cookie"]
    assert page.found() == {service.lease}
    assert service.parts.api_keys.revoke(secret.split("_")[1])
    assert page.me() is None
    check(page.client.post("/v1/search", json=FIND, headers=OURS), 401, "not_authenticated")
    check(page.client.post("/v1/session", json={"key": secret}, headers=OURS), 401, "not_authenticated")


@pytest.mark.parametrize("body", [{}, {"user": "ana", "key": "fn_1_x"}, {"user": None}, {"groups": ["legal"]}])
def test_one_way_of_signing_in_at_a_time(page: Page, body: dict[str, Any]) -> None:
    check(page.client.post("/v1/session", json=body, headers=OURS), 422, "invalid_request")


def test_a_session_on_this_machine_needs_no_tls_and_one_elsewhere_does(service: Any) -> None:
    secret = service.key("ana", "legal")["Authorization"].removeprefix("Bearer ")
    for host, name, secure in (
        ("127.0.0.1:8143", "footnote-8143", ""),
        ("localhost", "footnote-80", ""),
        ("[::1]:8000", "footnote-8000", ""),
        ("footnote.test", "__Host-footnote", True),
        ("127.0.0.1.evil.test:8000", "__Host-footnote", True),
    ):
        reply = service.client.post("/v1/session", json={"key": secret}, headers={"Host": host})
        assert [(key, one["secure"]) for key, one in cookies(reply).items()] == [(name, secure)]
    service.client.cookies.clear()


def test_a_group_may_make_an_admin_who_reads_no_more_for_it(service: Any, page: Page) -> None:
    page.sign_in("root")
    assert page.me() == {"user": "root", "groups": ["admins", "legal"], "scopes": ["admin", "read", "write"]}
    assert page.found() == {service.lease}
    assert page.client.get("/v1/keys").status_code == 200
    page.sign_in("ana")
    check(page.client.get("/v1/keys"), 403, "not_allowed")


def test_what_a_group_makes_of_somebody_is_their_keys_as_long_as_they_are_in_it(service: Any, page: Page) -> None:
    page.sign_in("root")
    asked = {"groups": ["legal"], "scopes": ["read", "admin", "write"]}
    said = check(page.client.post("/v1/keys", json=asked, headers=OURS), 403, "not_allowed")
    assert "admins" in said
    people = service.parts.people
    root = people.add_person(Person("root"), "test")
    legal, admins = (people.add_group(Group(name, frozenset({root.id})), "test") for name in ("legal", "admins"))
    try:
        reply = page.client.post("/v1/keys", json=asked, headers=OURS)
        assert reply.status_code == 201, reply.text
        key = TestClient(page.client.app, base_url=HERE, headers={"Authorization": f"Bearer {reply.json()['secret']}"})
        assert key.get("/v1/session").json()["me"]["scopes"] == ["admin", "read", "write"]
        further = key.post("/v1/keys", json=asked).json()["secret"]
        people.remove_group(admins.id, "test")
        assert key.get("/v1/session").json()["me"]["scopes"] == ["read", "write"]  # the latter as a member of legal
        for secret in (reply.json()["secret"], further):
            check(page.client.get("/v1/keys", headers={"Authorization": f"Bearer {secret}"}), 403, "not_allowed")
        people.remove_group(legal.id, "test")
        assert key.get("/v1/session").json()["me"]["scopes"] == ["read"]
    finally:
        for group in (legal, admins):
            people.remove_group(group.id, "test")
        people.remove_person(root.id, "test")
        with service.parts.pool.connection() as conn:  # whom other tests know by the same name
            conn.execute("DELETE FROM people WHERE user_name = 'root'")
