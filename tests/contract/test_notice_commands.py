"""`footnote feedback` and `footnote notices` over the local data folder: read by a person, and by a program."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import feedback, notices
from api.cli.main import command_line
from api.terminal import UsageError
from infra.postgres.pool import transaction
from ingest.types import document_id

QUESTION = "What is the fee of the Brenner garage?"
SOURCE = "matters/notices-brenner.txt"
OLD, NEW = "The fee of the Brenner garage is 70 euros.", "The fee of the Brenner garage is 80 euros."
LENA, OTTO = ("--as", "user:lena", "--groups", "legal"), ("--as", "user:otto", "--groups", "legal")
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def run(service: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    @contextmanager
    def opened(**_: object) -> Iterator[Any]:
        yield service.parts

    monkeypatch.setattr(feedback, "opened", opened)
    monkeypatch.setattr(notices, "opened", opened)
    with transaction(service.parts.pool) as conn:
        conn.execute("DELETE FROM feedback")
    return lambda *options: CliRunner().invoke(command_line(), options)


@pytest.fixture
def asked(service: Any) -> dict[str, Any]:
    """An answer of lena's, in a conversation."""
    put(service, OLD)
    service.parts.script.text = f"{OLD[:-1]} [1]."
    body = {"question": QUESTION, "conversation": "new"}
    reply = service.client.post("/v1/query", json=body, headers=service.key("lena", "legal"))
    assert reply.json()["status"] == "answered", reply.text
    return dict(reply.json())


def put(service: Any, text: str) -> None:
    service.parts.pipeline.ingest(text.encode(), "brenner.txt", SOURCE, frozenset({"group:legal"}))


def accesses(service: Any, action: str) -> list[dict[str, Any]]:
    records = [json.loads(row.record) for row in service.parts.audit.show(limit=20)]
    return [one for record in records for one in record.get("accesses", ()) if one["action"] == action]


def test_feedback_is_looked_through_and_resolved(run: Any, service: Any, asked: dict[str, Any]) -> None:
    none = run("feedback", "list")
    assert (none.exit_code, none.stdout) == (0, "Nobody has said anything of an answer yet.\n")
    said = {"audit_id": asked["audit_id"], "kind": "wrong", "sentence": 1, "words": "It is 75."}
    said |= {"expected": {"document_id": document_id(SOURCE), "quote": "70 euros"}}
    reply = service.client.post("/v1/feedback", json=said, headers=service.key("lena", "legal"))
    assert reply.status_code == 201, reply.text
    id_ = reply.json()["id"]
    head, row = run("feedback", "list").stdout.splitlines()
    assert head.split() == ["id", "given", "by", "says", "state", "about"]
    assert (row.split()[0], row.endswith("user:lena  wrong  open   It is 75.")) == (id_, True)
    assert run("feedback", "list", "--state", "golden").stdout == "No feedback is golden.\n"
    told = run("feedback", "show", id_).stdout
    assert f"user:lena said that sentence 1 of answer {asked['audit_id']} is wrong" in told
    for line in (f"Q: {QUESTION}", f"A: {OLD}", "State: open", '    "70 euros"', "    It is 75."):
        assert line in told.splitlines()
    resolved = run("feedback", "resolve", id_, "--state", "rejected", "--words", "It is 70.")
    assert resolved.stdout == f"{id_} is rejected.\n"
    assert "State: rejected by operator: It is 70." in run("feedback", "show", id_).stdout.splitlines()
    missing = run("feedback", "show", NOBODY)
    assert isinstance(missing.exception, UsageError)
    assert "`footnote feedback list`" in str(missing.exception)
    assert isinstance(run("feedback", "resolve", NOBODY).exception, UsageError)


def test_a_program_reads_feedback_as_over_http(run: Any, service: Any, asked: dict[str, Any]) -> None:
    said = {"audit_id": asked["audit_id"], "kind": "incomplete"}
    id_ = service.client.post("/v1/feedback", json=said, headers=service.key("lena", "legal")).json()["id"]
    admin = service.key("ada", "legal", admin=True)
    over_http = service.client.get(f"/v1/feedback/{id_}", headers=admin).json()
    assert json.loads(run("feedback", "show", id_, "--json").stdout) == over_http
    assert json.loads(run("feedback", "list", "--json").stdout) == {"feedback": [over_http], "next": None}
    resolved = json.loads(run("feedback", "resolve", id_, "--state", "accepted", "--json").stdout)
    assert resolved == service.client.get(f"/v1/feedback/{id_}", headers=admin).json()
    assert (resolved["state"], resolved["reviewed_by"]) == ("accepted", "operator")


def test_notices_are_those_of_one_person(run: Any, service: Any, asked: dict[str, Any]) -> None:
    lena = service.key("lena", "legal")
    place = f"/v1/conversations/{asked['conversation']['id']}"
    assert service.client.put(f"{place}/shares", json={"principals": ["user:otto"]}, headers=lena).status_code == 200
    put(service, NEW)
    own, others = run("notices", "list", *LENA), run("notices", "list", *OTTO)
    for ran, whose in ((own, ""), (others, "  shared by user:lena")):
        assert ran.exit_code == 0, ran.output
        lines = ran.stdout.splitlines()
        at = next(number for number, line in enumerate(lines) if asked["audit_id"] in line)
        assert lines[at].endswith(asked["audit_id"] + whose)
        assert lines[at + 1] == f"    {QUESTION}"
        assert lines[at + 2].startswith("    - brenner (")
        assert "superseded by version" in lines[at + 2]
        assert lines[at + 2].endswith("the quoted words have changed")
        assert " on what has changed." in lines[-1]
    over_http = service.client.get("/v1/answers/notices", headers=lena).json()
    assert json.loads(run("notices", "list", "--json", *LENA).stdout) == over_http
    shut = run("notices", "list", "--as", "user:otto", "--groups", "hr")
    nothing = "No news for user:otto: nothing that their answers, or those shared with them, rest on has changed.\n"
    assert shut.stdout == nothing
    assert accesses(service, "list_notices")[0]["hits"] == 0
    assert "Say who asks" in str(run("notices", "list").exception)
