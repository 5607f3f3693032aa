"""Facts compared by program, in the spellings that people and documents use."""

import pytest

from evals.metrics.facts import holds, states
from evals.metrics.quoted import overlaps, stands_in


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("Within 10 days.", "10 days"),
        ("Within thirty (30) days after notice.", "30 days"),
        ("Within thirty (30) days after notice.", "thirty days"),
        ("A 30-day period.", "30 days"),
        ("a period of Twelve\u00a0months", "12 months"),
        ("one hundred twenty (120) days' notice", "120 days"),
        ("one hundred and twenty days", "120 days"),
        ("Revenue was $1,577 million.", "$1,577"),
        ("Revenue was $1577.", "$1,577"),
        ("Revenue was $ 1,577.00.", "$1577"),
        ("It was 1.577 billion dollars.", "1,577 million"),
        ("RMB200,000,000", "200 million"),
        ("RMB200 million", "200 million"),
        ("It pays two million dollars.", "2,000,000"),
        ("a fee of 25 % of sales", "25%"),
        ("a fee of twenty\u2013five percent (25%)", "25 percent"),
        ("ends on June 1st, 2004", "June 1 2004"),
        ("the 1st day of June, 2004", "1 day of june 2004"),
        ("the laws of the State of New\nYork.", "new york"),
        ("a non-exclusive right", "nonexclusive"),
        ("It costs $5.95.", "$5.95"),
        ("It costs US$5.95 a month", "$5.95"),
        ("patent No. 7,313,040", "7313040"),
        ("an additional 8.5 % royalty", "8.5%"),
        ("\u20ac500 per hour", "500 per hour"),
        ("Papa John\u2019s", "papa john's"),
    ],
)
def test_a_fact_is_found_in_its_spellings(text: str, fact: str) -> None:
    assert holds(text, fact)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("Within 110 days.", "10 days"),
        ("Within 10 days.", "110 days"),
        ("Within 10 months.", "10 days"),
        ("It costs $5,000.", "$50"),
        ("It costs $50.", "$5"),
        ("It costs $5.95.", "$5"),
        ("a share of 12.5%", "2.5%"),
        ("a share of 12.5%", "5%"),
        ("a share of 10%", "10"),
        ("in 2014", "14"),
        ("Section 1.14", "14"),
        ("twenty-five percent", "5%"),
        ("twenty-five percent", "20%"),
        ("a non-exclusive right", "exclusive"),
        ("the north of Californian towns", "california"),
        ("11,577 employees", "1,577"),
        ("1,577,000 employees", "1,577"),
        ("", "10 days"),
        ("anything", "."),
    ],
)
def test_a_fact_is_not_found_in_another(text: str, fact: str) -> None:
    assert not holds(text, fact)


def test_every_fact_is_wanted_and_no_forbidden_one() -> None:
    facts = [["five years", "5 years"], ["New York"]]
    assert states("5 years, under New York law.", facts)
    assert not states("5 years.", facts)
    assert not states("5 years, under New York law, not Delaware's.", facts, ["Delaware"])


def test_a_quote_stands_in_a_text_however_its_lines_and_table_cells_are_set() -> None:
    quote = "Monthly 500 North America minute bundle n/a $5.95"
    assert stands_in(quote, "| Monthly | 500 North America minute bundle | n/a | $5.95 |")
    assert stands_in("the re-\nstocking fee", "pays the restocking fee of")
    assert not stands_in(quote, "| Monthly | 500 North America minute bundle | n/a | $6.95 |")
    assert not stands_in("--", "anything")


def test_a_citation_points_at_a_quote_if_it_holds_most_of_its_words() -> None:
    quote = "This Agreement is governed by the laws of the State of Ohio."
    assert overlaps(
        "13.1 Law. This Agreement is governed by the laws of the State of Ohio. It may not be assigned.", quote
    )
    assert overlaps("governed by the laws of the State", quote)
    assert not overlaps("This Agreement may not be assigned.", quote)
