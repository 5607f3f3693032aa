"""Where a claim may stand in a text: windows of sentences, best first, and what the judge reads around them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from generation.gate.checking import texts
from generation.gate.evidence import candidates, covering, in_frame, lead_in, spans, wide
from generation.gate.gate import _spans
from generation.types import Evidence

LEASE = (
    "Cats pay nothing. The rent of the flat is £500 a month. It is due on the first day. The tenant may leave after "
    "30 days. The fee is then £20. Dogs are welcome. The landlord keeps the roof in repair."
)


def quotes(claim: str, text: str, headings: tuple[str, ...] = ()) -> list[str]:
    return [text[start:end] for start, end in spans(claim, text, headings)]


@pytest.mark.parametrize(
    ("claim", "best"),
    [
        ("The tenant may leave after 30 days.", "The tenant may leave after 30 days."),
        ("Tenants may be leaving after thirty days.", "The tenant may leave after 30 days."),
        ("The roof is repaired by the landlord.", "The landlord keeps the roof in repair."),
        ("Dogs welcome", "Dogs are welcome."),
        ("It costs 20.", "The fee is then £20."),
        ("The tenant may leave after 30 days for a fee of £20.", "The tenant may leave after 30 days. The fee is then £20."),
        ("The rent of £500 is due on the first day of a month.", "The rent of the flat is £500 a month. It is due on the first day."),
    ],
)  # fmt: skip
def test_the_best_window_is_the_narrowest_that_says_it(claim: str, best: str) -> None:
    assert quotes(claim, LEASE)[0] == best


def test_a_figure_weighs_more_than_a_word() -> None:
    text = "The notice period of the tenant is set out below. Dogs pay 12. The landlord waits. It lasts 45 days."
    assert quotes("The notice period lasts 45 days.", text)[0].endswith("It lasts 45 days.")


def test_a_common_word_is_not_worth_another_sentence() -> None:
    best = "Rent of the yard and garden is due in May by cheque."
    text = f"The tenant sings. {best} " + " ".join(
        f"The tenant {verb}." for verb in ("waits", "sleeps", "reads", "runs")
    )
    assert quotes("The tenant's rent of the yard and garden is due in May by cheque.", text)[0] == best


def test_a_date_is_found_in_another_format() -> None:
    text = "It ended in May. The term ends on 1 March 2025. The term is renewed. The term begins on 1 March 2024."
    assert quotes("The term started on 2024-03-01.", text)[0] == "The term begins on 1 March 2024."


def test_a_window_opened_by_a_pronoun_is_offered_with_the_sentence_before_it_too() -> None:
    text = "Pumps are sold in packs. The barrel holds 50 ml. It is made of glass. Trays are blue."
    assert quotes("It is made of glass.", text)[:2] == [
        "It is made of glass.",
        "The barrel holds 50 ml. It is made of glass.",
    ]


def test_the_windows_are_different_places_not_the_same_one_three_times() -> None:
    text = "The rent is £5. Dogs are welcome. The rent is £6. Cats are welcome. The rent is £7. Birds are welcome."
    assert quotes("The rent is high.", text) == ["The rent is £5.", "The rent is £6.", "The rent is £7."]


def test_without_any_common_word_the_text_is_still_offered_in_its_order() -> None:
    assert quotes("Zebra.", "Rent is due. Dogs bark.")[0] == "Rent is due."


@pytest.mark.parametrize("text", ["", " \n "])
def test_an_empty_text_has_no_windows(text: str) -> None:
    assert spans("Rent", text) == []


def test_headings_are_no_evidence_unless_there_is_nothing_else() -> None:
    text = "Rent\n\nThe flat is let."
    assert quotes("Rent", text, ("Rent",)) == ["The flat is let."]
    assert quotes("Rent", "Rent", ("Rent",)) == ["Rent"]


def test_a_window_does_not_reach_over_a_heading() -> None:
    text = "The fee is £20.\n\nNotice\n\nThe period is 30 days."
    assert all("Notice" not in quote for quote in quotes("The fee is £20 and the period 30 days.", text, ("Notice",)))


@pytest.mark.parametrize(
    "text",
    [
        "The tenant shall give notice in writing to the landlord at least\nthirty days before the end. Dogs are welcome.",
        "The tenant shall give notice in writing, at the latest to the landlord of\nKestrel House. Dogs are welcome.",
    ],
)
def test_a_hard_wrapped_line_does_not_end_a_sentence(text: str) -> None:
    assert quotes("The tenant shall give notice.", text)[0] == text.removesuffix(" Dogs are welcome.")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("The costs are:\nrent of the flat in the first place and much else besides\nheating", "The costs are:"),
        ("Fee for cleaning of the flat on Mondays | 20\nfee for heating | 30", "Fee for cleaning of the flat on Mondays | 20"),
        ("Rights of the tenant\nThe rent is due.", "Rights of the tenant"),
        ("The rent and every other sum is due on the first day\n\nof the month", "The rent and every other sum is due on the first day"),
    ],
)  # fmt: skip
def test_other_line_breaks_do(text: str, first: str) -> None:
    assert first in quotes(first, text)


def test_a_table_row_is_quoted_alone_and_judged_under_its_header(source: Any) -> None:
    text = "Item | Fee\nStorage unit | 500\nLift | 20"
    evidence = candidates("The storage unit costs 500", source(text, section_path=("Fees",)).passage())[0]
    assert evidence.quote == "Storage unit | 500"
    assert in_frame(evidence) == "Lease > Fees\nItem Storage unit: Fee = 500"


def test_the_header_row_is_not_repeated(source: Any) -> None:
    evidence = candidates("Item Fee", source("Item | Fee\nLift | 20").passage())[0]
    assert in_frame(evidence) == "Lease\nItem | Fee"


def test_a_later_part_of_a_table_is_judged_under_the_header_it_carries(source: Any) -> None:
    part = source("Lift | 20\nRamp | 30", table_header="Item | Fee")
    assert in_frame(candidates("Ramp 30", part.passage())[0]) == "Lease\nItem Ramp: Fee = 30"


def test_a_table_row_and_the_prose_below_it_are_not_joined() -> None:
    text = "Item | Fee\nStorage unit | 500\n\nIt is due in May."
    assert all(" | " not in quote or "May" not in quote for quote in quotes("The storage unit costs 500 in May.", text))


LIST = (
    "Cover is wide. The following are excluded:\n\n(a) loss of profit;\n\n(b) fines and penalties.\n\nTheft is covered."
)


def test_a_list_item_is_judged_under_its_lead_in_line(source: Any) -> None:
    item = candidates("Fines are excluded.", source(LIST).passage())[0]
    assert item.quote == "(b) fines and penalties."
    assert in_frame(item) == "Lease\nThe following are excluded:\n(b) fines and penalties."


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        (LIST, "(a)", "The following are excluded:"),
        (LIST, "Theft", ""),
        (LIST, "Cover", ""),
        ("Examples are:\n\nlate payment\n\ntheft of goods", "theft", "Examples are:"),
        ("Examples are:\n\n- late\n\nThe rent is due.\n\n- theft", "- theft", ""),
        ("Examples are:\n" + "- x\n" * 500 + "- theft", "- theft", ""),
    ],
)
def test_the_lead_in_is_the_line_with_a_colon_above_the_items(text: str, words: str, expected: str) -> None:
    assert lead_in(text, text.index(words)) == expected


def test_offsets_count_from_the_beginning_of_the_version_and_scores_fall(source: Any) -> None:
    found = candidates("Dogs are welcome.", source(LEASE, start=LEASE.index("It is due")).passage())
    assert [LEASE[item.start : item.end] for item in found] == [item.quote for item in found]
    assert 1.0 >= found[0].score >= found[-1].score >= 0.0
    assert "Dogs are welcome." in [item.quote for item in found]


def test_a_passage_that_says_it_scores_above_one_that_does_not(source: Any) -> None:
    claim = "The tenant may leave after 30 days."
    other = source("The tenant may keep dogs. Cats are 3 pounds. The roof is new.").passage()
    assert candidates(claim, source(LEASE).passage())[0].score > candidates(claim, other)[0].score


FAR = "Heron pays the rent. The roof leaks. Nobody mends it. The garden is large. Kestrel insures the house."


def test_a_claim_that_is_spread_over_distant_sentences_gets_them_together() -> None:
    found = covering("Heron pays rent and Kestrel insures the house", [FAR])
    assert [FAR[start:end] for _, start, end in found] == ["Heron pays the rent.", "Kestrel insures the house."]
    two = covering(
        "Heron pays rent and Kestrel insures the house", ["Heron pays the rent.", "Kestrel insures the house."]
    )
    assert [at for at, _, _ in two] == [0, 1]


@pytest.mark.parametrize("claim", ["Heron pays the rent", "Owls hunt", ""])
def test_one_sentence_is_not_called_joint(claim: str) -> None:
    assert covering(claim, [FAR]) == []


def test_no_more_than_three_sentences_are_put_together() -> None:
    text = " ".join(f"Word{letter} stands here." for letter in "abcdefg")
    claim = " ".join(f"word{letter}" for letter in "abcdefg")
    assert len(covering(claim, [text])) == 3
    assert covering(claim, []) == []


def test_the_widest_window_grows_around_the_likeliest_one_and_stays_short() -> None:
    sentences = [f"Clause {n} deals with the item numbered {n} in list {n}." for n in range(60)]
    text = " ".join([*sentences[:30], "The tenant pays the rent in advance.", *sentences[30:]])
    start, end = wide("The tenant pays in advance.", text) or (0, 0)
    assert "The tenant pays the rent in advance." in text[start:end]
    assert 400 < end - start <= 700
    assert text[start:].startswith("Clause")
    assert text[:end].endswith(".")


def test_there_is_no_wider_window_than_the_whole_text() -> None:
    assert wide("The rent is due.", "The rent is due.") is None
    assert wide("The rent is due.", "") is None


def test_what_sums_up_many_sentences_is_held_against_the_surroundings_last(source: Any) -> None:
    text = " ".join(f"Duty {n} of the tenant is to pay sum {n}." for n in range(6))
    assert texts("The tenant has duties.", text)[-1] == text
    *narrow, (last,) = _spans("The tenant has duties.", [source(text).passage()])
    assert last.quote == text
    assert all(item.quote != text for span in narrow for item in span)


def test_an_item_is_framed_by_its_lead_in_even_where_that_was_not_shown(source: Any) -> None:
    text = "The tenant must not:\n(a) keep dogs.\n(b) paint the door."
    item = text.index("(b)")
    passage = replace(source(text).passage(), text=text[item:], start=item)
    assert in_frame(Evidence(passage, item, len(text), 0.0)) == "Lease\nThe tenant must not:\n(b) paint the door."
