"""Workbooks and CSV: what heads what, what is hidden, struck out, commented, or was saved without a value."""

from __future__ import annotations

import re
from collections.abc import Sequence

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.formula import ArrayFormula

from ingest.chunkers.structure import StructureChunker
from ingest.chunking import assemble
from ingest.parsers import parse
from ingest.types import Element, ElementKind, ParsedFile, WarningKind
from tests.unit.ingest.making import repacked, saved

Row = Sequence[object]


def book(*rows: Row, merge: Sequence[str] = ()) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for area in merge:
        made.active.merge_cells(area)
    return made


def read(made: openpyxl.Workbook) -> ParsedFile:
    parsed = parse(saved(made), "a.xlsx")
    for element in parsed.elements:
        if element.kind is ElementKind.TABLE:
            assert element.grid is not None
            lines = element.text.split("\n")
            assert len(element.grid.rows) == len(lines)
            assert {len(line.split("|")) for line in lines} == {len(element.grid.columns)}
    return parsed


def texts(made: openpyxl.Workbook) -> list[str]:
    return [element.text for element in read(made).elements[1:]]


def tables(parsed: ParsedFile) -> list[Element]:
    return [element for element in parsed.elements if element.kind is ElementKind.TABLE]


def test_a_title_above_the_header_is_a_heading() -> None:
    made = read(book(["Lease register"], ["Site", "Rent", "End"], ["Oak", 5, "May"], merge=["A1:C1"]))
    assert [(one.kind.value, one.level, one.text) for one in made.elements[1:]] == [
        ("heading", 2, "Lease register"),
        ("table", 0, "Site | Rent | End\nOak | 5 | May"),
    ]
    assert made.elements[2].grid is not None
    assert made.elements[2].grid.rows == (2, 3)


def test_groups_after_blank_rows_stay_under_their_header() -> None:
    made = book(["Account", "Debit"], ["Cash", 1], [], ["Long term"], ["Loans", 2], [], ["Leases", 3], [], ["Checked."])
    assert texts(made) == ["Account | Debit\nCash | 1\nLong term |\nLoans | 2\nLeases | 3", "Checked."]


def test_titles_above_a_blank_row_head_the_table_too() -> None:
    parsed = read(book(["Lease register"], [], ["As of May"], [], ["Site", "Rent"], ["Oak", 5]))
    assert [(one.kind.value, one.level) for one in parsed.elements[1:]] == [
        ("heading", 2),
        ("heading", 3),
        ("table", 0),
    ]
    parsed = read(book(["Read this first."], [], ["Site", "Rent"], ["Oak", 5], [], [None, None, "Approved"]))
    assert [one.kind.value for one in parsed.elements[1:]] == ["paragraph", "table", "paragraph"]
    parsed = read(book(["One"], [], ["Two"]))
    assert [one.kind.value for one in parsed.elements[1:]] != ["heading", "heading"]


def test_a_group_with_a_remark_beside_it_stays_under_its_header() -> None:
    rows = [["Account", "Debit"], ["Cash", 1], [], ["Loans", 3, "late"], [], ["Tax", 4]]
    assert texts(book(*rows)) == ["Account | Debit |\nCash | 1 |\nLoans | 3 | late\nTax | 4 |"]
    rows = [["Account", "Debit"], ["Cash", 1], [], ["Name", "Role", "Pay"], ["Bell", "cook", 3]]
    assert texts(book(*rows)) == ["Account | Debit\nCash | 1", "Name | Role | Pay\nBell | cook | 3"]


def test_a_second_table_of_words_is_told_by_a_name_that_comes_again() -> None:
    rows = [["Risk", "Owner"], ["Fire", "Bell"], [], ["Control", "Owner"], ["Alarm", "Dorn"], [], ["Lock", "Fox"]]
    assert texts(book(*rows)) == ["Risk | Owner\nFire | Bell", "Control | Owner\nAlarm | Dorn\nLock | Fox"]


def test_a_second_table_has_its_own_header() -> None:
    made = book(["Debtors"], ["Name", "Owes"], ["A", 1], [], ["Creditors"], ["Name", "Due"], ["B", 2])
    assert texts(made) == ["Debtors", "Name | Owes\nA | 1", "Creditors", "Name | Due\nB | 2"]


def test_tables_side_by_side_are_apart_and_a_spacer_column_parts_nothing() -> None:
    sides = book(["Debtor", "Owes", None, "Creditor", "Due"], ["A", 1, None, "B", 2], [], ["C", 3, None, "D", 4])
    assert texts(sides) == ["Debtor | Owes\nA | 1\nC | 3", "Creditor | Due\nB | 2\nD | 4"]
    assert texts(book(["Account", None, "Debit", None, "Credit"], ["Cash", None, 1, None, 2])) == [
        "Account | Debit | Credit\nCash | 1 | 2"
    ]


@pytest.mark.parametrize("merge", [("B1:C1", "D1:E1", "A1:A2"), ("B1:C1", "D1:E1"), ()])
def test_two_header_rows_become_one(merge: Sequence[str]) -> None:
    rows: list[Row] = [["Region", "2025", None, "2026", None], [None, "Plan", "Actual", "Plan", "Actual"]]
    made = book(*rows, ["North", 1, 2, 3, 4], merge=merge)
    assert texts(made) == ["Region | 2025 Plan | 2025 Actual | 2026 Plan | 2026 Actual\nNorth | 1 | 2 | 3 | 4"]


def test_units_below_the_header_belong_to_it_and_a_blank_corner_is_no_title() -> None:
    assert texts(book(["Site", "Rent"], [None, "EUR"], ["Oak", 5])) == ["Site | Rent EUR\nOak | 5"]
    assert texts(book([None, "Q1", "Q2"], ["North", 1, 2])) == ["| Q1 | Q2\nNorth | 1 | 2"]


def test_a_formula_without_a_value_stands_there_itself() -> None:
    made = read(book(["Item", "EUR"], ["Towing", 5], ["Total", "=SUM(B2:B2)"]))
    (table,) = tables(made)
    assert table.text.endswith("Total | =SUM(B2:B2) [no value saved]")
    (warning,) = table.warnings
    assert warning.kind is WarningKind.UNCACHED_FORMULA
    assert "cell B3" in warning.words
    assert table.text[warning.start : warning.end].startswith("Total | =SUM")


def test_cells_that_another_cells_formula_fills_are_not_blank() -> None:
    made = book(["Item", "EUR"], ["Towing", None], ["Storage", None], ["Rest", 4])
    made.active["B2"] = ArrayFormula("B2:B3", "=D2:D3*2")
    (table,) = tables(read(made))
    assert table.text.split("\n")[1:] == [
        "Towing | =D2:D3*2 [no value saved]",
        "Storage | =D2:D3*2 [no value saved]",
        "Rest | 4",
    ]
    assert [one.kind for one in table.warnings] == [WarningKind.UNCACHED_FORMULA] * 2


@pytest.mark.parametrize(("value", "shown"), [("", '=""'), ("<v></v>", ""), ("<v>late</v>", "late")])
def test_a_formula_of_words_without_any_value_is_not_one_with_blank_words(value: str, shown: str) -> None:
    def change(name: str, content: bytes) -> bytes:
        cell = f'<c r="B2" t="str"><f>""</f>{value}</c>'.encode()
        return re.sub(rb'<c r="B2"[^>]*>.*?</c>', cell, content) if name.endswith("sheet1.xml") else content

    data = repacked(saved(book(["Item", "State"], ["Towing", '=""'])), change)
    (table,) = tables(parse(data, "a.xlsx"))
    line = table.text.split("\n")[1]
    assert line.removesuffix(" [no value saved]") == f"Towing | {shown}".strip()
    assert line.endswith("]") is bool(table.warnings)


@pytest.mark.parametrize(("values", "unsure"), [((0, 0), True), ((0, 7), False)])
def test_zeros_that_nobody_computed_are_no_values(values: tuple[int, int], unsure: bool) -> None:
    def change(name: str, content: bytes) -> bytes:
        for value in values if name.endswith("sheet1.xml") else ():
            content = re.sub(rb"<v/>|<v></v>", b"<v>%d</v>" % value, content, count=1)
        return content

    data = repacked(saved(book(["Item", "EUR"], ["Total", "=1+1"], ["Rest", "=2+2"])), change)
    (table,) = tables(parse(data, "a.xlsx"))
    assert ("[no value saved]" in table.text) is unsure


def test_hidden_rows_columns_sheets_and_cells_are_left_out_with_a_warning() -> None:
    made = book(["Item", "Fee", "Note"], ["a", 1, "x"], ["SECRET", 2, "y"], ["b", 3, "z"], ["white", 4, "w"])
    sheet = made.active
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet["A5"].font, sheet["B5"].number_format = Font(color="FFFFFFFF"), ";;;"
    other = made.create_sheet("SECRET")
    other["A1"], other.sheet_state = "SECRET", "veryHidden"
    made.create_sheet("Blank").sheet_state = "hidden"
    parsed = read(made)
    assert [one.text for one in parsed.elements[1:]] == ["Item | Fee\na | 1\nb | 3"]
    assert {one.kind for one in parsed.warnings} == {WarningKind.HIDDEN_TEXT}
    assert len(parsed.warnings) == 4
    assert not any("SECRET" in one.words for one in parsed.warnings)


def test_a_merged_cell_is_seen_though_its_first_column_or_row_is_hidden() -> None:
    rows = [
        ["Lease register", None, None],
        ["Id", "Site", "Rent"],
        ["x1", "North", 5],
        ["x2", None, 6],
        ["x3", "South", 7],
    ]
    made = book(*rows, merge=["A1:C1", "B3:B4"])
    made.active.column_dimensions["A"].hidden = True
    made.active.row_dimensions[3].hidden = True
    parsed = read(made)
    assert [one.text for one in parsed.elements[1:]] == ["Lease register", "Site | Rent\nNorth | 6\nSouth | 7"]
    assert len(parsed.warnings) == 2


def test_hidden_rows_without_values_are_no_news() -> None:
    made = book(["Item", "Fee"], ["a", 1])
    made.active.row_dimensions[9].hidden = True
    made.active.column_dimensions["Z"].hidden = True
    assert read(made).warnings == ()


def test_struck_out_cells_and_comments_follow_the_table() -> None:
    made = book(["Item", "Fee"], ["old", 5], ["new", 6])
    made.active["A2"].font = made.active["B2"].font = Font(strike=True)
    made.active["B3"].comment = Comment("Bob:\nwas 5", "Bob")
    parsed = read(made)
    assert [one.text for one in parsed.elements[1:]] == [
        "Item | Fee\nnew | 6",
        "A2: [struck out: old | 5]",
        "B3: [comment by Bob: was 5]",
    ]
    assert [one.kind for one in parsed.elements[2].warnings] == [WarningKind.REDLINE]
    assert parsed.elements[3].author == "Bob"


def test_errors_truth_values_bars_and_line_breaks_stay_readable() -> None:
    made = book(["Item", "Value"], ["a|b", "x\ny"], ["error", "#REF!"], ["flag", True], ["id", "0012"])
    assert texts(made) == ["Item | Value\na¦b | x y\nerror | #REF!\nflag | TRUE\nid | 0012"]


def test_a_format_that_is_not_understood_is_warned_of() -> None:
    made = book(["Item", "Day"], ["a", 5])
    made.active["B2"].number_format = "TT.MM.JJJJ"
    (table,) = tables(read(made))
    assert table.text == "Item | Day\na | 5 [TT.MM.JJJJ]"
    assert [one.kind for one in table.warnings] == [WarningKind.NUMBER_FORMAT]


def test_titles_over_tables_that_stand_side_by_side_are_no_headers() -> None:
    rows = [["Rents", None, None, "Costs"], ["Site", "Rent", None, "Item", "Cost"], ["Oak", 1, None, "Roof", 5]]
    assert texts(book(*rows, merge=["A1:B1", "D1:E1"])) == [
        "Rents",
        "Site | Rent\nOak | 1",
        "Costs",
        "Item | Cost\nRoof | 5",
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("sep=;\nParty;Fee\nKestrel;1,5\n", ["Party | Fee\nKestrel | 1,5"]),
        ('\ufeffsep=;\r\nParty;Fee\r\nKestrel;"1,5\r\nmore"\r\n', ["Party | Fee\nKestrel | 1,5 more"]),
        ("sep=|\nParty|Fee\nKestrel, Ltd|5\n", ["Party | Fee\nKestrel, Ltd | 5"]),
        ("Statement Ltd;;\nPeriod 2026;;\n;;\nDate;Text;Amount\n02.01.2026;Rent;-4100,00\n",
         ["Statement Ltd", "Period 2026", "Date | Text | Amount\n02.01.2026 | Rent | -4100,00"]),
        ("Register 2026,,\nClaim,Name,EUR\nC-1,A,5\n", ["Register 2026", "Claim | Name | EUR\nC-1 | A | 5"]),
        ("Register 2026\nClaim,Name,EUR\nC-1,A,5\nC-2,B\n", ["Register 2026", "Claim | Name | EUR\nC-1 | A | 5\nC-2 | B |"]),
    ],
)  # fmt: skip
def test_csv_finds_its_header(data: str, expected: list[str]) -> None:
    assert [element.text for element in parse(data.encode(), "a.csv").elements] == expected


@pytest.mark.parametrize(
    ("data", "rows", "line"),
    [
        ('Party,Fee\nKestrel,"12\nWren,2\n', ['Kestrel | "12', "Wren | 2"], 2),
        ('sep=;\nParty;Fee\nKestrel;"12\nWren;"x"\nFinch;3\n', ['Kestrel | "12', 'Wren | "x"', "Finch | 3"], 3),
        ('Party,Fee\nKestrel,"12\nor 13" \nWren,2\n', ["Kestrel | 12 or 13", "Wren | 2"], 0),
    ],
)
def test_a_quotation_mark_that_is_never_closed_swallows_no_rows(data: str, rows: list[str], line: int) -> None:
    parsed = parse(data.encode(), "a.csv")
    assert parsed.elements[0].text.split("\n")[1:] == rows
    assert [warning.kind for warning in parsed.warnings] == [WarningKind.CUT_TABLE] * bool(line)
    assert all(f"line {line} " in warning.words for warning in parsed.warnings)


def test_a_wrong_byte_in_a_csv_file_is_warned_of() -> None:
    parsed = parse("Party,Fee\nMüller,€ 5\n".encode() + b"Bad\xff,3\n", "a.csv")
    assert "Müller | € 5" in parsed.elements[0].text
    assert [warning.kind for warning in parsed.warnings] == [WarningKind.ENCODING]


def test_later_chunks_carry_the_header_and_not_the_title() -> None:
    rows = "".join(f"Claim number {number},Somebody,{number}\n" for number in range(200))
    parsed = parse(f"Register 2026,,\nClaim,Name,EUR\n{rows}".encode(), "a.csv")
    chunks = StructureChunker().chunks(assemble(parsed, source="a.csv", content_sha256="0" * 64))
    assert {chunk.table_header for chunk in chunks[1:]} == {"Claim | Name | EUR"}
    assert all(chunk.section_path == ("Register 2026",) for chunk in chunks)
    assert chunks[0].text.startswith("Register 2026\n\nClaim")


def test_chart_titles_are_read_and_many_merged_cells_end_well() -> None:
    from openpyxl.chart import BarChart, Reference

    made = book(["Item", "Fee"], ["a", 5], ["b", 6])
    chart = BarChart()
    chart.title = "Fees by item"
    chart.add_data(Reference(made.active, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    made.active.add_chart(chart, "D2")
    assert texts(made) == ["Item | Fee\na | 5\nb | 6", "[chart: Fees by item]"]


def test_struck_and_raised_runs_of_a_cell() -> None:
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    struck, high = InlineFont(strike=True), InlineFont(vertAlign="superscript")
    made = book(["Term", "Count"], ["x", "y"])
    made.active["A2"] = CellRichText("within ", TextBlock(struck, "thirty"), " sixty days")
    made.active["B2"] = CellRichText("10", TextBlock(high, "9"), "/L")
    assert texts(made) == ["Term | Count\nwithin sixty days | 10^9/L", "A2: [struck out: thirty]"]
