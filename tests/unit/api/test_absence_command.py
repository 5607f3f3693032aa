"""`footnote absence` as people and scripts see it, and what an erasure takes along of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from api.cli.absence import NOT_ESTABLISHED_EXIT, absence
from api.wiring.absence import AdmittedAbsence
from api.wiring.erasing.trail import quotes
from api.wiring.line import Bounds as LineBounds
from api.wiring.line import Line
from generation.absence.types import (
    Absence,
    AbsenceBounds,
    AbsenceEvent,
    AbsenceStatus,
    DocumentAbsence,
    GapKind,
    LookedEvent,
    NearPassage,
    PagesRead,
    Presence,
    ReadingGap,
)
from generation.types import Citation, StatusEvent
from infra.postgres.entries import TrailEntry
from retrieval.types import EVERYTHING, Filter, Numbering, Principal

ID = "5b1d0d3c-31a5-5a0f-9d0b-0c6d6f7a0a11"
NEAR = NearPassage(
    Citation(1, ID, 7, "ab", "Lease", "lease.pdf", (), 2, 5, 16, "The rent is", page_label="ii"), 0.31, -2.0, 0.4
)
LEASE = DocumentAbsence(
    ID, 7, "v", "Lease", "lease.pdf", "ab", Presence.UNSURE, 0.31, True, (NEAR,),
    PagesRead(3, 2, unread=(3,), reasons=("Page 3 could not be read.",)),
    (ReadingGap(GapKind.UNREAD_PAGE, "Page 3 could not be read.", 3),), 9, 9,
)  # fmt: skip
FOUND = Absence(
    "Rent is due.", AbsenceStatus.NOT_ESTABLISHED, "It was not found.", ("1 page",), (LEASE,), 0,
    AbsenceBounds(0.1, 0.8, 0.9, 0.02, 0.1), "snapshot", "audit-1",
)  # fmt: skip


class Absences:
    def __init__(self, found: Absence = FOUND) -> None:
        self.found = found
        self.asked: list[tuple[str, Principal, date | None, Filter]] = []

    async def stream(
        self, question: str, principal: Principal, as_of: date | None = None, only: Filter = EVERYTHING
    ) -> AsyncGenerator[LookedEvent | AbsenceEvent, None]:
        self.asked.append((question, principal, as_of, only))
        yield LookedEvent(0, 1)
        yield LookedEvent(1, 1)
        yield AbsenceEvent(self.found)


@pytest.fixture
def absences(monkeypatch: pytest.MonkeyPatch) -> Absences:
    made = Absences()

    @contextmanager
    def opened() -> Iterator[Any]:
        seen = Numbering({ID: {5: "v_5", 7: "v_7"}})
        deployed = SimpleNamespace(absence_service=made)
        yield SimpleNamespace(deployed=deployed, numbers=SimpleNamespace(of=lambda principal, ids: seen))

    monkeypatch.setattr("api.cli.absence.opened", opened)
    return made


def test_it_is_told_to_people(absences: Absences, capsys: pytest.CaptureFixture[str]) -> None:
    assert absence("Rent is due.", "user:ana", "legal", None, [ID]) == NOT_ESTABLISHED_EXIT
    told = capsys.readouterr()
    assert told.err == "Looked through 1 of 1.\n"
    for words in (
        "It was not found.\n",
        "Lease: unsure (0.31; 3 pages: 2 text, 1 unread)",
        "! Page 3 could not be read.",
        "0.31  page ii: “The rent is”",
        "not_established | 1 document | audit audit-1",
    ):
        assert words in told.out
    question, asker, _, only = absences.asked[0]
    assert (question, asker) == ("Rent is due.", Principal("ana", frozenset({"legal"})))
    assert only.documents == {ID}


def test_it_is_told_to_programs_by_the_numbers_of_who_asks(
    absences: Absences, capsys: pytest.CaptureFixture[str]
) -> None:
    absences.found = replace(FOUND, status=AbsenceStatus.ABSENT)
    assert absence("Rent is due.", "user:ana", as_json=True) == 0
    (one,) = json.loads(capsys.readouterr().out)["documents"]
    assert (one["version"], one["version_id"]) == (2, "v_7")
    assert one["nearest"][0]["citation"]["version"] == 2


def test_who_waits_is_told_their_place_and_one_goes_on_at_a_time() -> None:
    counted: list[SimpleNamespace] = []

    class Spending:
        def question(self, principal: Principal) -> Any:
            class Taken:
                async def __aenter__(self) -> SimpleNamespace:
                    counted.append(SimpleNamespace(begun=False, usage=None))
                    return counted[-1]

                async def __aexit__(self, *error: object) -> None:
                    pass

            return Taken()

    async def heard() -> list[object]:
        line = Line(LineBounds(1, 5, 5))
        admitted = AdmittedAbsence(Absences, line, Spending())  # type: ignore[arg-type]
        with line.place("otto"):
            waiting = admitted.stream("Rent is due.", Principal("ana"))
            first = await anext(waiting)
            assert not counted[-1].begun
        return [first, *[event async for event in waiting]]

    told = asyncio.run(heard())
    assert told == [StatusEvent("waiting", 1), LookedEvent(0, 1), LookedEvent(1, 1), AbsenceEvent(FOUND)]
    assert counted[-1].begun
    assert counted[-1].usage.prompt_tokens == 0


@pytest.mark.parametrize(("status", "taken"), [("found", True), ("absent", False), ("unsure", False)])
def test_an_erased_document_takes_questions_along_that_it_was_found_to_answer(status: str, taken: bool) -> None:
    now = datetime.now(UTC)
    record = {
        "kind": "absence",
        "documents": [{"document_id": ID, "status": status}, {"document_id": "b", "status": "found"}],
    }
    entry = TrailEntry("a", 1, 0, now, now, "absence", "user:ana", "", "", record, "")
    assert quotes(entry, frozenset({ID})) is taken
