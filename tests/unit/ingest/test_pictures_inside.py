"""Pictures that hold words inside Word, PowerPoint, HTML and EPUB files: told, or read where that is possible."""

from __future__ import annotations

import base64
import io
import zipfile

import docx
import pytest
from docx.shared import Cm
from PIL import Image, ImageDraw, ImageFont
from pptx import Presentation
from pptx.util import Inches

from ingest.parsers import parse
from ingest.parsers.ocr import page as pages
from ingest.parsers.ocr.page import Recogniser, use
from ingest.types import FileWarning, PageSource, ParsedFile, WarningKind

LINES = (
    "Month of the year   Lifts   Tonnes",
    "June of this year   212   1,904",
    "July of this year   198   1,766",
    "August   240   2,015",
)
SAID = "The crane was in use in each month of the summer, and the table tells how much it moved."


@pytest.fixture(autouse=True)
def _off() -> object:
    before = pages.recogniser()
    use(Recogniser("off"))
    yield
    use(before)


def written(form: str = "PNG") -> bytes:
    picture = Image.new("RGB", (1000, 300), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(34)
    for at, text in enumerate(LINES):
        draw.text((20, 15 + 70 * at), text, "black", font)
    out = io.BytesIO()
    picture.save(out, form)
    return out.getvalue()


def plain() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((60, 45), 90).resize((1000, 300), Image.Resampling.BICUBIC).save(out, "JPEG")
    return out.getvalue()


def told(parsed: ParsedFile) -> list[FileWarning]:
    return [warning for warning in parsed.warnings if "seem" in warning.words]


def word(picture: bytes, width: float) -> ParsedFile:
    document = docx.Document()
    document.add_paragraph(SAID)
    document.add_picture(io.BytesIO(picture), width=Cm(width))
    document.add_paragraph("The owner pays for each tonne that is moved.")
    out = io.BytesIO()
    document.save(out)
    return parse(out.getvalue(), "a.docx")


def deck(picture: bytes, width: float) -> ParsedFile:
    slides = Presentation()
    shapes = slides.slides.add_slide(slides.slide_layouts[5]).shapes
    shapes.title.text = "Lifts"
    shapes.add_textbox(Inches(1), Inches(5), Inches(8), Inches(1)).text_frame.text = SAID
    shapes.add_picture(io.BytesIO(picture), Inches(1), Inches(2), Inches(width))
    out = io.BytesIO()
    slides.save(out)
    return parse(out.getvalue(), "a.pptx")


def web(picture: bytes) -> ParsedFile:
    data = base64.b64encode(picture).decode()
    return parse(f'<html><body><p>{SAID}</p><img src="data:image/png;base64,{data}"></body></html>'.encode(), "a.html")


def book(picture: bytes, name: str = "table.png") -> ParsedFile:
    out = io.BytesIO()
    page = f'<html xmlns="http://www.w3.org/1999/xhtml"><body><p>{SAID}</p><img src="{name}" alt=""/></body></html>'
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="a.xhtml" '
        'media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>'
    )
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", '<container><rootfile full-path="b/c.opf"/></container>')
        archive.writestr("b/c.opf", package)
        archive.writestr("b/a.xhtml", page)
        archive.writestr(f"b/{name}", picture)
    return parse(out.getvalue(), "a.epub")


def test_a_picture_of_a_table_is_told_with_its_place() -> None:
    found = told(word(written(), 14))
    assert [warning.kind for warning in found] == [WarningKind.UNREAD_PART]
    assert "14 x 4 cm" in found[0].words
    assert SAID[:30] in found[0].words
    assert len(told(word(written("GIF"), 14))) == 1


def test_small_pictures_and_photographs_are_not_told() -> None:
    for parsed in (word(written(), 3), word(plain(), 14), web(plain()), deck(plain(), 6)):
        assert told(parsed) == []
    assert told(book(plain())) == []
    assert told(book(written(), "cover.png")) == []
    assert told(deck(written(), 1)) == []


def test_pictures_in_pages_and_books_are_told() -> None:
    assert [warning.kind for warning in told(web(written()))] == [WarningKind.UNREAD_PART]
    assert [warning.kind for warning in told(book(written()))] == [WarningKind.UNREAD_PART]
    assert told(parse(b'<html><body><p>Fees.</p><img src="data:image/png;base64,AAAA"></body></html>', "a.html")) == []


def test_a_picture_on_a_slide_with_words_is_told() -> None:
    parsed = deck(written(), 6)
    assert [(warning.kind, warning.page) for warning in told(parsed)] == [(WarningKind.UNREAD_PART, 1)]
    assert parsed.pages[0].source is PageSource.TEXT


def test_a_picture_on_a_slide_with_words_is_read_where_an_engine_is() -> None:
    pytest.importorskip("rapidocr")
    use(Recogniser("rapidocr"))
    parsed = deck(written(), 6)
    assert "1,904" in " ".join(element.text for element in parsed.elements)
    assert told(parsed) == []
    assert (parsed.pages[0].source, parsed.pages[0].confidence is not None) == (PageSource.TEXT, True)
