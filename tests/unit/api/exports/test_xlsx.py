"""Spreadsheets, read back by openpyxl."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO

import openpyxl
import pytest

from api.exports.types import Cell
from api.exports.xlsx import xlsx
from tests.unit.api.exports.making import MATRIX, SOURCES, source


def book(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(data))


def test_it_has_a_row_a_document_and_an_answer_a_question() -> None:
    sheet = book(xlsx(MATRIX))["Matrix"]
    heads = [cell.value for cell in sheet[1]]
    assert heads == ["Document", *(words for question in MATRIX.questions for words in (question, "Source"))]
    assert [sheet.cell(row, 1).value for row in (2, 3, 4)] == list(MATRIX.documents)
    assert sheet["B2"].value == "Cell 0/0.\nChecked by user:ana on 2026-11-30: Agrees with <the> schedule."
    assert sheet["B3"].font.strike
    assert sheet["F2"].value == "No answer. Nothing bears on it."
    assert sheet["B2"].alignment.wrap_text
    assert (sheet.freeze_panes, sheet.print_title_rows, sheet.print_title_cols) == ("B2", "$1:$1", "$A:$A")


def test_an_answer_is_linked_to_its_quote() -> None:
    workbook = book(xlsx(MATRIX))
    sheet = workbook["Matrix"]
    numbers = {workbook["Sources"].cell(row, 6).value: row - 1 for row in range(2, workbook["Sources"].max_row + 1)}
    own = numbers[SOURCES[0].quote]
    assert (sheet["C2"].value, sheet["C2"].hyperlink.target) == (str(own), SOURCES[0].url)
    several = sheet["I2"]
    assert several.value == f"{own}, {numbers[SOURCES[1].quote]}"
    assert several.hyperlink.location == f"'Sources'!A{own + 1}"
    assert sheet["G2"].hyperlink is None


def test_the_sources_are_quoted_to_the_character() -> None:
    sheet = book(xlsx(MATRIX))["Sources"]
    rows = {row[0]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert {row[5] for row in rows.values()} == {SOURCES[at].quote for at in range(3)}
    first = rows[1]
    assert first[:5] == (1, "Lease 1", "iii", "4 Rent > 4.1", 2)
    assert first[8:] == ("Open", "1" * 64, SOURCES[0].document_id, SOURCES[0].version_id, SOURCES[0].source)
    assert sheet["I2"].hyperlink.target == SOURCES[0].url


def test_the_row_of_a_table_is_told_with_its_unit_and_its_columns() -> None:
    frame = "Thousands of pounds. Columns: Item | 2024 | 2023."
    matrix = replace(MATRIX, sources=(source(1, "Rent | 96 | 90", frame=frame), *SOURCES[1:]))
    heads, first, *_ = book(xlsx(matrix))["Sources"].iter_rows(values_only=True)
    assert dict(zip(heads, first, strict=True))["Table row read under"] == frame


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1", "\n=1", "＝1+1"])
def test_nothing_that_looks_like_a_formula_is_one(words: str) -> None:
    matrix = replace(MATRIX, documents=(words, words, words), questions=(words,), cells=tuple(((Cell("answered", words, (1,), words, words)),) for _ in range(3)), sources=(source(1, words, title=words, frame=words),))  # fmt: skip
    workbook = book(xlsx(matrix))
    for sheet in workbook:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in {"s", "n"}, (sheet.title, cell.coordinate)
                if str(cell.value or "").startswith(words):
                    assert cell.quotePrefix
    with zipfile.ZipFile(BytesIO(xlsx(matrix))) as file:
        assert not any(b"<f>" in file.read(name) for name in file.namelist())


def test_controls_and_what_is_too_long_for_a_cell() -> None:
    matrix = replace(MATRIX, sources=(source(1, "a\x00b\ud800c"), source(2, "x" * 40_000), *SOURCES[2:]))
    sheet = book(xlsx(matrix))["Sources"]
    quotes = {row[5] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert "a�b�c" in quotes
    assert any(len(one) == 32_767 and one.endswith(" [cut: 40,000 characters]") for one in quotes)


def test_about_has_the_record_of_each_cell() -> None:
    rows = {(a, b) for a, b in book(xlsx(MATRIX))["About"].iter_rows(values_only=True)}
    assert ("Lease B, question 2", MATRIX.cells[1][1].audit_id) in rows
    assert ("Prepared by", "user:ana") in rows


def test_the_same_value_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    import openpyxl.writer.excel as saving

    first = xlsx(MATRIX)
    assert book(first).properties.modified.isoformat() == "2026-11-30T12:05:00"

    class Later(saving.datetime.datetime):
        @classmethod
        def now(cls, tz: object = None) -> Later:
            return cls(2031, 1, 1)

    monkeypatch.setattr(saving.datetime, "datetime", Later)
    assert xlsx(MATRIX) == first


def test_rows_and_columns_must_fit() -> None:
    with pytest.raises(ValueError, match="1 cells for 7 questions"):
        xlsx(replace(MATRIX, cells=tuple(row[:1] for row in MATRIX.cells)))


def test_a_quote_that_reads_like_an_escape_is_shown_as_it_stands() -> None:
    """Excel writes line ends as _x000D_, so that texts hold it; in a cell it would be read as the line end."""
    quote = "a_x000D_b _x0041_ x0041_ _x00_"
    data = xlsx(replace(MATRIX, sources=(source(1, quote), *SOURCES[1:])))
    with zipfile.ZipFile(BytesIO(data)) as file:
        sheet = file.read("xl/worksheets/sheet2.xml").decode()
    assert ">a_x005F_x000D_b _x005F_x0041_ x0041_ _x00_<" in sheet
