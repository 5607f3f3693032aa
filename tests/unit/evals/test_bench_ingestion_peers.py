"""The bench of other libraries: one spelling for all, and no fault that is only another way of writing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from api.terminal import UsageError
from evals.suites.ingestion.lenient import heading, lenient
from evals.suites.ingestion.peers import GROUPS, Wanted, faults, wanted
from evals.systems.readers import Read, pythons, reader


def read(text: str = "", *headings: tuple[int | None, str]) -> Read:
    return Read(text, headings, 0.1)


@pytest.mark.parametrize(
    "table",
    [
        "| Item | Fee |\n|---|---:|\n| Rent | 5 |",
        "Item | Fee\nRent | 5",
        "<table><thead><tr><th>Item</th><th>Fee</th></tr></thead><tr><td>Rent</td><td>5</td></tr></table>",
        "| Item   |   Fee |\n|--------|-------|\n| Rent   |     5 |",
    ],
)
def test_tables_are_one_spelling(table: str) -> None:
    assert lenient(f"Before.\n\n{table}\n\nAfter.") == "Before. \n Item | Fee \n Rent | 5 \n After."


@pytest.mark.parametrize("raised", ["10^9/L", "10<sup>9</sup>/L", "10⁹/L", "10^9^/L", "$10^{9}$/L".replace("$1", "1")])
def test_raised_digits_are_one_spelling(raised: str) -> None:
    assert lenient(raised) == "10^9/L"


def test_digits_that_are_not_raised_stay_wrong() -> None:
    assert lenient("109/L") == "109/L"


@pytest.mark.parametrize("mark", ["12 (note 2)", "12 [2]", "12[^2]", "12[[2]](#footnote-2)"])
def test_marks_of_notes_are_one_spelling(mark: str) -> None:
    assert lenient(mark).replace("  ", " ") == "12 (note 2)"


@pytest.mark.parametrize("struck", ["~~ten~~ six", "<del>ten</del> six", "<s>ten</s> six", "[struck out: ten] six"])
def test_struck_words_are_told_apart(struck: str) -> None:
    assert lenient(struck) == "[struck: ten] six"


def test_boxes_marks_and_entities() -> None:
    assert lenient("- **Yes** ☒ no ☐\n- [X] a &amp; b") == "Yes [x] no [ ] [x] a & b"
    assert lenient("A sentence over\ntwo lines.") == "A sentence over two lines."
    assert lenient("| Rent | NaN | Unnamed: 2 |\n") == "Rent | |"


def test_headings_are_compared_without_number_and_case() -> None:
    assert heading("3.1 **Fees and Payment**") == heading("Fees and payment") == heading("(a) Fees and Payment")
    assert heading("Certificate No. 301") == "certificate no. 301"


def test_words_must_be_in_order_and_lack_what_they_must() -> None:
    case = Wanted("order", "a.pdf", holds=("one", "two"), lacks=("DRAFT",))
    assert faults(case, read("one\n\ntwo")) == ()
    assert faults(case, read("two one")) == ("lacks 'two'",)
    assert faults(case, read("one DRAFT two")) == ("holds 'DRAFT'",)
    assert faults(case, Read("one two", (), 0.1, "no")) == ("no",)


def test_headings_once_in_order_and_with_levels_that_a_library_tells() -> None:
    case = Wanted("headings", "a.html", headings=(("Top", 1), ("Fees", 2), ("Term", 2)), no_headings=("Desk",))
    assert faults(case, read("", (1, "Top"), (2, "1. Fees"), (2, "2. Term"))) == ()
    assert faults(case, read("", (0, "Top"), (3, "Fees"), (3, "Term"))) == ()  # levels count from anywhere
    assert faults(case, read("", (None, "Top"), (None, "Fees"), (None, "Term"))) == ()
    assert faults(case, read("", (2, "Top"), (2, "Fees"), (2, "Term"))) == ("has level 2 as [2]",)
    assert faults(case, read("", (1, "Top"), (2, "Fees"), (3, "Term"))) == ("has level 2 as [2, 3]",)
    assert faults(case, read("", (None, "Top"), (None, "Term"), (None, "Fees"))) == (
        "has the headings in another order",
    )
    assert faults(case, read("", (None, "Top"), (None, "Fees"))) == ("has the heading 'Term' 0 times",)
    twice = read("", (None, "Top"), (None, "Fees"), (None, "Fees"), (None, "Term"), (None, "Desk"))
    assert faults(case, twice) == ("has the heading 'Fees' 2 times", "has the heading 'Desk'")


def test_the_table_can_be_read_and_each_file_asks_something() -> None:
    cases = wanted()
    assert {case.group for case in cases} == set(GROUPS)
    assert all(case.holds or case.headings for case in cases)
    assert len({case.file for case in cases}) >= 40


def test_our_own_reader_is_a_process_like_the_others(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text("<h1>Fees</h1><h2>Rent</h2><p>The fee is EUR 12.</p>", encoding="utf-8")
    broken = tmp_path / "b.html"
    broken.write_bytes(b"")
    with reader("footnote", sys.executable, None) as one:
        found, failed, again = one.read(page), one.read(broken), one.read(page)
    assert "EUR 12" in found.text
    assert (found.text, found.headings) == (again.text, again.headings)
    assert [words for _, words in found.headings] == ["Fees", "Rent"]
    assert failed.error
    assert not failed.text


def test_pythons_are_named_and_unknown_ones_refused(tmp_path: Path) -> None:
    assert pythons(["docling"], "docling=/x/python", tmp_path) == {"docling": "/x/python"}
    with pytest.raises(UsageError, match="nobody"):
        pythons([], "nobody=/x/python", tmp_path)
