"""PDF, read back by pdfium."""

from __future__ import annotations

import ctypes
import re
from dataclasses import replace
from io import BytesIO

import pypdfium2
import pytest
from pypdf import PdfReader
from pypdfium2 import raw

from api.exports.pdf import pdf
from api.exports.pdf.letters import Letters, known
from api.exports.types import Memo, Statement
from tests.unit.api.exports.making import AT, CITED, MEMO, SOURCES, source


def shown(data: bytes) -> str:
    with pypdfium2.PdfDocument(data) as document:
        told = " ".join(page.get_textpage().get_text_range() for page in document)
    return re.sub(r"\s+", " ", told)


def addresses(data: bytes) -> list[str]:
    """Of the links that lead out of the file, as pdfium finds them."""
    found = []
    with pypdfium2.PdfDocument(data) as document:
        for page in document:
            at, link = ctypes.c_int(0), raw.FPDF_LINK()
            while raw.FPDFLink_Enumerate(page.raw, at, link):
                action = raw.FPDFLink_GetAction(link)
                length = raw.FPDFAction_GetURIPath(document.raw, action, None, 0) if action else 0
                if length:
                    told = ctypes.create_string_buffer(length)
                    raw.FPDFAction_GetURIPath(document.raw, action, told, length)
                    found.append(told.value.decode())
    return found


def test_it_holds_sentences_notes_and_appendix() -> None:
    text = shown(pdf(MEMO))
    assert "The rent of Unit 7 is 500 euros." in text
    assert "[Checked by user:ana on 2026-11-30: Agrees with <the> schedule.]" in text
    assert "Nothing was found." in text
    assert "2. Lease 1, page iii, section 4 Rent > 4.1, version 2: “The rent of Unit 7 is 500 euros per month" in text
    for number in CITED[:5]:
        quote = SOURCES[number - 1].quote
        assert re.sub(r"\s+", " ", quote) in text
    assert "Lease 8, version 2: “No address, no page.” (Read from a picture.)" in text
    assert all(one.audit_id in text for one in MEMO.passages)
    assert "2" * 64 in text.replace(" ", "")
    assert "leases/2024/unit 2 <a>.pdf" in text
    assert SOURCES[1].document_id in text
    assert "Page 1 of 2" in text
    assert "Page 2 of 2" in text


def test_quotes_are_linked_to_their_sources_and_marks_to_their_notes() -> None:
    data = pdf(MEMO)
    wanted = {one.url for one in SOURCES if one.url and one.number in CITED}
    assert set(addresses(data)) == wanted
    inner = [
        one.get_object()
        for page in PdfReader(BytesIO(data)).pages
        for one in page.get("/Annots", ())
        if "/A" not in one.get_object()
    ]
    assert len(inner) == sum(len(one.sources) for passage in MEMO.passages for one in passage.statements)


def test_its_fonts_travel_with_it_and_have_three_scripts() -> None:
    reader = PdfReader(BytesIO(pdf(MEMO)))
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    used = {str(font["/BaseFont"]) for font in fonts}
    assert {name.split("+")[-1] for name in used} >= {
        "LiberationSerif",
        "LiberationSerif-Bold",
        "LiberationSerif-Italic",
    }
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts if "LiberationSerif" in str(font["/BaseFont"]))
    assert {ord(letter) for letter in "äőŁßçñ€–“”„…§αΩάжЯёі"} <= known()


@pytest.mark.parametrize(
    ("words", "told", "lacking"),
    [
        ("a 租金 b", "a [2 characters not in this font] b", 2),
        ("a 租 b", "a [1 character not in this font] b", 1),
        ("שלום", "[4 characters not in this font]", 4),
        ("a\x01b", "a[1 character not in this font]b", 1),
        ("Stra\u00adße & <b>", "Straße &amp; &lt;b&gt;", 0),
        ("cafe\u0301", "café", 0),
    ],
)
def test_what_the_font_lacks_is_told(words: str, told: str, lacking: int) -> None:
    letters = Letters()
    assert (letters.markup(words), letters.lacking.total()) == (told, lacking)


def test_how_much_is_not_shown_is_told_at_the_end() -> None:
    text = shown(pdf(MEMO))
    assert "“[7 characters not in this font] (nine hundred)”" in text
    assert "7 characters are not in the font of this file" in text
    assert "U+4E3A" in text
    whole = replace(MEMO, sources=tuple(replace(one, quote="plain") for one in SOURCES))
    assert "not in the font" not in shown(pdf(whole))


def test_the_same_value_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = pdf(MEMO)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert pdf(MEMO) == first
    assert b"D:20261130120500+00'00'" in first


def test_long_and_empty_ones_are_written() -> None:
    long = source(1, "wort " * 8000, title="T" * 400)
    memo = Memo("M " * 200, "user:ana", AT, tuple(replace(one, question="Q " * 500) for one in MEMO.passages), (long, *SOURCES[1:]))  # fmt: skip
    assert shown(pdf(memo)).count("wort") == 8000
    assert "Page 1 of 1" in shown(pdf(Memo("T", "user:ana", AT, (), ())))


@pytest.mark.parametrize("chars", ["x", "word "])
def test_what_is_longer_than_a_page_is_written_in_tables_too(chars: str) -> None:
    asked = (chars * 4000)[:4000]  # what a question may have
    memo = replace(MEMO, passages=(replace(MEMO.passages[0], question=asked),))
    assert shown(pdf(memo)).replace(" ", "").count(chars.strip()) >= 2 * asked.count(chars.strip())
    many = tuple(source(number, f"{number} euros", title="One contract", document_id="one") for number in range(1, 400))
    cited = replace(MEMO.passages[0], statements=(Statement("All.", tuple(range(1, 400))),))
    assert "399 euros" in shown(pdf(replace(MEMO, passages=(cited,), sources=many)))
    titled = replace(
        MEMO, sources=tuple(replace(one, title="T " * (3000 if one.number == 1 else 1)) for one in SOURCES)
    )
    assert "1" * 64 in shown(pdf(titled)).replace(" ", "")


def test_half_a_character_in_a_title_is_written() -> None:
    assert PdfReader(BytesIO(pdf(replace(MEMO, title="a\ud800b", by="user:\udcff")))).metadata.title == "a�b"
