"""Cases out of answers that went wrong, and cases that are not worth asking any more, over a real installation."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from api.terminal import UsageError
from evals.datasets.golden import load_cases
from evals.suites.nightly import run_case
from evals.suites.nightly.run_case import case_of
from evals.suites.nightly.run_datasets import Shared, shared
from evals.systems import looking
from evals.systems.case_files import add
from evals.systems.staleness import CLOSED, GONE, SUPERSEDED, Staleness
from evals.types import Case, Gold, Kind
from infra.postgres.evaluations import CaseResult
from retrieval.types import Principal

QUESTION = "What is the rent of Unit 7?"
RENT = "The rent of Unit 7 is 500 euros per month."


@pytest.fixture
def audit_id(service: Any) -> str:
    service.parts.script.text = "The rent of Unit 7 is 500 euros per month [1]."
    reply = service.client.post("/v1/query", json={"question": QUESTION}, headers=service.key("lena", "legal"))
    assert reply.json()["status"] == "answered", reply.text
    return str(reply.json()["audit_id"])


def made(service: Any, audit_id: str, *expect: str, **told: Any) -> dict[str, Any]:
    kept = service.parts.kept.find(audit_id)
    return case_of(service.parts, kept, expect, **{"quote": "", "document": "", "nothing": False, **told})


def test_an_answer_becomes_a_case_without_feedback(service: Any, audit_id: str, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    add(file, made(service, audit_id, "500|five hundred"))
    (case,) = load_cases(file)
    assert (case.kind, case.question, case.asker) == (
        Kind.ANSWERABLE, QUESTION, Principal("lena", frozenset({"legal"}))
    )  # fmt: skip
    assert ([(one.source, one.quote) for one in case.gold], case.must_contain) == (
        [("files/lease.txt", RENT)], (("500", "five hundred"),)
    )  # fmt: skip


def test_the_words_may_stand_elsewhere_than_what_was_cited(service: Any, audit_id: str) -> None:
    row = made(service, audit_id, "thirty days", quote="with  thirty days\nof notice")
    assert row["evidence"] == [{"source": "files/lease.txt", "page": None, "quote": "with thirty days of notice"}]
    row = made(service, audit_id, "thirty days", quote="thirty days", document="files/lease.txt")
    assert row["evidence"][0]["quote"] == "thirty days"
    with pytest.raises(UsageError, match="cites nothing that states it"):
        made(service, audit_id, "ninety days")
    with pytest.raises(UsageError, match="no such words"):
        made(service, audit_id, "ninety days", quote="ninety days")
    with pytest.raises(UsageError, match=r"no such words in files/none\.txt"):
        made(service, audit_id, "thirty days", quote="thirty days", document="files/none.txt")


def test_right_may_be_to_find_nothing(service: Any, audit_id: str) -> None:
    row = made(service, audit_id, nothing=True)
    assert (row["kind"], row["evidence"], row["must_contain"]) == ("unanswerable", [], [])
    for wrong in ({"nothing": True, "quote": "x"}, {}):
        with pytest.raises(UsageError, match="--nothing"):
            made(service, audit_id, **wrong)
    with pytest.raises(UsageError, match="--nothing"):
        made(service, audit_id, "500", nothing=True)


def case(
    kind: Kind = Kind.ANSWERABLE, source: str = "files/lease.txt", quote: str = RENT, group: str = "legal"
) -> Case:
    asker = Principal("lena", frozenset({group}))
    return Case("c-1", kind, QUESTION, asker, (Gold(source, None, quote),), (("500",),))


def test_a_case_is_stale_when_its_document_is_gone_closed_or_says_something_else(service: Any) -> None:
    stale = Staleness(service.parts.documents)
    assert stale.of(case(quote="The rent  of Unit 7 is\n500 euros")) == ""
    assert stale.of(case(source="files/none.txt")) == GONE
    assert stale.of(case(group="strangers")) == CLOSED
    assert stale.of(case(Kind.FORBIDDEN, group="strangers")) == ""
    assert stale.of(case(quote="The rent of Unit 7 is 900 euros")) == SUPERSEDED


def test_words_that_cases_share_with_training_rows_are_named(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    rows = [{"messages": [{"content": f"Context: {RENT.upper()} And so on, as agreed by both of the parties here."}]},
            {"question": "what is the rent of unit 7"}]  # fmt: skip
    (tmp_path / "run" / "data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    long = f"{RENT} And so on, as agreed by both of the parties"
    assert list(shared([case(quote=long)], tmp_path)) == [
        Shared("c-1", "question", "run/data.jsonl"), Shared("c-1", "quote", "run/data.jsonl")
    ]  # fmt: skip
    other = Case("c-2", Kind.ANSWERABLE, "Who may enter the flat in the evening?", Principal("lena"))
    assert list(shared([other], tmp_path)) == []


def _line(**told: Any) -> str:
    row = {"id": "a", "kind": "answerable", "question": "q?", "asker": {"user": "u", "groups": ["g"]}, "evidence": []}
    return json.dumps(row | {"must_contain": [["ninety days"]]} | told) + "\n"


@pytest.mark.parametrize(
    "told",
    [
        {"must_contain": ["ninety days"]},  # of which each letter would be a fact
        {"must_contain": [[]]},
        {"must_contain": [[""]]},
        {"id": 5},
        {"id": "a\0b"},
        {"question": " "},
        {"asker": {"user": "u", "groups": "legal"}},
        {"asker": 3},
        {"evidence": [3]},
    ],
)
def test_a_line_that_would_count_as_right_or_end_the_night_is_refused(tmp_path: Path, told: dict[str, Any]) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(_line() + _line(**told), encoding="utf-8")
    with pytest.raises(UsageError, match=r"cases\.jsonl, line 2 is no golden question"):
        load_cases(file)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot be read"):
        load_cases(file)
    with pytest.raises(UsageError, match="cannot be read"):
        add(file, json.loads(_line()))
    file.write_text(_line(question="one\u2028two").replace("\\u2028", "\u2028"), encoding="utf-8")
    assert load_cases(file)[0].question == "one\u2028two"


def test_who_may_read_a_case_file_stays_when_a_case_is_added(tmp_path: Path) -> None:
    file, link = tmp_path / "cases.jsonl", tmp_path / "link.jsonl"
    file.write_text(_line(), encoding="utf-8")
    file.chmod(0o600)
    link.symlink_to(file)
    add(link, json.loads(_line(id="b")))
    assert (file.stat().st_mode & 0o777, link.is_symlink()) == (0o600, True)
    assert [case.id for case in load_cases(file)] == ["a", "b"]


def test_training_data_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"text": "half a ro', encoding="utf-8")
    with pytest.raises(UsageError, match=r"rows\.jsonl cannot be read as JSON lines"):
        list(shared([], tmp_path))


def accesses(service: Any, action: str) -> list[dict[str, Any]]:
    rows = service.parts.audit.show(limit=20)
    return [one for row in rows for one in json.loads(row.record).get("accesses", ()) if one["action"] == action]


def test_who_makes_a_case_has_read_an_answer(
    service: Any, audit_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_case, "opened", lambda: nullcontext(service.parts))
    assert run_case.make_case(audit_id, ["500"], "", "", False, tmp_path / "cases.jsonl") == 0
    access, *_ = accesses(service, "read_answer")
    assert (access["principal"], access["way"], access["audit_id"]) == ("operator", "command line", audit_id)
    assert len(access["shown"]) == 1


def test_who_reports_with_words_has_read_questions(
    service: Any, audit_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "opened", lambda **settings: nullcontext(service.parts))
    case = CaseResult("regression", "a", "d", "own", "wrong", "answered", "", None, 1.0, audit_id, "s", {})
    with looking.looking(words=False) as store:
        assert store.question(case) == ""
    assert accesses(service, "read_evaluation") == []
    with looking.looking(words=True) as store:
        assert store.question(case) == QUESTION
    (access,) = accesses(service, "read_evaluation")
    assert (access["principal"], access["answers"], access["hits"]) == ("operator", [audit_id], 1)
