"""What a citation says of its place and of what ingestion was unsure of there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from generation.answering.telling import cautions
from generation.gate.citations import cell_of, resolve, warnings_of
from generation.types import Citation, Evidence, SourceText, TableSpan
from ingest.types import Box, FileWarning, Grid, LineBox, PageInfo, PageSource, WarningKind

TEXT = "Rent\n\nThe rent is 5OO. Dogs are banned."
FAINT = FileWarning(WarningKind.LOW_CONFIDENCE, "The scan is faint.", 3, 6, 22)
TABLE = "Unit | Rent | Note\n7 | 500 | a | b\n8 | 600 | \n9 | 700 | due"
BEFORE = "Rents\n\n"
GRID = Grid("Rents", ("B", "C", "E"), (3, 4, 9, 10))
SHEET = TableSpan(len(BEFORE), len(BEFORE) + len(TABLE), GRID)


def cited(source: Any, text: SourceText, quote: str) -> Citation:
    start = text.text.index(quote)
    return resolve(Evidence(source(text.text, page=3).passage(), start, start + len(quote), 1.0), 1, text)


def test_a_quote_has_the_warnings_about_its_words_and_the_confidence_of_its_lines(source: Any) -> None:
    lines = (
        LineBox(6, 14, Box(3, 0, 0, 1, 1), 0.9), LineBox(15, 22, Box(3, 0, 2, 1, 3), 0.81), LineBox(23, 39, Box(3, 0, 4, 1, 5)),
    )  # fmt: skip
    text = SourceText(TEXT, lines, (FAINT,))
    rent, dogs = cited(source, text, "The rent is 5OO."), cited(source, text, "Dogs are banned.")
    assert (rent.warnings, rent.confidence) == ((FAINT,), 0.81)
    assert (dogs.warnings, dogs.confidence) == ((), None)


@pytest.mark.parametrize(
    ("warning", "told"),
    [
        (FileWarning(WarningKind.READING_ORDER, "w", 3), True),
        (FileWarning(WarningKind.READING_ORDER, "w", 4), False),
        (FileWarning(WarningKind.HIDDEN_TEXT, "w"), False),  # about the whole file
        (FileWarning(WarningKind.UNREAD_PART, "w", 3), False),  # about words that are not these
        (FileWarning(WarningKind.UNREAD_PAGE, "w", 3), False),
        (FileWarning(WarningKind.UNREAD_PART, "w", 3, 5, 9), True),
        (FileWarning(WarningKind.REDLINE, "w", 3, 10, 20), False),  # it begins where the quote ends
        (FileWarning(WarningKind.REDLINE, "w", 9, 0, 6), True),
    ],
)
def test_which_warnings_count(warning: FileWarning, told: bool) -> None:
    assert warnings_of((warning,), 5, 10, {3}) == ((warning,) if told else ())


def test_the_page_as_it_is_printed(source: Any) -> None:
    pages = {3: PageInfo(3, PageSource.TEXT, "iv", "ABC000123")}
    labelled = cited(source, SourceText(TEXT, (), pages=pages), "Dogs are banned.")
    assert (labelled.page, labelled.page_label, labelled.bates) == (3, "iv", "ABC000123")
    plain = cited(source, SourceText(TEXT, ()), "Dogs are banned.")
    assert (plain.page_label, plain.bates, plain.cell) == ("3", "", "")


@pytest.mark.parametrize(
    ("quote", "cell"),
    [
        ("500", "Rents!C4"),
        ("7 | 500", "Rents!B4:C4"),
        ("8 | 600", "Rents!B9:C9"),
        ("due", "Rents!E10"),
        ("8 | 600 | \n9", "Rents!B9:E10"),
        ("Unit", "Rents!B3"),
    ],
)
def test_the_cells_of_a_quote(quote: str, cell: str) -> None:
    text = BEFORE + TABLE.replace("a | b", "a")
    table = replace(SHEET, end=len(text))
    start = text.index(quote)
    assert cell_of(text, (table,), start, start + len(quote)) == cell


def test_an_empty_cell_counts() -> None:
    text = "Unit | Rent | Note\n7 | | late\n| 640"
    table = TableSpan(0, len(text), Grid("Rents", ("B", "C", "E"), (3, 4, 9)))
    for quote, cell in (("late", "Rents!E4"), ("640", "Rents!C9")):
        assert cell_of(text, (table,), text.index(quote), text.index(quote) + len(quote)) == cell


def test_what_no_grid_holds_has_no_cell() -> None:
    text = BEFORE + TABLE
    assert cell_of(text, (SHEET,), 0, 5) == ""
    more = text.index("b\n8")  # a cell with a bar of its own lies beyond the columns
    assert cell_of(text, (SHEET,), more, more + 1) == ""
    short = replace(SHEET, grid=Grid("S", ("B",), (3,)))
    assert cell_of(text, (short,), text.index("9 |"), text.index("9 |") + 1) == ""


@pytest.mark.parametrize(("sheet", "said"), [("", "B3"), ("Rent roll", "'Rent roll'!B3"), ("Q1's", "'Q1''s'!B3")])
def test_sheets_are_named_as_a_spreadsheet_does(sheet: str, said: str) -> None:
    table = replace(SHEET, start=0, grid=replace(GRID, sheet=sheet))
    assert cell_of(TABLE, (table,), 0, 4) == said


def test_cautions_are_told_once_with_all_citations(source: Any) -> None:
    text = SourceText(TEXT, (), (FileWarning(WarningKind.REDLINE, "Changes are tracked.", 3, 0, 39),))
    one, two = cited(source, text, "Dogs are banned."), replace(cited(source, text, "Rent"), id=2)
    (caution,) = cautions((one, two))
    assert (caution.kind, caution.words, caution.citations) == (WarningKind.REDLINE, "Changes are tracked.", (1, 2))
    (sure,) = cautions((replace(one, warnings=(FAINT,), confidence=0.81),))
    assert sure.words == "The scan is faint."
    assert cautions(()) == ()


ROWS = "Thousands of pounds.\n\nItem | 2024 | 2023\nRent | 500 | 480\nHeat | 30 | 20"


def test_a_row_of_a_table_brings_what_it_is_read_under(source: Any) -> None:
    at = ROWS.index("Item")
    lines = (LineBox(0, 20, Box(3, 0, 0, 9, 1)), LineBox(at, at + 18, Box(3, 0, 2, 9, 3)))
    sheet = TableSpan(at, len(ROWS), Grid("Costs", ("A", "B", "C"), (5, 6, 7)))
    found = cited(source, SourceText(ROWS, lines, tables=(sheet,)), "Heat | 30 | 20").context
    assert [(one.kind, one.quote, one.cell) for one in found] == [
        ("unit", "Thousands of pounds.", ""),
        ("header", "Item", "Costs!A5"),
        ("header", "2024", "Costs!B5"),
        ("header", "2023", "Costs!C5"),
    ]
    assert all(ROWS[one.start : one.end] == one.quote and one.page == 3 for one in found)
    assert [one.boxes for one in found] == [(lines[0].box,), *[(lines[1].box,)] * 3]


def test_what_the_quote_holds_itself_and_prose_bring_nothing(source: Any) -> None:
    text = SourceText(ROWS, ())
    whole = cited(source, text, ROWS[ROWS.index("Item") :])
    assert [one.kind for one in whole.context] == ["unit"]
    assert cited(source, text, "Thousands of pounds.").context == ()
