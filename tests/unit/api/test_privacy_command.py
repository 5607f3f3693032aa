"""The operator's report of documents that many may read is itself on record."""

from __future__ import annotations

import json
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import privacy
from api.cli.main import command_line
from api.wiring.privacy import Exposed
from generation.errors import AuditUnavailable

FOUND = Exposed("d1", 2, "hr/payroll.txt", "Payroll", ("group:everyone",), 0, {"IBAN_CODE": 1}, ())


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    kept: list[Any] = []
    parts = SimpleNamespace(pool=None, audit=SimpleNamespace(append_now=kept.append))
    monkeypatch.setattr(privacy, "opened", lambda: nullcontext(parts))
    monkeypatch.setattr("api.wiring.privacy.exposed", lambda *_: iter([FOUND]))
    return kept


def test_who_is_told_of_which_documents_is_recorded(rows: list[Any]) -> None:
    done = CliRunner().invoke(command_line(), ["privacy", "report", "--open-to", "everyone, staff", "--json"])
    assert json.loads(done.output)["documents"][0]["personal"] == {"IBAN_CODE": 1}
    ((access,),) = [row["accesses"] for row in rows]
    assert (access["action"], access["principal"]) == ("report_privacy", "operator")
    assert access["open_to"] == ["group:everyone", "group:staff"]
    assert access["shown"] == [{"document_id": "d1", "version": 2}]


def test_without_a_record_nothing_is_told(rows: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise AuditUnavailable("The trail cannot be written.")

    monkeypatch.setattr(privacy, "recorded", refused)
    done = CliRunner().invoke(command_line(), ["privacy", "report"])
    assert done.exit_code != 0
    assert "payroll" not in done.output
