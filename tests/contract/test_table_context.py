"""A cited row of a table brings the headers and the unit that it is read under, wherever the citation goes."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from ingest.types import OPERATOR

VERIFIER = Path(__file__).parents[2] / "infra/audit_verifier/verify_bundle.py"
QUESTION = "What did heating of the depot cost in 2024?"
SAID = "Amounts in GBP Item Heating of the depot: 2024 = 930; 2023 = 870. [1]"
TABLE = b"""# Costs of the depot

Amounts in GBP

| Item | 2024 | 2023 |
|---|---|---|
| Heating of the depot | 930 | 870 |
| Lighting of the depot | 120 | 115 |
"""


@pytest.fixture
def costs(service: Any) -> Iterator[str]:
    added = service.parts.pipeline.ingest(TABLE, "costs.md", "more/costs.md", frozenset({"group:costs"}))
    yield added.document_id
    service.parts.documents.delete(added.document_id, OPERATOR, now=True)


@pytest.fixture
def answered(service: Any, costs: str) -> dict[str, Any]:
    service.parts.script.text = SAID
    reply = service.client.post("/v1/query", json={"question": QUESTION}, headers=service.key("lena", "costs"))
    assert reply.json()["status"] == "answered", reply.text
    return dict(reply.json())


def fetched(service: Any, answered: dict[str, Any], what: str) -> Any:
    address = f"/v1/answers/{answered['audit_id']}{what}"
    reply = service.client.get(address, headers=service.key("lena", "costs"))
    assert reply.status_code == 200, reply.text
    return reply


def test_every_part_of_it_is_words_of_the_version(service: Any, costs: str, answered: dict[str, Any]) -> None:
    (cited,) = answered["citations"]
    assert cited["quote"] == "Heating of the depot | 930 | 870"
    told = [(one["kind"], one["quote"]) for one in cited["context"]]
    assert told == [("unit", "Amounts in GBP"), ("header", "Item"), ("header", "2024"), ("header", "2023")]
    address = f"/v1/documents/{costs}/text"
    text = service.client.get(address, headers=service.key("lena", "costs")).json()["text"]
    assert all(text[one["start"] : one["end"]] == one["quote"] for one in cited["context"])


def test_it_is_kept_with_the_answer_and_in_its_exports(service: Any, answered: dict[str, Any]) -> None:
    kept = fetched(service, answered, "").json()["answer"]["citations"]
    assert kept[0]["context"] == answered["citations"][0]["context"]
    memo = fetched(service, answered, "/export?format=md").text
    assert "Amounts in GBP" in memo
    assert "Columns: Item" in memo
    for format_ in ("docx", "pdf"):
        assert fetched(service, answered, f"/export?format={format_}").content


def test_a_bundle_proves_it_and_the_verifier_looks_at_it(service: Any, answered: dict[str, Any]) -> None:
    spec = importlib.util.spec_from_file_location("verify_bundle", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    verifier = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(verifier)
    bundle = fetched(service, answered, "/bundle").content
    assert list(verifier.verify(bundle))
    with zipfile.ZipFile(BytesIO(bundle)) as file:
        files = {name: file.read(name) for name in file.namelist()}
    told = json.loads(files["answer.json"])
    told["answer"]["citations"][0]["context"][1]["quote"] = "Iten"
    with pytest.raises(verifier.Fault, match="Iten"):
        verifier.check_quotes(told, files, [])


def test_a_replay_looks_at_it(service: Any, answered: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    show = service.parts.audit.show

    def moved(wanted: str) -> Any:
        def told(row: Any) -> Any:
            record = json.loads(row.record)
            if record["kind"] == "closed":
                record["answer"]["citations"][0]["context"][1]["start"] += 1
            return replace(row, record=json.dumps(record))

        return tuple(map(told, show(wanted)))

    assert asyncio.run(service.parts.replaying.replay(answered["audit_id"]))[0].outcome == "same"
    monkeypatch.setattr(service.parts.replaying._audit, "show", moved)
    assert asyncio.run(service.parts.replaying.replay(answered["audit_id"]))[0].outcome == "differs"


def test_a_record_of_before_opens_without_it(
    service: Any, answered: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    show = service.parts.audit.show

    def older(wanted: str) -> Any:
        def told(row: Any) -> Any:
            record = json.loads(row.record)
            for one in record.get("answer", {}).get("citations", ()):
                del one["context"]
            return replace(row, record=json.dumps(record))

        return tuple(map(told, show(wanted)))

    monkeypatch.setattr(service.parts.kept._trail, "show", older)
    assert fetched(service, answered, "").json()["answer"]["citations"][0]["context"] == []
    assert "Columns:" not in fetched(service, answered, "/export?format=md").text
