"""A page as a picture, with the places of a quote marked on it. Runs in the child process alone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import islice
from typing import Any

from ingest.errors import NoPageImages, NoSuchPage
from ingest.parsers.image import ImageParser, frames, points
from ingest.reading.detect import PDF

MOST_PIXELS = 16_000_000
_MARK = (255, 232, 110)  # the page is multiplied by it: what is black stays black
_EDGE = (217, 119, 6)
_CEILING = 1e-3  # pixels
_MARGIN = 1.5  # points around a printed line

Edges = tuple[float, float, float, float]  # x0, y0, x1, y1 in points from the top-left corner of the shown page


def draw(data: bytes, media_type: str, page: int, boxes: Sequence[Edges], width: int) -> bytes:
    """The page (from 1) as a PNG `width` pixels wide, or narrower where that would be more than `MOST_PIXELS`.

    Raises `NoPageImages`, `NoSuchPage` and, for a picture, what `frames` raises.
    """
    if media_type == PDF:
        picture, across = _of_pdf(data, page, width)
    elif media_type in ImageParser.media_types:
        picture, across = _of_picture(data, page, width)
    else:
        raise NoPageImages("This kind of file has no pages that could be shown.")
    for box in boxes:
        _mark(picture, [edge * picture.width / across for edge in _wider(box)])
    packed = io.BytesIO()
    picture.save(packed, "PNG")
    return packed.getvalue()


def _of_pdf(data: bytes, number: int, width: int) -> tuple[Any, float]:
    """The page, and how wide it is in points."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    document.init_forms()
    if number > len(document):
        raise NoSuchPage(f"The document has {len(document)} pages.")
    page = document[number - 1]
    across, down = page.get_size()
    scale = _scale(across, down, width) - _CEILING / across  # pdfium takes the next larger whole number of pixels
    return page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB"), across


def _of_picture(data: bytes, number: int, width: int) -> tuple[Any, float]:
    from PIL import Image

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
