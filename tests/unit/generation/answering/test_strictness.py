"""A strict answer withholds what leaves something to doubt, and is never laxer than the installation."""

from __future__ import annotations

from typing import Any

import pytest

from generation.answering.service import AnswerService
from generation.answering.strictness import read
from generation.types import Stage, Status, Strict, Strictness
from ingest.types import FileWarning, WarningKind
from retrieval.types import Principal

ANA = Principal("ana", frozenset({"legal"}))
RENT = "The rent is £500 per month. Dogs are welcome."
REDLINE = FileWarning(WarningKind.REDLINE, "The rent was changed and the change is tracked.", 2, 0, 27)
SURE, NEVER = Strict(0.0), Strict(1.01)


async def withheld(service: AnswerService, trail: Any) -> tuple[Any, list[str]]:
    """The answer, and why each sentence of it that strictness kept back was."""
    answer = await service.answer("What is the rent?", ANA)
    kept = [one["judgement"] for one in trail.records[-1]["withheld"]]
    return answer, [one["reason"] for one in kept if one["stage"] is Stage.STRICTNESS]


async def test_less_support_is_withheld_and_told_in_the_record(parts: Any) -> None:
    service, _, trail = parts("The rent is £500 per month [1].")
    usual, reasons = await withheld(service, trail)
    assert (usual.status, usual.strictness, reasons) == (Status.ANSWERED, Strictness.USUAL, [])
    assert "strictness" not in trail.records[-1]["recipe"]
    strict, reasons = await withheld(service.held_to(NEVER), trail)
    assert (strict.status, strict.strictness, strict.withheld) == (Status.ABSTAINED, Strictness.STRICT, 1)
    assert reasons == ["supported less than a strict answer asks for (1.01)"]
    assert read(trail.records[-1]["recipe"]) == NEVER
    assert trail.records[-1]["gate"]["stages"]["strictness"] == {"checked": 1, "caught": 1}
    assert (await withheld(service.held_to(SURE), trail))[0].answer == usual.answer


async def test_what_ingestion_was_unsure_of_is_withheld(parts: Any, shelf: Any, source: Any) -> None:
    held = shelf((source(RENT, warnings=(REDLINE,)),))
    service, _, trail = parts("The rent is £500 per month [1]. Dogs are welcome [1].", shelf=held)
    answer, reasons = await withheld(service.held_to(SURE), trail)
    assert [one.text for one in answer.sentences] == ["Dogs are welcome."]
    assert reasons == ["rests on words that may not be all that stands there (redline)"]


async def test_what_another_source_contradicts_is_withheld(
    parts: Any, shelf: Any, source: Any, scripted_gate: Any
) -> None:
    held = shelf((source("Notice is 30 days."), source("Notice is 60 days.", name="notice", title="Notice")))
    gate = scripted_gate(against={"30 days": (2, "Notice is 60 days.")})
    service, _, trail = parts("Notice is 30 days [1].", shelf=held, gate=gate)
    assert len((await withheld(service, trail))[0].sentences) == 2  # it, and that the sources differ
    answer, reasons = await withheld(service.held_to(SURE), trail)
    assert (answer.sentences, reasons) == ((), ["another source says otherwise"])


@pytest.mark.parametrize(
    ("own", "more", "support"),
    [(None, Strict(0.9), 0.9), (Strict(0.95), Strict(0.9), 0.95), (Strict(0.9), Strict(0.95), 0.95)],
)
async def test_who_asks_for_more_never_gets_less(parts: Any, own: Strict | None, more: Strict, support: float) -> None:
    service, _, trail = parts("The rent is £500 per month [1].")
    service._strict, service._stricter = own, more
    await service.strictly().answer("What is the rent?", ANA)
    assert read(trail.records[-1]["recipe"]) == Strict(support)
