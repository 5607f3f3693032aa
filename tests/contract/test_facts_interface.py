"""Facts over HTTP and on the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.terminal import UsageError

MISSING = "00000000-0000-5000-8000-000000000000"
AGREEMENT = (
    b"SUPPLY AGREEMENT\n\nThis Supply Agreement is made on 4 May 2019 by and between Kestrel Robotics, Inc., a Delaware "
    b'corporation ("Kestrel"), and Osprey Foods Limited (the "Supplier").\n\nThis Agreement shall be governed by the laws '
    b"of the State of Ohio. It holds for rotors."
)


@pytest.fixture(scope="module")
def ana(service: Any) -> dict[str, str]:
    key: dict[str, str] = service.key("ana", "legal", write=True)
    return key


@pytest.fixture(scope="module")
def agreement(service: Any, ana: dict[str, str]) -> str:
    sent = service.client.post(
        "/v1/documents", headers=ana, files={"file": ("supply.txt", AGREEMENT)}, data={"allow": "group:legal"}
    )
    return str(sent.json()["document_id"])


def facts_of(body: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in body["facts"]:
        found.setdefault(one["kind"], []).append(one)
    return found


def test_readers_see_facts_and_owners_set_them(service: Any, ana: dict[str, str], agreement: str) -> None:
    path = f"/v1/documents/{agreement}/facts"
    read = service.client.get(path, headers=ana)
    assert read.status_code == 200
    body = read.json()
    assert body["may_change"] is True
    found = facts_of(body)
    assert [one["value"] for one in found["governing_law"]] == ["Ohio"]
    text = service.client.get(f"/v1/documents/{agreement}/text", headers=ana).json()["text"]
    for one in body["facts"]:
        assert text[one["start"] : one["end"]] == one["quote"]

    wanted = {
        "kind": "party",
        "value": "Acme Ltd",
        "quote": "Kestrel Robotics, Inc.",
        "replaces": "Kestrel Robotics, Inc.",
    }
    put = service.client.put(path, headers=ana, json=wanted)
    assert put.status_code == 200
    parties = {one["value"]: one for one in facts_of(put.json())["party"]}
    assert set(parties) == {"Acme Ltd", "Osprey Foods Limited"}
    assert parties["Acme Ltd"]["set_by"] == "user:ana"
    assert parties["Acme Ltd"]["quote"] == "Kestrel Robotics, Inc."

    gone = service.client.delete(path, headers=ana, params={"kind": "governing_law"})
    assert "governing_law" not in facts_of(gone.json())


def test_others_read_only_or_nothing(service: Any, agreement: str) -> None:
    path = f"/v1/documents/{agreement}/facts"
    ben, carla = service.key("ben", "legal", write=True), service.key("carla", "hr", write=True)
    reader = service.key("ana", "legal")
    assert service.client.get(path, headers=ben).json()["may_change"] is False
    assert service.client.get(path, headers=reader).json()["may_change"] is False
    wanted = {"kind": "governing_law", "value": "Ohio"}
    refused = service.client.put(path, headers=ben, json=wanted)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    for who, id_ in ((carla, agreement), (ben, MISSING), (ben, "x")):
        for reply in (
            service.client.get(f"/v1/documents/{id_}/facts", headers=who),
            service.client.put(f"/v1/documents/{id_}/facts", headers=who, json=wanted),
            service.client.delete(f"/v1/documents/{id_}/facts", headers=who, params={"kind": "party", "value": "x"}),
        ):
            assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"kind": "agreement_date", "value": "03/04/2019"}, "invalid_fact"),
        ({"kind": "agreement_date", "value": "2019-02-30"}, "invalid_fact"),
        ({"kind": "party", "value": "Acme", "quote": "no such words"}, "invalid_fact"),
        ({"kind": "party", "value": " \u200b"}, "invalid_fact"),
        ({"kind": "colour", "value": "red"}, "invalid_request"),
        ({"kind": "party", "value": "x" * 301}, "invalid_request"),
        ({"kind": "party", "value": "x", "other": 1}, "invalid_request"),
    ],
)
def test_what_is_no_fact_is_a_problem(
    service: Any, ana: dict[str, str], agreement: str, wanted: dict[str, str], code: str
) -> None:
    reply = service.client.put(f"/v1/documents/{agreement}/facts", headers=ana, json=wanted)
    assert (reply.status_code, reply.headers["content-type"]) == (422, "application/problem+json")
    assert reply.json()["code"] == code


def test_search_names_what_it_depends_on(service: Any, ana: dict[str, str], agreement: str) -> None:
    query = {"query": "What does the Wren agreement hold for?"}
    before = service.client.post("/v1/search", headers=ana, json=query).json()
    path = f"/v1/documents/{agreement}/facts"
    service.client.put(path, headers=ana, json={"kind": "party", "value": "Wren Holding BV"})
    after = service.client.post("/v1/search", headers=ana, json=query).json()
    assert after["hits"][0]["document_id"] == agreement
    assert after["snapshot"] != before["snapshot"]
    stranger = service.key("carla", "hr")
    assert service.client.post("/v1/search", headers=stranger, json=query).json()["snapshot"] not in {
        before["snapshot"], after["snapshot"]
    }  # fmt: skip


def test_the_command_line_shows_and_sets(
    service: Any, agreement: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from contextlib import contextmanager

    from api.cli import facts as command

    @contextmanager
    def opened() -> Any:
        yield service.parts

    monkeypatch.setattr(command, "opened", opened)
    assert command.facts(agreement, "ana", "legal", set_="expiry_date=1 May 2024", quote="4 May 2019") == 0
    assert 'expiry date: 2024-05-01 - "4 May 2019" (version 1) - set by operator' in capsys.readouterr().out
    assert command.facts(agreement, "ana", "legal", remove="expiry_date", as_json=True) == 0
    assert "expiry_date" not in facts_of(json.loads(capsys.readouterr().out))
    with pytest.raises(UsageError, match="no kind of fact"):
        command.facts(agreement, "ana", "legal", set_="colour=red")
    with pytest.raises(UsageError, match="no document"):
        command.facts(agreement, "carla", "hr")
