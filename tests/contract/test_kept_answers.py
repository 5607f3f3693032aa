"""Answers are opened again out of the trail, by who may read all that they quote or name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import TypeAdapter

from generation.people import KeptAnswer
from generation.types import Answer
from retrieval.types import Principal

QUESTION = "What is the rent of Unit 7?"
LENA = Principal("lena", frozenset({"legal"}))


@pytest.fixture
def answered(service: Any) -> dict[str, Any]:
    service.parts.script.text = "The rent of Unit 7 is 500 euros per month [1]."
    reply = service.client.post("/v1/query", json={"question": QUESTION}, headers=service.key("lena", "legal"))
    assert reply.json()["status"] == "answered", reply.text
    return dict(reply.json())


def kept(service: Any, answered: dict[str, Any], who: Principal = LENA) -> KeptAnswer | None:
    found: KeptAnswer | None = service.parts.kept.open(answered["audit_id"], who)
    return found


def test_it_is_what_was_given(service: Any, answered: dict[str, Any]) -> None:
    found = kept(service, answered)
    assert found is not None
    assert (found.asked_by, found.question, found.as_of) == ("user:lena", QUESTION, None)
    assert found.rests_on == {(service.lease, 1)}
    again = json.loads(TypeAdapter(Answer).dump_json(found.answer))
    timed = {"timings_ms"}  # the record is written before the last of them is known
    assert {name: one for name, one in again.items() if name not in timed} == {
        name: one for name, one in answered.items() if name not in timed
    } | {"citations": [{**one, "version": 1} for one in answered["citations"]]}


def test_who_may_not_read_what_it_rests_on_finds_nothing(service: Any, answered: dict[str, Any]) -> None:
    assert kept(service, answered, Principal("otto", frozenset({"legal"}))) is not None
    assert kept(service, answered, Principal("lena", frozenset({"hr"}))) is None
    assert service.parts.kept.open("no id", LENA) is None
    assert service.parts.kept.open("00000000-0000-4000-8000-000000000000", LENA) is None


def test_an_abstention_rests_on_what_came_closest(service: Any) -> None:
    service.parts.script.text = "I do not know."
    asked = {"question": QUESTION}
    reply = service.client.post("/v1/query", json=asked, headers=service.key("lena", "legal")).json()
    assert reply["status"] == "abstained"
    assert kept(service, reply) is not None
    assert kept(service, reply, Principal("otto", frozenset({"hr"}))) is None
