"""Sentences, markers and claims."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.claims import SentenceStream, claim_text, markers, sentence_spans


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Mr. Smith of Kestrel Ltd. pays £1.50 per unit. He may stop.", ["Mr. Smith of Kestrel Ltd. pays £1.50 per unit.", "He may stop."]),
        ("See Art. 5 and No. 7, e.g. the annex. End.", ["See Art. 5 and No. 7, e.g. the annex.", "End."]),
        ("3.1. The Supplier pays. 4. Term.", ["3.1. The Supplier pays.", "4. Term."]),
        ("J. R. Hart signed. Done.", ["J. R. Hart signed.", "Done."]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("Item | Fee\nRent | 5", ["Item | Fee", "Rent | 5"]),
        ("Heading\n\nText.", ["Heading", "Text."]),
        ("𝒳 pays. ﬁnal day.", ["𝒳 pays.", "ﬁnal day."]),
        ("no full stop", ["no full stop"]),
        ("", []),
        (" \n ", []),
    ],
)  # fmt: skip
def test_sentences(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@given(st.text(st.sampled_from("aB1.?! \n\"')[]|§𝒳"), max_size=80))
def test_spans_are_ordered_trimmed_and_lose_nothing_but_blanks(text: str) -> None:
    position = 0
    for start, end in sentence_spans(text):
        assert text[position:start].strip() == ""
        assert start < end
        assert text[start:end] == text[start:end].strip()
        position = end
    assert text[position:].strip() == ""


def streamed(text: str, size: int) -> list[str]:
    stream = SentenceStream()
    found = [sentence for at in range(0, len(text), size) for sentence in stream.feed(text[at : at + size])]
    return found + list(stream.finish())


ANSWER = "The fee is £1.50 [1]. It is due in 30 days. [2][3] Kestrel Ltd. pays it [1, 2]. Nobody else [4]"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 200])
def test_the_stream_gives_the_same_sentences_whatever_the_deltas(size: int) -> None:
    assert streamed(ANSWER, size) == [
        "The fee is £1.50 [1].",
        "It is due in 30 days. [2][3]",
        "Kestrel Ltd. pays it [1, 2].",
        "Nobody else [4]",
    ]


def test_a_sentence_is_released_as_soon_as_the_next_one_begins() -> None:
    stream = SentenceStream()
    assert list(stream.feed("One [1]. ")) == []
    assert list(stream.feed("T")) == ["One [1]."]
    assert list(stream.feed("wo [2].")) == []
    assert list(stream.finish()) == ["Two [2]."]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("a [1].", (1,)),
        ("a [2] b [1] [2].", (2, 1)),
        ("a [1, 3; 5].", (1, 3, 5)),
        ("a [2-4].", (2, 3, 4)),
        ("a [1-99].", tuple(range(1, 12))),
        ("a [0] [12].", (0, 12)),
        ("a [x] [1a] (1) [1234].", ()),
    ],
)
def test_markers(sentence: str, expected: tuple[int, ...]) -> None:
    assert markers(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The fee is 5 [1].", "The fee is 5."),
        ("The fee is 5. [1][2]", "The fee is 5."),
        ("- **The fee** is `5` [1, 2].", "The fee is 5."),
        ("2) The  fee\nis 5 [1].", "The fee is 5."),
        ("The fee is 5 [6.2]. [1]", "The fee is 5."),
        ("[1]", ""),
    ],
)
def test_the_claim_is_the_sentence_without_its_signs(sentence: str, expected: str) -> None:
    assert claim_text(sentence) == expected
