"""/v1/releases: what answers, what is tried, and what was done, for administrators alone."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.http.app import create_app
from infra.postgres.releases import PostgresReleases, Release

EVIDENCE = {"decision": {"outcome": "ship", "id": "d-1"}}


@pytest.fixture(scope="module")
def releases(service: Any) -> PostgresReleases:
    """`first` is current, `second` tried on a fifth of the people, `third` proposed."""
    found = PostgresReleases(service.parts.pool)
    for name in ("first", "second", "third"):
        digest = hashlib.sha256(name.encode()).hexdigest()
        found.add(Release(name, {"passages": 4}, {"generator": "m"}, digest, "operator", "why"), {"machine": "a"})
    found.promote("first", "operator", EVIDENCE)
    found.begin("second", "canary", "operator", {}, share=0.2)
    return found


@pytest.fixture
def root(service: Any) -> dict[str, str]:
    return service.key("root", "legal", admin=True)


@pytest.mark.parametrize("path", ["/v1/releases", "/v1/releases/first"])
def test_nobody_but_an_administrator_sees_releases(service: Any, releases: PostgresReleases, path: str) -> None:
    assert service.client.get(path).status_code == 401
    for scopes in (["read"], ["read", "write"], ["audit"], ["scim"]):
        secret = service.parts.api_keys.create("vera", ["legal"], scopes, "test")
        reply = service.client.get(path, headers={"Authorization": f"Bearer {secret}"})
        assert (reply.status_code, reply.json()["code"]) == (403, "not_allowed"), scopes


def test_releases_are_listed_with_what_answers_and_what_is_tried(
    service: Any, releases: PostgresReleases, root: dict[str, str]
) -> None:
    found = service.client.get("/v1/releases", headers=root).json()
    own = {"first", "second", "third"}  # other tests of this service release, too
    told = [(one["name"], one["status"]) for one in found["releases"] if one["name"] in own]
    assert told == [("third", "proposed"), ("second", "canary"), ("first", "current")]
    assert (found["current"], found["trial"]["name"], found["trial"]["share"]) == ("first", "second", 0.2)
    assert found["releases"][0]["settings"] == {"passages": 4}


def test_what_a_trial_has_come_to_is_told(service: Any, releases: PostgresReleases, root: dict[str, str]) -> None:
    figures = service.client.get("/v1/releases", headers=root).json()["figures"]
    assert (figures["step"], figures["trial"]["mode"]) == ("go_on", "canary")
    told = {"step": "go_on", "people": {"candidate": 3, "current": 12}}
    with TestClient(create_app(replace(service.parts.http, trial=lambda: told))) as client:
        assert client.get("/v1/releases", headers=root).json()["figures"] == told


def test_a_release_is_told_with_its_steps_and_their_evidence(
    service: Any, releases: PostgresReleases, root: dict[str, str]
) -> None:
    found = service.client.get("/v1/releases/first", headers=root).json()
    assert [(one["action"], one["by"]) for one in found["events"]] == [
        ("propose", "operator"),
        ("promote", "operator"),
        ("canary", "operator"),  # of `second`, beside it
    ]
    assert found["events"][1]["evidence"] == EVIDENCE
    assert (found["pins"], found["release"]["status"]) == ({"generator": "m"}, "current")
    missing = service.client.get("/v1/releases/none", headers=root)
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
