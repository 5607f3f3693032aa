"""Where a quote stands in a text."""

from __future__ import annotations

import pytest

from api.wiring.page_images import _places


@pytest.mark.parametrize(
    ("text", "quote", "places"),
    [
        ("the rent\n\n of  Unit 7, the rent", "the rent", [(0, 8), (23, 31)]),
        ("the rent\n\n of  Unit 7", " rent of\tUnit ", [(4, 19)]),
        ("a a a a", "a a", [(0, 3), (4, 7)]),
        ("rental", "rent", [(0, 4)]),
        ("rent al", "rental", []),
        ("the rent", "rents", []),
        ("the rent", " \n", []),
        ("", "rent", []),
    ],
)
def test_a_quote_is_found_whatever_white_space_lies_between_its_words(
    text: str, quote: str, places: list[tuple[int, int]]
) -> None:
    assert list(_places(text, quote)) == places
