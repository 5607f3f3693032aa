"""Passages cut down to one run of sentences each, within a budget over all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from generation.gate.claims import sentence_spans
from retrieval.context.trimming import READ, Span, Text, Trimmer


class Shared:
    """Scores by the words that query and text share."""

    name = "shared"

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        asked = set(query.split())
        return np.array([len(asked & set(text.replace(".", "").split())) for text in texts], np.float32)


def split(text: str) -> list[Span]:
    spans, start = [], 0
    for part in text.split(". "):
        spans.append((start, start + len(part)))
        start += len(part) + 2
    return spans


def trim(query: str, budget: int, *texts: str, heading: str = "H") -> list[str]:
    spans = Trimmer(Shared(), split, budget).cut(query, [Text(heading, text) for text in texts]).spans
    return [text[start:end] for text, (start, end) in zip(texts, spans, strict=True)]


LEASE = "It rains. The rent is 5 euros. It is due in May. The lift is old"
PLAN = "Rent rises. Snow falls. Wind blows"


def test_what_fits_stays_whole() -> None:
    assert trim("rent", len(LEASE) + len(PLAN), LEASE, PLAN) == [LEASE, PLAN]


def test_each_text_gives_its_best_sentence() -> None:
    assert trim("rent Snow", 30, LEASE, PLAN) == ["The rent is 5 euros", "Snow falls"]


def test_there_is_no_room_for_the_other_text() -> None:
    assert trim("rent Snow", 20, LEASE, PLAN) == ["The rent is 5 euros", ""]


def test_the_best_sentence_of_all_comes_first_whatever_its_text() -> None:
    assert trim("Snow falls", 12, LEASE, PLAN) == ["", "Snow falls"]


def test_every_text_is_opened_before_any_is_gone_on_with() -> None:
    texts = ("a b c d e. a b c d e", "a b. x", "x y. z v w u")
    assert trim("a b c d e", 15, *texts) == ["a b c d e", "a b", "x y"]
    assert trim("a b c d e", 18, *texts) == ["a b c d e", "a b. x", "x y"]
    assert trim("a b c d e", 13, *texts) == ["a b c d e", "a b", ""]


def test_no_more_texts_are_shown_than_asked_for() -> None:
    texts = [Text("", one) for one in ("a b c. x y z", "a b. x", "a. x")]
    trimmer = Trimmer(Shared(), split, 100, 2)
    assert [end > start for start, end in trimmer.cut("a b c", texts).spans] == [True, True, False]


def test_what_is_shown_goes_on_with_what_stands_beside_the_best() -> None:
    good = Text("", "a b c d e. x. y")
    assert Trimmer(Shared(), split, 12).cut("a b c d e", [good, Text("", "z")]).spans[0] == (0, 9)
    assert Trimmer(Shared(), split, 13).cut("a b c d e", [good, Text("", "z")]).spans[0] == (0, 12)


def test_the_best_sentence_of_the_best_text_stays_even_over_the_budget() -> None:
    assert trim("rent", 5, LEASE) == ["The rent is 5 euros"]


@pytest.mark.parametrize("budget", [5, 30, 900])
def test_the_most_relevant_sentence_of_all_is_told_whatever_is_shown(budget: int) -> None:
    cut = Trimmer(Shared(), split, budget).cut("rent", [Text("", PLAN), Text("", LEASE)])
    assert cut.best is not None
    at, (start, end), score = cut.best.at, cut.best.span, cut.best.score
    assert (at, LEASE[start:end], score) == (1, "The rent is 5 euros", 1.0)


def test_without_texts_there_is_no_most_relevant_sentence() -> None:
    cut = Trimmer(Shared(), split, 30).cut("rent", [])
    assert (list(cut.spans), cut.best) == ([], None)
    assert Trimmer(Shared(), lambda text: [], 30).cut("rent", [Text("", "?")]).best is None


def test_a_window_grows_towards_what_is_relevant() -> None:
    assert trim("rent due", 40, LEASE) == ["The rent is 5 euros. It is due in May"]
    assert trim("rent rains", 40, LEASE) == ["It rains. The rent is 5 euros"]


def test_the_room_goes_to_the_text_whose_neighbour_is_more_relevant() -> None:
    assert trim("rent Snow Wind", 45, LEASE, PLAN) == ["The rent is 5 euros", "Snow falls. Wind blows"]


def test_the_reranker_reads_what_shares_words_with_the_question_and_one_sentence_of_each_text_at_least() -> None:
    class Counting(Shared):
        read: Sequence[str] = ()

        def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
            self.read = texts
            return super().score(query, texts)

    reranker = Counting()
    long = [*(f"Snow falls on day {number}" for number in range(40)), "The rents are due", "A rent is money"]
    other = ["Wind blows", "Rain falls"]
    texts = [Text("H", ". ".join(sentences)) for sentences in (long, other)]
    spans = Trimmer(reranker, split, 30).cut("rent", texts).spans
    assert len(reranker.read) == READ
    assert {"H\nThe rents are due", "H\nA rent is money", "H\nWind blows"} <= set(reranker.read)
    assert texts[0].text[slice(*spans[0])] == "A rent is money"


def test_a_table_row_is_read_under_its_header() -> None:
    texts = [
        Text("Fees", "In GBP.\nItem | 2024 | 2023\nRent | 500 | 480"),
        Text("", "Lift | 20 | 30", "Item | 2024 | 2023"),
    ]
    assert [text.read((text.text.rfind("\n") + 1, len(text.text))) for text in texts] == [
        "Fees\nIn GBP. Item Rent: 2024 = 500; 2023 = 480",
        "\nItem Lift: 2024 = 20; 2023 = 30",
    ]
    assert Text("Fees", "Item | 2024\n\nIt rains.").read((13, 22)) == "Fees\nIt rains."


def test_a_row_is_so_far_ahead_of_the_next_row() -> None:
    def ahead(*texts: str) -> float | None:
        spans = Trimmer(Shared(), sentence_spans, 30).cut("rent lift fee", [Text("", text) for text in texts])
        return spans.best.ahead if spans.best else None

    assert ahead("a | b\nrent lift | 5", "a | b\nlift | 6") == 1.0
    assert ahead("a | b\nrent lift fee | 5\nrent | 6", "rent lift") == 2.0
    assert ahead("rent lift fee | 5", "rent lift") is None
    assert ahead("rent lift fee", "lift | 5") is None


@given(
    st.lists(st.lists(st.text("ab ", min_size=1, max_size=9), min_size=1, max_size=6), min_size=1, max_size=4),
    st.integers(1, 60),
)
def test_never_more_than_the_budget_and_whole_sentences_only(parts: list[list[str]], budget: int) -> None:
    texts = [". ".join(sentences) for sentences in parts]
    kept = trim("a", budget, *texts)
    longest = max(len(sentence) for sentences in parts for sentence in sentences)
    assert sum(map(len, kept)) <= max(budget, longest) or kept == texts
    for sentences, text in zip(parts, kept, strict=True):
        runs = {". ".join(sentences[i:j]) for i in range(len(sentences)) for j in range(i + 1, len(sentences) + 1)}
        assert not text or text in runs
    assert any(kept)
