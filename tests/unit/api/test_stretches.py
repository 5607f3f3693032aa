"""The stretch of a text that is shown before the rest is there."""

from __future__ import annotations

import pytest

from api.http.stretches import REACH, Stretch, around, headings
from infra.postgres.layout import ElementSpan, PlacedText
from ingest.types import ElementKind

LINE = "The tenant pays the rent. 😀\n"
TEXT = LINE * 2000


def view(*elements: tuple[ElementKind, int, int, int], text: str = TEXT) -> PlacedText:
    placed = tuple(ElementSpan(*one, page=None) for one in elements)
    return PlacedText("d", 1, "Lease", "text/plain", text, (), placed, (), (), "en")


def test_whole_lines_around_a_place() -> None:
    place = 700 * len(LINE) + 4
    found = around(view(), place, place + 6)
    assert TEXT[found.start : found.end].startswith("The tenant")
    assert TEXT[found.start : found.end].endswith("😀")
    assert REACH <= place - found.start <= REACH + len(LINE)
    assert REACH <= found.end - place - 6 <= REACH + len(LINE)


@pytest.mark.parametrize("place", [(0, 5), (len(TEXT) - 5, len(TEXT)), (10**9, 10**9 + 5), (9, 2)])
def test_a_place_at_an_end_or_beyond_it_has_a_stretch_as_well(place: tuple[int, int]) -> None:
    found = around(view(), *place)
    assert 0 <= found.start < found.end <= len(TEXT)
    assert found.end - found.start <= 2 * (REACH + len(LINE))


def test_a_short_text_is_shown_whole_and_an_empty_one_is_none() -> None:
    assert around(view(text="Rent"), 1, 2) == Stretch(0, 4)
    assert around(view(text=""), 1, 2) == Stretch(0, 0)


def test_a_table_that_it_meets_is_shown_whole() -> None:
    table = (ElementKind.TABLE, 0, 100 * len(LINE), 900 * len(LINE))
    assert around(view(table), 899 * len(LINE), 899 * len(LINE) + 3).start == table[2]
    later = (ElementKind.TABLE, 0, 1800 * len(LINE), 1900 * len(LINE))
    assert around(view(later), 0, 5).end < later[2]


def test_headings_within_and_those_above() -> None:
    heads = [(ElementKind.HEADING, level, at, at + 3) for level, at in ((1, 0), (2, 50), (1, 100), (2, 150), (2, 200))]
    found = headings(view(*heads, (ElementKind.TABLE, 0, 210, 220)), Stretch(180, 300))
    assert [(one.level, one.start) for one in found] == [(1, 100), (2, 150), (2, 200)]
    assert [one.start for one in headings(view(*heads), Stretch(0, 120))] == [0, 50, 100]
