"""A page as a picture, with the places of a quote marked on it. Runs in the child process alone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import islice
from typing import Any

from ingest.errors import NoPageImages, NoSuchPage
from ingest.reading.detect import JPEG, PDF, PNG, TIFF

MOST_PIXELS = 16_000_000
_MARK = (255, 232, 110)  # the page is multiplied by it: what is black stays black
_EDGE = (217, 119, 6)
_CEILING = 1e-3  # pixels
_MARGIN = 1.5  # points around a printed line
_QUICK = 1  # of a page, hardly larger than what takes twice as long
_PICTURES = {PNG, JPEG, TIFF}

Edges = tuple[float, float, float, float]  # x0, y0, x1, y1 in points from the top-left corner of the shown page


class Opened:
    """A file whose pages are drawn, opened once for all of them. Raises `NoPageImages` where it has none."""

    def __init__(self, data: bytes, media_type: str) -> None:
        if media_type != PDF and media_type not in _PICTURES:
            raise NoPageImages("This kind of file has no pages that could be shown.")
        self._data = data
        self._pdf = _opened(data) if media_type == PDF else None

    def draw(self, page: int, boxes: Sequence[Edges], width: int) -> bytes:
        """The page (from 1) as a PNG `width` pixels wide, or narrower where that would be more than `MOST_PIXELS`.

        Raises `NoSuchPage` and, for a picture, what `frames` raises.
        """
        if self._pdf is None:
            picture, across = _of_picture(self._data, page, width)
        else:
            picture, across = _of_pdf(self._pdf, page, width)
        for box in boxes:
            _mark(picture, [edge * picture.width / across for edge in _wider(box)])
        packed = io.BytesIO()
        picture.save(packed, "PNG", compress_level=_QUICK)
        return packed.getvalue()

    def sizes(self) -> list[tuple[float, float]]:
        """Width and height of every page as it is shown, in points."""
        if self._pdf is None:
            from ingest.parsers.image import frames, points

            return [points(frame) for frame in frames(self._data, "the picture")]
        return [self._pdf.get_page_size(number) for number in range(len(self._pdf))]

    def close(self) -> None:
        if self._pdf is not None:
            self._pdf.close()


def _opened(data: bytes) -> Any:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    document.init_forms()
    return document


def _of_pdf(document: Any, number: int, width: int) -> tuple[Any, float]:
    """The page, and how wide it is in points."""
    if number > len(document):
        raise NoSuchPage(f"The document has {len(document)} pages.")
    page = document[number - 1]
    try:
        across, down = page.get_size()
        scale = _scale(across, down, width) - _CEILING / across  # pdfium takes the next larger whole number of pixels
        return page.render(scale=scale, may_draw_forms=True, rev_byteorder=True).to_pil().convert("RGB"), across
    finally:
        page.close()


def _of_picture(data: bytes, number: int, width: int) -> tuple[Any, float]:
    from PIL import Image

    from ingest.parsers.image import frames, points  # what recognises comes with it, which takes its time

    found = next(islice(frames(data, "the picture"), number - 1, None), None)
    if found is None:
        raise NoSuchPage("The file has fewer pictures.")
    across, _ = points(found)
    scale = _scale(found.width, found.height, width)
    clear = found.convert("RGBA").resize([max(1, round(scale * side)) for side in found.size])
    page = Image.new("RGBA", clear.size, "white")
    page.alpha_composite(clear)
    return page.convert("RGB"), across


def _scale(across: float, down: float, width: int) -> float:
    return float(min(width / across, (MOST_PIXELS / (across * down)) ** 0.5))


def _wider(box: Edges) -> Edges:
    x0, y0, x1, y1 = box
    return x0 - _MARGIN, y0 - _MARGIN, x1 + _MARGIN, y1 + _MARGIN


def _mark(picture: Any, edges: Sequence[float]) -> None:
    from PIL import Image, ImageChops, ImageDraw

    most = (picture.width, picture.height) * 2
    x0, y0, x1, y1 = (min(max(0, round(edge)), side) for edge, side in zip(edges, most, strict=True))
    if x0 >= x1 or y0 >= y1:
        return
    part = picture.crop((x0, y0, x1, y1))
    picture.paste(ImageChops.multiply(part, Image.new("RGB", part.size, _MARK)), (x0, y0))
    ImageDraw.Draw(picture).line([(x0, y1 - 1), (x1 - 1, y1 - 1)], _EDGE, max(1, picture.width // 600))
