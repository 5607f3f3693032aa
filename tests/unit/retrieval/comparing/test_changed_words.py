"""Which words of a sentence changed, and what kind of change that is."""

from __future__ import annotations

import pytest

from tests.compared_texts import compared

PARTIES = ("Kestrel Pumps Ltd", "Osprey")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("The price is EUR 1,250,000.", "The price is EUR 1,350,000.", [("1,250,000", "1,350,000", ["amount"])]),
        ("The fee is $5 million a year.", "The fee is $6 million a year.", [("5", "6", ["amount"])]),
        ("It costs five hundred dollars.", "It costs six hundred dollars.", [("five", "six", ["amount"])]),
        ("It is due on 3 March 2024.", "It is due on 3 April 2024.", [("March", "April", ["date"])]),
        ("It is due on March 3, 2024.", "It is due on March 3, 2025.", [("2024", "2025", ["date"])]),
        ("Within thirty (30) days.", "Within sixty (60) days.", [("thirty (30", "sixty (60", ["number"])]),
        ("Interest is 5% a year.", "Interest is 6% a year.", [("5", "6", ["number"])]),
        ("The Buyer shall pay.", "The Buyer may pay.", [("shall", "may", ["modal"])]),
        ("The Buyer may pay.", "The Buyer may not pay.", [("", "not", ["negation"])]),
        ("He can do it.", "He cannot do it.", [("can", "cannot", ["modal", "negation"])]),
        ("It is under clause 4.1 only.", "It is under clause 5.1 only.", [("4.1", "5.1", ["reference"])]),
        ("It is kept by Osprey alone.", "It is kept by Kestrel alone.", [("Osprey", "Kestrel", ["party"])]),
        ("It is kept by Tern alone.", "It is kept by Gull Shipping Inc. alone.",
         [("Tern", "Gull Shipping Inc.", ["party", "name"])]),
        ("The laws of Denmark hold.", "The laws of Norway hold.", [("Denmark", "Norway", ["name"])]),
        ("The goods are inspected.", "The goods are weighed.", [("inspected", "weighed", ["wording"])]),
        ("The goods, if any, are new.", "The goods if any are new.",
         [(",", "", ["punctuation"]), (",", "", ["punctuation"])]),
        ("He pays 1,000 a day.", "He pays 1000 a day.", [("1,000", "1000", ["punctuation"])]),
        ("The agreement ends.", "The Agreement ends.", [("agreement", "Agreement", ["name", "wording"])]),
        ("The Buyer pays at once.", "The Buyer shall pay USD 5 at once.", [("pays", "shall pay USD 5", ["amount", "modal", "wording"])]),
    ],
)  # fmt: skip
def test_the_words_are_told_with_what_they_are(old: str, new: str, words: list[tuple[str, str, list[str]]]) -> None:
    assert compared([old], [new], PARTIES).words() == words


def test_capitals_of_a_heading_and_of_a_sentence_are_no_names() -> None:
    assert compared(["# Payment Terms"], ["# Payment Conditions"]).words() == [("Terms", "Conditions", ["wording"])]
    assert compared(["Goods are delivered by rail."], ["Pumps are delivered by rail."]).words() == [
        ("Goods", "Pumps", ["wording"])
    ]


def test_punctuation_beside_another_change_is_no_kind_of_its_own() -> None:
    (one,) = compared(["He pays, at once, EUR 5."], ["He pays at once EUR 6."]).differences
    assert [str(change) for change in one.changes] == ["amount"]


def test_an_empty_side_says_where() -> None:
    found = compared(["The Buyer may reject late pumps."], ["The Buyer may not reject late pumps."])
    (words,) = found.differences[0].words
    assert (words.old.start, words.old.end) == (len("The Buyer may"), len("The Buyer may"))
    assert found.old.text[: words.old.start] == "The Buyer may"


def test_a_very_long_sentence_is_compared_in_pieces() -> None:
    words = [f"word{number}" for number in range(3_000)]
    other = [*words[:1_499], "changed", *words[1_500:]]
    (one,) = compared([" ".join(words)], [" ".join(other)]).differences
    assert len(one.words) == 1
    assert one.old[0].end - one.old[0].start < 5_000
