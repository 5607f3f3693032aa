"""Other ways in which real PDFs say the same things: tables without rules, turned pages, false digits, covers, notes."""

import io
import re
from collections.abc import Callable, Sequence

import pypdf
import pytest
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, TextStringObject
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from ingest.parsers import parse
from ingest.parsers.ocr.page import Recogniser, recogniser, use
from ingest.types import ElementKind, ParsedFile, WarningKind
from tests.unit.ingest.making import HEIGHT, WIDTH, all_text, annotated, floats, pdf, pieces, warned, write

LONG = (
    "The tenant keeps the building in repair and pays for the gas, the water and the power that it uses. The landlord "
    "insures the building against fire and storm and shows the policy to the tenant when asked."
)
ROWS = [("Month", "Lifts", "Tonnes"), ("June", "212", "1,904"), ("July", "198", "1,766"), ("August", "240", "2,015")]


def block(canvas: Canvas, text: str, top: float, x: float = 72, width: float = 468, size: float = 11) -> float:
    for line in simpleSplit(text, "Helvetica", size, width):
        write(canvas, line, top, x, size)
        top += 1.27 * size
    return top


def rows(canvas: Canvas, cells: Sequence[Sequence[str]], top: float, xs: Sequence[float], pitch: float = 15) -> None:
    for place, row in enumerate(cells):
        for x, text in zip(xs, row, strict=False):
            write(canvas, text, top + pitch * place, x, 10)


def grid(canvas: Canvas, xs: Sequence[float], ys: Sequence[float], cells: dict[tuple[int, int], str]) -> None:
    for y in ys:
        canvas.line(xs[0], HEIGHT - y, xs[-1], HEIGHT - y)
    for x in xs:
        canvas.line(x, HEIGHT - ys[0], x, HEIGHT - ys[-1])
    for (row, column), text in cells.items():
        for place, line in enumerate(text.split("\n")):
            write(canvas, line, ys[row] + 13 + 12 * place, xs[column] + 4, 10)


def read(draw: Callable[[Canvas], None]) -> ParsedFile:
    return parse(pdf(draw), "x.pdf")


def texts(parsed: ParsedFile, kind: ElementKind) -> list[str]:
    return [element.text for element in parsed.elements if element.kind is kind]


# --- tables without rules


def test_columns_of_figures_are_a_table() -> None:
    def draw(canvas: Canvas) -> None:
        block(canvas, LONG, 80)
        for place, (name, lifts, tonnes) in enumerate(ROWS):
            write(canvas, name, 150 + 14 * place, 72, 10)
            canvas.drawRightString(300, HEIGHT - 150 - 14 * place, lifts)
            canvas.drawRightString(420, HEIGHT - 150 - 14 * place, tonnes)
        block(canvas, LONG, 240)

    parsed = read(draw)
    assert texts(parsed, ElementKind.TABLE) == [
        "Month | Lifts | Tonnes\nJune | 212 | 1,904\nJuly | 198 | 1,766\nAugust | 240 | 2,015"
    ]
    assert texts(parsed, ElementKind.PARAGRAPH) == [LONG, LONG]
    assert not warned(parsed)


def test_cells_of_several_lines_are_one_row() -> None:
    def draw(canvas: Canvas) -> None:
        rows(
            canvas,
            [("Item", "What", "Price"), ("A-1", "Steel door with two ware-", "EUR 840")],
            100,
            (72, 150, 400),
            18,
        )
        write(canvas, "house locks", 130, 150, 10)
        rows(canvas, [("A-2", "Window", "EUR 310"), ("B-7", "Gate", "EUR 9,450")], 148, (72, 150, 400), 18)

    assert texts(read(draw), ElementKind.TABLE) == [
        "Item | What | Price\nA-1 | Steel door with two warehouse locks | EUR 840\nA-2 | Window | EUR 310\n"
        "B-7 | Gate | EUR 9,450"
    ]


def test_a_table_without_rules_goes_on_over_a_page() -> None:
    def draw(canvas: Canvas) -> None:
        rows(canvas, ROWS, 690, (72, 250, 350))
        canvas.showPage()
        rows(canvas, [ROWS[0], ("May", "17", "240"), ("April", "31", "388")], 60, (72, 250, 350))

    (table,) = texts(read(draw), ElementKind.TABLE)
    assert table.count("Month") == 1
    assert table.endswith("April | 31 | 388")


def test_debit_and_credit_stay_two_columns() -> None:
    def draw(canvas: Canvas) -> None:
        cells = [("Rent", "400", ""), ("Refund", "", "90"), ("Power", "55", ""), ("Deposit", "", "300")]
        for place, row in enumerate(cells):
            for x, text in zip((72, 250, 350), row, strict=True):
                if text:
                    write(canvas, text, 100 + 15 * place, x, 10)

    assert texts(read(draw), ElementKind.TABLE) == ["Rent | 400 |\nRefund | | 90\nPower | 55 |\nDeposit | | 300"]


@pytest.mark.parametrize(
    "cells",
    [
        [("1.", "Parties"), ("2.", "Term of the lease"), ("3.", "Rent and deposit"), ("4.", "Repairs")],
        [("(a)", "the keys"), ("(b)", "the meters"), ("(c)", "the signs")],
        [("•", "the keys"), ("•", "the meters"), ("•", "the signs")],
        [("1", "The tenant pays the rent"), ("2", "The owner insures the hall"), ("3", "Both sign the book")],
        [("2.1", "Term"), ("2.2", "Renewal of the term"), ("2.3", "End")],
        [("Oslo, 4 May", "Reference 44"), ("Bergen", "Reference 45")],
    ],
)
def test_lists_are_no_tables(cells: list[tuple[str, str]]) -> None:
    parsed = read(lambda canvas: rows(canvas, cells, 100, (72, 160)))
    assert not texts(parsed, ElementKind.TABLE)
    assert " ".join(f"{one} {other}" for one, other in cells) == " ".join(all_text(parsed).split())


def test_running_text_is_no_table() -> None:
    def spread(canvas: Canvas) -> None:
        for place, line in enumerate(simpleSplit(LONG * 3, "Helvetica", 11, 250)):
            pen = canvas.beginText(72, HEIGHT - 80 - 14 * place)
            pen.setFont("Helvetica", 11)
            pen.setWordSpace((280 - canvas.stringWidth(line, "Helvetica", 11)) / max(1, line.count(" ")))
            pen.textOut(line)
            canvas.drawText(pen)

    def defined(canvas: Canvas) -> None:
        top = 80.0
        for name in ("“Agent”", "“Bank Day”", "“Cargo”", "“Dues”"):
            write(canvas, name, top)
            top = block(canvas, LONG, top, 220, 320) + 6

    assert not texts(read(spread), ElementKind.TABLE)
    assert not texts(read(defined), ElementKind.TABLE)


# --- ruled tables


def test_words_are_whole_over_the_lines_of_a_cell() -> None:
    cells = {(0, 0): "Keep", (0, 1): "in the ware-\nhouse", (1, 0): "Long-\nterm", (1, 1): "goods"}
    parsed = read(lambda canvas: grid(canvas, (72, 180, 300), (100, 130, 160), cells))
    assert texts(parsed, ElementKind.TABLE) == ["Keep | in the warehouse\nLong-term | goods"]


def test_a_row_is_one_over_a_page_break_where_its_first_cell_goes_on_too() -> None:
    def draw(canvas: Canvas) -> None:
        xs = (72, 180, 360, 540)
        heads = {(0, 0): "Matter", (0, 1): "Duty", (0, 2): "Fine"}
        grid(canvas, xs, (690, 710, 740), heads | {(1, 0): "Storage of", (1, 1): "Keep a book of", (1, 2): "EUR 350"})
        canvas.showPage()
        more = {(0, 0): "dangerous goods", (0, 1): "all goods", (1, 0): "Dues", (1, 1): "Pay", (1, 2): "EUR 90"}
        grid(canvas, xs, (72, 102, 122), more)

    assert texts(read(draw), ElementKind.TABLE) == [
        "Matter | Duty | Fine\nStorage of dangerous goods | Keep a book of all goods | EUR 350\nDues | Pay | EUR 90"
    ]


# --- covers


def _sum(canvas: Canvas) -> tuple[float, float]:
    block(canvas, LONG, 80)
    start = write(canvas, "The settlement is ", 200)
    end = write(canvas, "EUR 88,400", 200, start)
    write(canvas, " for the owner.", 200, end)
    return start, end


def test_a_thick_line_covers() -> None:
    def draw(canvas: Canvas) -> None:
        start, end = _sum(canvas)
        canvas.setLineWidth(11)
        canvas.line(start - 1, HEIGHT - 196.5, end + 1, HEIGHT - 196.5)

    parsed = read(draw)
    assert "88,400" not in all_text(parsed)
    assert WarningKind.COVERED_TEXT in warned(parsed)


def _spot() -> tuple[bytes, ArrayObject, ArrayObject]:
    edges: list[float] = []
    data = pdf(lambda canvas: edges.extend(_sum(canvas)))
    start, end = edges
    low, high = HEIGHT - 204, HEIGHT - 189
    return data, floats(start, low, end, high), floats(start, high, end, high, start, low, end, low)


def test_filled_squares_and_dark_highlights_cover() -> None:
    data, rect, quads = _spot()
    square = annotated(data, {"Subtype": NameObject("/Square"), "Rect": rect, "IC": floats(0, 0, 0)})
    marker = annotated(
        data, {"Subtype": NameObject("/Highlight"), "Rect": rect, "QuadPoints": quads, "C": floats(0, 0, 0)}
    )
    for file in (square, marker):
        parsed = parse(file, "x.pdf")
        assert "88,400" not in all_text(parsed)
        assert WarningKind.COVERED_TEXT in warned(parsed)


def test_frames_and_bright_highlights_cover_nothing() -> None:
    data, rect, quads = _spot()
    square = annotated(data, {"Subtype": NameObject("/Square"), "Rect": rect, "C": floats(1, 0, 0)})
    marker = annotated(
        data, {"Subtype": NameObject("/Highlight"), "Rect": rect, "QuadPoints": quads, "C": floats(1, 1, 0)}
    )
    for file in (square, marker):
        parsed = parse(file, "x.pdf")
        assert "The settlement is EUR 88,400 for the owner." in all_text(parsed)
        assert not warned(parsed)


def test_a_text_box_that_has_only_rich_text() -> None:
    rich = TextStringObject("<body><p>Fee: EUR <b>75</b> &amp; tax</p></body>")
    file = annotated(
        pdf(lambda canvas: canvas.drawString(72, 700, "A page of the file.")),
        {
            "Subtype": NameObject("/FreeText"),
            "Rect": floats(72, 500, 300, 520),
            "DA": TextStringObject("/Helv 10 Tf"),
            "RC": rich,
        },
    )
    assert "Fee: EUR 75 & tax" in all_text(parse(file, "x.pdf"))


def test_a_frame_in_one_path_is_no_ground() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(0.1)
        path = canvas.beginPath()
        path.rect(150, HEIGHT - 115, 200, 16)
        path.rect(151, HEIGHT - 114, 198, 14)
        canvas.drawPath(path, stroke=0, fill=1, fillMode=0)
        write(canvas, "Liv Aasen 4711", 110, 154)
        block(canvas, LONG, 150)

    parsed = read(draw)
    assert "Liv Aasen 4711" in all_text(parsed)
    assert not warned(parsed)


# --- fonts


def _mapped(change: dict[str, str]) -> bytes:
    """A page in an embedded font whose ToUnicode tells other characters."""
    import reportlab

    pdfmetrics.registerFont(TTFont("Vera", f"{reportlab.__path__[0]}/fonts/Vera.ttf"))

    def draw(canvas: Canvas) -> None:
        for place, line in enumerate(
            [*simpleSplit(LONG, "Vera", 11, 468), "EUR 48,250 and EUR 1,375, on 23 June 2024."]
        ):
            canvas.setFont("Vera", 11)
            canvas.drawString(72, HEIGHT - 80 - 14 * place, line)

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(draw)))
    resources = writer.pages[0][NameObject("/Resources")].get_object()
    assert isinstance(resources, DictionaryObject)
    fonts = resources[NameObject("/Font")].get_object()
    assert isinstance(fonts, DictionaryObject)
    for font in fonts.values():
        held = font.get_object()
        if "/ToUnicode" in held:
            text = held["/ToUnicode"].get_object().get_data().decode("latin-1")
            stream = DecodedStreamObject()
            stream.set_data(
                re.sub(
                    r"(<[0-9A-Fa-f]+>\s+<)([0-9A-Fa-f]{4})>",
                    lambda found: f"{found[1]}{ord(change.get(chr(int(found[2], 16)), chr(int(found[2], 16)))):04X}>",
                    text,
                ).encode("latin-1")
            )
            held[NameObject("/ToUnicode")] = writer._add_object(stream)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.fixture
def no_engine():  # type: ignore[no-untyped-def]
    before = recogniser()
    use(Recogniser("off"))
    yield
    use(before)


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize(
    "change",
    [
        {str(digit): str((digit + 1) % 10) for digit in range(10)},
        {"1": "7", "7": "1"},
        {"2": "5", "5": "8", "8": "2"},
        {"a": "e", "e": "a"},
        {"b": "d", "d": "b"},
        {"m": "n", "n": "m"},
        {"p": "q", "q": "p", "g": "y", "y": "g"},
        {"r": "s", "s": "t", "t": "r"},
    ],
)
def test_signs_that_look_like_others_are_not_stored(change: dict[str, str]) -> None:
    from ingest.errors import EmptyFile

    with pytest.raises(EmptyFile, match="wrong characters"):
        parse(_mapped(change), "x.pdf")


@pytest.mark.usefixtures("no_engine")
def test_letters_that_become_signs_are_not_stored() -> None:
    from ingest.errors import EmptyFile

    with pytest.raises(EmptyFile):
        parse(_mapped({chr(code): chr(code + 29) for code in range(32, 123)}), "x.pdf")


@pytest.mark.usefixtures("no_engine")
def test_a_standard_font_whose_letters_are_changed_round_is_not_stored() -> None:
    from ingest.errors import EmptyFile

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(lambda canvas: block(canvas, LONG, 80))))
    resources = writer.pages[0][NameObject("/Resources")].get_object()
    assert isinstance(resources, DictionaryObject)
    fonts = resources[NameObject("/Font")].get_object()
    assert isinstance(fonts, DictionaryObject)
    told = "".join(f"<{code:02X}> <{ {97: 101, 101: 97}.get(code, code):04X}>\n" for code in range(32, 123))
    stream = DecodedStreamObject()
    stream.set_data(
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def 1 begincodespacerange <00> <FF> "
        b"endcodespacerange 91 beginbfchar\n" + told.encode() + b"endbfchar endcmap end end"
    )
    for font in fonts.values():
        font.get_object()[NameObject("/ToUnicode")] = writer._add_object(stream)
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(EmptyFile, match="wrong characters"):
        parse(out.getvalue(), "x.pdf")


def test_true_digits_are_stored() -> None:
    parsed = parse(_mapped({}), "x.pdf")
    assert "EUR 48,250 and EUR 1,375, on 23 June 2024." in all_text(parsed)
    assert not warned(parsed)


# --- turned pages


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_that_is_shown_sideways_is_read_upright(turn: int) -> None:
    def draw(canvas: Canvas) -> None:
        block(canvas, LONG, 80)
        rows(canvas, ROWS, 150, (72, 250, 350))

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(draw)))
    writer.pages[0].rotate(turn)
    out = io.BytesIO()
    writer.write(out)
    parsed = parse(out.getvalue(), "x.pdf")
    assert texts(parsed, ElementKind.PARAGRAPH) == [LONG]
    assert texts(parsed, ElementKind.TABLE)[0].startswith("Month | Lifts | Tonnes\nJune | 212")
    box = parsed.elements[0].lines[0].box
    wide, high = (HEIGHT, WIDTH) if turn % 180 else (WIDTH, HEIGHT)
    assert 0 <= box.x0 < box.x1 <= wide
    assert 0 <= box.y0 < box.y1 <= high
    assert (box.y1 - box.y0 > box.x1 - box.x0) == bool(turn % 180)  # where it stands on the page as it is shown


# --- raised marks and notes


def test_several_marks_and_marks_after_a_space() -> None:
    def draw(canvas: Canvas) -> None:
        pieces(canvas, 100, ("It is due on 1 May.", 11, 0), ("4, 5", 7, 4), (" Interest is 5% ", 11, 0), ("12", 7, 4))
        pieces(canvas, 140, ("The plot has 310 m", 11, 0), ("2", 7, 4), (" of land.", 11, 0))

    text = " ".join(all_text(read(draw)).split())
    assert "1 May. (notes 4, 5) Interest is 5% (note 12)" in text
    assert "310 m^2 of land." in text


def test_the_notes_of_a_table_follow_it() -> None:
    def draw(canvas: Canvas) -> None:
        cells = {(0, 0): "Item", (0, 1): "2024", (1, 0): "Revenue", (1, 1): "1,620", (2, 0): "Costs", (2, 1): "1,010"}
        grid(canvas, (72, 250, 350), (100, 120, 140, 160), cells)
        write(canvas, "2", 133, 254 + canvas.stringWidth("1,620", "Helvetica", 10), 6, 4)
        pieces(canvas, 178, ("2", 6, 3), (" Restated.", 8, 0))
        block(canvas, LONG, 230)

    parsed = read(draw)
    assert [element.kind for element in parsed.elements] == [ElementKind.TABLE, ElementKind.NOTE, ElementKind.PARAGRAPH]
    assert "1,620 (note 2)" in parsed.elements[0].text
    assert parsed.elements[1].text == "Note 2: Restated."


def test_notes_with_letters_after_notes_with_numbers() -> None:
    def draw(canvas: Canvas) -> None:
        block(canvas, LONG, 80)
        pieces(canvas, 140, ("The Lender", 11, 0), ("a", 7, 4), (" pays the fee", 11, 0), ("5", 7, 4), (" now.", 11, 0))
        pieces(canvas, 700, ("5", 6, 3), (" Subject to clause 9.", 8.5, 0))
        pieces(canvas, 712, ("a", 6, 3), (" Northern Bank AG.", 8.5, 0))

    assert set(texts(read(draw), ElementKind.NOTE)) == {"Note 5: Subject to clause 9.", "Note a: Northern Bank AG."}


# --- hyphens


def test_addresses_keep_their_hyphens_and_numbers_run_on() -> None:
    def draw(canvas: Canvas) -> None:
        lines = ["It is shipped on 2024-05-17 under the order 4711-", "08 with the terms at https://example.com/terms-"]
        lines += ["of-use/2024 or asked for by mail at sales@north-", "port.example before the goods leave the hall."]
        for place, line in enumerate(lines):
            write(canvas, line, 100 + 14 * place)
        block(canvas, LONG, 200)

    text = all_text(read(draw))
    assert "order 4711-08 with the terms at https://example.com/terms-of-use/2024 or" in text
    assert "sales@north-port.example" in text


# --- stamps, watermarks, columns


def test_slanted_words_all_over_a_page_are_left_out() -> None:
    def draw(canvas: Canvas) -> None:
        for place in range(8):
            canvas.saveState()
            canvas.translate(60 + 60 * place, HEIGHT - 90 - 60 * place)
            canvas.rotate(30)
            canvas.drawString(0, 0, "K. Lund 2024")
            canvas.restoreState()
        block(canvas, LONG * 3, 80)

    parsed = read(draw)
    assert "Lund" not in all_text(parsed)
    assert len(parsed.elements) == 1


def test_a_stamp_of_letters_under_each_other_cuts_no_line() -> None:
    def draw(canvas: Canvas) -> None:
        block(canvas, LONG * 4, 80, 100, 440)
        for place, letter in enumerate("COPY"):
            write(canvas, letter, 100 + 16 * place, 40, 14)

    assert all_text(read(draw)).split("\n") == [LONG * 4, "COPY"]


def test_a_stamp_on_a_last_page_with_few_words_is_the_stamp_of_the_other_pages() -> None:
    def draw(canvas: Canvas) -> None:
        for text in (LONG * 4, LONG * 5, "Signed in Oslo."):
            block(canvas, text, 80, 100, 440)
            canvas.saveState()
            canvas.translate(30, 300)
            canvas.rotate(90)
            canvas.drawString(0, 0, "Received by the registry")
            canvas.restoreState()
            canvas.showPage()

    assert "registry" not in all_text(read(draw))


def test_a_heading_over_both_columns_that_is_short() -> None:
    more = "Deliveries reach the northern gate before seven and are weighed there by the porter on duty at that hour. "

    def draw(canvas: Canvas) -> None:
        top = 100.0
        for head, text in (("1. Duties", LONG * 2), ("2. Results of the year", more * 4)):
            canvas.setFont("Helvetica-Bold", 13)
            canvas.drawString(72, HEIGHT - top, head)
            lines = simpleSplit(text, "Helvetica", 10, 225)
            half = (len(lines) + 1) // 2
            for place, line in enumerate(lines):
                write(canvas, line, top + 22 + 13 * (place % half), 72 if place < half else 315, 10)
            top += 22 + 13 * half + 22

    assert [element.text for element in read(draw).elements] == [
        "1. Duties",
        " ".join((LONG * 2).split()),
        "2. Results of the year",
        " ".join((more * 4).split()),
    ]
