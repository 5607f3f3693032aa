"""What of an answer is judged comes out of its record, as far as its asker may read it still."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from api.terminal import UsageError
from evals.systems import second_opinions
from evals.systems.second_opinions import check_judge, sample_of
from evals.types import Case, Gold, Kind
from generation.errors import AuditUnavailable
from infra.postgres.chain import ERASED
from retrieval.types import Principal

ASKER = Principal("vera", frozenset({"legal"}))
CASE = Case(
    "a", Kind.ANSWERABLE, "What is the rent?", ASKER, (Gold("l.pdf", 1, "Rent: 100."), Gold("m.pdf", 1, "Due."))
)
TEXTS = {"lease": "Rent: 100. Due.", "memo": "Pets are welcome."}
CLOSED = {
    "kind": "closed",
    "answer": {"sentences": [{"text": "It is 100."}, {"text": "It is due."}]},
    "context": [
        {"marker": 2, "document_id": "memo", "version": 1, "start": 0, "end": 4},
        {"marker": 1, "document_id": "lease", "version": 1, "start": 0, "end": 10},
        {"marker": 3, "document_id": "gone", "version": 1, "start": 0, "end": 4},
    ],
}


class Versions:
    async def text(self, document_id: str, version: int, principal: Principal) -> Any:
        assert principal == ASKER
        return SimpleNamespace(text=TEXTS[document_id]) if document_id in TEXTS else None


def sample(monkeypatch: pytest.MonkeyPatch, *records: dict[str, Any]) -> Any:
    def show(audit_id: str) -> Any:
        if not records:
            raise AuditUnavailable("gone")
        return [SimpleNamespace(record=json.dumps(one)) for one in records]

    monkeypatch.setattr(second_opinions, "version_texts", lambda parts: Versions())
    return asyncio.run(sample_of(SimpleNamespace(audit=SimpleNamespace(show=show)), CASE, "id"))  # type: ignore[arg-type]


def test_the_shown_passages_in_their_order_and_the_answer_without_its_markers(monkeypatch: pytest.MonkeyPatch) -> None:
    found = sample(monkeypatch, CLOSED, {"kind": "opened"})
    assert (found.question, found.answer) == ("What is the rent?", "It is 100. It is due.")
    assert found.contexts == ("Rent: 100.", "Pets")
    assert found.reference == "Rent: 100. Due."


def test_of_an_answer_that_is_not_there_nothing_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sample(monkeypatch) is None
    assert sample(monkeypatch, {"kind": "opened"}) is None
    erased = CLOSED | {"answer": {"sentences": [{"text": ERASED}]}}
    assert sample(monkeypatch, erased) is None


@pytest.mark.parametrize("url", ["notaurl", "127.0.0.1:8080/v1", "file:///etc/passwd", "http://"])
def test_an_address_that_is_none_is_told_before_the_night(url: str) -> None:
    with pytest.raises(UsageError, match="write an address such as"):
        check_judge((url, "judge", ""))
