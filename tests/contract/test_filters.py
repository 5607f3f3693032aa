"""Filters over HTTP: they narrow what the caller may read, tell nothing of the rest, and stand in the record."""

from __future__ import annotations

import json
from typing import Any

import pytest

ASK = {"question": "What is the rent of Unit 7?"}
FIND = {"query": "rent of Unit 7"}
MISSING = "00000000-0000-5000-8000-000000000000"
RENT = "The rent of Unit 7 is 500 euros per month [1]."


@pytest.fixture(scope="module")
def ana(service: Any) -> dict[str, str]:
    return service.key("ana", "legal", "finance")


def found(service: Any, headers: dict[str, str], **only: Any) -> set[str]:
    reply = service.client.post("/v1/search", json=FIND | only, headers=headers)
    assert reply.status_code == 200, reply.text
    return {hit["document_id"] for hit in reply.json()["hits"]}


def test_a_search_is_narrowed(service: Any, ana: dict[str, str]) -> None:
    assert found(service, ana) == found(service, ana, documents=[service.lease, MISSING]) == {service.lease}
    assert found(service, ana, kinds=["text"], groups=["legal"]) == {service.lease}
    assert found(service, ana, kinds=["lease"]) == {service.lease}
    assert found(service, ana, kinds=["pdf"]) == found(service, ana, groups=["finance"]) == set()
    assert found(service, ana, dates={"from": "2020-01-01"}) == set()


def test_hidden_and_missing_are_the_same_search(service: Any, ana: dict[str, str]) -> None:
    asked = [{"documents": [service.salaries]}, {"documents": [MISSING]}, {"documents": ["?"]}, {"groups": ["hr"]}]
    replies = [service.client.post("/v1/search", json=FIND | only, headers=ana) for only in asked]
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.content for reply in replies}) == 1


def test_groups_in_the_body_open_nothing(service: Any) -> None:
    assert found(service, service.key("nina"), groups=["legal", "hr", "everyone"]) == set()


def test_an_answer_rests_on_what_passes_and_its_record_says_so(service: Any, ana: dict[str, str]) -> None:
    service.parts.script.text = RENT
    only = {"documents": [service.lease], "kinds": ["lease", "pdf"], "groups": ["legal"]}
    body = service.client.post("/v1/query", json=ASK | only, headers=ana).json()
    assert body["status"] == "answered"
    row, *_ = service.parts.audit.show(body["audit_id"])
    assert json.loads(row.record)["filter"] == only


def test_nothing_that_passes_is_an_abstention_that_tells_of_nothing_else(service: Any, ana: dict[str, str]) -> None:
    service.parts.script.text = RENT
    for stream in (False, True):
        reply = service.client.post("/v1/query", json=ASK | {"documents": [MISSING], "stream": stream}, headers=ana)
        body = (
            json.loads(reply.text.split("event: final")[1].split("data: ")[1].split("\n")[0])["answer"]
            if stream
            else reply.json()
        )
        assert (body["status"], body["why"], body["abstention"]["nearest"]) == ("abstained", "nothing_found", [])
        assert body["abstention"]["searched"]["documents"] == 0
    assert service.parts.script.asked == []


@pytest.mark.parametrize(
    ("only", "code", "said"),
    [
        ({"documents": []}, "invalid_request", "documents"),
        ({"kinds": [" "]}, "invalid_request", "kinds"),
        ({"groups": []}, "invalid_request", "groups"),
        ({"groups": ["le gal"]}, "invalid_principal", "le gal"),
        ({"dates": {"from": "2024-02-01", "to": "2024-01-01"}}, "invalid_request", "lies after"),
        ({"dates": {"since": "2024-02-01"}}, "invalid_request", "dates"),
        ({"dates": {"from": 0}}, "invalid_request", "YYYY-MM-DD"),
        ({"as_of": "-86400"}, "invalid_request", "YYYY-MM-DD"),
        ({"as_of": "1700000000"}, "invalid_request", "YYYY-MM-DD"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(
    service: Any, ana: dict[str, str], only: dict[str, Any], code: str, said: str
) -> None:
    for path, body in (("/v1/search", FIND), ("/v1/query", ASK)):
        reply = service.client.post(path, json=body | only, headers=ana)
        assert (reply.status_code, reply.json()["code"]) == (422, code)
        assert said in reply.json()["detail"]
