"""Scans and pictures: recognised words with their places, and a warning where there are none or they are unsure."""

from __future__ import annotations

import io
import shutil
import textwrap
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from ingest.errors import DamagedFile, EmptyFile, FileTooLarge, UnsupportedFormat, WrongExtension
from ingest.parsers import image, parse
from ingest.parsers.ocr import page as pages
from ingest.parsers.ocr import rapid
from ingest.parsers.ocr.engine import PageTimeout, Piece, Read, engine
from ingest.parsers.ocr.layout import Frame, laid_out
from ingest.parsers.ocr.leftover import leftover
from ingest.parsers.ocr.page import Recogniser, use
from ingest.parsers.ocr.tesseract import _lines
from ingest.reading import isolation
from ingest.reading.isolation import IsolatedParser
from ingest.types import Box, PageSource, ParsedFile, WarningKind

SIZE = (420, 300)
LINES = ("Rent of $1,250.75 falls due on 12 May 2024.", "Pellmoor shall insure under clause 4.17.")


@pytest.fixture(autouse=True, scope="module")
def _one_engine() -> Iterator[None]:
    before = pages.recogniser()
    use(Recogniser("rapidocr"))
    yield
    use(before)


@pytest.fixture
def recognising() -> Iterator[Any]:
    """Puts another recogniser in place for one test."""
    before = pages.recogniser()
    yield use
    use(before)


class Told(Recogniser):
    """With an engine that says what it is told, and counts."""

    def __init__(self, *reads: Read, late: int = 0) -> None:
        super().__init__("off")
        self.asked = 0
        self._engine = self
        self._reads, self._late = list(reads), late

    name = "told"

    def read(self, picture: Any, *rest: Any) -> Any:
        if len(rest) == 3:
            return super().read(picture, *rest)
        self.asked += 1
        if self.asked == self._late:
            raise PageTimeout
        return self._reads


def line(text: str, sure: float = 0.99, y: float = 100) -> Read:
    words = text.split()
    step = 1 / len(words)
    pieces = tuple(Piece(word, i * step, (i + 0.9) * step, sure) for i, word in enumerate(words))
    return Read(pieces, ((100, y), (700, y), (700, y + 30), (100, y + 30)))


def printed(lines: tuple[str, ...] = LINES, size: tuple[int, int] = SIZE, x: int = 40) -> bytes:
    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=size)
    sheet.setFont("Helvetica", 12)
    for row, text in enumerate(lines):
        sheet.drawString(x, size[1] - 60 - 40 * row, text)
    sheet.save()
    return out.getvalue()


def picture(pdf: bytes, turn: int = 0, lean: float = 0.0) -> Image.Image:
    """The first page at 200 dots an inch, turned counter-clockwise."""
    shown = pypdfium2.PdfDocument(pdf)[0].render(scale=200 / 72).to_pil().convert("L")
    return shown.rotate(lean, Image.Resampling.BICUBIC, fillcolor=255).rotate(turn, expand=True)


def scan(*sheets: Image.Image | str | None, stamp: str = "", hidden: str = "") -> bytes:
    """A PDF of pictures, of text for a string, and of empty pages for None."""
    out = io.BytesIO()
    pdf = canvas.Canvas(out)
    for sheet in sheets:
        if isinstance(sheet, Image.Image):
            size = sheet.width * 72 / 200, sheet.height * 72 / 200
            pdf.setPageSize(size)
            pdf.drawImage(ImageReader(sheet), 0, 0, *size)
            pdf.drawString(size[0] - 90, 12, stamp)
            if hidden:
                text = pdf.beginText(40, size[1] - 60)
                text.setFont("Helvetica", 8)
                text.setTextRenderMode(3)
                text.textLine(hidden)
                pdf.drawText(text)
        elif sheet:
            pdf.setPageSize(SIZE)
            pdf.drawString(40, 200, sheet)
        pdf.showPage()
    pdf.save()
    return out.getvalue()


def texts(parsed: ParsedFile) -> list[str]:
    return [element.text for element in parsed.elements]


def packed(sheet: Image.Image, kind: str, **more: Any) -> bytes:
    out = io.BytesIO()
    sheet.save(out, kind, **more)
    return out.getvalue()


def test_a_scan_is_read_with_its_numbers_and_places() -> None:
    parsed = parse(scan(picture(printed())), "lease.pdf")
    assert texts(parsed) == list(LINES)
    assert parsed.pages[0].source is PageSource.OCR
    assert (parsed.pages[0].confidence or 0) > 0.9
    first = parsed.elements[0].lines[0]
    assert (first.confidence or 0) > 0.8
    assert first.box.x0 == pytest.approx(40, abs=4)
    assert first.box.y0 < 56 < first.box.y1 < 70
    assert not parsed.warnings
    assert not any(element.warnings for element in parsed.elements)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_that_lies_on_its_side_is_read_and_cited_where_it_is(turn: int) -> None:
    parsed = parse(scan(picture(printed(), turn)), "lease.pdf")
    assert texts(parsed) == list(LINES)
    box = parsed.elements[0].lines[0].box
    x, y = {90: (56, 240), 180: (260, 244), 270: (244, 160)}[turn]
    assert box.x0 < x < box.x1
    assert box.y0 < y < box.y1


def test_a_page_that_leans_is_set_straight() -> None:
    parsed = parse(scan(picture(printed(), lean=3)), "lease.pdf")
    assert texts(parsed) == list(LINES)


def test_text_scans_and_blank_pages_are_told_apart() -> None:
    specks = np.full((800, 1100), 252, np.uint8)
    specks[::200, ::300] = 0
    data = scan("A page of text.", picture(printed()), None, Image.fromarray(specks))
    parsed = parse(data, "mixed.pdf")
    sources = [PageSource.TEXT, PageSource.OCR, PageSource.BLANK, PageSource.BLANK]
    assert [page.source for page in parsed.pages] == sources
    assert [(element.text, element.page) for element in parsed.elements] == [
        ("A page of text.", 1), (LINES[0], 2), (LINES[1], 2),
    ]  # fmt: skip
    assert not parsed.warnings


def test_a_stamp_over_a_scan_is_no_text_layer_and_stays_as_it_is() -> None:
    parsed = parse(scan(picture(printed()), stamp="ABC-000417"), "lease.pdf")
    assert parsed.pages[0].source is PageSource.OCR
    assert texts(parsed)[:2] == list(LINES)
    assert sum(text.count("ABC-000417") for text in texts(parsed)) == 1


def test_text_that_the_file_holds_is_never_recognised(recognising: Any) -> None:
    told = Told(line("Something else"))
    recognising(told)
    long = "Rent of $1,250.75 falls due on 12 May 2024 under the lease of 3 April 2019"
    assert texts(parse(scan(picture(printed()), hidden=long), "a.pdf")) == [long]
    assert texts(parse(printed(), "b.pdf")) == list(LINES)
    assert told.asked == 0


def test_few_words_over_a_background_stay_where_the_picture_says_no_more(recognising: Any) -> None:
    recognising(Told(line("Report of 2023")))
    parsed = parse(scan(Image.new("L", (1100, 800), 200), stamp="Report of 2023"), "cover.pdf")
    assert parsed.pages[0].source is PageSource.TEXT
    assert texts(parsed) == ["Report of 2023"]


@pytest.mark.parametrize(("choice", "word"), [("off", "FOOTNOTE_OCR"), ("tesseract", "'.[ocr]'")])
def test_without_an_engine_a_scan_is_named_unread(
    recognising: Any, monkeypatch: pytest.MonkeyPatch, choice: Any, word: str
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    recognising(Recogniser(choice))
    parsed = parse(scan("A page of text.", picture(printed())), "mixed.pdf")
    assert parsed.pages[1].source is PageSource.UNREAD
    assert [(warning.kind, warning.page) for warning in parsed.warnings] == [(WarningKind.UNREAD_PAGE, 2)]
    assert word in parsed.warnings[0].words
    with pytest.raises(EmptyFile, match="Page 1 is a picture"):
        parse(scan(picture(printed())), "scan.pdf")


def test_a_page_that_takes_too_long_is_unread_and_the_others_are_not(recognising: Any) -> None:
    recognising(Told(line("Signed in Leeds"), late=1))
    parsed = parse(scan(picture(printed()), picture(printed())), "slow.pdf")
    assert [page.source for page in parsed.pages] == [PageSource.UNREAD, PageSource.OCR]
    assert "took longer" in parsed.warnings[0].words


def test_a_photo_without_words_is_unread() -> None:
    across, down = np.meshgrid(np.linspace(0, 6, 1100), np.linspace(0, 5, 800))
    photo = Image.fromarray((127 + 120 * np.sin(across) * np.cos(down)).astype(np.uint8))
    parsed = parse(scan("A page of text.", photo), "photo.pdf")
    assert parsed.pages[1].source is PageSource.UNREAD
    assert "no words were found" in parsed.warnings[0].words


def test_two_pages_side_by_side_are_read_one_after_the_other() -> None:
    def side(word: str) -> tuple[str, ...]:
        clause = "of the agreement between these two parties runs on over many lines and"
        told = f"The {word} page " + " ".join(f"in line {number} {clause}" for number in range(1, 9)) + " ends."
        return tuple(textwrap.wrap(told, 58))

    left, right = (picture(printed(side(word), (420, 560))) for word in ("Left", "Right"))
    both = Image.new("L", (left.width + right.width, left.height), 255)
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    assert " ".join(texts(parse(scan(both), "book.pdf"))) == " ".join((*side("Left"), *side("Right")))


def test_unsure_lines_are_warned_about_where_they_are(recognising: Any) -> None:
    recognising(Told(line("A sure line"), line("Pay 4,170 now", 0.6, 400)))
    parsed = parse(scan(picture(printed())), "faint.pdf")
    sure, unsure = parsed.elements
    assert not sure.warnings
    (warning,) = unsure.warnings
    assert (warning.kind, warning.page) == (WarningKind.LOW_CONFIDENCE, 1)
    assert unsure.text[warning.start : warning.end] == "Pay 4,170 now"
    assert "60%" in warning.words


def test_writing_that_cannot_be_read_is_told_and_not_guessed(recognising: Any) -> None:
    recognising(Told(line("A sure line"), line("scribble", 0.3, 400), line("x", 0.2, 600)))
    parsed = parse(scan(picture(printed())), "signed.pdf")
    assert texts(parsed) == ["A sure line"]
    (warning,) = parsed.warnings
    assert (warning.kind, warning.page) == (WarningKind.UNREAD_PART, 1)
    assert "one place" in warning.words


def test_a_line_is_no_surer_than_its_numbers() -> None:
    pieces = (Piece("The sum of", 0, 0.5, 1.0), Piece("4,170", 0.6, 0.8, 0.4), Piece("is payable", 0.8, 1, 1.0))
    assert Read(pieces, ((0, 0), (1, 0), (1, 1), (0, 1))).confidence == 0.4


@pytest.mark.parametrize(
    ("text", "muddled"),
    [
        ("1l.6", True),
        ("2O19", True),
        ("$l,250", True),
        ("&,999", True),
        ("2.1(i)", False),
        ("11.6", False),
        ("12th", False),
        ("I", False),
    ],
)
def test_letters_among_digits_make_a_number_unsure(text: str, muddled: bool) -> None:
    assert (line(f"Section {text} applies").confidence < 0.8) is muddled


def test_faint_writing_is_no_blank_page() -> None:
    faint = picture(printed()).point(lambda grey: 255 - (255 - grey) // 6)
    assert texts(parse(scan(faint), "faint.pdf")) == list(LINES)


def test_either_runtime_reads_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openvino")
    shown = np.asarray(picture(printed()))
    fast = rapid.RapidEngine()
    found = fast.read(shown, time.monotonic() + 60)
    assert "OpenVINO" in type(fast._rapid.text_rec.session).__name__
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *_: None)
    slow = rapid.RapidEngine()
    others = slow.read(shown, time.monotonic() + 60)
    assert "Ort" in type(slow._rapid.text_rec.session).__name__
    for one, other in zip(found, others, strict=True):
        assert [piece.text for piece in one.pieces] == [piece.text for piece in other.pieces]
        assert one.confidence == pytest.approx(other.confidence, abs=0.01)


def test_lines_are_filled_up_with_paper_to_few_lengths() -> None:
    lengths = set()
    for width in range(40, 1500, 7):
        plain = np.full((31, width, 3), 200, np.uint8)
        filled = rapid._filled(plain)
        assert filled.shape[1] >= width
        assert int(filled.min()) == int(filled.max()) == 200
        lengths.add(round(48 * filled.shape[1] / 31 / 64))
    assert len(lengths) < 40


def test_a_number_beside_a_line_that_the_search_for_lines_missed_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = picture(printed(("10", "GOVERNING LAW AND VENUE"), (420, 200)))
    sheet = Image.new("L", shown.size, 255)
    sheet.paste(shown.crop((60, 220, shown.width, 320)), (190, 220))
    sheet.paste(shown.crop((60, 110, 200, 210)), (60, 219))
    engine = rapid.RapidEngine()
    found = engine._lines
    monkeypatch.setattr(
        engine, "_lines", lambda *given: np.array([line for line in found(*given) if line[:, 0].max() > 300])
    )
    reads = engine.read(np.asarray(sheet), time.monotonic() + 60)
    assert [" ".join(piece.text for piece in read.pieces) for read in reads] == ["GOVERNING LAW AND VENUE", "10"]
    assert reads[1].corners[1][0] < reads[0].corners[0][0]


def test_only_short_writing_in_the_row_of_a_line_is_left_over() -> None:
    lines = np.array([[[200, 100], [600, 104], [600, 134], [200, 130]]], np.float32)
    places = {
        "in the row": (100, 102, 130, 122),
        "between the rows": (100, 150, 130, 170),
        "a speck": (640, 115, 643, 118),
        "a rule": (660, 20, 664, 400),
        "long": (700, 106, 1000, 126),
        "touches the line": (590, 106, 630, 126),
    }

    def found(*names: str) -> list[list[int]]:
        sheet = np.full((500, 1100), 250, np.uint8)
        for name in names:
            x0, y0, x1, y1 = places[name]
            sheet[y0:y1, x0:x1] = 10
        return [[int(value) for value in (*box[0], *box[2])] for box in leftover(sheet, lines, lines)]

    ((x0, y0, x1, y1),) = found(*places)
    assert (x0, y0, x1, y1) == (94, 96, 136, 128)
    assert found("between the rows", "a speck", "a rule", "long", "touches the line") == []
    assert not len(leftover(np.zeros((500, 1100), np.uint8), lines, lines))


def spaced(text: str, wide: dict[int, int] | None = None) -> list[str]:
    """The words of a line in which each character is 2 columns from the one before, and more at `wide`."""
    columns, at = [], 0
    for index, character in enumerate(text):
        at += 2 + (wide or {}).get(index, 0)
        if character != " ":
            columns.append(at)
    return [piece.text for piece in rapid._words(text, columns, [0.9] * len(text), at + 2)]


def test_letters_that_lie_wide_apart_are_of_two_words() -> None:
    assert spaced("bundlen/a 2.95", {6: 8}) == ["bundle", "n/a", "2.95"]
    assert spaced("A G R E E", {2: 2, 4: 2, 6: 2, 8: 2}) == ["A", "G", "R", "E", "E"]
    assert spaced("the plain words") == ["the", "plain", "words"]
    assert spaced("wide letters", {1: 2, 6: 3}) == ["wide", "letters"]
    assert spaced("a") == ["a"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1.1Definitions", ["1.1", "Definitions"]),
        ("8.1Unless agreed", ["8.1", "Unless", "agreed"]),
        ("fee per$3.00", ["fee", "per", "$3.00"]),
        ("Galaxy$19.95 in C$5 and HK$7", ["Galaxy", "$19.95", "in", "C$5", "and", "HK$7"]),
        ("end:04-01-08", ["end:", "04-01-08"]),
        ("of 24months.", ["of", "24", "months."]),
        ("ARTICLE3", ["ARTICLE", "3"]),
        ("see 1.1Definitions", ["see", "1.1Definitions"]),
        (
            "US$1,000 at10:30 on the 3rd in 2.4GHz, B2B",
            ["US$1,000", "at10:30", "on", "the", "3rd", "in", "2.4GHz,", "B2B"],
        ),
    ],
)
def test_the_narrow_space_at_a_number_is_put_back(text: str, words: list[str]) -> None:
    assert spaced(text) == words


def test_words_of_a_filled_line_lie_where_they_are() -> None:
    (read,) = rapid.RapidEngine().read(np.asarray(picture(printed(("One Two Three Four",)))), time.monotonic() + 60)
    assert read.pieces[0].start < 0.05
    assert read.pieces[-1].end > 0.95


def test_a_scan_reads_the_same_every_time() -> None:
    data = scan(picture(printed()))
    assert parse(data, "lease.pdf") == parse(data, "lease.pdf")


@pytest.mark.parametrize(
    ("name", "kind", "more"),
    [("a.png", "PNG", {"dpi": (200, 200)}), ("a.jpg", "JPEG", {"dpi": (200, 200)}), ("a.tif", "TIFF", {})],
)
def test_pictures_are_read(name: str, kind: str, more: dict[str, Any]) -> None:
    parsed = parse(packed(picture(printed()), kind, **more), name)
    assert texts(parsed) == list(LINES)
    assert (parsed.media_type, parsed.page_count, parsed.title) == (f"image/{kind.lower()}", 1, "a")
    if more:
        assert parsed.elements[0].lines[0].box.x0 == pytest.approx(40, abs=4)


def test_a_fax_has_as_many_pages_as_its_tiff() -> None:
    sheets = [picture(printed((text,))).point(lambda grey: 255 * (grey > 128)).convert("1") for text in LINES]
    data = packed(sheets[0], "TIFF", save_all=True, append_images=sheets[1:], compression="group4", dpi=(200, 200))
    parsed = parse(data, "fax.tiff")
    assert [(element.text, element.page) for element in parsed.elements] == [(LINES[0], 1), (LINES[1], 2)]
    assert [page.number for page in parsed.pages] == [1, 2]


def test_a_clear_ground_is_paper_and_a_camera_knows_which_way_is_up() -> None:
    ink = picture(printed())
    clear = Image.merge("LA", (Image.new("L", ink.size, 0), ink.point(lambda grey: 255 - grey)))
    assert texts(parse(packed(clear, "PNG"), "clear.png")) == list(LINES)
    turned = Image.Exif()
    turned[0x0112] = 8  # turn it by 90 degrees counter-clockwise to see it
    lying = picture(printed(), 270)
    assert image.frames(packed(lying, "JPEG", exif=turned), "x.jpg").__next__().size == ink.size


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"GIF89a" + bytes(20), "a.gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "a.webp"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(20), "a.heic"),
        (b"BM\x10\x27\x00\x00\x00\x00\x00\x00" + bytes(40), "a.bmp"),
    ],
)
def test_other_pictures_are_refused_with_advice(data: bytes, name: str) -> None:
    with pytest.raises(UnsupportedFormat, match="Save it as PNG, JPEG, TIFF or PDF"):
        parse(data, name)


def test_broken_and_huge_pictures_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = packed(picture(printed()), "PNG")
    with pytest.raises(DamagedFile):
        parse(whole[: len(whole) // 2], "cut.png")
    with pytest.raises(WrongExtension):
        parse(whole, "picture.pdf")
    with pytest.raises(EmptyFile):
        parse(packed(Image.new("L", (900, 900), 255), "PNG"), "white.png")
    monkeypatch.setattr(image, "_LARGEST", 1000)
    with pytest.raises(FileTooLarge, match="300 dots"):
        parse(whole, "huge.png")


def test_what_is_upright_is_mapped_back_to_what_is_shown() -> None:
    for turns, shown in (
        (0, (10, 20, 30, 40)),
        (1, (20, 70, 40, 90)),
        (2, (70, 160, 90, 180)),
        (3, (160, 10, 180, 30)),
    ):
        box = Frame(100, 200, turns).shown(Box(1, 10, 20, 30, 40))
        assert (box.x0, box.y0, box.x1, box.y1) == shown


def test_boxes_of_one_size_give_one_size_and_headings_a_larger_one() -> None:
    reads = [line("plain words of the body", y=60 * row) for row in range(8)]
    high = Read(reads[0].pieces, ((100, 600), (700, 600), (700, 660), (100, 660)))
    low = Read(reads[0].pieces, ((100, 700), (700, 700), (700, 726), (100, 726)))
    sizes = [word.size for word in laid_out([*reads, high, low], (800, 800), Frame(400, 400)).words]
    assert len(set(sizes[:32])) == 1
    assert sizes[-10] > sizes[0] == sizes[-1]


def test_the_table_of_tesseract_becomes_lines() -> None:
    head = "level page_num block_num par_num line_num word_num left top width height conf text".split()
    rows = [
        ["5", "1", "1", "1", "1", str(i), str(100 * i), "50", "80", "20", "96.5", word] for i, word in enumerate("ab")
    ]
    rows += [
        ["4", "1", "1", "1", "2", "0", "0", "90", "80", "20", "-1", ""],
        ["5", "1", "1", "1", "2", "1", "0", "90", "8", "20", "30", '"c'],
    ]
    one, two = _lines("\n".join("\t".join(row) for row in [head, *rows]))
    assert [piece.text for piece in one.pieces] == ["a", "b"]
    assert one.confidence == pytest.approx(0.965)
    assert two.pieces[0].text == '"c'


@pytest.mark.skipif(not shutil.which("tesseract"), reason="needs the program tesseract")
def test_tesseract_reads_the_same_page() -> None:
    found = engine("tesseract")
    assert found
    reads = found.read(np.array(picture(printed())), time.monotonic() + 60)
    assert [" ".join(piece.text for piece in read.pieces) for read in reads] == list(LINES)
    with pytest.raises(PageTimeout):
        found.read(np.array(picture(printed())), time.monotonic() + 0.01)


class Child:
    killed = False

    def kill(self) -> None:
        self.killed = True


def test_pages_have_time_of_their_own_and_the_file_keeps_its() -> None:
    child = Child()
    alarm = isolation._Alarm(child, 0.5, 5.0)  # type: ignore[arg-type]
    alarm.page(begins=True)
    time.sleep(0.7)
    assert not child.killed
    alarm.page(begins=False)
    time.sleep(0.1)
    assert not child.killed
    time.sleep(0.7)
    assert child.killed
    assert alarm.rang
    alarm.cancel()


def test_made_up_pages_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_MOST_PAGES", 3)
    child = Child()
    alarm = isolation._Alarm(child, 0.3, 5.0)  # type: ignore[arg-type]
    for _ in range(4):
        alarm.page(begins=True)
    time.sleep(0.6)
    assert child.killed


def test_the_parsing_process_recognises_within_its_memory() -> None:
    parser = IsolatedParser(ocr="rapidocr")
    try:
        assert texts(parser.parse(scan(picture(printed()), picture(printed())), "lease.pdf")) == [*LINES, *LINES]
    finally:
        parser.close()
