"""Sources in their own words: before what the generator writes, and in the place of what failed the gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from generation.answering.service import AnswerOptions
from generation.gate.claims import sentence_spans
from generation.gate.quoting import meant, opening, verbatim
from generation.types import CitationEvent, Note, SentenceEvent, Status
from retrieval.types import Context, Lead, Principal

ANA = Principal("ana", frozenset({"legal"}))
RENT = "The rent is £500 per month."
WRAPPED = "The rent of the first floor is £500\nper month."


def quoted(source: Any, before: str = "") -> str:
    """What is quoted where the last sentence of a source surely answers; `before` stands above it, and is not shown."""
    passage = replace(source, text=before + source.text, start=len(before)).passage()
    start, end = sentence_spans(source.text)[-1]
    lead = Lead(1, passage.start + start, passage.start + end, 9.0)
    found = opening(Context((passage,), lead), {1: before + source.text})
    return found.text if found else ""


@pytest.mark.parametrize(
    ("stands", "text"),
    [
        ("Dogs are welcome. The rent is £500 per month.", RENT),
        ("4.2 The rent is £500 per month.", RENT),
        ("4. The rent is £500 per month.", RENT),
        ("- The rent is £500 per month.", RENT),
        ("(b) The rent is £500 per month.", RENT),
        ("This Lease sets a rent of £500.", "This Lease sets a rent of £500."),
    ],
)
def test_a_sentence_is_quoted_on_one_line_without_its_number(source: Any, stands: str, text: str) -> None:
    assert quoted(source(stands)) == text


@pytest.mark.parametrize(
    "stands",
    [
        "It is a rent of £900 here.",
        "This is a rent of £500.",
        "However, the rent is £900 in May.",
        "Otherwise the rent is £500.",
        "30 Days of rent are £900.",
        "3 Directors set the rent.",
        "How high is the rent of £900?",
        "The rent is £500 per month [2].",
        "The rent is on ![a page](https://example.org/a.png).",
        "Item | Amount\nRent | £500",
        "the rent, which is £500 per month.",
        "The rent of £500 is:",
        "Rent of £500.",
        f"The rent is {'very ' * 80}high.",
    ],
)
def test_nothing_is_quoted_that_says_little_by_itself_or_would_be_read_as_markup(source: Any, stands: str) -> None:
    assert quoted(source(stands)) == ""


@pytest.mark.parametrize(
    "before",
    [
        "The tenant must not do the following:\n(a) ",
        "The tenant must not do the following:\n(a) Keep dogs.\n(b) ",
        "The landlord does not pay the agents, the insurance, the cleaning and\n\n",
    ],
)
def test_what_belongs_to_the_words_before_it_is_not_quoted_even_if_these_are_not_shown(
    source: Any, before: str
) -> None:
    assert quoted(source("Rent of the first floor is paid.")) != ""
    assert quoted(source("Rent of the first floor is paid."), before) == ""


@pytest.mark.parametrize(
    "before",
    [
        "4 Rent\n\n",
        "Dogs are welcome in the garden, in the cellar and in the yard.\n",
        "Dogs stay. ",
        "Item | What it is that is to be paid in full | Amount and currency\n\n",
    ],
)
def test_a_heading_or_a_whole_sentence_before_it_is_no_hindrance(source: Any, before: str) -> None:
    assert quoted(source(RENT), before) == RENT


def test_what_begins_with_a_clauses_number_does_not_go_on_from_the_line_above(source: Any) -> None:
    above = "The landlord does not pay the agents, the insurance, the cleaning and each accident\n"
    assert quoted(source(f"4.1.2 {RENT}"), above) == RENT
    assert quoted(source(RENT), above) == ""


@pytest.mark.parametrize(
    ("above", "row", "text"),
    [
        ("Item | 2024 | 2023\n", "Rent | 500 | 480", "Item Rent: 2024 = 500; 2023 = 480."),
        ("Item | 2024 | 2023\nLift | 20 | 30\n", "Rent | 500 |", "Item Rent: 2024 = 500."),
        (
            "Thousands of pounds.\n\nItem | Fee | Due\n",
            "Rent | 500 | 1 May",
            "Thousands of pounds. Item Rent: Fee = 500; Due = 1 May.",
        ),
    ],
)
def test_a_table_row_is_quoted_under_its_header_and_unit_even_if_these_are_not_shown(
    source: Any, above: str, row: str, text: str
) -> None:
    assert quoted(source(row), above) == text


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ("Term | 5 years\n", "Notice | 3 months"),
        ("Item | 2024 | 2023\n\n", "Rent | 500 | 480"),
        ("Rent | 500 | 480\n", "Lift | 20 | 30"),
        ("Item | Fee | \n", "Rent | 500 | 480"),
        ("Item | 2024\n", "Rent | 500 | 480"),
        ("Item | Fee | Due\nThe cellar's ", "Rent | 500 | 480"),
        ("Item | Fee | Due\n", f"Rent | 500 | {'1 May or ' * 50}never"),
    ],
)
def test_no_row_is_quoted_whose_columns_nobody_names(source: Any, above: str, row: str) -> None:
    assert quoted(source(row), above) == ""


def test_a_row_told_as_it_is_quoted_needs_no_judge(source: Any) -> None:
    table = source("Item | 2024 | 2023\nRent | 500 | 480\nLift | 20 | 30")
    found = verbatim("Item Rent: 2024 = 500; 2023 = 480.", [table.passage()], {1: table.text})
    assert found is not None
    assert found.source.quote == "Rent | 500 | 480"
    assert verbatim("Item Rent: 2024 = 480; 2023 = 500.", [table.passage()], {1: table.text}) is None


def test_a_row_is_found_though_most_of_its_words_stand_in_the_caption(source: Any) -> None:
    caption = "Position on 5 December 2025. Amounts in GBP. Chance is the chance that we have to pay the provision."
    header = "Ref | Opponent | Subject | Claim against us | Our claim | Provision | Chance | Next step | Owner"
    row = (
        "LR-1 | Delmonte SL | Indemnity in Spain | 168000 | 0 | 95000 | 65 % | Mediation on 19 February | Jonas Petrak"
    )
    table = source(
        f"{caption} | | | | | | | |\n{header}\nLR-2 | Corvane | Patent | 0 | 0 | 0 | - | - | Jonas Petrak\n{row}"
    )
    told = (
        "Ref LR-1: Opponent = Delmonte SL; Subject = Indemnity in Spain; Claim against us = 168000; Our claim = 0; "
        "Provision = 95000; Chance = 65 %; Next step = Mediation on 19 February; Owner = Jonas Petrak."
    )
    found = verbatim(f"{caption} {told}", [table.passage()], {1: table.text})
    assert found is not None
    assert found.source.quote == row


def test_nothing_is_quoted_that_the_version_does_not_hold_there(source: Any) -> None:
    lead = Lead(1, 0, len(RENT), 9.0)
    assert opening(Context((source(RENT).passage(),), lead), {1: f"{RENT} Dogs stay."}) is not None
    assert opening(Context((source(RENT).passage(),), lead), {1: RENT.replace("500", "501")}) is None


def test_a_claim_that_repeats_a_source_word_for_word_is_found_where_it_stands(source: Any) -> None:
    fees, lease = source("The kennel fee is £7.", name="fees"), source(f"4.1 {WRAPPED} Dogs are welcome.")
    passages, documents = (fees.passage(1), lease.passage(2)), {1: fees.text, 2: lease.text}
    for claim in (" ".join(WRAPPED.split()), f"4.1 {' '.join(WRAPPED.split())}"):
        found = verbatim(claim, passages, documents)
        assert found is not None
        assert found.text == " ".join(WRAPPED.split())
        assert (found.source.passage.marker, found.source.quote) == (2, f"4.1 {WRAPPED}")
    for claim in ("The rent of the first floor is £500.", "The rent of the ground floor is £500 per month."):
        assert verbatim(claim, passages, documents) is None


def test_the_sentence_that_bears_most_on_the_question_may_open(source: Any) -> None:
    def opened(quote: str) -> str:
        lease = source(f"Dogs are welcome. {quote}", start=18)
        found = opening(Context((lease.passage(),), Lead(1, 18, 18 + len(quote), 9.0)), {1: lease.text})
        return found.text if found else ""

    assert [opened(RENT), opened("The rent:")] == [RENT, ""]


def test_a_row_opens_only_if_it_is_well_ahead_of_the_next(source: Any) -> None:
    table = source("Item | 2024 | 2023\nRent | 500 | 480")

    def opens(ahead: float | None) -> bool:
        lead = Lead(1, 19, len(table.text), 9.0, ahead)
        return opening(Context((table.passage(),), lead), {1: table.text}) is not None

    assert [opens(None), opens(1.0), opens(0.9)] == [True, True, False]


def test_without_a_lead_or_its_passage_nothing_opens(source: Any) -> None:
    assert opening(Context((source(RENT).passage(),)), {1: RENT}) is None
    assert opening(Context((), Lead(1, 0, 27, 9.0)), {}) is None


@pytest.mark.parametrize(
    ("claim", "source_text"),
    [
        ("Tenants pay £500 each month.", f"Dogs are welcome each month. {RENT}"),
        ("Tenants pay £500 each month.", f"The rent is £480 per month. {RENT}"),  # 500 is in one of them alone
        ("The rent is £500.", f"4.2 {RENT} Dogs are welcome."),
    ],
)
def test_what_a_claim_was_drawn_from_holds_all_its_figures(source: Any, claim: str, source_text: str) -> None:
    lease = source(source_text)
    found = meant(claim, "What do I pay?", [lease.passage()], {1: lease.text})
    assert found is not None
    assert found.text == RENT


@pytest.mark.parametrize(
    ("claim", "source_text"),
    [
        ("The rent is £510 per month.", RENT),  # a figure that no source holds
        ("Mr Osgood's rent is £500 per month.", RENT),
        ("Cats of any breed must be kept indoors at night.", RENT),  # nothing to do with it
        (
            "The tenant pays £500.",
            "by which the tenant shall pay:\n(a) rent of £500 per month.",
        ),  # led in to by half a line
        ("The parties agree on a rent.", "The parties agree on a rent of £[***] per month."),
        ("The rent is £500 per month.", "The rent is £500 per month from ____ 2024."),
        ("The rent is £500 per month.", "It is a rent of £500 per month."),  # of what, nobody knows
        ("The rent is £500 per month.", f"The rent is £500 per month {'and more ' * 100}still."),
    ],
)
def test_nothing_is_quoted_for_a_claim_that_no_whole_sentence_holds(source: Any, claim: str, source_text: str) -> None:
    lease = source(source_text)
    assert meant(claim, "What do I pay?", [lease.passage()], {1: lease.text}) is None


@pytest.mark.parametrize(
    ("above", "item", "text"),
    [
        (
            "4.2 The tenant pays the following:\n(a) ",
            "rent of £500 per month; and",
            "The tenant pays the following: rent of £500 per month.",
        ),
        (
            "The tenant must not:\n(a) keep dogs;\n(b) ",
            "Pay less than £500 per month.",
            "The tenant must not: Pay less than £500 per month.",
        ),
    ],
)
def test_a_list_item_is_told_after_the_line_that_leads_in_to_it(source: Any, above: str, item: str, text: str) -> None:
    lease = source(above + item)
    found = meant("The tenant pays £500.", "What do I pay?", [lease.passage()], {1: lease.text})
    assert found is not None
    assert (found.text, found.source.quote.endswith(item)) == (text, True)


def test_what_no_shorter_sentence_says_is_quoted_at_length(source: Any) -> None:
    clause = f"The rent is £500 per month, {'payable in advance, ' * 25}in London."
    lease = source(clause)
    found = meant("The rent is £500 per month.", "What do I pay?", [lease.passage()], {1: lease.text})
    assert found is not None
    assert found.text == clause
    assert quoted(lease) == ""


@pytest.fixture
def leading(shelf: Any, source: Any) -> Any:
    """A lease whose rent leads, and fees."""
    fees = source("The kennel fee is £7. Cats pay nothing.", name="fees", title="Fees")
    return shelf((source(f"{RENT} Dogs are welcome."), fees), lead=Lead(1, 0, len(RENT), 9.0))


@dataclass
class Selecting:
    """A `Selector` that is so sure of every sentence."""

    sure: float
    name: str = "selecting"
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def answers(self, question: str, sentence: str, heading: str = "") -> float:
        self.asked.append((question, sentence, heading))
        return self.sure


@pytest.fixture
def quoting(parts: Any, leading: Any) -> Callable[..., Any]:
    """Makes a service that quotes from 0.8 on what a selector is so sure of; a model says `text` after it."""

    def make(text: str, sure: float = 0.9, **given: Any) -> Any:
        options = AnswerOptions(quote_from=0.8)
        return parts(text, shelf=leading, options=options, **{"selector": Selecting(sure)} | given)

    return make


async def test_an_answer_opens_with_what_surely_answers_and_the_generator_goes_on(quoting: Any) -> None:
    service, _, trail = quoting("The fee is £7 [2].")
    events = [event async for event in service.stream("What do I pay?", ANA)]
    shipped = [(e.sentence.text, e.sentence.note) for e in events if isinstance(e, SentenceEvent)]
    assert shipped == [(RENT, Note.QUOTED), ("The fee is £7.", Note.NONE)]
    assert [e.citation.quote for e in events if isinstance(e, CitationEvent)] == [RENT, "The kennel fee is £7."]
    assert trail.records[0]["answer"]["status"] == "answered"


async def test_a_quotation_is_there_before_the_generator_has_begun(quoting: Any) -> None:
    service, said, _ = quoting("The fee is £7 [2].")
    async for event in service.stream("What do I pay?", ANA):
        if isinstance(event, SentenceEvent):
            break
    assert said.prompts == []


@pytest.mark.parametrize(("sure", "quoted"), [(0.8, True), (0.79, False)])
async def test_nothing_is_quoted_unless_the_selector_is_sure_of_it(quoting: Any, sure: float, quoted: bool) -> None:
    selector = Selecting(sure)
    service, _, trail = quoting("The fee is £7 [2].", selector=selector)
    answer = await service.answer("What do I pay?", ANA)
    assert answer.answer == (f"{RENT} The fee is £7." if quoted else "The fee is £7.")
    assert selector.asked == [("What do I pay?", RENT, "Lease")]
    (opening,) = trail.records[0]["openings"]
    assert (opening["text"], opening["judgement"]["stage"] == "selector") == (RENT, not quoted)
    assert trail.records[0]["withheld"] == []


async def test_without_a_selector_nothing_is_quoted(quoting: Any) -> None:
    service, _, trail = quoting("The fee is £7 [2].", selector=None)
    assert (await service.answer("What do I pay?", ANA)).answer == "The fee is £7."
    assert trail.records[0]["openings"] == []


async def test_an_opening_quotation_goes_through_the_gate(quoting: Any, scripted_gate: Any) -> None:
    gate = scripted_gate({"£500": "relevance"})
    service, _, trail = quoting("The fee is £7 [2].", gate=gate)
    answer = await service.answer("What do I pay?", ANA)
    assert (answer.answer, answer.withheld) == ("The fee is £7.", 0)
    assert gate.asked[0] == (f"{RENT} [1]", True, "")
    (record,) = trail.records
    assert record["gate"]["stages"]["relevance"]["caught"] == 1
    assert record["lead"] == {"marker": 1, "start": 0, "end": 27, "score": 9.0, "ahead": None}
    (quotation,) = record["openings"]
    assert (quotation["text"], quotation["marker"], quotation["start"], quotation["end"]) == (RENT, 1, 0, 27)
    assert quotation["judgement"]["stage"] == "relevance"


async def test_what_the_generator_makes_of_quoted_words_is_left_out(quoting: Any) -> None:
    text = "Rent comes to £500 per month [1]. Dogs are welcome [1]."
    service, _, trail = quoting(text)
    answer = await service.answer("What do I pay?", ANA)
    assert (answer.answer, answer.status) == (f"{RENT} Dogs are welcome.", Status.ANSWERED)
    assert trail.records[0]["left_out"] == ["Rent comes to £500 per month."]


async def test_words_whose_quotation_failed_are_not_left_out(quoting: Any, scripted_gate: Any) -> None:
    gate = scripted_gate({"The rent is £500": "relevance"})
    service, _, trail = quoting("Rent comes to £500 per month [1].", gate=gate)
    assert (await service.answer("What do I pay?", ANA)).answer == "Rent comes to £500 per month."
    assert trail.records[0]["left_out"] == []


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("Dogs are welcome [1]. Cats pay nothing [2].", [True, True, False]),
        ("Rent comes to £500 per month [1]. Cats pay nothing [2].", [True, True, False]),  # the first is left out
    ],
)
async def test_what_the_generator_begins_with_answers_the_question_even_after_a_quotation(
    quoting: Any, scripted_gate: Any, text: str, opening: list[bool]
) -> None:
    gate = scripted_gate({})
    service, _, _ = quoting(text, gate=gate)
    await service.answer("What do I pay?", ANA)
    assert [opens for _, opens, _ in gate.asked] == opening


async def test_a_conflict_with_a_quotation_is_told_and_the_generator_still_has_to_answer(
    quoting: Any, scripted_gate: Any
) -> None:
    gate = scripted_gate({}, against={"£500": (2, "The kennel fee is £7.")})
    service, _, _ = quoting("Dogs are welcome [1].", gate=gate)
    answer = await service.answer("What do I pay?", ANA)
    assert [sentence.note for sentence in answer.sentences] == [Note.QUOTED, Note.CONFLICT, Note.NONE]
    assert [opens for _, opens, _ in gate.asked] == [True, True]


async def test_a_refusal_after_a_quotation_takes_nothing_back(quoting: Any) -> None:
    service, _, _ = quoting("NOT FOUND")
    answer = await service.answer("What do I pay?", ANA)
    assert (answer.answer, answer.status) == (RENT, Status.ANSWERED)


@pytest.fixture
def instead(parts: Any, shelf: Any, source: Any, scripted_gate: Any) -> Callable[..., Any]:
    """Makes a service whose gate keeps "high" back at `stage`, which was drawn from the rent."""
    lease = source(f"{RENT} Dogs are welcome.", name="lease", title="Lease")
    held = shelf((lease, source("The rent is £900 per month.", name="other", title="Other")))

    def make(text: str, stage: str = "second", **gate: Any) -> Any:
        scripted = scripted_gate({"high": stage, "£900": "relevance"}, sources={"high": f"{RENT} [1]"}, **gate)
        return parts(text, shelf=held, gate=scripted)

    return make


@pytest.mark.parametrize("stage", ["judge", "second", "relevance"])
async def test_what_a_doubtful_sentence_was_drawn_from_answers_in_its_place(instead: Any, stage: str) -> None:
    service, _, trail = instead("The rent is high [1].", stage)
    answer = await service.answer("What do I pay?", ANA)
    assert [(one.text, one.note) for one in answer.sentences] == [(RENT, Note.QUOTED)]
    assert (answer.status, answer.withheld) == (Status.ANSWERED, 1)
    assert [one.quote for one in answer.citations] == [RENT]
    (withheld,) = trail.records[0]["withheld"]
    assert (withheld["text"], withheld["surplus"]) == ("The rent is high.", True)


async def test_a_sentence_with_a_wrong_figure_is_not_made_good(instead: Any) -> None:
    service, _, _ = instead("The rent is high [1].", "figures")
    answer = await service.answer("What do I pay?", ANA)
    assert (answer.status, answer.sentences) == (Status.ABSTAINED, ())


async def test_nothing_is_quoted_where_the_generator_has_answered(instead: Any) -> None:
    service, _, _ = instead("The rent is high [1]. Dogs are welcome [1].")
    answer = await service.answer("What do I pay?", ANA)
    assert [(one.text, one.note) for one in answer.sentences] == [("Dogs are welcome.", Note.NONE)]


async def test_words_that_do_not_answer_take_no_place(parts: Any, scripted_gate: Any) -> None:
    gate = scripted_gate({"high": "second", "£500": "relevance"}, sources={"high": f"{RENT} [1]"})
    service, _, _ = parts("The rent is high [1].", gate=gate)
    answer = await service.answer("What do I pay?", ANA)
    assert (answer.status, answer.sentences) == (Status.ABSTAINED, ())


async def test_a_conflict_with_words_in_the_place_of_others_is_told(instead: Any) -> None:
    service, _, _ = instead("The rent is high [1].", against={"£500": (2, "The rent is £900 per month.")})
    answer = await service.answer("What do I pay?", ANA)
    assert [one.note for one in answer.sentences] == [Note.QUOTED, Note.CONFLICT]
