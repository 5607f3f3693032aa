"""Words of a PDF page with boxes and fonts, straight from pdfium's characters.

Coordinates are PDF points from the top-left corner of the page as it is shown (crop box, rotation applied).
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.parsers.clean import clean

_HYPHEN = 2  # what pdfium writes for a hyphen that ends a line
_INVISIBLE = 3  # text rendering mode
_MIN_SIZE = 1.0
_NUMBERING = re.compile(r"(\d{1,2}(\.\d{1,3})+\.?|\([a-zA-Z\d]{1,4}\)|\d{1,2}\.)$")
_PATH, _IMAGE, _SHADING, _FORM = 2, 3, 4, 5


@dataclass(frozen=True, slots=True)
class Word:
    """One printed word. `size` is the font size as shown, in points; `flow` counts pdfium's line breaks."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool
    upright: bool
    flow: int
    angle: float = 0.0
    base: float = 0.0
    order: int = 0
    struck: bool = False
    mark: str = ""
    font: int = 0
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Surface:
    """What else is painted on a page: whether text could stand on a dark ground or a scan, and ruling lines."""

    image: bool
    ground: bool
    ruled: bool


@dataclass(frozen=True, slots=True)
class _Frame:
    """Maps page space (origin at bottom left, unrotated) to the shown page (origin at top left)."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        if self.rotation == 90:
            return y0 - self.bottom, x0 - self.left, y1 - self.bottom, x1 - self.left
        if self.rotation == 180:
            return self.right - x1, y0 - self.bottom, self.right - x0, y1 - self.bottom
        if self.rotation == 270:
            return self.top - y1, self.right - x1, self.top - y0, self.right - x0
        return x0 - self.left, self.top - y1, x1 - self.left, self.top - y0

    @property
    def size(self) -> tuple[float, float]:
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.rotation in (90, 270) else (width, height)


@dataclass(frozen=True, slots=True)
class _Style:
    """Of one text object. `shown` is False for text that no reader sees."""

    size: float
    bold: bool
    upright: bool
    shown: bool


def frame_of(page: Any) -> _Frame:
    """The visible part of a pypdfium2 page."""
    left, bottom, right, top = page.get_mediabox()
    crop = page.get_cropbox()
    shown = max(left, crop[0]), max(bottom, crop[1]), min(right, crop[2]), min(top, crop[3])
    if shown[0] >= shown[2] or shown[1] >= shown[3]:
        shown = (left, bottom, right, top)
    return _Frame(*shown, rotation=page.get_rotation())


def surface_of(page: Any) -> Surface:
    """A cheap look at the page's paths and images (forms one level deep)."""
    import pypdfium2.raw as pdfium

    image = ground = False
    across = down = 0
    edges = [ctypes.c_float() for _ in range(4)]
    widest, tallest = (1.5 * side for side in page.get_size())
    for kind, item in _objects(pdfium, page.raw):
        image = image or kind == _IMAGE
        ground = ground or kind in (_IMAGE, _SHADING)
        if kind == _PATH and pdfium.FPDFPageObj_GetBounds(item, *edges):
            width, height = edges[2].value - edges[0].value, edges[3].value - edges[1].value
            ground = ground or min(width, height) > 5
            if width > widest or height > tallest:
                continue  # a background that spans several pages of a printed web page
            lines = 2 if pdfium.FPDFPath_CountSegments(item) > 8 else 1  # a whole grid may be one path
            across += lines * (width > 30 and (height < 3 or height > 8))
            down += lines * (height > 6 and (width < 3 or width > 30))
    return Surface(image, ground, ruled=across >= 2 and down >= 2)


def _objects(pdfium: Any, page: Any) -> Iterator[tuple[int, Any]]:
    for index in range(pdfium.FPDFPage_CountObjects(page)):
        item = pdfium.FPDFPage_GetObject(page, index)
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == _FORM:
            for inner in range(pdfium.FPDFFormObj_CountObjects(item)):
                part = pdfium.FPDFFormObj_GetObject(item, inner)
                yield pdfium.FPDFPageObj_GetType(part), part
        else:
            yield kind, item


class _Styles:
    """Looks each text object of a page up once."""

    def __init__(self, pdfium: Any, textpage: Any, frame: _Frame, surface: Surface) -> None:
        self._pdfium, self._textpage, self._frame, self._surface = pdfium, textpage, frame, surface
        self._known: dict[int | None, _Style] = {}

    def at(self, index: int) -> _Style:
        item = self._pdfium.FPDFText_GetTextObject(self._textpage, index)
        key = ctypes.addressof(item.contents) if item else None
        if key not in self._known:
            self._known[key] = self._read(index, item)
        return self._known[key]

    def _read(self, index: int, item: Any) -> _Style:
        matrix = self._pdfium.FS_MATRIX()
        self._pdfium.FPDFText_GetMatrix(self._textpage, index, matrix)
        size = self._pdfium.FPDFText_GetFontSize(self._textpage, index) * (matrix.c**2 + matrix.d**2) ** 0.5
        turned = math.degrees(math.atan2(matrix.b, matrix.a)) - self._frame.rotation
        upright = abs((turned + 180) % 360 - 180) < 45
        return _Style(round(size, 1), self._is_bold(index, item), upright, size >= _MIN_SIZE and self._is_shown(item))

    def _is_bold(self, index: int, item: Any) -> bool:
        if self._pdfium.FPDFText_GetFontWeight(self._textpage, index) >= 600:
            return True
        name = ctypes.create_string_buffer(128)
        self._pdfium.FPDFFont_GetBaseFontName(self._pdfium.FPDFTextObj_GetFont(item), name, 128)
        return any(mark in name.value.lower() for mark in (b"bold", b"black", b"heavy"))

    def _is_shown(self, item: Any) -> bool:
        """False for unpainted text, except over a scan's image, and for white text on bare paper."""
        if self._pdfium.FPDFTextObj_GetTextRenderMode(item) == _INVISIBLE:
            return self._surface.image
        colour = [ctypes.c_uint() for _ in range(4)]
        if not self._pdfium.FPDFPageObj_GetFillColor(item, *colour):
            return True
        red, green, blue, alpha = (part.value for part in colour)
        return alpha > 0 and (self._surface.ground or min(red, green, blue) < 250)


def words_of(page: Any, surface: Surface) -> list[Word]:
    """The page's visible words in the order of its content stream."""
    import pypdfium2.raw as pdfium

    textpage = page.get_textpage()
    try:
        return list(_words(pdfium, textpage.raw, frame_of(page), surface))
    finally:
        textpage.close()


def _words(pdfium: Any, textpage: Any, frame: _Frame, surface: Surface) -> Iterator[Word]:
    styles = _Styles(pdfium, textpage, frame, surface)
    rect = pdfium.FS_RECTF()
    width, height = frame.size
    letters: list[str] = []
    box = (0.0, 0.0, 0.0, 0.0)
    style: _Style | None = None
    flow = 0
    for index in range(pdfium.FPDFText_CountChars(textpage)):
        code = pdfium.FPDFText_GetUnicode(textpage, index)
        letter = "-" if code == _HYPHEN else chr(code) if code < 0x110000 else ""
        if not letter.strip():
            yield from _word(letters, box, style, flow)
            letters = []
            flow += letter in "\r\n"
            continue
        if not pdfium.FPDFText_GetLooseCharBox(textpage, index, rect):
            continue
        now = styles.at(index)
        x0, y0, x1, y1 = frame.box(rect.left, rect.bottom, rect.right, rect.top)
        if not now.shown or x1 <= 0 or y1 <= 0 or x0 >= width or y0 >= height:
            continue
        if letters and (_apart(box, (x0, y0, x1, y1), now) or _after_number(letters, letter, x0 - box[2], now)):
            yield from _word(letters, box, style, flow)
            letters = []
        if letters:
            box = min(box[0], x0), min(box[1], y0), max(box[2], x1), max(box[3], y1)
        else:
            box, style = (x0, y0, x1, y1), now
        letters.append(letter)
    yield from _word(letters, box, style, flow)


def _apart(word: tuple[float, ...], box: tuple[float, ...], style: _Style) -> bool:
    """Whether a character starts a new word although no space is printed: another line, or far off."""
    if not style.upright:
        return False
    middle = (box[1] + box[3]) / 2
    return not word[1] <= middle <= word[3] or box[0] - word[2] > 0.6 * style.size or box[0] < word[0] - style.size


def _after_number(letters: list[str], letter: str, gap: float, style: _Style) -> bool:
    """Whether the letter follows a paragraph's number, "1.1" or "(a)", after a gap too small to be a space."""
    return gap > 0.1 * style.size and not letter.islower() and bool(_NUMBERING.match("".join(letters)))


def _word(letters: list[str], box: tuple[float, ...], style: _Style | None, flow: int) -> Iterator[Word]:
    text = clean("".join(letters))
    if text and style is not None:
        yield Word(text, box[0], box[1], box[2], box[3], style.size, style.bold, style.upright, flow)
