"""Why an answer is what it is: what was found, in which order, and what became of each sentence; for whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from api.http.schemas.explaining import SAID
from generation.types import Stage
from ingest.types import OPERATOR

QUESTION = "What is the rent of Unit 7?"
SHIPS = "The rent of Unit 7 is 500 euros per month"
FAILS = "The rent of Unit 7 is 900 euros per month"
ANNEX = b"ANNEX TO THE LEASE OF UNIT 7\n\nThe rent of Unit 7 includes water and heating for the cellar of Heron.\n"


@pytest.fixture
def annex(service: Any) -> Iterator[str]:
    """A second document that is found, which `annexes` alone may read."""
    added = service.parts.pipeline.ingest(ANNEX, "annex.txt", "more/annex.txt", frozenset({"group:annexes"}))
    yield added.document_id
    service.parts.documents.delete(added.document_id, OPERATOR, now=True)


def test_every_stage_that_withholds_is_told_in_words() -> None:
    assert {Stage.VERBATIM, Stage.CONFLICT} == set(Stage) - SAID.keys()  # both ship


def asked(service: Any, text: str, *groups: str, question: str = QUESTION) -> dict[str, Any]:
    service.parts.script.text = text
    reply = service.client.post("/v1/query", json={"question": question}, headers=service.key("lena", *groups))
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def why(service: Any, audit_id: str, headers: dict[str, str]) -> Any:
    return service.client.get(f"/v1/answers/{audit_id}/why", headers=headers)


def auditor(service: Any, user: str, *groups: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {service.parts.api_keys.create(user, groups, {'read', 'audit'}, 'test')}"}


def test_what_was_found_is_told_with_rank_and_score_in_each_leg(service: Any, annex: str) -> None:
    answer = asked(service, f"{SHIPS} [1] [2].", "legal", "annexes")
    assert answer["status"] == "answered"
    reply = why(service, answer["audit_id"], service.key("lena", "legal", "annexes"))
    assert reply.status_code == 200, reply.text
    told = reply.json()
    assert told["audit_id"] == answer["audit_id"]
    assert {name: told["asked"][name] for name in ("words", "question", "query", "by")} == {
        "words": QUESTION, "question": QUESTION, "query": QUESTION, "by": "",
    }  # fmt: skip
    passages = told["passages"]
    assert {one["quote"]["document_id"] for one in passages} == {service.lease, annex}
    assert [one["quote"]["id"] for one in passages] == list(range(1, len(passages) + 1))
    assert [one["rank"] for one in passages] == list(range(1, len(passages) + 1))
    assert sorted(one["ranks"]["fused"] for one in passages) == list(range(1, len(passages) + 1))
    for one in passages:
        assert {"dense", "sparse", "fused", "rerank"} <= one["scores"].keys()
        assert {"dense", "fused", "rerank"} <= one["ranks"].keys()
        quote = one["quote"]
        address = f"/v1/documents/{quote['document_id']}/text"
        text = service.client.get(address, headers=service.key("lena", "legal", "annexes")).json()["text"]
        assert text[quote["start"] : quote["end"]] == quote["quote"]
        assert quote["version_id"].startswith("v_")
    by_score = sorted(passages, key=lambda one: -one["scores"]["rerank"])
    assert [one["ranks"]["rerank"] for one in by_score] == list(range(1, len(passages) + 1))
    cited = [one for one in passages if one["cited"]]
    assert {id_ for one in cited for id_ in one["cited"]} == {one["id"] for one in answer["citations"]}
    assert all(one["shown"] and one["markers"] for one in cited)


def test_each_sentence_is_told_in_order_with_what_became_of_it(service: Any) -> None:
    answer = asked(service, f"{SHIPS} [1]. {FAILS} [1] [9].", "legal")
    told = why(service, answer["audit_id"], service.key("lena", "legal")).json()
    assert told["counts"] == {"wrote": 2, "passed": 1, "withheld": 1, "left_out": 0, "quoted": 0, "differ": 0}
    assert told["in_order"]
    first, second = told["sentences"]
    assert (first["origin"], first["fate"], first["sentence"], first["why"]) == ("wrote", "shipped", 1, "")
    assert (second["fate"], second["stage"], second["sentence"]) == ("withheld", "figures", None)
    assert second["why"].startswith("A number, date or name")
    assert (first["unknown"], second["unknown"]) == (False, True)
    assert second["passages"]
    shown = {one["quote"]["id"] for one in told["passages"] if 1 in one["markers"]}
    assert set(second["passages"]) == shown


def test_the_words_of_what_was_withheld_are_for_who_audits_alone(service: Any) -> None:
    answer = asked(service, f"{SHIPS} [1]. {FAILS} [1].", "legal")
    own = why(service, answer["audit_id"], service.key("lena", "legal"))
    assert "900" not in own.text
    assert [(one["text"], one["reason"]) for one in own.json()["sentences"]] == [(None, None)] * 2
    open_ = why(service, answer["audit_id"], auditor(service, "otto", "legal")).json()["sentences"]
    assert (open_[0]["text"], open_[1]["text"]) == (None, f"{FAILS}.")
    assert "900 euros" in open_[1]["reason"]


def test_what_the_reader_may_not_read_any_more_is_not_there_and_not_counted(service: Any, annex: str) -> None:
    """The answer rests on the lease alone; the annex was found and shown beside it."""
    answer = asked(service, f"{SHIPS} [1]. {FAILS} [1] [2].", "legal", "annexes")
    assert {one["document_id"] for one in answer["citations"]} == {service.lease}
    both = why(service, answer["audit_id"], service.key("lena", "legal", "annexes")).json()
    fewer = why(service, answer["audit_id"], service.key("lena", "legal"))
    assert fewer.status_code == 200
    assert annex in json.dumps(both)
    for words in (annex, "ANNEX", "cellar", "Heron"):
        assert words not in fewer.text
    told = fewer.json()
    count = len(told["passages"])
    assert 0 < count < len(both["passages"])
    for leg in ("dense", "fused", "rerank"):
        assert sorted(one["ranks"][leg] for one in told["passages"]) == list(range(1, count + 1))
    assert [one["rank"] for one in told["passages"]] == list(range(1, count + 1))
    numbers = {one["quote"]["id"] for one in told["passages"]}
    assert all(set(one["passages"]) <= numbers and not one["unknown"] for one in told["sentences"])


def test_who_audits_and_may_not_read_all_that_was_shown_gets_no_words_of_it(service: Any, annex: str) -> None:
    answer = asked(service, f"{SHIPS} [1]. {FAILS} [1] [2].", "legal", "annexes")
    some = why(service, answer["audit_id"], auditor(service, "otto", "legal"))
    assert (some.status_code, "900" in some.text) == (200, False)
    every = why(service, answer["audit_id"], auditor(service, "otto", "legal", "annexes"))
    assert "900" in every.text


def test_who_is_told_and_who_is_not(service: Any) -> None:
    answer = asked(service, f"{SHIPS} [1].", "legal")
    id_, lena = answer["audit_id"], service.key("lena", "legal")
    missing = why(service, "00000000-0000-4000-8000-000000000000", lena)
    for headers in (service.key("mara", "legal"), service.key("lena", "hr"), auditor(service, "otto", "hr")):
        refused = why(service, id_, headers)
        assert (refused.status_code, refused.json()) == (404, missing.json())
    assert why(service, id_, auditor(service, "otto", "legal")).status_code == 200
    assert service.client.get(f"/v1/answers/{id_}/why").status_code == 401


def test_it_is_not_shared_with_an_answer(service: Any) -> None:
    service.parts.script.text = f"{SHIPS} [1]."
    lena, mara = service.key("lena", "legal"), service.key("mara", "legal")
    body = {"question": QUESTION, "conversation": "new"}
    answer = service.client.post("/v1/query", json=body, headers=lena).json()
    where = f"/v1/conversations/{answer['conversation']['id']}/shares"
    assert service.client.put(where, json={"principals": ["user:mara"]}, headers=lena).status_code < 300
    assert service.client.get(f"/v1/answers/{answer['audit_id']}", headers=mara).status_code == 200
    assert why(service, answer["audit_id"], mara).status_code == 404


def test_that_it_was_shown_is_recorded(service: Any) -> None:
    answer = asked(service, f"{SHIPS} [1].", "legal")
    why(service, answer["audit_id"], service.key("lena", "legal"))
    service.parts.accesses.flush()
    (row,) = service.parts.audit.show(limit=1)
    *_, access = [one for one in json.loads(row.record)["accesses"] if one["action"] == "explain_answer"]
    assert (access["principal"], access["audit_id"]) == ("user:lena", answer["audit_id"])
    assert {one["document_id"] for one in access["shown"]} == {service.lease}


def test_an_older_record_gives_what_it_has(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = asked(service, f"{SHIPS} [1]. {FAILS} [1].", "legal")
    now = why(service, answer["audit_id"], auditor(service, "otto", "legal")).json()
    show = service.parts.audit.show

    def older(*given: Any, **more: Any) -> Any:
        def without(row: Any) -> Any:
            record = json.loads(row.record)
            record.pop("steps", None)
            for hit in record.get("hits", ()):
                for name in ("ranks", "place", "copied"):
                    hit.pop(name)
            return replace(row, record=json.dumps(record))

        return tuple(map(without, show(*given, **more)))

    monkeypatch.setattr(service.parts.explaining._trail, "show", older)
    told = why(service, answer["audit_id"], auditor(service, "otto", "legal")).json()
    assert not told["in_order"]
    assert [one["quote"] for one in told["passages"]] == [one["quote"] for one in now["passages"]]
    assert [one["ranks"] for one in told["passages"]] == [{} for _ in now["passages"]]
    assert [one["scores"] for one in told["passages"]] == [one["scores"] for one in now["passages"]]
    assert [(one["fate"], one["text"]) for one in told["sentences"]] == [("shipped", None), ("withheld", f"{FAILS}.")]
    assert told["counts"] == now["counts"]


def test_an_abstention_tells_what_came_closest(service: Any) -> None:
    answer = asked(service, f"{FAILS} [1].", "legal")
    assert answer["status"] == "abstained"
    told = why(service, answer["audit_id"], service.key("lena", "legal")).json()
    assert {id_ for one in told["passages"] for id_ in one["nearest"]} == {
        one["id"] for one in answer["abstention"]["nearest"]
    }
    assert told["counts"]["withheld"] == 1
