"""What stands on a PDF page besides its text, and the order of what does: made on the spot."""

import io
import random
from collections.abc import Callable

import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest.parsers import parse
from ingest.types import ElementKind, ParsedFile, WarningKind

WIDTH, HEIGHT = 595, 842
NOUNS = "keeper master owner agent pilot clerk warden broker lender tenant porter surveyor".split()
THINGS = "ledger crate berth valve lamp rope permit sample hull manifest cable tariff".split()


def sentences(seed: int, count: int = 5) -> str:
    """Running text that differs for each seed."""
    chance = random.Random(seed)
    said = []
    for _ in range(count):
        one, two, thing = chance.choice(NOUNS), chance.choice(NOUNS), chance.choice(THINGS)
        said.append(
            f"The {one} hands the {thing} to the {two} of the {chance.randint(3, 99)}th hall before the day ends."
        )
    return " ".join(said)


def wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def write(
    canvas: Canvas, lines: list[str], x: float = 72, top: float = 100, size: float = 11, pitch: float = 14
) -> float:
    canvas.setFont("Helvetica", size)
    for line in lines:
        canvas.drawString(x, HEIGHT - top, line)
        top += pitch
    return top


def read(draw: Callable[[Canvas], None]) -> ParsedFile:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT))
    draw(canvas)
    canvas.save()
    return parse(buffer.getvalue(), "a.pdf")


def pages(count: int, each: Callable[[Canvas, int], None]) -> ParsedFile:
    def draw(canvas: Canvas) -> None:
        for page in range(1, count + 1):
            each(canvas, page)
            canvas.showPage()

    return read(draw)


def stored(parsed: ParsedFile) -> str:
    return "\n".join(element.text for element in parsed.elements)


# Running heads


def test_lines_that_differ_in_a_number_stay_on_every_page() -> None:
    def each(canvas: Canvas, page: int) -> None:
        write(canvas, [f"Certificate no. 4711-{page}"], top=50, size=14)
        write(canvas, [f"Sum insured: EUR {41 + page},000", "Deductible: EUR 500"], top=80, pitch=18)
        write(canvas, wrapped(sentences(page), 80), top=130)
        write(canvas, [f"Premium {page}"], top=780)

    text = stored(pages(6, each))
    for page in range(1, 7):
        assert f"Certificate no. 4711-{page}" in text
        assert f"EUR {41 + page},000" in text
        assert f"Premium {page}" in text
    assert text.count("Deductible: EUR 500") == 6


def test_headings_that_count_with_the_pages_stay_and_page_numbers_go() -> None:
    def each(canvas: Canvas, page: int) -> None:
        write(canvas, [f"{page}. Berth number {page}"], top=60, size=12)
        write(canvas, wrapped(sentences(page), 80), top=84)
        canvas.setFont("Helvetica", 9)
        canvas.drawCentredString(WIDTH / 2, 30, f"Page {page} of 7")

    parsed = pages(7, each)
    assert [f"{page}. Berth number {page}" in stored(parsed) for page in range(1, 8)] == [True] * 7
    assert "Page 3" not in stored(parsed)
    assert [page.label for page in parsed.pages] == [str(page) for page in range(1, 8)]


def torn(canvas: Canvas, page: int) -> None:
    """The foot of a page in the middle of a sentence that the next page goes on with."""
    if page > 1:
        write(canvas, [f"may keep her for {page} days until the leak is closed."], top=100)
    write(canvas, wrapped(sentences(page, 12), 80), top=130)
    write(
        canvas, [f"Of the ships in hall {page} the master may stop any one that leaks oil, and he then also"], top=770
    )


def test_heads_that_change_with_the_chapter_do_not_cut_a_sentence() -> None:
    chapters = ["One: Berths", "One: Berths", "Two: Cargo", "Two: Cargo", "Three: Dues", "Three: Dues"]

    def each(canvas: Canvas, page: int) -> None:
        write(canvas, [f"Rules of Corvane – Chapter {chapters[page - 1]}"], top=30, size=9)
        if page % 2:
            write(canvas, [f"Chapter {chapters[page - 1]}"], top=75, size=15)
        torn(canvas, page)

    text = stored(pages(6, each))
    assert "Rules of Corvane" not in text
    assert all(f"Chapter {chapter}" in text for chapter in chapters)
    assert "and he then also may keep her for 2 days" in text


def test_a_changing_head_that_is_said_nowhere_else_is_kept_once_and_cuts_nothing() -> None:
    def each(canvas: Canvas, page: int) -> None:
        write(canvas, [f"Fund of {NOUNS[(page - 1) // 2]}s"], top=30, size=9)
        torn(canvas, page)

    text = stored(pages(6, each))
    assert text.count("Fund of keepers") == text.count("Fund of masters") == 1
    assert all(f"and he then also may keep her for {page} days" in text for page in range(2, 7))


def test_heads_of_left_and_right_pages_go() -> None:
    def each(canvas: Canvas, page: int) -> None:
        if page % 2:
            canvas.setFont("Helvetica", 9)
            canvas.drawRightString(WIDTH - 72, HEIGHT - 30, f"Harbour Act {page}")
        else:
            write(canvas, [f"{page}    Laws of Corvane"], top=30, size=9)
        torn(canvas, page)

    text = stored(pages(8, each))
    assert "Harbour Act" not in text
    assert "Laws of Corvane" not in text
    assert "and he then also may keep her for 5 days" in text


def test_text_that_pages_happen_to_share_stays() -> None:
    def each(canvas: Canvas, page: int) -> None:
        shared = "The hall is heated from October to April and the gate is closed at night."
        write(canvas, [*wrapped(sentences(page, 20), 80), shared], top=100 + 14 * page)

    assert stored(pages(6, each)).count("The hall is heated from October") == 6


def test_a_foot_with_another_date_on_each_page_cuts_no_sentence_and_is_kept() -> None:
    def each(canvas: Canvas, page: int) -> None:
        torn(canvas, page)
        write(
            canvas, [f"Printed on {page + 3}.6.2026 at 10:{17 * page % 60:02d}, file 47-{page * page}"], top=815, size=8
        )

    text = stored(pages(5, each))
    assert all(f"file 47-{page * page}" in text for page in range(1, 6))
    assert all(f"and he then also may keep her for {page} days" in text for page in range(2, 6))


def test_a_head_that_stands_close_to_the_text_is_kept_once() -> None:
    def each(canvas: Canvas, page: int) -> None:
        write(canvas, ["Portions of this exhibit were left out and filed apart with the office."], top=50)
        write(canvas, [f"may keep her for {page} days.", *wrapped(sentences(page, 40), 80), "Here he also"], top=64)

    text = stored(pages(5, each))
    assert text.count("Portions of this exhibit") == 1
    assert "Here he also may keep her for 3 days." in text


# Page and Bates numbers


def test_page_labels_are_as_printed() -> None:
    printed = ["ii", "iii", "iv", "B-1", "B-2", "B-3"]

    def each(canvas: Canvas, page: int) -> None:
        write(canvas, wrapped(sentences(page), 80))
        canvas.setFont("Helvetica", 9)
        canvas.drawCentredString(WIDTH / 2, 30, printed[page - 1])

    parsed = pages(6, each)
    assert [page.label for page in parsed.pages] == printed
    assert "iii" not in stored(parsed)


def test_bates_numbers_leave_the_text_and_are_known() -> None:
    def each(canvas: Canvas, page: int) -> None:
        torn(canvas, page)
        canvas.setFont("Helvetica", 9)
        canvas.drawRightString(WIDTH - 40, 25, f"ULEX{417 + page:07d}")

    parsed = pages(5, each)
    assert [page.bates for page in parsed.pages] == [f"ULEX{417 + page:07d}" for page in range(1, 6)]
    assert "ULEX" not in stored(parsed)
    assert "and he then also may keep her for 4 days" in stored(parsed)


def test_numbers_that_skip_are_no_bates_numbers() -> None:
    def each(canvas: Canvas, page: int) -> None:
        torn(canvas, page)
        write(canvas, [f"INV{417 + page * page:07d}"], top=815, size=9)

    parsed = pages(4, each)
    assert not any(page.bates for page in parsed.pages)
    assert "INV0000433" in stored(parsed)


# Notes, stamps, watermarks, line numbers


def test_a_footnote_between_two_halves_of_a_sentence_follows_it() -> None:
    def each(canvas: Canvas, page: int) -> None:
        torn(canvas, page)
        lines = [
            f"{page} Oil includes the bilge water of hall {page}, and what",
            f"is left in the tanks of hall {page}.",
        ]
        write(canvas, lines, top=795, size=8, pitch=10)

    parsed = pages(3, each)
    kinds = [element.kind for element in parsed.elements]
    assert kinds.count(ElementKind.NOTE) == 3
    assert "and he then also may keep her for 2 days until the leak is closed.\nNote 1: Oil includes" in stored(parsed)
    note = next(element for element in parsed.elements if element.kind is ElementKind.NOTE)
    assert note.text == "Note 1: Oil includes the bilge water of hall 1, and what is left in the tanks of hall 1."
    assert [note.text[line.start : line.end] for line in note.lines][1] == "is left in the tanks of hall 1."


def test_several_notes_of_a_page_are_told_apart() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, wrapped(sentences(1, 12), 80))
        write(canvas, ["1 First of all.", "2 Second, within", "30 days of it.", "3 Third."], top=770, size=8, pitch=10)

    notes = [element.text for element in read(draw).elements if element.kind is ElementKind.NOTE]
    assert notes == ["Note 1: First of all.", "Note 2: Second, within 30 days of it.", "Note 3: Third."]


def test_a_note_stands_after_the_paragraph_that_carries_its_mark() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, ["The fee is EUR 1,500"], top=100)
        write(canvas, ["7"], x=72 + canvas.stringWidth("The fee is EUR 1,500", "Helvetica", 11), top=96, size=7)
        write(canvas, wrapped(sentences(2, 6), 80), top=130)
        write(canvas, ["7 Net of tax."], top=770, size=8)

    assert [element.text for element in read(draw).elements] == [
        "The fee is EUR 1,500 (note 7)",
        "Note 7: Net of tax.",
        sentences(2, 6),
    ]


def test_a_note_that_goes_on_over_the_page_is_one() -> None:
    def each(canvas: Canvas, page: int) -> None:
        torn(canvas, page)
        write(
            canvas,
            ["1 Oil includes all that is left in", "of the ship after a call."][page - 1 : page],
            top=795,
            size=8,
        )

    notes = [element.text for element in pages(2, each).elements if element.kind is ElementKind.NOTE]
    assert notes == ["Note 1: Oil includes all that is left in of the ship after a call."]


def test_small_numbered_clauses_at_the_foot_are_no_notes() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, wrapped(sentences(1, 12), 80))
        write(canvas, ["1. The fee is due in May.", "2. The fee is EUR 40."], top=770, size=8, pitch=10)

    assert not [element for element in read(draw).elements if element.kind is ElementKind.NOTE]


@pytest.mark.parametrize("x", [30.0, 570.0])
def test_a_stamp_along_the_margin_of_each_page_goes(x: float) -> None:
    def each(canvas: Canvas, page: int) -> None:
        torn(canvas, page)
        canvas.saveState()
        canvas.translate(x, 300)
        canvas.rotate(90)
        canvas.setFont("Helvetica", 8)
        canvas.drawString(0, 0, "Downloaded by reader 4471 on 9 June 2026")
        canvas.restoreState()

    text = stored(pages(3, each))
    assert "Downloaded" not in text
    assert "and he then also may keep her for 3 days" in text


def test_a_sideways_line_of_one_page_stays_and_cuts_nothing() -> None:
    def each(canvas: Canvas, page: int) -> None:
        torn(canvas, page)
        if page == 1:
            canvas.translate(30, 300)
            canvas.rotate(90)
            canvas.setFont("Helvetica", 8)
            canvas.drawString(0, 0, "Filed on 9 June 2026")

    text = stored(pages(2, each))
    assert "Filed on 9 June 2026" in text
    assert "and he then also may keep her for 2 days" in text


@pytest.mark.parametrize("angle", [20, 30, 45, 55, 70, -40])
def test_a_diagonal_watermark_is_left_out(angle: int) -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, wrapped(sentences(1, 20), 80))
        canvas.translate(150, 500)
        canvas.rotate(angle)
        canvas.setFont("Helvetica-Bold", 60)
        canvas.setFillGray(0.85)
        canvas.drawString(0, 0, "DRAFT COPY")

    assert stored(read(draw)) == sentences(1, 20)


def test_a_level_watermark_under_the_text_is_left_out_and_a_large_title_stays() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 80)
        canvas.setFillGray(0.85)
        canvas.drawString(120, HEIGHT - 220, "DRAFT")
        canvas.setFillGray(0)
        write(canvas, ["Grant Letter"], top=70, size=34)
        write(canvas, wrapped(sentences(1, 20), 80))

    text = stored(read(draw))
    assert "DRAFT" not in text
    assert text.startswith("Grant Letter\nThe ")


def test_small_slanted_labels_stay() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, wrapped(sentences(1, 4), 80))
        canvas.translate(150, 300)
        canvas.rotate(30)
        canvas.setFont("Helvetica", 10)
        canvas.drawString(0, 0, "Quarter four")

    assert "Quarter four" in stored(read(draw))


@pytest.mark.parametrize(("step", "pitch"), [(1, 25.0), (5, 14.0)])
def test_line_numbers_in_the_margin_are_no_words(step: int, pitch: float) -> None:
    text = sentences(3, 14)

    def each(canvas: Canvas, page: int) -> None:
        lines = wrapped(text if page == 1 else "It is so ordered by the court on this day of the month.", 62)
        write(canvas, lines, x=110, top=90, size=12, pitch=pitch)
        for number in range(step, 29, step):
            canvas.drawRightString(80, HEIGHT - 90 - (number - 1) * pitch, str(number))

    assert stored(pages(2, each)) == f"{text}\nIt is so ordered by the court on this day of the month."


def test_numbers_that_name_rows_stay() -> None:
    def draw(canvas: Canvas) -> None:
        for row in range(1, 13):
            top = 90 + 20 * row
            write(canvas, [str(row)], top=top)
            write(canvas, [f"{NOUNS[row - 1].title()} Holdings"], x=110, top=top)
            write(canvas, [f"EUR {row * 37}"], x=350, top=top)

    text = stored(read(draw))
    assert all(f"{row} | {NOUNS[row - 1].title()} Holdings | EUR {row * 37}" in text for row in range(1, 13))


# Columns


@pytest.mark.parametrize(
    ("lefts", "width", "lines"),
    [((60, 310), 40, 3), ((60, 310), 40, 20), ((40, 220, 400), 28, 12), ((60, 390), 56, 14), ((60, 240), 30, 14)],
)
def test_columns_are_read_one_by_one(lefts: tuple[int, ...], width: int, lines: int) -> None:
    widths = [width] * len(lefts)
    if len(lefts) == 2 and lefts[1] == 390:
        widths = [56, 30]
    if len(lefts) == 2 and lefts[1] == 240:
        widths = [30, 56]
    columns = [wrapped(sentences(seed, 16), wide)[:lines] for seed, wide in enumerate(widths)]

    def draw(canvas: Canvas) -> None:
        write(canvas, ["Side Letter of Tarnbrook"], top=60, size=16)
        for row in range(lines):  # as some writers do it, row by row
            for x, column in zip(lefts, columns, strict=True):
                write(canvas, [column[row]], x=x, top=100 + 13 * row, size=10)

    text = " ".join(stored(read(draw)).split())
    at = [text.index(" ".join(column)) for column in columns]
    assert at == sorted(at)


def test_columns_that_run_into_each_other_are_a_guess() -> None:
    def draw(canvas: Canvas) -> None:
        for side in (0, 1):
            write(canvas, wrapped(sentences(side, 8), 52), x=60 + 190 * side, top=100, size=10, pitch=13)

    (warning,) = read(draw).warnings
    assert warning.kind is WarningKind.READING_ORDER
    assert warning.page == 1


def test_a_title_across_both_columns_divides_them() -> None:
    halves = [[wrapped(sentences(10 * band + side, 8), 40)[:10] for side in (0, 1)] for band in (0, 1)]

    def draw(canvas: Canvas) -> None:
        for band in (0, 1):
            top = 100 + 250 * band
            write(
                canvas,
                [f"Part {band + 1} of the long and winding regulations of the harbour of the Corvane"],
                top=top - 30,
            )
            for side in (0, 1):
                write(canvas, halves[band][side], x=60 + 250 * side, top=top, size=10, pitch=13)

    text = " ".join(stored(read(draw)).split())
    wanted = [
        "Part 1 of",
        *(" ".join(half) for half in halves[0]),
        "Part 2 of",
        *(" ".join(half) for half in halves[1]),
    ]
    at = [text.index(part) for part in wanted]
    assert at == sorted(at)


def test_rows_of_an_unruled_table_stay_rows() -> None:
    rows = [
        ("Storage in hall one", "EUR 400"),
        ("Storage in hall two", "EUR 550"),
        ("Handling of crates", "EUR 90"),
    ] * 4

    def draw(canvas: Canvas) -> None:
        for place, (name, fee) in enumerate(rows):
            write(canvas, [name], top=100 + 16 * place)
            write(canvas, [fee], x=360, top=100 + 16 * place)

    text = " ".join(stored(read(draw)).split())
    assert text.count("Storage in hall one | EUR 400") == 4
    assert text.count("Handling of crates | EUR 90") == 4


def test_rows_of_long_cells_are_read_row_by_row() -> None:
    cells = [[wrapped(sentences(10 * row + side, 2), 40) for side in (0, 1)] for row in range(4)]

    def draw(canvas: Canvas) -> None:
        for row in range(4):
            for side in (0, 1):
                write(canvas, cells[row][side], x=60 + 250 * side, top=100 + 100 * row, size=10, pitch=12)

    text = " ".join(stored(read(draw)).split())
    at = [text.index(" ".join(cells[row][side])) for row in range(4) for side in (0, 1)]
    assert at == sorted(at)


@pytest.mark.parametrize("right", [False, True])
def test_side_notes_stand_before_their_paragraphs(right: bool) -> None:
    notes = [
        ["Power to stop", "ships that leak"],
        ["Penalty for", "smoke within", "the harbour"],
        ["Appeal to", "the county"],
    ]

    def draw(canvas: Canvas) -> None:
        for place, note in enumerate(notes):
            top = 100 + 110 * place
            write(canvas, wrapped(f"({place + 1}) {sentences(place, 4)}", 66), x=60 if right else 170, top=top)
            write(canvas, note, x=460 if right else 60, top=top, size=9, pitch=12)

    assert [element.text for element in read(draw).elements] == [
        text for place, note in enumerate(notes) for text in (" ".join(note), f"({place + 1}) {sentences(place, 4)}")
    ]


def test_numbers_in_the_margin_stay_with_their_paragraphs() -> None:
    def draw(canvas: Canvas) -> None:
        for place in range(4):
            top = 100 + 110 * place
            write(canvas, [f"{place + 12}."], x=60, top=top)
            write(canvas, wrapped(sentences(place, 4), 70), x=110, top=top)

    assert [element.text for element in read(draw).elements] == [
        f"{place + 12}. {sentences(place, 4)}" for place in range(4)
    ]


def test_entries_of_a_table_of_contents_are_lines_of_their_own() -> None:
    entries = [f"{n}. {NOUNS[n].title()} and {THINGS[n].title()} {'.' * 50} {n + 2}" for n in range(1, 7)]

    def draw(canvas: Canvas) -> None:
        write(canvas, entries)
        canvas.showPage()
        write(canvas, wrapped(sentences(1), 80))

    elements = read(draw).elements
    assert [element.text for element in elements[:6]] == entries
    assert not any(element.level for element in elements)
