"""What a PDF shows and what it only holds: covers, layers, strikes, raised digits, annotations, fields, fonts."""

import io
import time
from collections.abc import Iterator

import pypdf
import pytest
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NullObject,
    TextStringObject,
)
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ingest.errors import EmptyFile
from ingest.parsers import parse
from ingest.parsers.ocr.page import Recogniser, recogniser, use
from ingest.types import ElementKind, PageSource, WarningKind
from tests.unit.ingest.making import HEIGHT, all_text, annotated, edited, pdf, pieces, warned, write

LONG = "The owner may visit the hall at any hour of the day after a call to the desk and signs the book on arrival."


def rect(x0: float, top: float, x1: float, bottom: float) -> ArrayObject:
    return ArrayObject(FloatObject(edge) for edge in (x0, HEIGHT - bottom, x1, HEIGHT - top))


@pytest.mark.parametrize(
    ("parts", "right"),
    [
        ([("below 10 x 10", 11, 0), ("9", 7, 4), ("/L in the morning", 11, 0)], "below 10 x 10^9/L in the morning"),
        ([("EUR 1,500", 11, 0), ("2", 7, 4), (" and more", 11, 0)], "EUR 1,500 (note 2) and more"),
        ([("EUR 1,500", 11, 0), ("2", 7, 4), (", and more", 11, 0)], "EUR 1,500 (note 2), and more"),
        ([("on the 21", 11, 0), ("st", 7, 4), (" of May", 11, 0)], "on the 21st of May"),
        ([("a share of H", 11, 0), ("2", 7, -2), ("O in oil", 11, 0)], "a share of H2O in oil"),
        ([("an area of 40 m", 11, 0), ("2", 7, 4), (" at most", 11, 0)], "an area of 40 m^2 at most"),
        ([("a rate of 5", 11, 0), ("1", 7, 4), ("/2", 7, 0), (" per cent", 11, 0)], "a rate of 5 1/2 per cent"),
        ([("the same line", 11, 0), (" in small print", 8, 0)], "the same line in small print"),
    ],
)
def test_raised_and_lowered_characters(parts: list[tuple[str, float, float]], right: str) -> None:
    (element,) = parse(pdf(lambda canvas: pieces(canvas, 100, *parts)), "a.pdf").elements
    assert element.text == right


@pytest.mark.parametrize("stroke", ["line", "box"])
def test_struck_words_stand_beside_the_sentence(stroke: str) -> None:
    def draw(canvas: Canvas) -> None:
        x = write(canvas, "The Buyer pays within ", 100)
        end = write(canvas, "thirty (30)", 100, x)
        y = HEIGHT - 100 + 3.2
        if stroke == "line":
            canvas.line(x, y, end, y)
        else:
            canvas.rect(x, y, end - x, 0.6, stroke=0, fill=1)
        write(canvas, " sixty (60) days.", 100, end)

    parsed = parse(pdf(draw), "a.pdf")
    assert [element.text for element in parsed.elements] == [
        "The Buyer pays within sixty (60) days.",
        "[struck out: thirty (30)]",
    ]
    assert parsed.elements[1].kind is ElementKind.REVISION
    assert [warning.kind for warning in parsed.elements[0].warnings] == [WarningKind.REDLINE]


@pytest.mark.parametrize("rise", [-1.5, 9.5])
def test_rules_under_and_over_words_strike_nothing(rise: float) -> None:
    def draw(canvas: Canvas) -> None:
        end = write(canvas, "The Buyer pays within thirty days.", 100)
        canvas.line(72, HEIGHT - 100 + rise, end, HEIGHT - 100 + rise)

    parsed = parse(pdf(draw), "a.pdf")
    assert all_text(parsed) == "The Buyer pays within thirty days."
    assert not warned(parsed)


def test_a_strike_out_annotation() -> None:
    data = pdf(lambda canvas: write(canvas, "within thirty days of the invoice", 100))
    start = 72 + Canvas(io.BytesIO()).stringWidth("within ", "Helvetica", 11)
    end = start + Canvas(io.BytesIO()).stringWidth("thirty", "Helvetica", 11)
    place = rect(start, 90, end, 103)
    parsed = parse(annotated(data, {"Subtype": NameObject("/StrikeOut"), "Rect": place}), "a.pdf")
    assert all_text(parsed) == "within days of the invoice\n[struck out: thirty]"


def test_an_area_marked_for_redaction() -> None:
    data = pdf(lambda canvas: write(canvas, "paid to Salkeld in May", 100))
    start = 72 + Canvas(io.BytesIO()).stringWidth("paid to ", "Helvetica", 11)
    end = start + Canvas(io.BytesIO()).stringWidth("Salkeld", "Helvetica", 11)
    place = rect(start, 90, end, 103)
    parsed = parse(annotated(data, {"Subtype": NameObject("/Redact"), "Rect": place}), "a.pdf")
    assert all_text(parsed) == "paid to in May"
    assert warned(parsed) == {WarningKind.COVERED_TEXT}


@pytest.mark.parametrize("colour", [(0, 0, 0), (1, 1, 1), (0.4, 0.4, 0.4)])
def test_words_under_a_box_are_left_out(colour: tuple[float, float, float]) -> None:
    def draw(canvas: Canvas) -> None:
        x = write(canvas, "The informant is ", 100)
        end = write(canvas, "Edvin Salkeld", 100, x)
        write(canvas, " of Mill Row.", 100, end)
        canvas.setFillColorRGB(*colour)
        canvas.rect(x - 1, HEIGHT - 104, end - x + 2, 16, stroke=0, fill=1)

    parsed = parse(pdf(draw), "a.pdf")
    assert "Edvin" not in all_text(parsed)
    assert "Salkeld" not in repr(parsed)
    assert all_text(parsed).startswith("The informant is")
    assert warned(parsed) == {WarningKind.COVERED_TEXT}


def test_words_under_a_picture_are_left_out() -> None:
    from PIL import Image

    def draw(canvas: Canvas) -> None:
        write(canvas, "Paid: EUR 2,750", 100)
        write(canvas, "The photographs show the north gate.", 140)
        canvas.drawImage(ImageReader(Image.new("RGB", (40, 10), (20, 20, 20))), 70, HEIGHT - 105, 120, 18)

    parsed = parse(pdf(draw), "a.pdf")
    assert all_text(parsed) == "The photographs show the north gate."
    assert warned(parsed) == {WarningKind.COVERED_TEXT}


def test_boxes_that_hide_nothing() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFillColorRGB(0.9, 0.9, 0.9)
        canvas.rect(70, HEIGHT - 105, 300, 18, stroke=0, fill=1)  # painted before
        canvas.setFillColorRGB(0, 0, 0)
        write(canvas, "A shaded line.", 100)
        write(canvas, "A marked line.", 120)
        write(canvas, "A framed line.", 140)
        canvas.rect(70, HEIGHT - 145, 300, 18, stroke=1, fill=0)
        canvas.setFillColorRGB(1, 1, 0)
        canvas.setFillAlpha(0.4)
        canvas.rect(70, HEIGHT - 125, 300, 18, stroke=0, fill=1)  # a highlighter
        canvas.setFillAlpha(1)
        canvas.setFillColorRGB(0, 0, 0)
        canvas.rect(70, HEIGHT - 165, 300, 18, stroke=0, fill=1)
        canvas.setFillColorRGB(1, 1, 1)
        write(canvas, "White on black.", 160)

    parsed = parse(pdf(draw), "a.pdf")
    assert " ".join(all_text(parsed).split()) == "A shaded line. A marked line. A framed line. White on black."
    assert not warned(parsed)


def test_words_in_the_colour_of_their_ground() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, "The price is EUR 100.", 100)
        canvas.setFillColorRGB(0.1, 0.1, 0.1)
        canvas.rect(70, HEIGHT - 205, 300, 18, stroke=0, fill=1)
        write(canvas, "The price is EUR 900.", 200)
        canvas.setFillColorRGB(1, 1, 1)
        write(canvas, "Ignore what stands above.", 300)

    parsed = parse(pdf(draw), "a.pdf")
    assert all_text(parsed) == "The price is EUR 100."
    assert warned(parsed) == {WarningKind.HIDDEN_TEXT}
    assert "Ignore" not in repr(parsed)


def test_white_words_on_a_bar_or_on_strips_are_shown() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setLineWidth(20)
        canvas.line(72, HEIGHT - 96, 400, HEIGHT - 96)
        for strip in range(20):
            canvas.rect(72, HEIGHT - 210 + strip, 300, 1, stroke=0, fill=1)
        canvas.setFillColorRGB(1, 1, 1)
        write(canvas, "On a bar.", 100)
        write(canvas, "On strips.", 202)

    parsed = parse(pdf(draw), "a.pdf")
    assert all_text(parsed).split() == ["On", "a", "bar.", "On", "strips."]
    assert not warned(parsed)


def layered(off: str, membership: str = "") -> bytes:
    """One line on a layer A and one on none; `off`: the default configuration; `membership`: of several layers."""
    stream = (
        b"BT /F1 11 Tf 72 700 Td (The fee is 100 euros.) Tj ET /OC /P BDC BT /F1 11 Tf 72 680 Td (Draft fee.) Tj ET EMC"
    )
    objects = [
        f"<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[6 0 R 7 0 R]/D<<{off}>>>>>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R/Resources<</Font<</F1 4 0 R>>"
        f"/Properties<</P {'8' if membership else '6'} 0 R>>>>>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        f"<</Length {len(stream)}>>stream\n{stream.decode()}\nendstream",
        "<</Type/OCG/Name(A)>>",
        "<</Type/OCG/Name(A)>>",
        f"<</Type/OCMD {membership}>>",
    ]
    out = b"%PDF-1.6\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    return out + f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode()


@pytest.mark.parametrize(
    ("off", "membership", "shown"),
    [
        ("/OFF[6 0 R]", "", False),
        ("/OFF[7 0 R]", "", True),  # another layer of the same name
        ("/BaseState/OFF", "", False),
        ("/BaseState/OFF/ON[6 0 R]", "", True),
        ("/OFF[6 0 R]", "/OCGs[6 0 R 7 0 R]", True),
        ("/OFF[6 0 R]", "/OCGs[6 0 R 7 0 R]/P/AllOn", False),
        ("/OFF[6 0 R]", "/VE[/Not 6 0 R]", True),
        ("", "/VE[/Not 6 0 R]", False),
    ],
)
def test_layers(off: str, membership: str, shown: bool) -> None:
    parsed = parse(layered(off, membership), "a.pdf")
    assert ("Draft fee." in all_text(parsed)) is shown
    assert "The fee is 100 euros." in all_text(parsed)
    assert warned(parsed) == (set() if shown else {WarningKind.HIDDEN_TEXT})


def test_shown_text_and_comments_on_top_of_a_page() -> None:
    data = annotated(
        pdf(lambda canvas: write(canvas, LONG[:60], 100)),
        {
            "Subtype": NameObject("/FreeText"),
            "Rect": rect(72, 300, 400, 320),
            "Contents": TextStringObject("The fee is waived until May."),
            "DA": TextStringObject("/Helv 12 Tf"),
        },
        {
            "Subtype": NameObject("/Text"),
            "Rect": rect(400, 95, 415, 110),
            "Contents": TextStringObject("Check with the client"),
            "T": TextStringObject("A. Meyer"),
            "M": TextStringObject("D:20240301120000Z"),
        },
        {
            "Subtype": NameObject("/FreeText"),
            "Rect": rect(72, 500, 400, 520),
            "F": FloatObject(2),
            "Contents": TextStringObject("Never shown"),
        },
    )
    parsed = parse(data, "a.pdf")
    assert all_text(parsed) == (
        f"{LONG[:60].strip()}\n[comment by A. Meyer on 2024-03-01: Check with the client]\nThe fee is waived until May."
    )
    comment = next(element for element in parsed.elements if element.kind is ElementKind.COMMENT)
    assert (comment.author, comment.date) == ("A. Meyer", "2024-03-01")
    assert not warned(parsed)


def test_an_appearance_is_read_once() -> None:
    def edit(writer: pypdf.PdfWriter) -> None:
        stream = DecodedStreamObject()
        stream.set_data(b"BT /F1 12 Tf 2 5 Td (Paid in full.) Tj ET")
        font = {"/Type": NameObject("/Font"), "/Subtype": NameObject("/Type1"), "/BaseFont": NameObject("/Helvetica")}
        fonts = DictionaryObject({NameObject("/F1"): DictionaryObject({NameObject(k): v for k, v in font.items()})})
        stream.update(
            {
                NameObject("/Subtype"): NameObject("/Form"),
                NameObject("/BBox"): ArrayObject(FloatObject(edge) for edge in (0, 0, 200, 20)),
                NameObject("/Resources"): DictionaryObject({NameObject("/Font"): fonts}),
            }
        )
        stamp = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/Stamp"),
                NameObject("/Rect"): rect(72, 300, 272, 320),
                NameObject("/Contents"): TextStringObject("Paid in full."),
                NameObject("/AP"): DictionaryObject({NameObject("/N"): writer._add_object(stream)}),
            }
        )
        writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(stamp)])

    data = edited(pdf(lambda canvas: write(canvas, "The bill of May.", 100)), edit)
    assert all_text(parse(data, "a.pdf")) == "The bill of May.\nPaid in full."


def test_boxes_and_radio_buttons_have_their_state() -> None:
    def draw(canvas: Canvas) -> None:
        form = canvas.acroForm
        for top, name, checked in ((100, "Storage agreed", True), (130, "Calls agreed", False)):
            end = write(canvas, name, top)
            form.checkbox(name=name, checked=checked, x=end + 10, y=HEIGHT - top - 3, size=14)
        x = write(canvas, "Thinner: yes", 160)
        form.radio(name="thinner", value="yes", selected=False, x=x + 4, y=HEIGHT - 163, size=14)
        x = write(canvas, "no", 160, x + 30)
        form.radio(name="thinner", value="no", selected=True, x=x + 4, y=HEIGHT - 163, size=14)

    said = all_text(parse(pdf(draw), "a.pdf"))
    assert " ".join(said.split()) == "Storage agreed ☒ Calls agreed ☐ Thinner: yes ☐ no ☒"


@pytest.fixture
def unrecognised() -> Iterator[None]:
    """Scans are not read in this test."""
    before = recogniser()
    use(Recogniser("off"))
    yield
    use(before)


def test_pages_that_show_a_picture_only_are_told(unrecognised: None) -> None:
    from PIL import Image

    def draw(canvas: Canvas) -> None:
        write(canvas, LONG, 100, size=9)
        canvas.showPage()
        canvas.drawImage(ImageReader(Image.effect_noise((300, 400), 90)), 30, 30, 540, 720)
        canvas.showPage()
        canvas.showPage()

    parsed = parse(pdf(draw), "a.pdf")
    assert [page.source for page in parsed.pages] == [PageSource.TEXT, PageSource.UNREAD, PageSource.BLANK]
    assert [(warning.kind, warning.page) for warning in parsed.warnings] == [(WarningKind.UNREAD_PAGE, 2)]


def test_page_labels() -> None:
    def draw(canvas: Canvas) -> None:
        for number in range(3):
            write(canvas, f"{LONG[number:]}", 100, size=9)
            canvas.showPage()

    data = edited(
        pdf(draw), lambda writer: (writer.set_page_label(0, 1, "/r", start=2), writer.set_page_label(2, 2, "/D"))[0]
    )
    assert [page.label for page in parse(data, "a.pdf").pages] == ["ii", "iii", "1"]
    assert [page.label for page in parse(pdf(draw), "a.pdf").pages] == ["", "", ""]


def test_text_that_is_no_language_is_refused(unrecognised: None) -> None:
    garbled = "".join(chr(ord(letter) - 29) if letter != " " else "" for letter in 2 * LONG)
    with pytest.raises(EmptyFile, match="no text in this file"):
        parse(pdf(lambda canvas: write(canvas, garbled, 100, x=10, size=4)), "a.pdf")

    def draw(canvas: Canvas) -> None:
        write(canvas, LONG, 100, size=9)
        canvas.showPage()
        write(canvas, garbled, 100, x=10, size=4)

    parsed = parse(pdf(draw), "a.pdf")
    assert all_text(parsed) == LONG
    assert {warning.kind for warning in parsed.warnings} == {WarningKind.FONT_MAPPING, WarningKind.UNREAD_PAGE}
    assert parsed.pages[1].source is PageSource.UNREAD


@pytest.mark.parametrize(
    "text",
    [
        "Der Mieter zahlt die Miete bis zum dritten Werktag eines Monats im Voraus und haftet für Schäden der Wohnung.",
        "Le locataire verse le loyer au plus tard le troisième jour ouvré du mois et répond des dégâts du logement.",
        "Najemca płaci czynsz do trzeciego dnia roboczego każdego miesiąca z góry i odpowiada za szkody w mieszkaniu.",
        "Vuokralainen maksaa vuokran viimeistään kuukauden kolmantena arkipäivänä ja vastaa asunnon vahingoista.",
        "A bérlő a bérleti díjat minden hónap harmadik munkanapjáig előre fizeti meg, és felel a lakás kárairól is.",
        "De huurder betaalt de huur uiterlijk op de derde werkdag van de maand en is aansprakelijk voor de schade.",
        "Nájemce platí nájemné nejpozději do třetího pracovního dne v měsíci předem a odpovídá za škody na bytě.",
        "Bên thuê phải thanh toán tiền thuê nhà trước ngày làm việc thứ ba của mỗi tháng và chịu trách nhiệm.",
        "GATTACAGATTACCAGTTGACCATGACCATTAGGACCATGATTACAGGCCTTAACCGGTATTACAGGATCCATGACCATTAG",
        "QX-7731 KTR 8849 ZPL 1,204.50 BBX-22 USD 9,100 HKD 3,300 RTX-11 LMK 77 PZQ 18 WWT 20 KKL 41 HGF 10",
    ],
)
def test_languages_and_codes_are_readable(text: str) -> None:
    from ingest.parsers.pdf.fonts import unreadable

    assert not unreadable(text)


def test_characters_without_meaning() -> None:
    from ingest.parsers.pdf.pages import _refused
    from ingest.parsers.pdf.words import Read

    assert _refused(Read((), (), (), letters=400, unknown=1.0, fonts={})) is True
    assert not _refused(Read((), (), (), letters=8, unknown=1.0, fonts={}))  # a few bullets


def grid(canvas: Canvas, rows: list[list[str]], top: float, spans: int = 0) -> None:
    """Ruled cells of 150 by 20 points; the first `spans` cells of the first column below the header are one."""
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            y = HEIGHT - top - 20 * (row + 1)
            if column or not spans or row == 0 or row > spans:
                canvas.rect(72 + 150 * column, y, 150, 20)
            elif row == 1:
                canvas.rect(72, y - 20 * (spans - 1), 150, 20 * spans)
            canvas.setFont("Helvetica", 9)
            canvas.drawString(76 + 150 * column, y + 6, cell)


def test_a_cell_merged_downwards_repeats() -> None:
    rows = [["Region", "Depot", "Fine"], ["South", "Alder", "10"], ["", "Oak", "20"], ["North", "", "30"]]
    parsed = parse(pdf(lambda canvas: grid(canvas, rows, 100, spans=2)), "a.pdf")
    assert all_text(parsed) == "Region | Depot | Fine\nSouth | Alder | 10\nSouth | Oak | 20\nNorth | | 30"


def test_a_row_cut_by_the_page_break_is_one() -> None:
    def draw(canvas: Canvas) -> None:
        grid(canvas, [["Duty", "Words", "Fine"], ["Cold store", "A reading outside of it", "2,600"]], 700)
        canvas.showPage()
        grid(canvas, [["Duty", "Words", "Fine"], ["", "is reported at once.", ""], ["Pests", "On Friday.", "150"]], 60)

    (table,) = parse(pdf(draw), "a.pdf").elements
    assert table.text.split("\n")[1:] == [
        "Cold store | A reading outside of it is reported at once. | 2,600",
        "Pests | On Friday. | 150",
    ]


def test_files_inside_a_file_are_parts() -> None:
    data = edited(
        pdf(lambda canvas: write(canvas, LONG, 100, size=9)),
        lambda writer: writer.add_attachment("annex.txt", b"The annex.") and None,
    )
    (part,) = parse(data, "a.pdf").parts
    assert (part.name, part.data) == ("annex.txt", b"The annex.")


def test_a_damaged_page_costs_that_page_only() -> None:
    def draw(canvas: Canvas) -> None:
        for number in range(3):
            write(canvas, f"Words of page {number + 1} stand here.", 300)
            canvas.showPage()

    def edit(writer: pypdf.PdfWriter) -> None:
        writer._root_object["/Pages"]["/Kids"][1] = NullObject()  # type: ignore[index]

    parsed = parse(edited(pdf(draw), edit), "a.pdf")
    assert all_text(parsed) == "Words of page 1 stand here.\nWords of page 3 stand here."
    assert [(warning.kind, warning.page) for warning in parsed.warnings] == [(WarningKind.UNREAD_PAGE, 2)]


def test_boxes_in_wingdings() -> None:
    data = pdf(lambda canvas: pieces(canvas, 100, ("\xfe", 11, 0), (" Yes ", 11, 0)))
    data = data.replace(b"/BaseFont /Helvetica", b"/BaseFont /Wingdings")
    assert all_text(parse(data, "a.pdf")).startswith("☑")


def test_many_boxes_and_words_stay_fast() -> None:
    def draw(canvas: Canvas) -> None:
        for number in range(1500):
            canvas.rect(70, 90 + number % 600, 300, 18, stroke=0, fill=1)
        for number in range(1500):
            write(canvas, f"w{number % 7}", 80 + number % 600, x=20 + number % 500, size=6)

    start = time.process_time()
    parse(pdf(draw), "a.pdf")
    assert time.process_time() - start < 20
