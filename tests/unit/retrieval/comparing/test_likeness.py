"""Which of many texts are alike, by the rarer of their words."""

from __future__ import annotations

import pytest

from retrieval.comparing import likeness
from retrieval.comparing.aligning import Pair
from retrieval.comparing.likeness import chosen, cosines
from retrieval.comparing.matching import backbone
from retrieval.comparing.sequences import equal_runs, increasing
from retrieval.comparing.units import outline
from tests.compared_texts import text_of


def test_the_same_words_are_as_alike_as_can_be_and_words_of_one_side_make_less_so() -> None:
    found = {
        (old, new): value
        for value, old, new in cosines(["the rent of pumps", "a law"], ["the rent of pumps", "the rent of boats"], 0.1)
    }
    assert found[0, 0] == pytest.approx(1.0)
    assert 0.1 < found[0, 1] < 1.0
    assert (1, 0) not in found


def test_nothing_in_common_is_nothing() -> None:
    assert cosines(["rent"], ["law"], 0.0) == []
    assert cosines([], ["law"], 0.0) == []


def test_common_words_are_left_out_where_they_cost_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "_MOST_PRODUCTS", 5)
    found = cosines(["the rent", "the law", "the fee"], ["the rent", "the tax", "the toll"], 0.0)
    assert {(old, new) for _, old, new in found} == {(0, 0)}


def test_only_the_most_alike_are_told_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "_MOST_FOUND", 2)
    found = cosines(["rent pumps", "rent boats"], ["rent pumps", "rent boats"], 0.0)
    assert {(old, new) for _, old, new in found} == {(0, 0), (1, 1)}


def test_each_is_chosen_once_the_best_first_and_the_earlier_of_equals() -> None:
    assert chosen([(0.5, 0, 0), (0.9, 0, 1), (0.5, 1, 0), (0.5, 1, 1)]) == [(0, 1), (1, 0)]
    assert chosen([(0.5, 1, 1), (0.5, 0, 1), (0.5, 0, 0)]) == [(0, 0), (1, 1)]


def test_sequences() -> None:
    assert increasing([3, 1, 2, 5, 4]) == [1, 2, 4]
    assert increasing([]) == []
    assert list(equal_runs([1, 2, 3, 4], [2, 3, 9, 4])) == [(1, 0, 2), (3, 3, 1)]


def test_the_backbone_holds_most_words() -> None:
    lines = ["One two three four five six seven eight.", "Short one.", "Short two."]

    def split(text: str) -> list[tuple[int, int]]:
        return [(0, len(text))]

    old, new = outline(text_of(lines), split), outline(text_of([*lines[1:], lines[0]]), split)
    pairs = [Pair((0,), (2,)), Pair((1,), (0,)), Pair((2,), (1,))]
    assert backbone(old, new, pairs) == {0}
