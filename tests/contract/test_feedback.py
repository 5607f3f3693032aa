"""Feedback on answers over HTTP, the review queue, and golden questions that are made of it."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from api.http.auth import ADMIN, AUDIT, READ
from api.terminal import UsageError
from evals.datasets.golden import load_cases
from evals.suites.sample.golden import add, case_of
from evals.types import Kind
from infra.postgres.pool import transaction

QUESTION = "What is the rent of Unit 7?"
RENT = "The rent of Unit 7 is 500 euros per month."


@pytest.fixture(autouse=True)
def _none_yet(service: Any) -> None:
    with transaction(service.parts.pool) as conn:
        conn.execute("DELETE FROM feedback")


@pytest.fixture
def asked(service: Any) -> dict[str, Any]:
    service.parts.script.text = "The rent of Unit 7 is 500 euros per month [1]."
    reply = service.client.post("/v1/query", json={"question": QUESTION}, headers=service.key("lena", "legal"))
    assert reply.json()["status"] == "answered", reply.text
    return dict(reply.json())


def key(service: Any, user: str, *groups: str, scope: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {service.parts.api_keys.create(user, groups, {READ, scope}, 'test')}"}


def give(service: Any, headers: dict[str, str], audit_id: str, **said: Any) -> Any:
    return service.client.post("/v1/feedback", json={"audit_id": audit_id, "kind": "wrong", **said}, headers=headers)


def queue(service: Any, headers: dict[str, str], **wanted: Any) -> list[dict[str, Any]]:
    reply = service.client.get("/v1/feedback", params=wanted, headers=headers)
    assert reply.status_code == 200, reply.text
    return list(reply.json()["feedback"])


def test_who_asked_says_what_is_wrong_and_changes_their_mind(service: Any, asked: dict[str, Any]) -> None:
    lena, audit_id = service.key("lena", "legal"), asked["audit_id"]
    expected = {"document_id": service.lease, "version": 1, "quote": "thirty  days of\nnotice"}
    reply = give(service, lena, audit_id, sentence=1, words="It is about notice.", expected=expected)
    assert reply.status_code == 201, reply.text
    told = reply.json()
    assert (told["by"], told["state"], told["question"]) == ("user:lena", "open", QUESTION)
    assert told["expected"]["quote"] == "thirty days of notice"
    text = service.parts.version_text(service.lease, 1)
    place = told["expected"]
    assert text[place["start"] : place["end"]] == place["quote"]
    again = give(service, lena, audit_id, kind="right", sentence=1).json()
    assert (again["id"], again["kind"], again["expected"], again["words"]) == (told["id"], "right", None, "")
    assert give(service, lena, audit_id, kind="incomplete").json()["id"] != told["id"]  # of the answer as a whole
    own = service.client.get(f"/v1/answers/{audit_id}/feedback", headers=lena).json()["feedback"]
    assert [(one["sentence"], one["kind"]) for one in own] == [(1, "right"), (0, "incomplete")]
    record = json.loads(service.rows(1)[0].record)
    assert (record["action"], record["audit_id"], record["verdict"]) == ("feedback", audit_id, "incomplete")
    assert "notice" not in "".join(row.record for row in service.rows(4))


def test_a_place_counts_as_well_as_a_quote(service: Any, asked: dict[str, Any]) -> None:
    lena = service.key("lena", "legal")
    version_id = asked["citations"][0]["version_id"]
    place = {"document_id": service.lease, "version": version_id, "start": 3, "end": 9}
    told = give(service, lena, asked["audit_id"], expected=place).json()
    assert told["expected"]["quote"] == service.parts.version_text(service.lease, 1)[3:9]
    newest = {"document_id": service.lease, "quote": "LEASE OF UNIT 7"}
    assert give(service, lena, asked["audit_id"], expected=newest).json()["expected"]["version"] == 1


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"expected": {"document_id": "LEASE", "quote": "no such words"}}, 422),
        ({"expected": {"document_id": "LEASE", "quote": "  "}}, 422),
        ({"expected": {"document_id": "LEASE", "start": 9, "end": 3}}, 422),
        ({"expected": {"document_id": "LEASE", "start": 0, "end": 100_000}}, 422),
        ({"expected": {"document_id": "LEASE"}}, 422),
        ({"sentence": 7}, 422),
        ({"kind": "so so"}, 422),
        ({"user": "otto"}, 422),
        ({"expected": {"document_id": "SALARIES", "quote": "91,000"}}, 404),
        ({"expected": {"document_id": "LEASE", "version": 2, "quote": "rent"}}, 404),
        ({"audit_id": str(uuid.UUID(int=5))}, 404),
    ],
)
def test_what_cannot_be_taken(service: Any, asked: dict[str, Any], said: dict[str, Any], status: int) -> None:
    known = {"LEASE": service.lease, "SALARIES": service.salaries}
    if "expected" in said:
        said = said | {"expected": said["expected"] | {"document_id": known[said["expected"]["document_id"]]}}
    reply = give(service, service.key("lena", "legal"), **{"audit_id": asked["audit_id"], **said})
    assert reply.status_code == status, reply.text
    assert queue(service, key(service, "eve", scope=AUDIT)) == []


def test_others_cannot_say_anything_of_it_nor_who_lost_the_right(service: Any, asked: dict[str, Any]) -> None:
    missing = give(service, service.key("otto", "legal"), str(uuid.UUID(int=7)))
    for headers in (
        service.key("otto", "legal"),
        service.key("lena", "hr"),
        key(service, "eve", "hr", scope=AUDIT),
        key(service, "eve", "legal", scope=ADMIN),
    ):
        reply = give(service, headers, asked["audit_id"])
        assert (reply.status_code, reply.content) == (404, missing.content)
        assert service.client.get(f"/v1/answers/{asked['audit_id']}/feedback", headers=headers).json() == {
            "feedback": [], "next": None
        }  # fmt: skip
    assert give(service, key(service, "eve", "legal", scope=AUDIT), asked["audit_id"]).status_code == 201


def test_the_review_queue_is_for_admins_and_auditors(service: Any, asked: dict[str, Any]) -> None:
    lena = service.key("lena", "legal")
    id_ = give(service, lena, asked["audit_id"], words="No.").json()["id"]
    assert service.client.get("/v1/feedback", headers=lena).status_code == 403
    reply = service.client.patch(f"/v1/feedback/{id_}", json={"state": "accepted"}, headers=lena)
    assert reply.status_code == 403
    admin, blind = (key(service, "ada", group, scope=ADMIN) for group in ("legal", "hr"))
    auditor = key(service, "eve", scope=AUDIT)
    assert [(one["id"], one["question"]) for one in queue(service, admin)] == [(id_, QUESTION)]
    assert queue(service, blind) == []
    hidden = service.client.get(f"/v1/feedback/{id_}", headers=blind)
    missing = service.client.get(f"/v1/feedback/{uuid.UUID(int=3)}", headers=blind)
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    said = {"state": "accepted", "words": "True."}
    assert service.client.patch(f"/v1/feedback/{id_}", json=said, headers=blind).status_code == 404
    assert [(one["id"], one["words"], one["question"]) for one in queue(service, auditor)] == [(id_, "No.", "")]
    told = service.client.patch(f"/v1/feedback/{id_}", json=said, headers=admin).json()
    assert (told["state"], told["review"], told["reviewed_by"]) == ("accepted", "True.", "user:ada")
    assert queue(service, admin, state="open") == []
    assert give(service, lena, asked["audit_id"], kind="right").json()["state"] == "open"  # a new mind is a new matter


def test_a_passage_that_the_reviewer_may_not_read_hides_it(service: Any, asked: dict[str, Any]) -> None:
    both = service.key("lena", "legal", "hr")
    passage = {"document_id": service.salaries, "quote": "91,000 euros"}
    id_ = give(service, both, asked["audit_id"], kind="wrong_source", expected=passage).json()["id"]
    assert queue(service, key(service, "ada", "legal", scope=ADMIN)) == []
    assert queue(service, key(service, "ada", "legal", "hr", scope=ADMIN))[0]["id"] == id_
    (seen,) = queue(service, key(service, "eve", "legal", scope=AUDIT))
    assert (seen["expected"]["version"], seen["expected"]["quote"]) == (0, "")


def test_the_queue_comes_page_by_page(service: Any, asked: dict[str, Any]) -> None:
    lena, auditor = service.key("lena", "legal"), key(service, "eve", scope=AUDIT)
    ids = [give(service, lena, asked["audit_id"], sentence=number).json()["id"] for number in (0, 1)]
    first = service.client.get("/v1/feedback?limit=1", headers=auditor).json()
    second = service.client.get(f"/v1/feedback?limit=1&after={first['next']}", headers=auditor).json()
    assert [first["feedback"][0]["id"], second["feedback"][0]["id"]] == ids
    assert second["next"] is None
    assert service.client.get("/v1/feedback?after=x", headers=auditor).status_code == 422


def made(service: Any, told: dict[str, Any], *facts: str) -> dict[str, Any]:
    found = service.parts.feedback.find(told["id"], None)
    return case_of(service.parts, found.feedback, found.kept, facts)


def test_what_is_right_becomes_a_golden_question(service: Any, asked: dict[str, Any], tmp_path: Path) -> None:
    told = give(service, service.key("lena", "legal"), asked["audit_id"], kind="right").json()
    file = tmp_path / "golden.jsonl"
    add(file, made(service, told))
    (case,) = load_cases(file)
    assert (case.kind, case.question) == (Kind.ANSWERABLE, QUESTION)
    assert (case.asker.user, case.asker.groups) == ("lena", {"legal"})
    assert [(gold.source, gold.quote) for gold in case.gold] == [("files/lease.txt", RENT)]
    assert case.must_contain == (("500",),)
    with pytest.raises(UsageError, match="has the case"):
        add(file, made(service, told))
    assert len(load_cases(file)) == 1


def test_what_is_wrong_becomes_one_by_its_passage_and_facts(service: Any, asked: dict[str, Any]) -> None:
    lena = service.key("lena", "legal")
    bare = give(service, lena, asked["audit_id"]).json()
    with pytest.raises(UsageError, match="which passage was expected"):
        made(service, bare, "thirty days")
    passage = {"document_id": service.lease, "quote": "with thirty days of notice"}
    told = give(service, lena, asked["audit_id"], expected=passage).json()
    with pytest.raises(UsageError, match="--fact"):
        made(service, told)
    row = made(service, told, "thirty days | 30 days")
    assert row["must_contain"] == [["thirty days", "30 days"]]
    assert row["evidence"] == [{"source": "files/lease.txt", "page": None, "quote": "with thirty days of notice"}]


def test_no_answer_that_is_right_becomes_an_unanswerable_one(service: Any, tmp_path: Path) -> None:
    service.parts.script.text = "I do not know."
    lena = service.key("lena", "legal")
    asked = service.client.post("/v1/query", json={"question": "What is the colour of Unit 7?"}, headers=lena).json()
    assert asked["status"] == "abstained"
    add(tmp_path / "golden.jsonl", made(service, give(service, lena, asked["audit_id"], kind="right").json()))
    (case,) = load_cases(tmp_path / "golden.jsonl")
    assert (case.kind, case.gold, case.must_contain) == (Kind.UNANSWERABLE, (), ())


def test_a_line_that_is_no_question_is_named(tmp_path: Path) -> None:
    (tmp_path / "golden.jsonl").write_text('{"id": "x"}\n', encoding="utf-8")
    with pytest.raises(UsageError, match="line 1"):
        load_cases(tmp_path / "golden.jsonl")


def test_words_that_no_longer_stand_make_no_golden_question(service: Any) -> None:
    parts, lena = service.parts, service.key("lena", "legal")
    source = "matters/feedback-notice.txt"
    parts.pipeline.ingest(b"The notice for Hall 9 is forty days.", "notice.txt", source, frozenset({"group:legal"}))
    parts.script.text = "The notice for Hall 9 is forty days [1]."
    asked = service.client.post("/v1/query", json={"question": "What is the notice for Hall 9?"}, headers=lena).json()
    assert asked["status"] == "answered"
    told = give(service, lena, asked["audit_id"], kind="right").json()
    assert made(service, told, "forty days")["evidence"][0]["quote"].startswith("The notice for Hall 9")
    parts.pipeline.ingest(b"The notice for Hall 9 is fifty days.", "notice.txt", source, frozenset({"group:legal"}))
    with pytest.raises(UsageError, match="newer version"):
        made(service, told, "forty days")
