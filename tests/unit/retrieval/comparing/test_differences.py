"""What differs between two texts: clauses, sentences and rows, wherever they went."""

from __future__ import annotations

import pytest

from retrieval.comparing.comparing import compare
from retrieval.comparing.types import Kind, Text
from retrieval.errors import TooLongToCompare
from tests.compared_texts import Compared, compared, text_of

DELIVERY = "The Supplier delivers the pumps to the Buyer at its works in Aarhus."
PRICE = "The price of each pump is stated in the order and includes packing."
SECRET = "Each party keeps what it learns of the other party secret for five years."
LAW = "The laws of Denmark govern this contract and all that follows from it."
NOTICE = "A notice is given in writing and sent to the address that stands above."


def test_the_same_text_has_no_differences() -> None:
    lines = ["# 1. Delivery", DELIVERY, "# 2. Price", PRICE, "| Item | 2024", "| Rent | 500"]
    found = compared(lines, lines).found
    assert (found.differences, found.alike) == ((), 1.0)
    assert compared([], []).found.alike == 1.0


def test_a_clause_is_added_and_those_after_it_are_counted_on() -> None:
    old = ["# 1. Delivery", DELIVERY, "# 2. Price", PRICE, "# 3. Law", LAW]
    new = ["# 1. Delivery", DELIVERY, "# 2. Secrecy", SECRET, "# 3. Price", PRICE, "# 4. Law", LAW]
    told = compared(old, new).told()
    assert told == [
        ("added", [], [f"2. Secrecy\n\n{SECRET}"]),
        ("renumbered", ["2. Price", "3. Law"], ["3. Price", "4. Law"]),
    ]
    assert compared(new, old).told() == [
        ("removed", [f"2. Secrecy\n\n{SECRET}"], []),
        ("renumbered", ["3. Price", "4. Law"], ["2. Price", "3. Law"]),
    ]


def test_a_clause_that_moved_is_one_difference_with_both_places() -> None:
    old = ["# 1. Delivery", DELIVERY, "# 2. Price", PRICE, "# 3. Law", LAW, "# 4. Secrecy", SECRET]
    new = ["# 1. Law", LAW, "# 2. Delivery", DELIVERY, "# 3. Price", PRICE, "# 4. Secrecy", SECRET]
    found = compared(old, new)
    assert found.told() == [
        ("moved", [f"3. Law\n\n{LAW}"], [f"1. Law\n\n{LAW}"]),
        ("renumbered", ["1. Delivery", "2. Price"], ["2. Delivery", "3. Price"]),
    ]
    moved = found.differences[0]
    assert (moved.clause_old, moved.clause_new) == ("3.", "1.")
    assert (moved.section_old, moved.section_new) == (("3. Law",), ("1. Law",))


def test_a_clause_that_moved_and_was_changed_is_told_of_as_both() -> None:
    old = ["# Delivery", DELIVERY, "# Price", PRICE, "# Law", LAW, "# Secrecy", SECRET]
    new = ["# Law", LAW.replace("Denmark", "Norway"), "# Delivery", DELIVERY, "# Price", PRICE, "# Secrecy", SECRET]
    found = compared(old, new)
    assert [one.kind for one in found.differences] == [Kind.MOVED, Kind.CHANGED]
    assert found.words() == [("Denmark", "Norway", ["name"])]


def test_a_sentence_that_moved_into_another_clause_is_no_new_one() -> None:
    old = ["# Delivery", f"{DELIVERY} {NOTICE}", "# Price", PRICE]
    new = ["# Delivery", DELIVERY, "# Price", f"{PRICE} {NOTICE}"]
    assert compared(old, new).told() == [("moved", [NOTICE], [NOTICE])]


def test_numbers_below_a_clause_that_is_counted_on_are_not_told_again() -> None:
    old = ["# 4. Price", f"4.1 {PRICE}", f"4.2 {NOTICE}", "# 5. Law", f"5.1 {LAW}"]
    new = ["# 5. Price", f"5.1 {PRICE}", f"5.2 {NOTICE}", "# 6. Law", f"6.1 {LAW}"]
    assert compared(old, new).told() == [("renumbered", ["4. Price", "5. Law"], ["5. Price", "6. Law"])]
    last = [*new[:2], f"5.4 {NOTICE}", *new[3:]]
    assert compared(new, last).told() == [("renumbered", [f"5.2 {NOTICE}"], [f"5.4 {NOTICE}"])]


def test_items_are_counted_on_within_their_clause() -> None:
    old = ["# 1. Duties", f"(a) {DELIVERY}", f"(b) {PRICE}", f"(c) {LAW}"]
    new = ["# 1. Duties", f"(a) {DELIVERY}", f"(b) {SECRET}", f"(c) {PRICE}", f"(d) {LAW}"]
    assert compared(old, new).told() == [
        ("added", [], [f"(b) {SECRET}"]),
        ("renumbered", [f"(b) {PRICE}", f"(c) {LAW}"], [f"(c) {PRICE}", f"(d) {LAW}"]),
    ]


def test_sentences_are_added_removed_and_changed_within_a_paragraph() -> None:
    old = ["# Delivery", f"{DELIVERY} {PRICE} {NOTICE}"]
    new = ["# Delivery", f"{DELIVERY.replace('Aarhus', 'Odense')} {SECRET} {NOTICE}"]
    assert compared(old, new).told() == [
        ("changed", [DELIVERY], [DELIVERY.replace("Aarhus", "Odense")]),
        ("removed", [PRICE], []),
        ("added", [], [SECRET]),
    ]


def test_a_heading_may_be_called_otherwise() -> None:
    told = compared(["# Fees", PRICE, "# Law", LAW], ["# Charges", PRICE, "# Law", LAW]).told()
    assert told == [("changed", ["Fees"], ["Charges"])]


def test_rows_are_compared_cell_by_cell() -> None:
    table = ["| Item | 2024 | 2025", "| Rent | 500 | 600", "| Fees | 20 | 30", "| Tax | | 10"]
    new = ["| Item | 2024 | 2025", "| Rent | 500 | 650", "| Costs | 1 | 2", "| Fees | 20 | 30", "| Tax | 10 |"]
    found = compared(table, new)
    assert found.told() == [
        ("changed", ["Rent | 500 | 600"], ["Rent | 500 | 650"]),
        ("added", [], ["Costs | 1 | 2"]),
        ("changed", ["Tax | | 10"], ["Tax | 10 |"]),
    ]
    assert found.words() == [("600", "650", ["number"]), ("", "10", ["number"]), ("10", "", ["number"])]


def test_a_row_with_other_columns_and_the_same_words_is_the_same() -> None:
    assert compared(["| Rent | | 500 | | 600"], ["| Rent | 500 | 600"]).told() == []


def test_a_whole_table_is_one_difference() -> None:
    rows = ["| Item | 2024", "| Rent | 500", "| Fees | 20"]
    assert compared([DELIVERY], [DELIVERY, *rows]).told() == [("added", [], ["Item | 2024\nRent | 500\nFees | 20"])]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([DELIVERY], [DELIVERY.replace(" ", "  ")]),
        (["The termination of the long-term contract."], ["The termi- nation of the longterm contract."]),
        (["The long-term contract."], ["The long term contract."]),
        (['The "Goods" are the Buyer\'s.'], ["The “Goods” are the Buyer’s."]),
        (["The term - five years - ends."], ["The term – five years — ends."]),
        ([f"{DELIVERY} {PRICE}"], [DELIVERY, PRICE]),
        (["He is to receive the Goods from the seller."], ["He is to receive the", "Goods from the seller."]),
        (["He is to receive the", "Goods. They are new."], ["He is to receive the Goods.", "They are new."]),
        (["# CONSEQUENCES OF", "# TERMINATION", LAW], ["# CONSEQUENCES OF TERMINATION", LAW]),
        (["Definitions ........ 3", LAW], ["Definitions ............ 14", LAW]),
        (["Name: ____", LAW], ["Name: __________", "----------------", LAW]),
        (["Page 3 of 10", LAW], [LAW, "Page 4 of 11"]),
        ([LAW, "~ The old words."], [LAW]),
    ],
)
def test_how_it_is_set_is_no_difference(old: list[str], new: list[str]) -> None:
    assert compared(old, new).told() == []
    assert compared(new, old).told() == []


def test_running_heads_and_page_numbers_are_no_part_of_the_text() -> None:
    def paged(head: str, ends: tuple[int, ...]) -> Text:
        lines, pages = list[str](), list[int | None]()
        bodies = [DELIVERY, PRICE, "The Supplier shall, within ten days,", "repair what is broken.", LAW]
        for page, (first, last) in enumerate(zip((0, *ends), (*ends, len(bodies)), strict=True), 1):
            own = [f"{head} {page}", *bodies[first:last], str(page)]
            lines += own
            pages += [page] * len(own)
        return text_of(lines, pages=pages)

    assert Compared(paged("Draft of May, page", (1, 3)), paged("Signed copy", (2, 4))).told() == []


def test_two_texts_with_nothing_in_common_are_removed_and_added() -> None:
    found = compared(["# Delivery", DELIVERY], ["# Zoning", "Nobody may park lorries overnight beside a kindergarten."])
    assert [one.kind for one in found.differences] == [Kind.REMOVED, Kind.ADDED]
    assert found.found.alike == 0


def test_differences_come_in_the_order_of_the_new_text_with_what_was_removed_where_it_stood() -> None:
    old = ["# A", DELIVERY, "# B", NOTICE, "# C", LAW]
    new = ["# A", DELIVERY.replace("Aarhus", "Odense"), "# C", LAW.replace("Denmark", "Norway")]
    assert [one.kind for one in compared(old, new).differences] == [Kind.CHANGED, Kind.REMOVED, Kind.CHANGED]


def test_counts_are_of_differences_and_of_kinds_of_change() -> None:
    old = ["# 1. Price", "The price is EUR 500 and falls due on 3 March 2024."]
    new = ["# 1. Price", "The price is EUR 600 and falls due on 4 March 2024.", "# 2. Law", LAW]
    found = compared(old, new).found
    assert {kind: count for kind, count in found.counts.items() if count} == {Kind.CHANGED: 1, Kind.ADDED: 1}
    assert {str(one): count for one, count in found.change_counts.items() if count} == {"amount": 1, "date": 1}


def test_what_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.comparing.units.MOST_UNITS", 3)
    with pytest.raises(TooLongToCompare):
        compared([DELIVERY, PRICE, LAW, NOTICE], [DELIVERY])
    monkeypatch.setattr("retrieval.comparing.units.MOST_CHARS", 10)
    with pytest.raises(TooLongToCompare):
        compared([DELIVERY], [LAW])


def test_repeated_captions_did_not_move() -> None:
    caption = "Europe, Middle East and other places"
    old = ["# A", caption, DELIVERY, "# B", caption, PRICE, "# C", caption, LAW]
    new = ["# B", caption, PRICE, "# A", caption, DELIVERY, "# C", caption, LAW]
    kinds = [one.kind for one in compared(old, new).differences]
    assert kinds == [Kind.MOVED]


def test_what_is_mostly_dots_is_not_split_into_sentences() -> None:
    asked: list[str] = []

    def split(text: str) -> list[tuple[int, int]]:
        asked.append(text)
        return [(0, len(text))]

    compare(text_of(["A. " * 1_000, DELIVERY]), text_of([DELIVERY]), split)
    assert set(asked) == {DELIVERY}


def test_long_paragraphs_are_split_in_parts() -> None:
    asked: list[int] = []

    def split(text: str) -> list[tuple[int, int]]:
        asked.append(len(text))
        return [(0, len(text))]

    compare(text_of([f"{DELIVERY} " * 200]), text_of([LAW]), split)
    assert max(asked) <= 4_000
    assert len(asked) > 3
