"""Table rows told by their header, and figures that a claim takes from another column."""

from __future__ import annotations

import pytest

from generation.figures import missing
from generation.rows import misplaced, told

SALES = told("(in millions) | 2019 | 2018", "Sales | 5.5 | 4\nCosts, net | 3 | ")


def test_each_cell_stands_beside_its_column() -> None:
    assert SALES == "(in millions) Sales: 2019 = 5.5; 2018 = 4\n(in millions) Costs, net: 2019 = 3"
    assert told(" | Fee", "Lift | 20") == "Lift: Fee = 20"


@pytest.mark.parametrize(("header", "rows"), [("A | B | C", "x | y"), ("A | B", "x | 1\nno row"), ("Fees", "Lift")])
def test_what_is_not_of_one_shape_stays_as_it_stands(header: str, rows: str) -> None:
    assert told(header, rows) == f"{header}\n{rows}"


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
