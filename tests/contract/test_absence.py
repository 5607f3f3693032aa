"""Proof of absence over HTTP and on the command line: real search, reranker and selector, over what the caller may read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from api.wiring.absence import absence_service
from generation.absence.types import AbsenceBounds
from generation.absence.weighing import Limits, Weights
from ingest.types import OPERATOR
from retrieval.types import Filter, Principal

ESCROW = "Source code must be put into escrow."
RENT = "The rent of Unit 7 is 500 euros per month."
MISSING = "00000000-0000-5000-8000-000000000000"
LIMITS = Limits(Weights(0.0, 0.4, 0.3), AbsenceBounds(0.1, 0.8, 0.9, 0.02, 0.1))


@pytest.fixture(scope="module", autouse=True)
def _plain_bounds(service: Any) -> Iterator[None]:
    """Bounds that hold whatever was measured last."""
    parts = service.parts
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.wiring.absence.load_limits", lambda *models: LIMITS)
        made = absence_service(
            parts.settings, search=parts.answer_search, scorer=parts.answer_reranker, selector=parts.selector,
            wholes=parts.wholes, pool=parts.pool, audit=parts.audit, pinned=parts.pinned,
        )  # fmt: skip
    parts.absence_service = made
    yield
    del parts.absence_service


@pytest.fixture(scope="module")
def lena(service: Any) -> dict[str, str]:
    return service.key("lena", "legal")


def asked(service: Any, headers: dict[str, str], question: str = ESCROW, **only: Any) -> dict[str, Any]:
    reply = service.client.post("/v1/absence", json={"question": question} | only, headers=headers)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def ingested(service: Any, name: str, words: bytes, allow: str = "group:legal") -> str:
    return str(service.parts.pipeline.ingest(words, name, f"absence/{name}", frozenset({allow})).document_id)


def with_pages(service: Any, document_id: str, *pages: tuple[int, str, float | None]) -> None:
    """As ingestion keeps what became of each page."""
    told = {"counts": {}, "pages": [[number, source, "", "", sure] for number, source, sure in pages]}
    with service.parts.pool.connection() as conn:
        conn.execute(
            "UPDATE versions SET pages = %s::jsonb, page_count = %s WHERE document_id = %s",
            (json.dumps(told), len(pages), document_id),
        )


def test_absence_is_established_where_all_was_read(service: Any, lena: dict[str, str]) -> None:
    body = asked(service, lena)
    assert (body["status"], body["reasons"], body["missing"]) == ("absent", [], 0)
    assert body["statement"] == "The document has no such passage: all of its text was read."
    (one,) = body["documents"]
    assert (one["document_id"], one["version"], one["status"], one["near"]) == (service.lease, 1, "absent", False)
    assert one["passages"] == one["passages_read"] > 0
    text = service.parts.documents.text(service.lease, None, Principal("lena", frozenset({"legal"}))).text
    near = one["nearest"][0]["citation"]
    assert text[near["start"] : near["end"]] == near["quote"]
    assert (near["version"], near["version_id"]) == (1, one["version_id"])


def test_what_is_there_is_found_with_the_passage_that_holds_it(service: Any, lena: dict[str, str]) -> None:
    body = asked(service, lena, RENT)
    assert (body["status"], body["statement"]) == ("found", "The document has it.")
    assert "500 euros" in body["documents"][0]["nearest"][0]["citation"]["quote"]
    assert body["documents"][0]["score"] >= body["bounds"]["found_from"]


@pytest.mark.parametrize(
    ("page", "kind", "words"),
    [
        ((2, "unread", None), "unread_page", "1 page of 1 document could not be read"),
        ((2, "ocr", 0.61), "unsure_page", "1 page of 1 document was recognised from pictures, and not surely"),
    ],
)
def test_absence_is_never_established_over_a_page_that_was_not_read(
    service: Any, lena: dict[str, str], page: tuple[int, str, float | None], kind: str, words: str
) -> None:
    document = ingested(
        service, f"{kind}.txt", f"Supply agreement {kind}. Goods are paid for within thirty days.".encode()
    )
    with_pages(service, document, (1, "text", None), page)
    body = asked(service, lena, documents=[service.lease, document])
    assert (body["status"], body["reasons"]) == ("not_established", [words])
    assert words in body["statement"]
    by_id = {one["document_id"]: one for one in body["documents"]}
    assert (by_id[service.lease]["status"], by_id[document]["status"]) == ("absent", "unsure")
    assert [(gap["kind"], gap["page"]) for gap in by_id[document]["gaps"]] == [(kind, 2)]
    assert by_id[document]["pages"]["total"] == 2


def test_a_scan_that_was_surely_recognised_counts_as_read(service: Any, lena: dict[str, str]) -> None:
    document = ingested(service, "scan.txt", b"Scanned letter. Payment is due in June.")
    with_pages(service, document, (1, "ocr", 0.98), (2, "ocr", 0.94), (3, "blank", None))
    body = asked(service, lena, documents=[document])
    assert body["status"] == "absent"
    pages = body["documents"][0]["pages"]
    assert (pages["ocr"], pages["blank"], pages["ocr_min"], pages["ocr_median"]) == (2, 1, 0.94, 0.96)
    assert body["statement"].endswith(
        "all 3 pages were read, 2 of them recognised from pictures, the least sure of them with a confidence of 0.94."
    )


def test_a_hidden_document_is_as_one_that_never_was(service: Any, lena: dict[str, str]) -> None:
    hidden, missing = (asked(service, lena, documents=[service.lease, one]) for one in (service.salaries, MISSING))
    assert (hidden["status"], hidden["missing"]) == ("not_established", 1)
    assert hidden | {"audit_id": ""} == missing | {"audit_id": ""}
    nothing = asked(service, lena, documents=[service.salaries])
    assert (nothing["status"], nothing["documents"]) == ("not_established", [])
    assert "salar" not in json.dumps(asked(service, lena)).lower()


def test_a_deleted_document_is_gone(service: Any, lena: dict[str, str]) -> None:
    document = ingested(service, "deleted.txt", b"Deleted note. The source code is put into escrow with a bank.")
    assert asked(service, lena, documents=[document])["status"] == "found"
    service.parts.documents.delete(document, OPERATOR)
    body = asked(service, lena, documents=[document])
    assert (body["documents"], body["missing"], body["status"]) == ([], 1, "not_established")


def test_an_older_version_is_looked_through_as_of_its_day(service: Any, lena: dict[str, str]) -> None:
    for words, day in (
        (b"Old rules. Source code must be put into escrow.", "2020-01-01"),
        (b"New rules.", "2022-01-01"),
    ):
        report = service.parts.pipeline.ingest(
            words, "rules.txt", "absence/rules.txt", frozenset({"group:legal"}), date=day
        )
    document = report.document_id
    assert asked(service, lena, documents=[document])["status"] == "absent"
    earlier = asked(service, lena, documents=[document], as_of="2021-06-01")
    assert (earlier["status"], earlier["documents"][0]["version"]) == ("found", 1)
    assert asked(service, lena, documents=[document], as_of="2019-01-01")["documents"] == []


def test_it_can_be_shown_later_what_it_rests_on(service: Any, lena: dict[str, str]) -> None:
    body = asked(service, lena, documents=[service.lease])
    (row,) = service.parts.audit.show(body["audit_id"])
    record = json.loads(row.record)
    assert (record["kind"], record["action"], record["principal"]) == ("absence", "absence", "user:lena")
    assert (record["question"], record["status"], record["snapshot"]) == (ESCROW, "absent", body["snapshot"])
    assert record["filter"] == Filter(documents=frozenset({service.lease})).record()
    assert record["recipe"]["bounds"] == body["bounds"]
    assert record["recipe"]["models"]["selector"].startswith(service.parts.settings.selector)
    (one,) = record["documents"]
    told = body["documents"][0]
    assert (one["document_id"], one["content_sha256"]) == (service.lease, told["content_sha256"])
    assert one["pages"] == told["pages"]
    assert one["nearest"][0]["quote"] == told["nearest"][0]["citation"]["quote"]
    listed = service.client.get("/v1/audit?action=absence", headers=auditor(service)).json()
    assert listed["entries"][0]["id"] == body["audit_id"]


def auditor(service: Any) -> dict[str, str]:
    secret = service.parts.api_keys.create("eve", (), {"audit"}, "test")
    return {"Authorization": f"Bearer {secret}"}


def test_the_trail_is_sealed_and_an_erased_document_takes_its_words_along(service: Any, lena: dict[str, str]) -> None:
    asked(service, lena, documents=[service.lease])
    stored = service.parts.audit.stored(limit=20)
    (row, *_) = [one for one in stored if '"kind":"absence"' in one.record]
    assert "escrow" not in row.record
    assert "Kestrel" not in row.record
    assert f'"document_id":"{service.lease}"' in row.record


def test_events_tell_how_far_it_has_come_and_nothing_else_before_the_end(service: Any, lena: dict[str, str]) -> None:
    asking = {"question": ESCROW, "stream": True, "documents": [service.lease]}
    reply = service.client.post("/v1/absence", json=asking, headers=lena)
    events = [line.removeprefix("event: ") for line in reply.text.splitlines() if line.startswith("event: ")]
    data = [json.loads(line[6:]) for line in reply.text.splitlines() if line.startswith("data: ")]
    assert events == ["looked", "looked", "absence", "done"]
    assert [(one["done"], one["total"]) for one in data[:2]] == [(0, 1), (1, 1)]
    assert data[2]["absence"]["status"] == "absent"


def test_who_may_not_ask_is_refused(service: Any, lena: dict[str, str]) -> None:
    assert service.client.post("/v1/absence", json={"question": ESCROW}).status_code == 401
    for nothing in ({"question": " "}, {"question": "\u200b", "documents": ["of no document"]}):
        assert service.client.post("/v1/absence", json=nothing, headers=lena).status_code == 422
    writer = service.parts.api_keys.create("eve", (), {"audit"}, "test")
    refused = service.client.post(
        "/v1/absence", json={"question": ESCROW}, headers={"Authorization": f"Bearer {writer}"}
    )
    assert refused.status_code == 403


def test_too_many_documents_are_refused(service: Any, lena: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generation.absence.service.MOST_DOCUMENTS", 0)
    for stream in (False, True):
        reply = service.client.post("/v1/absence", json={"question": ESCROW, "stream": stream}, headers=lena)
        assert (reply.status_code, reply.json()["code"]) == (422, "too_many_documents")
