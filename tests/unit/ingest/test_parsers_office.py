"""Word and Excel files made on the spot."""

import datetime
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml import OxmlElement

from ingest.errors import DamagedFile, EmptyFile, FileTooLarge
from ingest.parsers import parse
from ingest.types import ElementKind
from tests.unit.ingest.making import replaced, saved


def test_word_structure() -> None:
    document = docx.Document()
    document.add_heading("Supply Agreement", 0)
    document.add_heading("Term", 1)
    document.add_paragraph("The term is\u00a0one\u00ad year.")
    document.add_heading("Renewal", 2)
    document.add_paragraph("first", "List Number")
    document.add_paragraph("second", "List Number")
    document.add_paragraph("dot", "List Bullet")
    document.sections[0].header.paragraphs[0].text = "RUNNING HEAD"
    parsed = parse(saved(document), "a.docx")
    assert [(element.kind.value, element.level, element.text) for element in parsed.elements] == [
        ("title", 0, "Supply Agreement"),
        ("heading", 1, "Term"),
        ("paragraph", 0, "The term is one year."),
        ("heading", 2, "Renewal"),
        ("list_item", 0, "1. first"),
        ("list_item", 0, "2. second"),
        ("list_item", 0, "dot"),
    ]
    assert parsed.title == "Supply Agreement"
    assert parsed.page_count is None


def test_word_hidden_and_deleted_text_stays_out_and_inserted_text_in() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("seen")
    paragraph.add_run(" HIDDEN").font.hidden = True
    for tag, text in (("w:ins", " inserted"), ("w:del", " DELETED")):
        change = OxmlElement(tag)
        change.append(paragraph.add_run(text)._r)
        paragraph._p.append(change)
    seen, revision = parse(saved(document), "a.docx").elements
    assert seen.text == "seen inserted"
    assert (revision.kind, revision.text) == (ElementKind.REVISION, "[deleted: DELETED]")


def test_word_table_with_merged_and_nested_cells() -> None:
    document = docx.Document()
    table = document.add_table(4, 3)
    for row, cells in enumerate([["Part", "Price", "Note"], ["A", "1", "x"], ["", "2", "y"], ["wide", "", "z"]]):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(3, 0).merge(table.cell(3, 1))
    table.cell(1, 2).add_table(1, 1).cell(0, 0).text = "inner"
    (element,) = parse(saved(document), "a.docx").elements
    assert element.kind is ElementKind.TABLE
    assert element.text == "Part | Price | Note\nA | 1 | x inner\nA | 2 | y\nwide | | z"


def test_word_headings_without_styles() -> None:
    document = docx.Document()
    document.add_paragraph().add_run("2.1 Payment Terms").bold = True
    document.add_paragraph("All invoices are due within thirty days.")
    parsed = parse(saved(document), "a.docx")
    assert [(element.kind, element.level) for element in parsed.elements] == [
        (ElementKind.HEADING, 2),
        (ElementKind.PARAGRAPH, 0),
    ]


def test_word_content_controls_are_read() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("inside a control")
    control, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    paragraph._p.addprevious(control)
    control.append(content)
    content.append(paragraph._p)
    assert parse(saved(document), "a.docx").elements[0].text == "inside a control"


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Fees"
    sheet.append(["Item", "Price", "Date", "Share", "Secret"])
    sheet.append(["Basic", 1234.5, datetime.date(2024, 5, 1), 0.125, "HIDDEN"])
    sheet["B2"].number_format, sheet["D2"].number_format = '"$"#,##0.00', "0.0%"
    sheet.append(["Ghost row", 1, None, None, None])
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["E"].hidden = True
    sheet["A6"], sheet["B6"], sheet["A7"], sheet["B7"] = "Second", "Table", 1, True
    sheet["XFD1048576"] = "far away"
    secret = book.create_sheet("Secret")
    secret["A1"], secret.sheet_state = "HIDDEN", "hidden"
    book.create_sheet("Empty")
    return saved(book)


def test_excel_sheets_blocks_and_values() -> None:
    parsed = parse(workbook(), "prices.xlsx")
    assert [(element.kind.value, element.level, element.text) for element in parsed.elements] == [
        ("heading", 1, "Fees"),
        ("table", 0, "Item | Price | Date | Share\nBasic | $1,234.50 | 2024-05-01 | 12.5%"),
        ("table", 0, "Second | Table\n1 | TRUE"),
        ("paragraph", 0, "far away"),
    ]
    assert parsed.title == "prices"


def test_excel_merged_cells_are_repeated_downwards() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Group", "Item"], ["A", "x"], [None, "y"]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    assert parse(saved(book), "a.xlsx").elements[1].text == "Group | Item\nA | x\nA | y"


@pytest.mark.parametrize("content", [b"<w:document", b"", b"<a/>", b"\xff\xfe\x00junk"])
def test_broken_word_xml(content: bytes) -> None:
    with pytest.raises((DamagedFile, EmptyFile)):
        parse(replaced(saved(docx.Document()), "word/document.xml", content), "a.docx")


@pytest.mark.parametrize("member", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"])
def test_broken_excel_xml(member: str) -> None:
    with pytest.raises(DamagedFile):
        parse(replaced(workbook(), member, b"<broken"), "a.xlsx")


def test_external_entities_are_not_read(tmp_path: Any) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP SECRET")
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    xml = (
        f'<!DOCTYPE d [<!ENTITY e SYSTEM "file://{secret}">]><w:document xmlns:w="{namespace}"><w:body><w:p><w:r>'
        "<w:t>open &e;</w:t></w:r></w:p></w:body></w:document>"
    )
    parsed = parse(replaced(saved(docx.Document()), "word/document.xml", xml.encode()), "a.docx")
    assert "SECRET" not in parsed.elements[0].text


def test_zip_bomb_in_a_word_file() -> None:
    with pytest.raises(FileTooLarge):
        parse(replaced(saved(docx.Document()), "word/document.xml", bytes(60 << 20)), "a.docx")


def test_empty_files() -> None:
    with pytest.raises(EmptyFile):
        parse(saved(docx.Document()), "a.docx")
    with pytest.raises(EmptyFile):
        parse(saved(openpyxl.Workbook()), "a.xlsx")
