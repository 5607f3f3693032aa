"""Numbers, dates and names: what the evidence must hold."""

from __future__ import annotations

from datetime import date

import pytest

from generation.figures import figures, missing

EVIDENCE = "Kestrel Storage Ltd shall pay £1,250.50 (thirty per cent) within thirty (30) days of 1 March 2024."
DOCUMENT = "Agreement between Kestrel Storage Ltd and Arnhem Biologics BV. " + EVIDENCE


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1,250.5 and 1250.50", {1250.5}),
        ("£1.5 million, 1.5m, EUR 1,500,000", {1_500_000.0}),
        ("twenty-one days, thirty (30) days", {21.0, 30.0}),
        ("two hundred units", {200.0}),
        ("one of the parties", set()),
        ("12% in Q3 of A4", {12.0}),
        ("clause 4.2", {4.2}),
    ],
)
def test_numbers_in_normal_form(text: str, numbers: set[float]) -> None:
    assert figures(text).numbers == numbers


@pytest.mark.parametrize(
    "text", ["2024-03-01", "1 March 2024", "1st day of March 2024", "March 1, 2024", "Mar. 1st, 2024", "01 MARCH 2024"]
)
def test_dates_in_normal_form(text: str) -> None:
    assert figures(text).dates == {date(2024, 3, 1)}
    assert figures(text).numbers == set()


def test_an_impossible_date_is_no_date() -> None:
    assert figures("31 February 2024").dates == set()


def test_names_are_capitalised_words_that_do_not_open_a_sentence() -> None:
    assert figures("The Supplier told Kestrel's board. NHS pays. Under clause 5 it may.").names == {
        "Supplier",
        "Kestrel",
        "NHS",
    }


@pytest.mark.parametrize(
    "claim",
    [
        "Kestrel pays £1,250.50 within 30 days.",
        "Kestrel pays 1250.5 within thirty days of 2024-03-01.",
        "The payment is due in 2024.",
        "Kestrel pays Arnhem Biologics.",  # named elsewhere in the document
        "It must be paid.",
    ],
)
def test_what_the_evidence_holds_is_not_missing(claim: str) -> None:
    assert missing(claim, EVIDENCE, DOCUMENT) == []


@pytest.mark.parametrize(
    ("claim", "lacking"),
    [
        ("Kestrel pays £1,205.50.", ["1205.5"]),
        ("Kestrel pays within 31 days.", ["31"]),
        ("Kestrel pays within forty days.", ["40"]),
        ("Kestrel pays £1,250.50 million.", ["1.2505e+09"]),
        ("It is due on 2 March 2024.", ["2024-03-02"]),
        ("It is due on 2025-03-01.", ["2025-03-01"]),
        ("It is due in 2025.", ["2025"]),
        ("Under it Heron pays.", ["Heron"]),
        ("The payer is Kestrel Storage GmbH.", ["GmbH"]),
    ],
)
def test_what_the_evidence_does_not_hold_is_missing(claim: str, lacking: list[str]) -> None:
    assert missing(claim, EVIDENCE, DOCUMENT) == lacking


def test_numbers_count_from_the_evidence_only_and_not_from_the_rest_of_the_document() -> None:
    assert missing("The cap is 7.", "There is a cap.", "There is a cap. The fee is 7.") == ["7"]


@pytest.mark.parametrize(
    ("claim", "lacking"),
    [("The dose is 4.", ["4"]), ("The dose is 6.", ["6"]), ("The dose is 6.2 mL.", ["6.2"]), ("It is 0.4 mL.", [])],
)
def test_the_numbers_of_headings_and_clauses_are_no_evidence(claim: str, lacking: list[str]) -> None:
    evidence = "Instructions > 6 Alarms > 4. Faults\n6.2 The largest dose is 0.4 mL."
    assert missing(claim, evidence, "") == lacking


def test_a_date_at_the_beginning_of_a_line_stays_evidence() -> None:
    assert missing("It began on 12 March 2024.", "12 March 2024 was the day.", "") == []
