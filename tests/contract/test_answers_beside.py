"""A service that is answered from an index of its own while a release is in use, and from the usual one again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from api.wiring.comparing import Outcome
from api.wiring.indexes import needed_by
from infra.postgres.pool import transaction
from infra.postgres.releases import Release
from infra.settings import INDEXED, RELEASABLE, SettingsError, overlaid

QUESTION, SAID = "What is the rent of Unit 7?", "The rent of Unit 7 is 500 euros per month [1]."

LONG = " ".join(
    f"Unit {number} has a cellar of {number - 15} square metres, which its rent pays for." for number in range(20, 40)
)


@pytest.fixture(scope="module")
def fine(service: Any) -> Iterator[Any]:
    """The release `fine` cuts otherwise and is current."""
    parts = service.parts
    settings = {name: getattr(parts.settings, name) for name in (*RELEASABLE, *INDEXED)}
    settings |= {"chunking": "small-to-big", "chunk_chars": 400}
    parts.pipeline.ingest(LONG.encode(), "units.txt", "units.txt", frozenset({"group:legal"}))
    made = parts.beside.build(overlaid(parts.settings, settings))
    parts.releases.add(Release("fine", settings, {}, "0" * 64, "operator"), {})
    assert needed_by(parts.releases, parts.deploying, parts.beside) == {made.name: ["fine"]}
    parts.releases.promote("fine", "operator", {})
    assert parts.take_over()
    yield made.name
    while parts.releases.current():
        parts.releases.rollback("operator", {})
    parts.take_over()
    parts.beside.drop(made.name)


def asked(service: Any) -> dict[str, Any]:
    service.parts.script.text = SAID
    reply = service.client.post("/v1/query", json={"question": QUESTION}, headers=service.key("rita", "legal"))
    assert reply.json()["status"] == "answered", reply.text
    return dict(reply.json())


def closed(service: Any, audit_id: str) -> dict[str, Any]:
    records = [json.loads(row.record) for row in service.parts.audit.show(audit_id)]
    return next(record for record in records if record["kind"] == "closed")


def test_answers_rest_on_it_and_are_replayed_from_it(service: Any, fine: str) -> None:
    answer = asked(service)
    record = closed(service, answer["audit_id"])
    assert (record["release"], record["recipe"]["index"]) == ("fine", fine)
    with transaction(service.parts.pool) as conn:
        held = {id_ for (id_,) in conn.execute(b"SELECT id FROM index_chunks")}
        usual = {id_ for (id_,) in conn.execute(b"SELECT id FROM chunks")}
    assert {hit["chunk_id"] for hit in record["hits"]} <= held
    assert not {hit["chunk_id"] for hit in record["hits"]} <= usual  # cut otherwise
    cited = answer["citations"][0]
    text = service.client.get(
        f"/v1/documents/{cited['document_id']}/text", headers=service.key("rita", "legal")
    ).json()["text"]
    assert text[cited["start"] : cited["end"]] == cited["quote"]
    replayed = asyncio.run(service.parts.replaying.replay(answer["audit_id"]))
    assert {stage.outcome for stage in replayed} == {Outcome.SAME}


def test_what_is_uploaded_is_found_in_it_and_what_is_deleted_is_not(service: Any, fine: str) -> None:
    service.parts.pipeline.ingest(
        b"The boiler of Unit 9 is in the attic.", "boiler.txt", "boiler.txt", frozenset({"group:legal"})
    )
    key = service.key("rita", "legal")
    found = service.client.post("/v1/search", json={"query": "boiler"}, headers=key).json()["hits"]
    assert found[0]["source"] == "boiler.txt"
    hidden = service.client.post("/v1/search", json={"query": "boiler"}, headers=service.key("hugo", "hr")).json()[
        "hits"
    ]
    assert "boiler.txt" not in {hit["source"] for hit in hidden}
    service.client.delete(f"/v1/documents/{found[0]['document_id']}", headers=service.key("root", "legal", admin=True))
    found = service.client.post("/v1/search", json={"query": "boiler"}, headers=key).json()["hits"]
    assert "boiler.txt" not in {hit["source"] for hit in found}


def test_after_a_rollback_the_usual_one_answers_and_its_answers_are_still_replayed(service: Any, fine: str) -> None:
    parts, before = service.parts, asked(service)["audit_id"]
    parts.releases.rollback("operator", {})
    assert parts.take_over()
    record = closed(service, asked(service)["audit_id"])
    assert (record["release"], "index" in record["recipe"]) == (None, False)
    assert {stage.outcome for stage in asyncio.run(parts.replaying.replay(before))} == {Outcome.SAME}


def test_answers_of_an_index_that_is_gone_are_replayed_by_what_is_in_use(service: Any, fine: str) -> None:
    parts = service.parts
    parts.releases.promote("fine", "operator", {})
    assert parts.take_over()
    before = asked(service)["audit_id"]
    parts.releases.rollback("operator", {})
    assert parts.take_over()
    assert parts.beside.drop(fine)
    replayed = {stage.stage: stage.outcome for stage in asyncio.run(parts.replaying.replay(before))}
    assert (replayed["documents"], replayed["setup"]) == (Outcome.SAME, Outcome.DIFFERS)
    parts.releases.promote("fine", "operator", {})
    with pytest.raises(SettingsError, match="release build"):  # and the usual one goes on answering
        parts.take_over()
    assert closed(service, asked(service)["audit_id"])["release"] is None
