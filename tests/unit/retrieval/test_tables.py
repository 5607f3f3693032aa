"""Table rows: their header and unit, each cell beside its column, and figures that a claim takes from another column."""

from __future__ import annotations

import pytest

from generation.gate.figures import missing
from retrieval.text.tables import framing, header_above, misplaced, told, unit_above

SALES = told("(in millions) | 2019 | 2018", "Sales | 5.5 | 4\nCosts, net | 3 | ")


def test_each_cell_stands_beside_its_column() -> None:
    assert SALES == "(in millions) Sales: 2019 = 5.5; 2018 = 4\n(in millions) Costs, net: 2019 = 3"
    assert told(" | Fee", "Lift | 20") == "Lift: Fee = 20"
    assert told("Part | Due | Fee", "Total | | 20") == "Part Total: Fee = 20"


@pytest.mark.parametrize(("header", "rows"), [("A | B | C", "x | y"), ("A | B", "x | 1\nno row"), ("Fees", "Lift")])
def test_what_is_not_of_one_shape_stays_as_it_stands(header: str, rows: str) -> None:
    assert told(header, rows) == f"{header}\n{rows}"


@pytest.mark.parametrize(
    ("above", "header"),
    [
        ("Item | Fee\n", "Item | Fee"),
        ("Costs.\n\nItem | Fee\nRent | 500\n", "Item | Fee"),
        ("Lift | Work\n\n", ""),
        ("Costs\n", ""),
        ("", ""),
        ("Fees in pounds. | |\nItem | Fee | Due\nRent | 500 | May\n", "Item | Fee | Due"),
        (" |  | Years |  | \n | 2019 | 2018 | 2017 | 2016\nRent | 5 | 4 | 3 | 2\n", " | 2019 | 2018 | 2017 | 2016"),
        (" | Fee\nRent | 500\n", " | Fee"),
        ("Fees | \n", "Fees | "),
    ],
)
def test_a_row_stands_under_the_first_row_of_its_table_that_names_columns(above: str, header: str) -> None:
    assert header_above(f"{above}Lift | 20", len(above)) == header


def test_of_a_text_that_begins_inside_a_table_the_header_is_given() -> None:
    assert header_above("Lift | 20", 0, "Item | Fee") == "Item | Fee"
    assert header_above("Rent | 5\nLift | 20", 9, "Item | Fee") == "Item | Fee"
    assert header_above("Rent | 5\n\nWho | Work\nMay | dig", 22, "Item | Fee") == "Who | Work"


@pytest.mark.parametrize(
    ("above", "unit"),
    [
        ("Thousands of pounds.\n\nItem | Fee\n", "Thousands of pounds."),
        ("3 Costs\nAmounts in GBP\nItem | Fee\nRent | 500\n", "Amounts in GBP"),
        ("Sales, in £ million | | \nItem | Fee | Due\n", "Sales, in £ million"),
        ("3 Costs\n\nItem | Fee\n", ""),
        ("We sell in May.\nItem | Fee\n", ""),
        (f"In thousands of pounds, {'and ' * 50}so on.\nItem | Fee\n", ""),
        ("Thousands of pounds.\n\nCosts rise.\n\nItem | Fee\n", ""),
    ],
)
def test_the_unit_is_what_the_caption_or_the_line_above_the_table_says(above: str, unit: str) -> None:
    assert unit_above(f"{above}Lift | 20", len(above)) == unit


@pytest.mark.parametrize("claim", [
    "Sales were 5.5 million in 2019.",
    "Sales rose from 4 million in 2018 to 5.5 million in 2019.",
    "Sales were 5.5 million.",
    "Sales were 7 million in 2019.",
    "Sales in 2019 were above those of 2018.",
])  # fmt: skip
def test_a_figure_may_stand_in_any_column_that_the_claim_names(claim: str) -> None:
    assert list(misplaced(claim, SALES)) == []


@pytest.mark.parametrize("claim", ["Sales were 4 million in 2019.", "In 2018, costs came to 3 million."])
def test_a_figure_of_another_column_than_the_claim_names_is_missing(claim: str) -> None:
    (lacking,) = missing(claim, SALES, SALES)
    assert lacking.endswith("in this column")


def test_prose_has_no_columns() -> None:
    assert list(misplaced("In 2019 it was 4.", "In 2019 it was 5; in 2018 it was 4.")) == []


TABLE = (
    "Costs of 2024\nThousands of pounds.\n\n |  2024 | 2023 \nRent | 500 | 480\nHeat |  | 20\n\nItem | Fee\nLift | 20"
)
CAPTIONED = "Sales, in £ million | | \nItem | Fee | Due\nRent | 500 | May"


@pytest.mark.parametrize(
    ("text", "row", "said"),
    [
        (TABLE, "Rent", [("unit", "Thousands of pounds."), ("header", "2024"), ("header", "2023")]),
        (TABLE, "480", [("unit", "Thousands of pounds."), ("header", "2024"), ("header", "2023")]),
        (TABLE, "Heat", [("unit", "Thousands of pounds."), ("header", "2023")]),
        (TABLE, "Lift", []),  # two columns: nobody knows what its first row is
        (TABLE, "Item", []),
        (TABLE, "Costs", []),
        (CAPTIONED, "Rent", [("caption", "Sales, in £ million"), *(("header", one) for one in ("Item", "Fee", "Due"))]),
        ("Rent | 500 | 480\nHeat | 30 | 20", "Heat", []),  # amounts name no column
        ("A | B | C | D\nHeat | 30 | 20", "Heat", []),
    ],
)
def test_what_a_row_is_read_under_has_its_place(text: str, row: str, said: list[tuple[str, str]]) -> None:
    assert [(kind, text[start:end]) for kind, start, end in framing(text, text.index(row))] == said
