"""Sources in their own words: before what the generator writes, and in the place of what failed the gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from generation.answering.quoting import instead, opening, words
from generation.evidence import Evidence
from generation.faithfulness import Decision
from generation.service import ABSTENTION, AnswerOptions
from generation.types import CitationEvent, Judgement, Note, SentenceEvent, Status, Verdict
from retrieval.types import Context, Lead, Principal

ANA = Principal("ana", frozenset({"legal"}))
RENT = "The rent is £500 per month."
WRAPPED = "The rent of the first floor is £500\nper month."


def failed(text: str, *passages: Any, stage: str = "judge", verdict: Verdict = Verdict.NEUTRAL) -> Decision:
    nearest = tuple(Evidence(passage, passage.start, passage.end, 0.0) for passage in passages)
    return Decision(text, Judgement(verdict, 0.1, stage), nearest=nearest)


def quoted(decision: Decision) -> tuple[str, str]:
    found = instead(decision)
    return (words(found), found.quote) if found else ("", "")


@pytest.mark.parametrize(
    ("stands", "text", "quote"),
    [
        ("Dogs are welcome. The rent is £500 per month.", RENT, RENT),
        (f"4.2 {WRAPPED}", " ".join(WRAPPED.split()), f"4.2 {WRAPPED}"),
        ("- The rent is £500 per month.", RENT, "- The rent is £500 per month."),
        ("(b) The rent is £500 per month.", RENT, "(b) The rent is £500 per month."),
        ("The fee is £7. It is a rent of £900 here.", "", ""),
        ("Rent of £500.", "", ""),
        ("Item | Amount\nRent | £500", "", ""),
        ("the rent, which is £500 per month.", "", ""),
        ("The rent:", "", ""),
        (f"The rent is {'very ' * 60}high.", "", ""),
        ("Dogs are welcome. The rent is £900.", "", ""),
    ],
)
def test_a_quotation_is_a_whole_sentence_that_says_something_by_itself(
    source: Any, stands: str, text: str, quote: str
) -> None:
    assert quoted(failed("The rent is £900.", source(stands).passage())) == (text, quote)


def test_the_likeliest_sentence_of_all_sources_is_quoted_where_it_stands(source: Any) -> None:
    fees, lease = (
        source("The kennel fee is £7.", name="fees"),
        source("Dogs are welcome. The rent is £500 per month.", start=18),
    )
    found = instead(failed("The rent is £900.", fees.passage(1), lease.passage(2)))
    assert found is not None
    assert (words(found), found.passage.marker, found.start, found.end) == (RENT, 2, 18, 45)


@pytest.mark.parametrize("stage", ["marker", "length", "citation"])
def test_what_did_not_fail_for_what_it_says_is_not_repaired(source: Any, stage: str) -> None:
    assert instead(failed("The rent is £900.", source(RENT).passage(), stage=stage)) is None


def test_what_passed_is_not_repaired(source: Any) -> None:
    assert instead(failed("The rent is £900.", source(RENT).passage(), verdict=Verdict.ENTAILED)) is None


@pytest.mark.parametrize("stage", ["relevance", "figures", "judge", "second"])
async def test_a_failed_sentence_ships_in_the_words_of_its_source_after_the_gate_has_passed_them(
    parts: Any, stage: str
) -> None:
    service, _, trail = parts("The rent is £900 [1]. Dogs are welcome [1].", caught={"£900": stage})
    answer = await service.answer("What is the rent?", ANA)
    assert [(s.text, s.note) for s in answer.sentences] == [(RENT, Note.QUOTED), ("Dogs are welcome.", Note.NONE)]
    assert (answer.status, answer.withheld) == (Status.ANSWERED, 0)
    assert [citation.quote for citation in answer.citations] == [RENT, "Dogs are welcome."]
    (record,) = trail.records
    assert record["withheld"] == []
    (repaired,) = record["repaired"]
    assert (repaired["text"], repaired["judgement"]["stage"]) == ("The rent is £900.", stage)
    assert repaired["repair"]["text"] == RENT
    assert repaired["repair"]["judgement"]["verdict"] == "entailed"
    assert repaired["repair"]["evidence"] == (1, 0, 27)
    assert record["gate"]["stages"][stage]["caught"] == 1
    assert (record["gate"]["repaired"], record["gate"]["repairs_tried"]) == (1, 1)


async def test_a_quotation_takes_the_place_of_its_sentence_in_the_stream(parts: Any) -> None:
    text = "Dogs are welcome [1]. The rent is £900 [1]. Cats pay nothing [2]."
    service, _, _ = parts(text, caught={"£900": "judge"})
    events = [event async for event in service.stream("Rent?", ANA)]
    shipped = [event.sentence.text for event in events if isinstance(event, SentenceEvent)]
    assert shipped == ["Dogs are welcome.", RENT, "Cats pay nothing."]
    assert [event.citation.id for event in events if isinstance(event, CitationEvent)] == [1, 2, 3]


async def test_a_quotation_has_to_answer_the_question_wherever_it_stands(parts: Any, scripted_gate: Any) -> None:
    gate = scripted_gate({"£900": "judge", "£500": "relevance"})
    service, _, trail = parts("Dogs are welcome [1]. The rent is £900 [1].", gate=gate)
    answer = await service.answer("Are dogs welcome?", ANA)
    assert (answer.answer, answer.status, answer.withheld) == ("Dogs are welcome.", Status.PARTIAL, 1)
    assert gate.asked[-1] == (f"{RENT} [1]", True, "Dogs are welcome.")
    (held,) = trail.records[0]["withheld"]
    assert (held["text"], held["judgement"]["stage"]) == ("The rent is £900.", "judge")
    assert (held["repair"]["text"], held["repair"]["judgement"]["stage"]) == (RENT, "relevance")
    counts = trail.records[0]["gate"]
    assert (counts["repaired"], counts["repairs_tried"], counts["withheld"]) == (0, 1, 1)


async def test_what_the_gate_stops_twice_is_in_no_answer(parts: Any) -> None:
    service, _, _ = parts("The rent is £900 [1].", caught={"£900": "figures", "£500": "judge"})
    answer = await service.answer("Rent?", ANA)
    assert (answer.status, answer.answer, answer.withheld) == (Status.ABSTAINED, ABSTENTION, 1)
    assert "£" not in str(answer.sentences) + str(answer.citations)


async def test_what_the_answer_has_cited_is_not_quoted(parts: Any, scripted_gate: Any) -> None:
    gate = scripted_gate({"£900": "judge"})
    service, _, _ = parts("The rent is £500 per month [1]. The rent is £900 [1].", gate=gate)
    answer = await service.answer("Rent?", ANA)
    assert (answer.answer, answer.withheld, len(gate.asked)) == (RENT, 1, 2)


async def test_what_a_quotation_has_said_is_not_said_again(parts: Any) -> None:
    service, _, _ = parts("The rent is £900 [1]. The rent is £500 per month [1].", caught={"£900": "judge"})
    assert (await service.answer("Rent?", ANA)).answer == RENT


async def test_a_quotation_that_failed_is_not_tried_again(parts: Any, scripted_gate: Any) -> None:
    gate = scripted_gate({"£900": "judge", "£500": "relevance"})
    service, _, _ = parts("The rent is £900 [1]. Rent comes to £900 [1].", gate=gate)
    await service.answer("Rent?", ANA)
    assert [sentence for sentence, _, _ in gate.asked].count(f"{RENT} [1]") == 1


@pytest.mark.parametrize(("options", "tried"), [(AnswerOptions(), 2), (AnswerOptions(max_repairs=1), 1)])
async def test_repairs_are_few(parts: Any, options: AnswerOptions, tried: int) -> None:
    text = "Rent is £900 [1]. Dogs cost £900 [1]. A kennel fee of £900 [2]."
    caught = {"£900": "judge", "£500": "judge", "welcome": "judge", "£7": "judge"}
    service, _, trail = parts(text, caught=caught, options=options)
    answer = await service.answer("Rent?", ANA)
    assert (trail.records[0]["gate"]["repairs_tried"], answer.withheld) == (tried, 3)


async def test_repair_can_be_switched_off(parts: Any) -> None:
    service, _, trail = parts("The rent is £900 [1].", caught={"£900": "judge"}, options=AnswerOptions(repair=False))
    assert (await service.answer("Rent?", ANA)).status is Status.ABSTAINED
    assert trail.records[0]["withheld"][0]["repair"] is None


def lead(source: Any, score: float, quote: str = RENT) -> Context:
    passage = source(f"Dogs are welcome. {quote}", start=18).passage(1)
    return Context((passage,), Lead(1, 18, 18 + len(quote), score))


def test_the_sentence_that_bears_most_on_the_question_opens_from_a_score_on(source: Any) -> None:
    found = opening(lead(source, 2.0), 2.0)
    assert found is not None
    assert (found.quote, found.passage.marker) == (RENT, 1)
    assert opening(lead(source, 1.9), 2.0) is None
    assert opening(lead(source, 9.0, "The rent:"), 2.0) is None
    assert opening(Context(lead(source, 9.0).passages), 2.0) is None


def test_a_passage_that_the_asker_may_not_read_after_all_opens_nothing(source: Any) -> None:
    assert opening(replace(lead(source, 9.0), passages=()), 2.0) is None


@pytest.fixture
def leading(shelf: Any, source: Any) -> Callable[[float], Any]:
    """A lease whose rent has this score, and fees."""
    fees = source("The kennel fee is £7. Cats pay nothing.", name="fees", title="Fees")
    return lambda score: shelf((source(f"{RENT} Dogs are welcome."), fees), lead=Lead(1, 0, len(RENT), score))


SURE = AnswerOptions(quote_from=2.0)


async def test_an_answer_opens_with_what_surely_answers_and_the_generator_goes_on(parts: Any, leading: Any) -> None:
    service, _, trail = parts("The fee is £7 [2].", shelf=leading(2.0), options=SURE)
    events = [event async for event in service.stream("What do I pay?", ANA)]
    shipped = [(e.sentence.text, e.sentence.note) for e in events if isinstance(e, SentenceEvent)]
    assert shipped == [(RENT, Note.QUOTED), ("The fee is £7.", Note.NONE)]
    assert [e.citation.quote for e in events if isinstance(e, CitationEvent)] == [RENT, "The kennel fee is £7."]
    assert trail.records[0]["answer"]["status"] == "answered"


async def test_a_quotation_is_there_before_the_generator_has_begun(parts: Any, leading: Any) -> None:
    service, said, _ = parts("The fee is £7 [2].", shelf=leading(2.0), options=SURE)
    async for event in service.stream("What do I pay?", ANA):
        if isinstance(event, SentenceEvent):
            break
    assert said.prompts == []


@pytest.mark.parametrize(("score", "options"), [(1.9, SURE), (9.0, AnswerOptions())])
async def test_nothing_is_quoted_unless_it_is_sure_and_wanted(
    parts: Any, leading: Any, score: float, options: AnswerOptions
) -> None:
    service, _, _ = parts("The fee is £7 [2].", shelf=leading(score), options=options)
    assert (await service.answer("What do I pay?", ANA)).answer == "The fee is £7."


async def test_an_opening_quotation_goes_through_the_gate(parts: Any, leading: Any, scripted_gate: Any) -> None:
    gate = scripted_gate({"£500": "relevance"})
    service, _, trail = parts("The fee is £7 [2].", shelf=leading(9.0), options=SURE, gate=gate)
    answer = await service.answer("What do I pay?", ANA)
    assert (answer.answer, answer.withheld) == ("The fee is £7.", 0)
    assert gate.asked[0] == (f"{RENT} [1]", True, "")
    assert trail.records[0]["gate"]["stages"]["relevance"]["caught"] == 1


async def test_what_the_generator_makes_of_quoted_words_is_left_out(parts: Any, leading: Any) -> None:
    service, _, _ = parts("Rent comes to £500 per month [1]. Dogs are welcome [1].", shelf=leading(9.0), options=SURE)
    answer = await service.answer("What do I pay?", ANA)
    assert (answer.answer, answer.status) == (f"{RENT} Dogs are welcome.", Status.ANSWERED)


async def test_what_the_generator_begins_with_answers_the_question_even_after_a_quotation(
    parts: Any, leading: Any, scripted_gate: Any
) -> None:
    gate = scripted_gate({})
    service, _, _ = parts("Dogs are welcome [1]. Cats pay nothing [2].", shelf=leading(9.0), options=SURE, gate=gate)
    await service.answer("What do I pay?", ANA)
    assert [opening for _, opening, _ in gate.asked] == [True, True, False]


async def test_a_refusal_after_a_quotation_takes_nothing_back(parts: Any, leading: Any) -> None:
    service, _, _ = parts("NOT FOUND", shelf=leading(9.0), options=SURE)
    answer = await service.answer("What do I pay?", ANA)
    assert (answer.answer, answer.status) == (RENT, Status.ANSWERED)
