"""Two sources that differ: said after the sentence, in their own words, the newer one first, once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from generation.answering.conflicts import Source, at_odds, differing
from generation.types import Evidence, FinalEvent, Note, SentenceEvent, Status, Verdict
from retrieval.types import Passage, Principal

ANA = Principal("ana", frozenset({"legal"}))
OLD = "Notice is 30 days. Dogs are welcome."
NEW = "Notice is 60 days. Dogs are banned."
EARLY, LATE = date(2019, 5, 3), date(2024, 3, 1)
SAID = "Notice is 30 days [1]."


def evidence(passage: Passage, quote: str) -> Evidence:
    start = passage.start + passage.text.index(quote)
    return Evidence(passage, start, start + len(quote), 0.0)


@pytest.fixture
def asked(parts: Any, shelf: Any, source: Any, scripted_gate: Any) -> Any:
    """Asks over an older and a newer document with these days; the newer contradicts what holds "30 days"."""

    async def ask(text: str = SAID, days: Any = (None, None), against: Any = None, **given: Any) -> Any:
        held = shelf((source(OLD, day=days[0]), source(NEW, name="notice", title="Notice", day=days[1])), **given)
        gate = scripted_gate(against=against or {"30 days": (2, "Notice is 60 days.")})
        service, _, trail = parts(text, shelf=held, gate=gate)
        events = [event async for event in service.stream("How long is the notice?", ANA)]
        final = events[-1]
        assert isinstance(final, FinalEvent)
        return final.answer, events, trail

    return ask


@pytest.mark.parametrize(
    ("days", "text", "quotes"),
    [
        (
            (EARLY, LATE),
            "The sources differ: the newer one, in force since 2024-03-01, says “Notice is 60 days.”, "
            "the older one, in force since 2019-05-03, says “Notice is 30 days.”",
            ["notice", "lease"],
        ),
        (
            (LATE, EARLY),
            "The sources differ: the newer one, in force since 2024-03-01, says “Notice is 30 days.”, "
            "the older one, in force since 2019-05-03, says “Notice is 60 days.”",
            ["lease", "notice"],
        ),
        *(
            (days, "The sources differ: one says “Notice is 30 days.”, another says “Notice is 60 days.”",
             ["lease", "notice"])
            for days in ((None, None), (None, LATE), (EARLY, None), (EARLY, EARLY))
        ),
    ],
)  # fmt: skip
async def test_a_conflict_is_told_with_both_sources(asked: Any, days: Any, text: str, quotes: list[str]) -> None:
    answer, _, trail = await asked(days=days)
    said, told = answer.sentences
    assert (said.text, said.note, told.text, told.note) == ("Notice is 30 days.", Note.NONE, text, Note.CONFLICT)
    assert (told.verdict, told.support, answer.status) == (Verdict.ENTAILED, 1.0, Status.ANSWERED)
    assert answer.answer[told.start : told.end] == text
    cited = [answer.citations[number - 1] for number in told.citations]
    assert [citation.document_id for citation in cited] == quotes
    for citation in cited:
        assert {"lease": OLD, "notice": NEW}[citation.document_id][citation.start : citation.end] == citation.quote
        assert f"“{citation.quote}”" in text
    assert trail.records[0]["gate"]["conflicts"] == 1


async def test_the_sentence_comes_before_its_conflict(asked: Any) -> None:
    _, events, _ = await asked()
    notes = [event.sentence.note for event in events if isinstance(event, SentenceEvent)]
    assert notes == [Note.NONE, Note.CONFLICT]


async def test_two_documents_differ_once(asked: Any) -> None:
    against = {"30 days": (2, "Notice is 60 days."), "welcome": (2, "Dogs are banned.")}
    answer, _, _ = await asked("Notice is 30 days [1]. Dogs are welcome [1].", against=against)
    assert [sentence.note for sentence in answer.sentences] == [Note.NONE, Note.CONFLICT, Note.NONE]


async def test_one_document_against_itself_is_not_told(asked: Any) -> None:
    answer, _, _ = await asked(against={"30 days": (1, "Dogs are welcome.")})
    assert [sentence.note for sentence in answer.sentences] == [Note.NONE]


async def test_a_conflict_that_cannot_be_quoted_is_not_told(asked: Any) -> None:
    answer, _, _ = await asked(texts={"notice": NEW.replace("60", "90")})
    assert [sentence.note for sentence in answer.sentences] == [Note.NONE]
    assert [citation.document_id for citation in answer.citations] == ["lease"]


async def test_nothing_withheld_is_held_against_another_source(parts: Any, scripted_gate: Any) -> None:
    gate = scripted_gate({"£900": "judge"}, against={"£900": (2, "Cats pay nothing.")})
    service, _, trail = parts("The rent is £900 [1].", gate=gate)
    assert (await service.answer("Rent?", ANA)).status is Status.ABSTAINED
    assert trail.records[0]["gate"]["conflicts"] == 0
    assert gate.opposed == []


def test_of_several_spans_the_one_about_the_same_thing_is_at_odds(source: Any) -> None:
    lease, notice = source(OLD).passage(1), source(NEW, name="notice").passage(2)
    both = (evidence(lease, "Dogs are welcome."), evidence(lease, "Notice is 30 days."))
    assert at_odds(both, evidence(notice, "Notice is 60 days.")) == both[1]
    assert at_odds(both, evidence(notice, "Dogs are banned.")) == both[0]


def test_nothing_is_at_odds_with_its_own_words_or_another_version(source: Any) -> None:
    said = evidence(source(OLD, version=2).passage(1), "Notice is 30 days.")
    copy = evidence(source(OLD, name="copy").passage(2), "Notice is 30 days.")
    before = evidence(source(NEW, version=1).passage(2), "Notice is 60 days.")
    assert at_odds((said,), copy) is None
    assert at_odds((said,), before) is None
    assert at_odds((), before) is None


def test_without_days_what_ranks_higher_comes_first(source: Any) -> None:
    said = evidence(source(OLD).passage(1), "Notice is 30 days.")
    other = evidence(source(NEW, name="notice").passage(2), "Notice is 60 days.")
    assert differing(Source(said, None, 3), Source(other, LATE, 0)).evidence == (other, said)
    assert differing(Source(said, None, 0), Source(other, LATE, 3)).evidence == (said, other)


def test_a_quote_without_a_full_stop_gets_one_after_it(source: Any) -> None:
    row = source("Rent | 500").passage(1)
    other = evidence(source("Rent | 600", name="new").passage(2), "Rent | 600")
    told = differing(Source(evidence(row, "Rent | 500"), None, 0), Source(other, None, 1))
    assert told.text == "The sources differ: one says “Rent | 500”, another says “Rent | 600”."
