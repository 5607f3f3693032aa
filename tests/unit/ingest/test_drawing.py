"""A page as a picture: the right one, of bounded size, marked where the boxes of its lines lie."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from ingest.errors import NoPageImages, NoSuchPage
from ingest.parsers import parse
from ingest.reading.detect import JPEG, PDF, PNG, TIFF
from ingest.reading.drawing import MOST_PIXELS, Edges, Opened
from tests.unit.ingest.making import HEIGHT, WIDTH, pdf, write

BOX = (72.0, 90.0, 200.0, 110.0)


def two_pages(rotation: int = 0) -> bytes:
    """Each with a line 100 points below the top of the page as it is shown, whichever way it lies in the file."""
    corner = {0: (0, 0), 90: (HEIGHT, 0), 180: (WIDTH, HEIGHT), 270: (0, WIDTH)}[rotation]  # the sheet lies down, too

    def content(canvas: Any) -> None:
        for words in ("The rent is 500 euros.", "Notice is thirty days."):
            canvas.setPageRotation(rotation)
            canvas.translate(*corner)
            canvas.rotate(rotation)
            write(canvas, words, 100)
            canvas.showPage()

    return pdf(content)


def drawn(data: bytes, media_type: str, page: int = 1, boxes: tuple[Edges, ...] = (), width: int = 612) -> Image.Image:
    return Image.open(io.BytesIO(Opened(data, media_type).draw(page, boxes, width)))


def marked(picture: Image.Image) -> tuple[int, int, int, int] | None:
    """The box of what is yellow."""
    red, _, blue = picture.convert("RGB").split()
    light = Image.merge("RGB", [red.point(lambda v: 255 * (v > 200))] * 3).convert("L")
    low = blue.point(lambda v: 255 * (v < 180))
    return Image.composite(low, Image.new("L", low.size), light).getbbox()


def test_a_page_has_the_width_that_was_asked_for() -> None:
    for width in (306, 1224):
        assert drawn(two_pages(), PDF, width=width).size == (width, round(width * HEIGHT / WIDTH))
    sheet = pdf(lambda canvas: write(canvas, "x", 100), size=(595.2756, 841.8898))
    assert [drawn(sheet, PDF, width=width).width for width in (500, 1000, 1400, 2399)] == [500, 1000, 1400, 2399]


def test_pages_differ_and_nothing_is_marked_unasked() -> None:
    first, second = (drawn(two_pages(), PDF, page) for page in (1, 2))
    assert first.tobytes() != second.tobytes()
    assert marked(first) is marked(second) is None


def test_a_box_is_marked_where_it_lies_and_its_words_stay_black() -> None:
    picture = drawn(two_pages(), PDF, boxes=(BOX,), width=1224)
    x0, y0, x1, y1 = marked(picture) or (0, 0, 0, 0)
    for edge, place in zip((x0, y0, x1, y1), BOX, strict=True):
        assert abs(edge / 2 - place) <= 3
    darkest = min(picture.convert("L").crop((144, 180, 400, 220)).tobytes())
    assert darkest < 40


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_boxes_of_a_parsed_line_fall_on_its_words(rotation: int) -> None:
    data = two_pages(rotation)
    (line,) = [line for element in parse(data, "a.pdf").elements for line in element.lines if line.box.page == 1]
    box = line.box
    picture = drawn(data, PDF, width=1000)
    scale = picture.width / WIDTH
    ink = picture.convert("L").point(lambda v: 255 * (v < 128)).getbbox()
    assert ink is not None
    for edge, place in zip(ink, (box.x0, box.y0, box.x1, box.y1), strict=True):
        assert abs(edge / scale - place) < 6


def test_boxes_outside_the_page_do_no_harm() -> None:
    plain = drawn(two_pages(), PDF)
    for box in ((-50, -50, -10, -10), (700, 900, 800, 1000), (100, 100, 90, 90)):
        assert drawn(two_pages(), PDF, boxes=(box,)).tobytes() == plain.tobytes()


def test_a_page_is_never_larger_than_the_limit() -> None:
    long = pdf(lambda canvas: write(canvas, "x", 100), size=(100, 14_000))
    picture = drawn(long, PDF, width=2400)
    assert picture.width * picture.height <= MOST_PIXELS * 1.01
    assert picture.width < 2400


def test_pictures_are_shown_page_by_page() -> None:
    frames = [Image.new("RGB", (400, 200), colour) for colour in ("red", "blue")]
    packed = io.BytesIO()
    frames[0].save(packed, "TIFF", save_all=True, append_images=frames[1:], dpi=(100, 100))
    second = drawn(packed.getvalue(), TIFF, 2, width=200)
    assert (second.size, second.getpixel((100, 50))) == ((200, 100), (0, 0, 255))
    white = io.BytesIO()
    Image.new("L", (400, 200), 255).save(white, "PNG", dpi=(100, 100))
    box = marked(drawn(white.getvalue(), PNG, boxes=((72, 36, 144, 72),), width=400))
    assert box is not None
    assert all(abs(edge - place) <= 3 for edge, place in zip(box, (100, 50, 200, 100), strict=True))


def test_what_is_transparent_is_white() -> None:
    clear = io.BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(clear, "PNG")
    assert drawn(clear.getvalue(), PNG, width=100).getpixel((50, 50)) == (255, 255, 255)


def test_a_page_that_is_not_there_is_told() -> None:
    single = io.BytesIO()
    Image.new("L", (300, 300), 255).save(single, "JPEG")
    for data, media_type in ((two_pages(), PDF), (single.getvalue(), JPEG)):
        with pytest.raises(NoSuchPage):
            Opened(data, media_type).draw(3, (), 500)
    with pytest.raises(NoPageImages):
        Opened(b"Hello", "text/plain")
