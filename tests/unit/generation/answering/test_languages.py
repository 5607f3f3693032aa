"""No answer in or from a language in which the gate was not measured: it is said so, and what was found is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from generation.types import SourceText, Status, Why
from retrieval.types import Principal

ANA = Principal("ana", frozenset({"legal"}))
RENT = "The rent is £500 per month. Dogs are welcome."
MIETE = (
    "Die Miete beträgt 500 Euro im Monat und ist am dritten Werktag fällig. Hunde sind in der Wohnung willkommen, "
    "sofern sie niemanden stören."
)
LOYER = "Le loyer est de 500 euros par mois. Le preneur le verse le premier jour de chaque mois au bailleur."


@dataclass
class Spoken:
    """A shelf whose versions say in which language they are."""

    held: Any
    languages: dict[str, str]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.held, name)

    async def text(self, document_id: str, version: int, principal: Principal) -> SourceText | None:
        found = await self.held.text(document_id, version, principal)
        return SourceText(found.text, found.lines, language=self.languages.get(document_id, "und")) if found else None


@pytest.fixture
def over(parts: Any, shelf: Any, source: Any) -> Any:
    def make(reply: str, *texts: tuple[str, str, str]) -> Any:
        held = shelf(tuple(source(text, name=name, title=name) for name, text, _ in texts))
        return parts(reply, shelf=Spoken(held, {name: language for name, _, language in texts}))

    return make


async def test_a_question_in_another_language_is_not_answered(over: Any) -> None:
    service, _, trail = over("The rent is £500 per month [1].", ("lease", RENT, "en"), ("miete", MIETE, "de"))
    answer = await service.answer("Wie hoch ist die Miete im Monat?", ANA)
    assert (answer.status, answer.why) == (Status.ABSTAINED, Why.NOT_MEASURED)
    assert answer.explanation == answer.answer
    assert answer.answer.startswith("The question is in German, and answers are checked in English only, so none was ")
    assert "Search works in it" in answer.answer
    assert [citation.document_id for citation in answer.abstention.nearest] == ["lease", "miete"]
    assert [(one.language, one.name, one.passages) for one in answer.left_aside] == [
        ("de", "German", 0), ("de", "German", 1),
    ]  # fmt: skip
    assert trail.records[0]["languages"] == {"question": "de", "passages": {"2": "de"}}
    assert answer.usage.completion_tokens == 0  # nothing was written


@pytest.mark.parametrize("language", ["de", "und", "en"])
async def test_nothing_is_drafted_from_passages_in_another_language(over: Any, language: str) -> None:
    """Whatever was said of the document: a person may have been wrong."""
    service, _, trail = over("Die Miete beträgt 500 Euro im Monat [1].", ("miete", MIETE, language))
    answer = await service.answer("What is the rent?", ANA)
    assert (answer.status, answer.why, answer.sentences) == (Status.ABSTAINED, Why.NOT_MEASURED, ())
    assert answer.answer.startswith("What was found is in German, and answers are checked in English only")
    assert answer.abstention.nearest[0].quote in MIETE
    assert trail.records[0]["languages"]["passages"] == {"1": "de"}


async def test_an_answer_from_english_says_what_was_left_aside(over: Any) -> None:
    texts = (("lease", RENT, "en"), ("miete", MIETE, "de"), ("bail", LOYER, "fr"))
    service, _, _ = over("The rent is £500 per month [1].", *texts)
    answer = await service.answer("What is the rent?", ANA)
    assert (answer.status, answer.why, answer.explanation) == (Status.ANSWERED, Why.NONE, "")
    assert answer.answer == "The rent is £500 per month."
    assert {citation.document_id for citation in answer.citations} == {"lease"}
    assert [(one.name, one.passages) for one in answer.left_aside] == [("German", 1), ("French", 1)]


async def test_why_nothing_was_answered_tells_what_was_left_aside(over: Any) -> None:
    service, _, _ = over("NOT FOUND", ("lease", RENT, "en"), ("miete", MIETE, "de"), ("bail", LOYER, "fr"))
    answer = await service.answer("What is the deposit?", ANA)
    assert answer.why is Why.NOTHING_DRAFTED
    assert "2 passages in German and French were found and left aside" in answer.explanation


async def test_a_question_in_another_language_that_finds_nothing_says_no_more(over: Any) -> None:
    service, _, _ = over("")
    answer = await service.answer("Wie hoch ist die Miete?", ANA)
    assert answer.why is Why.NOT_MEASURED
    assert "passages" not in answer.answer


async def test_foreign_words_in_english_documents_stand_in_no_ones_way(over: Any) -> None:
    text = "The lease of Müller & Söhne GmbH, Münchner Straße 5, ends on force majeure. Rent is due pro rata temporis."
    service, _, trail = over("Rent is due pro rata temporis [1].", ("lease", text, "en"))
    answer = await service.answer("When does the lease of Müller & Söhne GmbH end?", ANA)
    assert (answer.status, answer.left_aside) == (Status.ANSWERED, ())
    assert trail.records[0]["languages"] == {"question": "", "passages": {}}
