"""Pictures in pages with text, words that a clipping path cuts away, wide blanks, and titles among equal headings."""

import io
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfgen.canvas import Canvas

from ingest.parsers import parse
from ingest.parsers.ocr import page as pages
from ingest.parsers.ocr.engine import Piece, Read
from ingest.parsers.ocr.page import Recogniser, use
from ingest.parsers.ocr.writing import lines_in
from ingest.types import ElementKind, PageSource, ParsedFile, WarningKind

HEIGHT = 792
ROWS = (("Month", "Lifts", "Tonnes"), ("June", "212", "1,904"), ("July", "198", "1,766"), ("August", "240", "2,015"))
BEFORE = ("Report on the crane of the north quay.", "The crane was in use in each month of the summer and moved much.")
AFTER = "The crane is inspected in September, and the report is sent to the owner."


class Told(Recogniser):
    """With an engine that says of each picture what it is told, and counts; without lines it is switched off."""

    name = "told"

    def __init__(self, *reads: Read) -> None:
        super().__init__("off")
        self.asked: list[tuple[int, ...]] = []
        if reads:
            self._engine = self
        self._reads = list(reads)

    def read(self, picture: Any, *rest: Any) -> Any:
        if len(rest) == 3:
            return super().read(picture, *rest)
        self.asked.append(picture.shape)
        return self._reads


@pytest.fixture
def recognising() -> Iterator[Callable[[Recogniser], Any]]:
    before = pages.recogniser()
    yield lambda chosen: use(chosen) or chosen
    use(before)


@pytest.fixture(autouse=True)
def _off(recognising: Callable[[Recogniser], Any]) -> None:
    recognising(Told())


def row(words: tuple[str, ...], y: float, sure: float = 0.97) -> Read:
    pieces = tuple(Piece(word, 0.02 + 0.32 * at, 0.14 + 0.32 * at, sure) for at, word in enumerate(words))
    return Read(pieces, ((20, y), (1340, y), (1340, y + 40), (20, y + 40)))


def table(width: int = 1400, height: int = 420) -> Image.Image:
    picture = Image.new("RGB", (width, height), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(34)
    for line, words in enumerate(ROWS):
        for column, word in enumerate(words):
            draw.text((30 + column * 450, 25 + line * 100), word + " a b c", "black", font)
    return picture


def photograph() -> Image.Image:
    return Image.effect_noise((60, 45), 90).resize((900, 700), Image.Resampling.BICUBIC).convert("RGB")


def logo() -> Image.Image:
    picture = Image.new("RGB", (900, 400), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((20, 60, 260, 300), fill="teal")
    draw.text((300, 110), "ORVANE", font=ImageFont.load_default(120), fill="teal")
    return picture


def signature() -> Image.Image:
    picture = Image.new("RGB", (900, 300), "white")
    points = [(30 + 8 * at, 150 + random.Random(at // 3).randint(-90, 90)) for at in range(100)]
    ImageDraw.Draw(picture).line(points, "navy", 5)
    return picture


def pdf(draw: Callable[[Canvas], None]) -> ParsedFile:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(612, HEIGHT))
    canvas.setFont("Helvetica", 11)
    draw(canvas)
    canvas.save()
    return parse(out.getvalue(), "report.pdf")


def with_picture(picture: Image.Image, width: float = 400, strips: int = 1) -> ParsedFile:
    high = width * picture.height / picture.width

    def draw(canvas: Canvas) -> None:
        for at, text in enumerate(BEFORE):
            canvas.drawString(72, 700 - 15 * at, text)
        step = picture.height // strips
        for at in range(strips):
            part = picture.crop((0, at * step, picture.width, (at + 1) * step))
            canvas.drawImage(ImageReader(part), 72, 640 - high * (at + 1) / strips, width, high / strips)
        canvas.drawString(72, 600 - high, AFTER)

    return pdf(draw)


def texts(parsed: ParsedFile) -> list[str]:
    return [element.text for element in parsed.elements]


def told(parsed: ParsedFile) -> list[tuple[WarningKind, int | None]]:
    return [(warning.kind, warning.page) for warning in parsed.warnings]


def test_a_picture_of_a_table_in_a_page_with_text_is_told_where_nothing_reads_it() -> None:
    parsed = with_picture(table())
    assert told(parsed) == [(WarningKind.UNREAD_PART, 1)]
    assert "14 x 4 cm" in parsed.warnings[0].words
    assert "switched off" in parsed.warnings[0].words
    assert parsed.pages[0].source is PageSource.TEXT


@pytest.mark.parametrize("picture", [photograph, logo, signature])
def test_photographs_logos_and_signatures_are_no_writing(picture: Callable[[], Image.Image]) -> None:
    assert with_picture(picture()).warnings == ()


def test_small_pictures_are_not_looked_at() -> None:
    assert with_picture(table(), width=150).warnings == ()


def test_a_picture_is_read_in_its_place_and_keeps_how_sure_its_words_are(recognising: Any) -> None:
    engine = recognising(Told(*(row(words, 20 + 100 * at) for at, words in enumerate(ROWS))))
    parsed = with_picture(table())
    found = [(element.kind, element.text) for element in parsed.elements]
    grid = "Month | Lifts | Tonnes\nJune | 212 | 1,904\nJuly | 198 | 1,766\nAugust | 240 | 2,015"
    assert found[-2:] == [(ElementKind.TABLE, grid), (ElementKind.PARAGRAPH, AFTER)]
    assert parsed.warnings == ()
    assert parsed.pages[0].source is PageSource.TEXT
    assert parsed.pages[0].confidence == pytest.approx(0.97)
    lines = parsed.elements[-2].lines
    assert [line.confidence for line in lines] == [0.97] * 4
    assert all(72 <= line.box.x0 < line.box.x1 <= 472 and 152 < line.box.y0 < line.box.y1 < 275 for line in lines)
    assert len(engine.asked) == 1


def test_unsure_words_in_a_picture_are_told_on_their_passage(recognising: Any) -> None:
    recognising(
        Told(row(("The", "premium", "912"), 20, 0.62), row(("is", "due", "in"), 120), row(("May", "each", "x"), 220))
    )
    warnings = [warning for element in with_picture(table()).elements for warning in element.warnings]
    assert [warning.kind for warning in warnings] == [WarningKind.LOW_CONFIDENCE]
    assert warnings[0].words.startswith("On page 1 a line of this passage was recognised in a picture")


def test_strips_of_one_picture_are_one(recognising: Any) -> None:
    engine = recognising(Told(*(row(words, 20 + 100 * at) for at, words in enumerate(ROWS))))
    with_picture(table(), strips=20)
    assert len(engine.asked) == 1


def test_a_picture_on_every_page_is_recognised_once(recognising: Any) -> None:
    engine = recognising(Told(*(row(words, 20 + 100 * at) for at, words in enumerate(ROWS))))

    def draw(canvas: Canvas) -> None:
        for at in range(3):
            canvas.setFont("Helvetica", 11)
            canvas.drawString(
                72, 400 - 40 * at, f"The crane moved {at + 3} tonnes on day {at + 7} of June, and was in order."
            )
            canvas.drawImage(ImageReader(table()), 72, 500, 400, 120)
            canvas.showPage()

    parsed = pdf(draw)
    assert len(engine.asked) == 1
    assert {page.confidence for page in parsed.pages} == {0.97}


def test_a_page_may_take_only_so_long(recognising: Any) -> None:
    late = Told(row(("x", "y", "z"), 20))
    late._page_s = -1.0
    recognising(late)
    parsed = with_picture(table())
    assert late.asked == []
    assert "takes too long" in parsed.warnings[0].words


def test_a_ground_under_text_is_not_read_a_second_time(recognising: Any) -> None:
    engine = recognising(Told(row(("x", "y", "z"), 20)))

    def draw(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(Image.new("RGB", (600, 780), "#f4efe0")), 0, 0, 612, HEIGHT)
        canvas.setFont("Helvetica", 11)
        for at in range(12):
            canvas.drawString(72, 700 - 15 * at, "The tenant keeps the building in repair and pays.")

    parsed = pdf(draw)
    assert engine.asked == []
    assert parsed.warnings == ()


def test_how_many_lines_a_picture_holds() -> None:
    assert lines_in(np.array(table().convert("L"))) == 4
    assert lines_in(255 - np.array(table().convert("L"))) == 4
    assert lines_in(np.full((400, 400), 255, np.uint8)) == 0
    assert lines_in(np.tile(np.array([0, 255], np.uint8), (400, 300))) == 0


def clipped(canvas: Canvas, box: tuple[float, float, float, float], *texts: tuple[float, float, str]) -> None:
    canvas.saveState()
    path = canvas.beginPath()
    path.rect(*box)
    canvas.clipPath(path, stroke=0, fill=0)
    for x, y, text in texts:
        canvas.drawString(x, y, text)
    canvas.restoreState()


def test_words_outside_their_clipping_path_are_left_out_and_told() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "The fee is 100 euros.")
        clipped(canvas, (72, 600, 300, 1), (72, 604, "The fee is 900 euros."))
        clipped(canvas, (60, 480, 78, 30), (72, 490, "Paid in MayAndNotInJune"))
        clipped(canvas, (60, 390, 400, 40), (72, 400, "Due each quarter."))

    parsed = pdf(draw)
    words = " ".join(texts(parsed))
    assert "100 euros" in words
    assert "900" not in words
    assert "Due each quarter." in words
    assert "Paid in May" in words
    assert "June" not in words
    assert told(parsed) == [(WarningKind.HIDDEN_TEXT, 1)]
    assert "frame" in parsed.warnings[0].words


def test_words_cut_off_at_a_pages_edge_that_the_next_page_shows_are_no_reason_to_warn() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "The first fee is 100 euros.")
        clipped(canvas, (60, 107, 400, 8), (72, 98, "The second fee is due in May."))
        canvas.showPage()
        canvas.setFont("Helvetica", 11)
        canvas.drawString(72, 700, "The second fee is due in May.")
        canvas.showPage()
        canvas.line(72, 600, 300, 600)
        clipped(canvas, (60, 100, 400, 1), (72, 90, "Schedule A"))
        canvas.showPage()
        canvas.setFont("Helvetica", 11)
        canvas.drawString(72, 700, "Schedule A")

    parsed = pdf(draw)
    assert " ".join(texts(parsed)) == "The first fee is 100 euros. The second fee is due in May. Schedule A"
    assert parsed.warnings == ()
    assert [page.source for page in parsed.pages][2] is PageSource.BLANK


@pytest.mark.parametrize("covered", [False, True])
def test_a_line_on_the_edge_of_a_cut_page_is_read_once(covered: bool) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "The first fee is 100 euros.")
        clipped(canvas, (60, 590, 400, 6), (72, 597, "The second fee is 900 euros."))
        if covered:
            canvas.setFillGray(1)
            canvas.rect(60, 590, 400, 10, stroke=0, fill=1)
            canvas.setFillGray(0)
        clipped(canvas, (60, 596, 400, 40), (72, 597, "The second fee is 900 euros."))

    parsed = pdf(draw)
    assert " ".join(texts(parsed)) == "The first fee is 100 euros. The second fee is 900 euros."
    assert parsed.warnings == ()


def test_a_form_that_is_cut_cuts_the_words_in_it() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "The first fee is 100 euros.")
        canvas.beginForm("inner", 0, 0, 200, 20)
        canvas.setFont("Helvetica", 11)
        canvas.drawString(2, 5, "Seen in the form.")
        canvas.drawString(2, 60, "Not seen: 900 euros.")
        canvas.endForm()
        canvas.translate(100, 400)
        canvas.doForm("inner")

    parsed = pdf(draw)
    assert "Seen in the form." in texts(parsed)
    assert not any("900" in text for text in texts(parsed))
    assert told(parsed) == [(WarningKind.HIDDEN_TEXT, 1)]


def test_a_box_that_its_own_form_cuts_off_covers_nothing() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "The fee is 100 euros.")
        canvas.beginForm("bar", 0, 0, 200, 20)
        canvas.setFillGray(0)
        canvas.rect(0, 100, 200, 20, stroke=0, fill=1)
        canvas.endForm()
        canvas.translate(72, 595)
        canvas.doForm("bar")

    parsed = pdf(draw)
    assert texts(parsed) == ["The fee is 100 euros."]
    assert parsed.warnings == ()


TYPED = (
    "3.3   The  distributor  shall  provide  the   owner",
    "with  a  detailed  written  record,  which  includes",
    "the number of  visits  and  each  channel.  Such  a",
    "report  shall  be  sent  in  electronic  form within",
    "six weeks  of  the  end  of  a  quarter,  and  shall",
    "be  kept for  a  term  of  three  years  after  that",
    "quarter.  The  owner  may  have  the  books  of  the",
    "distributor  inspected  by a  certified  accountant.",
)


def test_typewritten_lines_with_double_blanks_are_no_columns() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Courier", 8.2)
        for at, text in enumerate(TYPED):
            canvas.drawString(72, 700 - 10 * at, text)

    whole = " ".join(" ".join(TYPED).split())
    assert " ".join(texts(pdf(draw))) == whole


def test_stretched_lines_are_no_columns_and_real_columns_stay() -> None:
    lines = ["The keeper writes each ship", "into the book and lights the", "lamps at six on each day of", "the year until the gate of",
             "the yard is shut and nobody", "asks for entry after it has"]  # fmt: skip

    def stretched(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 9)
        for at, text in enumerate(lines):
            words = text.split()
            blank = (300 - sum(canvas.stringWidth(word, "Helvetica", 9) for word in words)) / (len(words) - 1)
            x = 72.0
            for word in words:
                canvas.drawString(x, 700 - 12 * at, word)
                x += canvas.stringWidth(word, "Helvetica", 9) + blank

    assert " ".join(texts(pdf(stretched))) == " ".join(lines)


def test_typewritten_columns_stay_columns() -> None:
    left = simpleSplit(f"{BEFORE[1]} {AFTER} Nobody asks for entry after it has been shut.", "Courier", 9, 200)
    right = simpleSplit("The tenant keeps the yard in repair and pays for the gas, the water and the power that it uses in "
                        "each quarter, and shows the bills to the landlord when asked.", "Courier", 9, 200)  # fmt: skip

    def columns(canvas: Canvas) -> None:
        canvas.setFont("Courier", 9)
        for x, column in ((72, left), (300, right)):
            for at, text in enumerate(column):
                canvas.drawString(x, 700 - 12 * at, text)

    assert " ".join(texts(pdf(columns))) == " ".join([*left, *right])


def headed(*heads: str, size: float = 16) -> ParsedFile:
    def draw(canvas: Canvas) -> None:
        for head in heads:
            canvas.setFont("Helvetica-Bold", size)
            canvas.drawString(72, 720, head)
            canvas.setFont("Helvetica", 11)
            for at in range(6):
                canvas.drawString(
                    72, 690 - 14 * at, f"The keeper of {head.split()[-1]} counts the stock on day {at + 3} of a month."
                )
            canvas.showPage()

    return pdf(draw)


def test_the_first_of_equal_headings_is_no_title() -> None:
    for heads in (
        ("Certificate No. 301", "Certificate No. 308", "Certificate No. 315"),
        ("Chapter One: Berths", "Chapter Two: Cargo"),
        ("Amberly Limited", "Bexford Holding", "Corvane Shipping"),
    ):
        parsed = headed(*heads)
        assert parsed.title == "report"
        assert [(one.kind, one.text) for one in parsed.elements if one.text in heads] == [
            (ElementKind.HEADING, head) for head in heads
        ]


def test_a_title_above_headings_stays_one() -> None:
    for heads in (("Services Agreement",), ("Services Agreement", "Annex A", "Annex B")):
        parsed = headed(*heads)
        assert parsed.title == heads[0]
        assert parsed.elements[0].kind is ElementKind.TITLE
    assert parse(b"CHAPTER ONE\n\nThe quay is long.\n\nCHAPTER TWO\n\nThe quay is old.", "quay.txt").title == "quay"
