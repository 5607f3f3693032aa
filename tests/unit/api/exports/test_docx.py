"""Word documents: read back part by part, and by LibreOffice where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import docx as python_docx
import pypdfium2
import pytest
from lxml import etree

from api.exports.docx import docx
from api.exports.types import Matrix, Memo
from tests.unit.api.exports.making import AT, CITED, MATRIX, MEMO, SOURCES, source

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
BY_NUMBER = {one.number: one for one in SOURCES}


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def tree(data: bytes, name: str) -> etree._Element:
    return etree.fromstring(parts(data)[name])


def notes(data: bytes) -> dict[int, etree._Element]:
    return {int(one.get(f"{W}id")): one for one in tree(data, "word/footnotes.xml").iter(f"{W}footnote")}


def references(data: bytes) -> list[int]:
    return [int(one.get(f"{W}id")) for one in tree(data, "word/document.xml").iter(f"{W}footnoteReference")]


def quoted(note: etree._Element) -> str:
    (run,) = [one for one in note.iter(f"{W}r") if one.find(f"{W}rPr/{W}rStyle[@{W}val='QuotedWords']") is not None]
    return "".join(one.text for one in run.iter(f"{W}t"))


def words(node: etree._Element) -> str:
    return "".join(one.text or "" for one in node.iter(f"{W}t"))


@pytest.mark.parametrize("told", [MEMO, MATRIX])
def test_every_footnote_is_referred_to_once_and_is_there(told: Memo | Matrix) -> None:
    data = docx(told)
    found = notes(data)
    assert found.keys() - {-1, 0} == set(references(data))
    assert references(data) == list(range(1, len(found) - 1)), "in the order in which Word numbers them"
    settings = tree(data, "word/settings.xml")
    assert {one.get(f"{W}id") for one in settings.iter(f"{W}footnote")} == {"-1", "0"}
    assert {found[-1].get(f"{W}type"), found[0].get(f"{W}type")} == {"separator", "continuationSeparator"}


def test_a_footnote_quotes_its_source_to_the_character() -> None:
    found = notes(docx(MEMO))
    assert [quoted(found[at]) for at in range(1, len(CITED) + 1)] == [BY_NUMBER[number].quote for number in CITED]


def test_a_footnote_tells_where_the_quote_stands_and_opens_it() -> None:
    data = docx(MEMO)
    links = {
        one.get("Id"): (one.get("Target"), one.get("TargetMode"))
        for one in etree.fromstring(parts(data)["word/_rels/footnotes.xml.rels"])
    }
    note = notes(data)[2]
    assert words(note).startswith(" Lease 1, page iii, section 4 Rent > 4.1, version 2: “The rent")
    (link,) = note.iter(f"{W}hyperlink")
    assert links[link.get(f"{R}id")] == (SOURCES[0].url, "External")
    last = notes(data)[len(CITED)]
    assert words(last) == " Lease 8, version 2: “No address, no page.” (Read from a picture.)"
    assert list(last.iter(f"{W}hyperlink")) == []


def test_a_source_that_is_cited_again_is_referred_to() -> None:
    fields = [one.text.strip() for one in tree(docx(MEMO), "word/document.xml").iter(f"{W}instrText")]
    assert fields == ["NOTEREF note2 \\f \\h"]
    names = {one.get(f"{W}name") for one in tree(docx(MEMO), "word/document.xml").iter(f"{W}bookmarkStart")}
    assert names == {f"note{at}" for at in range(1, len(CITED) + 1)}


def test_python_docx_reads_it_back() -> None:
    document = python_docx.Document(BytesIO(docx(MEMO)))
    told = [(one.style.name, one.text) for one in document.paragraphs if one.text]
    assert told[0] == ("Title", "Kestrel: lease review")
    assert [text for style, text in told if style == "Heading 1"] == [
        "1. What is the rent?", "2. Who may end it?", "3. May it be sublet?", "Sources", "Records of the audit trail",
    ]  # fmt: skip
    assert ("Note", "Nothing was found.") in told
    assert ("Note", "One part is missing.") in told
    body = next(text for _, text in told if text.startswith("The rent of Unit 7"))
    assert "[Checked by user:ana on 2026-11-30: Agrees with <the> schedule.]" in body
    assert "The answer as a whole: [Changed by user:ana on 2026-11-30: Tightened.]" in {text for _, text in told}
    struck = [run.text for one in document.paragraphs for run in one.runs if run.font.strike]
    assert struck == ["Another source says 900 euros."]
    assert (document.core_properties.title, document.core_properties.author) == (MEMO.title, "user:ana")
    assert document.core_properties.created == AT


def test_the_appendix_has_digests_and_records() -> None:
    sources, records = python_docx.Document(BytesIO(docx(MEMO))).tables
    assert [cell.text for cell in sources.rows[1].cells] == [
        "1", "Lease 2\nleases/2024/unit 2 <a>.pdf\nDocument 2e0ac1d1-d22f-5d1d-b415-e70d308d196f", "2", "2" * 64,
    ]  # fmt: skip
    assert [row.cells[0].text for row in sources.rows] == ["Notes", *map(str, range(1, len(CITED) + 1))]
    assert [row.cells[1].text for row in records.rows[1:]] == [one.audit_id for one in MEMO.passages]


def test_notes_on_one_version_are_one_row_of_the_appendix() -> None:
    second = source(2, "Other words of the same.", document_id=SOURCES[0].document_id)
    memo = Memo("T", "user:ana", AT, MEMO.passages[:1], (SOURCES[0], second, *SOURCES[2:]))
    rows = python_docx.Document(BytesIO(docx(memo))).tables[0].rows
    assert [row.cells[0].text for row in rows[1:]] == ["1, 2", "3", "4"]


def test_a_matrix_is_tables_side_by_side_on_turned_pages() -> None:
    document = python_docx.Document(BytesIO(docx(MATRIX)))
    section = document.sections[0]
    assert section.page_width > section.page_height
    first, second, *_ = document.tables
    assert [cell.text for cell in first.rows[0].cells] == ["Document", *(f"{n}. Question {n}?" for n in range(1, 6))]
    assert [cell.text for cell in second.rows[0].cells] == ["Document", "6. Question 6?", "7. Question 7?"]
    assert [row.cells[0].text for row in first.rows[1:]] == list(MATRIX.documents)
    assert first.rows[1].cells[3].text == "No answer. Nothing bears on it."
    assert first.rows[1].cells[1].text == "Cell 0/0. [Checked by user:ana on 2026-11-30: Agrees with <the> schedule.]"
    assert f"1:\N{NO-BREAK SPACE}{MATRIX.cells[0][0].audit_id}" in document.tables[-1].rows[1].cells[1].text


def test_what_xml_does_not_allow_becomes_the_sign_for_that() -> None:
    nasty = source(5, "a\x00b\x0bc\ud800d\ufffee\U0001f600f\r\ng", title="\x01")
    memo = Memo("T\x02", "user:ana", AT, MEMO.passages[1:2], (*SOURCES[:4], nasty, *SOURCES[5:]))
    assert quoted(notes(docx(memo))[1]) == "a�b�c�d�e\U0001f600f\r\ng"


def test_the_same_value_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = docx(MEMO), docx(MATRIX)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert (docx(MEMO), docx(MATRIX)) == first


def test_a_memo_without_answers_says_so() -> None:
    memo = Memo("T", "user:ana", AT, MEMO.passages[2:], ())
    assert references(docx(memo)) == []
    assert "Nothing was found." in words(tree(docx(memo), "word/document.xml"))


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
@pytest.mark.parametrize("told", [MEMO, MATRIX])
def test_libreoffice_opens_it_with_its_footnotes(told: Memo | Matrix, tmp_path: Path) -> None:
    (tmp_path / "memo.docx").write_bytes(docx(told))
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    command = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), "memo.docx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    with pypdfium2.PdfDocument(tmp_path / "memo.pdf") as document:
        shown = " ".join(page.get_textpage().get_text_range() for page in document)
    shown = re.sub(r"\s+", " ", shown)
    assert told.title in shown
    for one in SOURCES[:3]:
        assert re.sub(r"\s+", " ", one.quote)[:24] in shown
    assert "Page 1 of" in shown
