"""Over HTTP: what administrators are told of a running installation, and the trail verified for auditors."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from api.demo.people import PEOPLE
from api.http.schemas.administration import UsageReport
from api.wiring.administering import known_people
from api.wiring.doctor.examining import ROWS
from infra.postgres.pool import transaction
from infra.postgres.usage import SignedIn, Used
from infra.settings import Prices, price_on

ROUTES = ("health", "people", "usage", "jobs")
TODAY = datetime.now(UTC).date()


@pytest.fixture
def ada(service: Any) -> dict[str, str]:
    headers: dict[str, str] = service.key("ada", "ops", admin=True)
    return headers


@pytest.fixture
def vera(service: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {service.parts.api_keys.create('vera', [], {'audit'}, 'test')}"}


def get(service: Any, headers: dict[str, str], what: str, **asked: Any) -> Any:
    reply = service.client.get(f"/v1/admin/{what}", params=asked, headers=headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_nobody_else_is_told(service: Any, vera: dict[str, str]) -> None:
    paul = service.key("paul", "paper", write=True)
    for what in ROUTES:
        assert [service.client.get(f"/v1/admin/{what}", headers=one).status_code for one in (paul, vera, {})] == [
            403, 403, 401,
        ]  # fmt: skip
    for method in ("GET", "POST"):
        assert service.client.request(method, "/v1/audit/verify", headers=paul).status_code == 403


def test_health_is_the_readiness_list(service: Any, ada: dict[str, str]) -> None:
    body = get(service, ada, "health")
    assert [row["id"] for row in body["rows"]] == [row.id for row in ROWS]
    assert body["ok"] == all(row["level"] != "failing" for row in body["rows"])
    assert all(row["do"] for row in body["rows"] if row["level"] == "failing")
    found = {row["id"]: row for row in body["rows"]}
    assert found["database"]["level"] == "ok"
    assert get(service, ada, "health")["at"] == body["at"]  # looked at once for all who ask
    with transaction(service.parts.pool) as conn:  # and the service goes on with its connections
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_people_are_told_with_where_they_come_from(service: Any, ada: dict[str, str]) -> None:
    sync = {"Authorization": f"Bearer {service.parts.api_keys.create('okta', [], {'scim'}, 'sync')}"}
    user = {"userName": "Uma", "displayName": "Uma Ng"}
    made = service.client.post("/scim/v2/Users", json=user, headers=sync).json()
    group = {"displayName": "sales", "members": [{"value": made["id"]}]}
    team = service.client.post("/scim/v2/Groups", json=group, headers=sync).json()
    service.key("uma", "sales")
    people = {one["user"]: one for one in get(service, ada, "people")["people"]}
    uma = people["Uma"]
    assert "uma" not in people
    assert (uma["name"], uma["groups"], uma["active"]) == ("Uma Ng", ["sales"], True)
    assert (uma["sources"], uma["keys"], uma["last_seen"]) == (["key", "scim"], 1, None)
    assert people["ada"]["last_seen"] is not None
    off = {"Operations": [{"op": "replace", "path": "active", "value": False}]}
    assert service.client.patch(f"/scim/v2/Users/{made['id']}", json=off, headers=sync).is_success
    assert not {one["user"]: one for one in get(service, ada, "people")["people"]}["Uma"]["active"]
    for path in (f"Users/{made['id']}", f"Groups/{team['id']}"):
        service.client.delete(f"/scim/v2/{path}", headers=sync)


def test_samples_and_sessions_are_people_too() -> None:
    now = datetime.now(UTC)
    signed = [SignedIn("ana", "demo", now, ("legal",)), SignedIn("zoe", "oidc", now, None)]
    found = {one.user: one for one in known_people([], [], signed, PEOPLE)}
    assert (found["ana"].sources, found["ana"].last_seen, found["ana"].name) == ({"demo"}, now, "Ana, legal")
    assert (found["zoe"].sources, found["zoe"].groups) == ({"session"}, set())
    assert (found["ben"].last_seen, found["ben"].groups) == (None, {"finance", "staff"})


def test_usage_counts_answers_by_day_and_person(service: Any, ada: dict[str, str]) -> None:
    ursula = service.key("ursula", "legal")
    service.parts.script.text = "The rent of Unit 7 is 500 euros per month [1]."
    asked = {"question": "What is the rent of Unit 7?"}
    assert service.client.post("/v1/query", json=asked, headers=ursula).json()["status"] == "answered"
    service.parts.script.text = ""
    service.client.post("/v1/query", json={"question": "Who won the cup?"}, headers=service.key("ursula", "none"))
    body = get(service, ada, "usage")
    (own,) = [one for one in body["people"] if one["principal"] == "user:ursula"]
    assert (own["answers"], own["answered"], own["abstained"], own["failed"]) == (2, 1, 1, 0)
    assert (own["prompt_tokens"], own["completion_tokens"], own["cost"]) == (10, 5, None)
    assert own["seconds"] > 0
    (day,) = [one for one in body["days"] if one["day"] == TODAY.isoformat()]
    assert day["answers"] >= own["answers"]
    assert body["total"]["answers"] == sum(one["answers"] for one in body["days"]) >= 2
    assert (body["model"], body["prices"], body["evaluation"]["answers"]) == ("scripted", [], 0)
    assert own["unpriced"] == 15
    assert get(service, ada, "usage", **{"from": "2020-01-01", "to": "2020-01-02"})["days"] == []
    assert "Unit 7" not in str(body)


def test_usage_is_priced_where_a_price_is_set(
    service: Any, ada: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    administration = service.client.app.state.parts.administration
    monkeypatch.setattr(
        administration, "_settings", service.parts.settings.model_copy(update={"prices": {"scripted": (2.0, 4.0)}})
    )
    body = get(service, ada, "usage")
    total = body["total"]
    tokens = total["prompt_tokens"], total["completion_tokens"]
    assert total["cost"] == round((tokens[0] * 2 + tokens[1] * 4) / 1e6, 6) > 0
    assert total["unpriced"] == 0
    assert [(one["model"], one["price"]) for one in body["prices"]] == [("scripted", [2.0, 4.0])]


def test_each_day_is_counted_by_the_price_of_its_day_and_by_the_model_that_wrote() -> None:
    prices: Prices = {"big": {date(2026, 11, 1): (1.0, 1.0), date(2026, 11, 20): (3.0, 3.0)}, "small": (0.5, 0.5)}
    days = [(date(2026, 10, 31), "big"), (date(2026, 11, 19), "big"), (date(2026, 11, 20), ""), (TODAY, "small")]
    used = [Used(day, "user:ana", False, model, 1, 0, 0, 0, 600_000, 400_000, 1.0) for day, model in days]
    told = UsageReport.of(date(2026, 10, 1), TODAY, used, "big", lambda model, day: price_on(prices, model, day))
    assert [one.cost for one in told.days] == [None, 1.0, 3.0, 0.5]
    assert (told.total.cost, told.total.unpriced) == (4.5, 1_000_000)
    assert [(one.model, str(one.since), one.price) for one in told.prices] == [
        ("big", "2026-11-19", (1.0, 1.0)),
        ("big", "2026-11-20", (3.0, 3.0)),
        ("small", str(TODAY), (0.5, 0.5)),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": (TODAY + timedelta(days=1)).isoformat()}, {"from": "2020-01-01"}, {"from": "x"},
        {"from": "2020-01-01", "to": "2020-04-30"}, {"to": "0001-01-01", "from": "0001-01-02"},
    ],
)  # fmt: skip
def test_usage_of_too_long_or_no_time_is_refused(service: Any, ada: dict[str, str], wrong: Any) -> None:
    reply = service.client.get("/v1/admin/usage", params=wrong, headers=ada)
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_request")


def test_everybodys_jobs_are_counted_and_nothing_of_theirs_is_named(service: Any, ada: dict[str, str]) -> None:
    nina = service.key("nina", "hr", write=True)
    for name in ("bonus plan.txt", "severance.txt"):
        files = {"files": (name, f"The {name} is secret.".encode(), "text/plain")}
        reply = service.client.post("/v1/jobs", files=files, data={"allow": "group:hr"}, headers=nina)
        assert reply.is_success, reply.text
    first = get(service, ada, "jobs", limit=1)
    (job,) = first["jobs"]
    assert (job["owner"], job["kind"], job["files"]) == ("nina", "ingest", 1)
    assert job["id"] == reply.json()["id"]
    following = get(service, ada, "jobs", limit=1, after=first["next"])["jobs"]
    assert [one["owner"] for one in following] == ["nina"]
    assert following[0]["id"] != job["id"]
    assert not any(word in str(get(service, ada, "jobs")) for word in ("bonus", "severance"))
    assert service.client.get(f"/v1/jobs/{job['id']}", headers=ada).status_code == 404  # which stays hers
    assert service.client.get("/v1/admin/jobs", params={"after": "?"}, headers=ada).status_code == 422


def verified(service: Any, headers: dict[str, str]) -> Any:
    assert service.client.post("/v1/audit/verify", headers=headers).status_code == 202
    until = time.monotonic() + 60
    while time.monotonic() < until:
        body = service.client.get("/v1/audit/verify", headers=headers).json()
        if body["state"] != "running":
            return body
        time.sleep(0.05)
    raise AssertionError(body)


def test_the_trail_is_verified_beside_the_service(service: Any, vera: dict[str, str]) -> None:
    assert service.client.get("/v1/audit/verify", headers=vera).json()["state"] == "never"
    body = verified(service, vera)
    assert (body["state"], body["problem"], body["first_bad"]) == ("whole", "", None)
    assert body["rows"] > 0
    assert body["first_at"] <= body["last_at"] <= body["ended_at"]
    assert body["witnesses"][0]["problem"] == ""
    with transaction(service.parts.pool) as conn:
        seq, said = conn.execute("SELECT seq, record FROM audit ORDER BY seq LIMIT 1").fetchone()
        conn.execute("UPDATE audit SET record = %s WHERE seq = %s", (said.replace('"kind"', '"kin"', 1), seq))
    try:
        body = verified(service, vera)
        assert (body["state"], body["first_bad"], body["last_at"]) == ("tampered", seq, None)
    finally:
        with transaction(service.parts.pool) as conn:
            conn.execute("UPDATE audit SET record = %s WHERE seq = %s", (said, seq))
    assert verified(service, vera)["state"] == "whole"
