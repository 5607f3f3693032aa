"""Bad credentials over HTTP: they are slowed down wherever they come in, and no good one is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from api.http.app import create_app
from api.http.throttling import Throttle
from generation.people import TrailFilter

A_MINUTE = 5
OFFICE, ELSEWHERE = "198.51.100.7", "203.0.113.9"
OURS = {"Origin": "http://localhost", "Host": "localhost"}


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def guess(n: int) -> dict[str, str]:
    return bearer(f"fn_{n:012x}_{'x' * 43}")


@pytest.fixture(scope="module")
def app(service: Any, start: Callable[..., Any]) -> Any:
    return create_app(start(home=service.parts.settings.home, bad_credentials=A_MINUTE).http)


@pytest.fixture
def at(app: Any) -> Callable[[str], TestClient]:
    """A client at an address; nothing was tried from anywhere before, and time stands still."""
    app.state.parts.throttle._buckets.clear()
    app.state.parts.throttle._all = None
    app.state.parts.throttle.clock = lambda: 1000.0
    return lambda address: TestClient(app, client=(address, 1), raise_server_exceptions=False)


def check(reply: httpx.Response) -> None:
    assert (reply.status_code, reply.headers["content-type"]) == (429, "application/problem+json"), reply.text
    body = reply.json()
    assert (body["code"], body["retry_after"]) == ("too_many_bad_credentials", 12)
    assert reply.headers["retry-after"] == "12"


def test_the_service_counts_what_is_set(app: Any) -> None:
    assert app.state.parts.throttle.a_minute == A_MINUTE
    assert Throttle().a_minute == 20


def test_who_guesses_waits_and_who_has_a_key_does_not(service: Any, at: Callable[[str], TestClient]) -> None:
    office, key = at(OFFICE), service.key("ana", "legal")
    for n in range(A_MINUTE):
        assert office.get("/v1/documents", headers=guess(n)).status_code == 401
    for n in range(3):
        check(office.get("/v1/documents", headers=guess(100 + n)))
        assert office.get("/v1/documents", headers=key).status_code == 200
    assert at(ELSEWHERE).get("/v1/documents", headers=guess(7)).status_code == 401
    assert office.get("/v1/documents").status_code == 401  # who sends nothing has tried nothing


def test_the_holder_of_a_key_that_others_guess_at_is_served(service: Any, at: Callable[[str], TestClient]) -> None:
    key = service.key("ana", "legal")
    key_id = key["Authorization"].split("_")[1]
    wrong = bearer(f"fn_{key_id}_{'x' * 43}")
    found = [at(f"192.0.2.{n}").get("/v1/documents", headers=wrong) for n in range(A_MINUTE + 1)]
    assert [reply.status_code for reply in found] == [401] * A_MINUTE + [429]
    assert at(ELSEWHERE).get("/v1/documents", headers=key).status_code == 200
    unknown = bearer(f"fn_ffffffffffff_{'x' * 43}")  # one that nobody has is treated alike
    found = [at(f"192.0.2.{100 + n}").get("/v1/documents", headers=unknown) for n in range(A_MINUTE + 1)]
    assert [reply.status_code for reply in found] == [401] * A_MINUTE + [429]


@pytest.mark.parametrize(
    ("method", "path", "asked"),
    [
        ("GET", "/v1/documents", {"headers": bearer("a.b.c")}),
        ("GET", "/v1/documents", {"headers": {"Authorization": "Basic YTpi"}}),
        ("GET", "/v1/keys", {"headers": bearer("fn_x")}),
        ("GET", "/metrics", {"headers": bearer("fn_x")}),
        ("POST", "/v1/session", {"json": {"key": "fn_0123456789ab_wrong"}, "headers": OURS}),
    ],
)
def test_every_way_in_counts(at: Callable[[str], TestClient], method: str, path: str, asked: Any) -> None:
    office = at(OFFICE)
    found = [office.request(method, path, **asked).status_code for _ in range(A_MINUTE + 1)]
    assert found == [401] * A_MINUTE + [429]


def test_scim_says_it_in_its_own_shape(at: Callable[[str], TestClient]) -> None:
    office = at(OFFICE)
    found = [office.get("/scim/v2/Users", headers=guess(n)) for n in range(A_MINUTE + 1)]
    assert [reply.status_code for reply in found] == [401] * A_MINUTE + [429]
    assert (found[-1].headers["content-type"], found[-1].json()["status"]) == ("application/scim+json", "429")
    assert found[-1].headers["retry-after"] == "12"


def test_what_has_ended_weighs_a_tenth(service: Any, at: Callable[[str], TestClient]) -> None:
    """Sessions that are over, keys that have expired: what a browser or a program sends that is no attacker's."""
    key = service.key("ana", "legal")
    with service.parts.pool.connection() as conn:
        key_id = key["Authorization"].split("_")[1]
        conn.execute("UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = %s", [key_id])
    for headers in (key, OURS | {"Cookie": "footnote-80=fs_over"}):
        client = at(f"192.0.2.{len(headers)}")
        found = [client.get("/v1/documents", headers=headers).status_code for _ in range(A_MINUTE * 10 + 2)]
        assert set(found[: A_MINUTE * 10 - 1]) == {401}
        assert found[-1] == 429


def test_who_is_shown_the_page_is_told_how_to_sign_in_whatever_was_tried(at: Callable[[str], TestClient]) -> None:
    office = at(OFFICE)
    for n in range(A_MINUTE + 3):
        reply = office.get("/v1/session", headers=guess(n))
        assert (reply.status_code, reply.json()["me"]) == (200, None)


def test_forged_addresses_of_pages_are_slowed_down(at: Callable[[str], TestClient]) -> None:
    office = at(OFFICE)
    found = [office.get(f"/v1/pages/AAAA.{n:04}.png").status_code for n in range(A_MINUTE * 10 + 2)]
    assert set(found[: A_MINUTE * 10 - 1]) == {404}
    assert found[-1] == 429


def test_a_sign_in_by_a_good_key_succeeds_whatever_was_tried(service: Any, at: Callable[[str], TestClient]) -> None:
    office = at(OFFICE)
    secret = service.key("ana", "legal")["Authorization"].removeprefix("Bearer ")
    for n in range(A_MINUTE + 2):
        office.post("/v1/session", json={"key": f"fn_{n:012x}_wrong"}, headers=OURS)
    check(office.post("/v1/session", json={"key": "fn_0123456789ab_wrong"}, headers=OURS))
    assert office.post("/v1/session", json={"key": secret}, headers=OURS).status_code == 200


def test_the_trail_hears_of_each_refusal_and_of_a_flood_once_a_minute(
    app: Any, at: Callable[[str], TestClient]
) -> None:
    office, parts = at("198.51.100.77"), app.state.parts
    for n in range(A_MINUTE + 20):
        office.get("/v1/documents", headers=guess(n))
    parts.accesses.flush()
    told = [
        entry.record
        for entry in parts.trail.page(TrailFilter(action="list_documents"), None, 200).entries
        if entry.record.get("address") == "198.51.100.77"
    ]
    refused = [record["refused"] for record in told]
    assert (refused.count("not_authenticated"), refused.count("too_many_bad_credentials")) == (A_MINUTE, 1)
    assert len(refused) == A_MINUTE + 1


def test_a_token_whose_keys_cannot_be_asked_for_is_no_bad_credential(
    service: Any, start: Callable[..., Any], identity_provider: Any
) -> None:
    identity_provider.right()
    parts = start(
        home=service.parts.settings.home,
        bad_credentials=A_MINUTE,
        jwt_issuer=identity_provider.issuer,
        jwt_audience="us",
    )
    app = create_app(parts.http)
    client, token = TestClient(app, client=(OFFICE, 1)), identity_provider.access_token("ana", aud="us")
    identity_provider.down = True
    for _ in range(A_MINUTE + 2):
        reply = client.get("/v1/documents", headers=bearer(token))
        assert (reply.status_code, reply.json()["code"]) == (503, "identity_provider_unavailable")
        assert reply.headers["retry-after"] == "10"
    identity_provider.right()
    parts.access_tokens._keys._tried = None  # as after ten seconds
    reply = client.get("/v1/documents", headers=bearer(token))
    assert [document["document_id"] for document in reply.json()["documents"]] == [service.lease]
    identity_provider.rotate()
    new = identity_provider.access_token("carla", aud="us")
    parts.access_tokens._keys._tried = None
    assert client.get("/v1/documents", headers=bearer(new)).status_code == 200
    other = identity_provider.access_token("ana", aud="others")
    assert client.get("/v1/documents", headers=bearer(other)).status_code == 401
