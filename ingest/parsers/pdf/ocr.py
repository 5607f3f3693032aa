"""Pages of a PDF that hold no usable text: which they are, and what recognition makes of them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ingest.parsers.ocr.layout import Frame
from ingest.parsers.ocr.page import Scan, recogniser
from ingest.parsers.ocr.warned import placed
from ingest.parsers.pdf.styles import frame_of
from ingest.parsers.pdf.words import Word
from ingest.types import Element, FileWarning, PageInfo, PageSource

_COVERS = 0.5  # share of the page that pictures cover on a scan
_EDGE = 0.1  # share of the page's height at top and bottom where stamps and Bates numbers stand
_FEW = 50  # letters between the edges that a page with text of its own has
_MORE = 1.5  # times the letters of the text layer that a scan must show for its layer to be a mere stamp
_DPI = (200.0, 300.0)  # what pages are drawn at: as fine as their picture is, within this
_COARSE = 130.0  # a picture of fewer dots is drawn at the most, which smooths it
_PIXELS = 16_000_000  # of a drawn page at most
_TEXT, _IMAGE, _FORM = 1, 3, 5
_HAIR = 3.0  # points: thinner is a rule


class ScannedPages:
    """Those of one file. `infos` and `warnings` are of the pages that `read` decided on."""

    def __init__(self) -> None:
        self._scans: dict[int, Scan] = {}

    def read(self, page: Any, number: int, words: Sequence[Word], emptied: bool = False) -> list[Word] | None:
        """The words to use in place of the text layer's, which are `words`; None where these are the page's text.

        `emptied`: whether the page's words were cut off by a clipping path; nothing but rules then makes a blank page.
        """
        if _inner_letters(words, page.get_height()) >= _FEW:
            return None
        cover, finest, painted = _painted(page, emptied)
        if words and cover < _COVERS:
            return None
        if not painted and not words:
            self._scans[number] = Scan(PageInfo(number, PageSource.BLANK), Frame(page.get_width(), page.get_height()))
            return []
        scan = recogniser().read(_drawn(page, finest), page.get_width(), page.get_height(), number)
        if words and _letters(scan.words) < _MORE * _letters(words) + 1:
            return None
        self._scans[number] = scan
        return list(_together(scan, words))

    @property
    def infos(self) -> dict[int, PageInfo]:
        return {number: scan.info for number, scan in self._scans.items()}

    @property
    def warnings(self) -> tuple[FileWarning, ...]:
        return tuple(scan.warning for scan in self._scans.values() if scan.warning)

    def height(self, number: int, shown: float) -> float:
        """Of the page that the words are laid out on, which differs from the shown one where that lies on its side."""
        scan = self._scans.get(number)
        return scan.frame.height if scan else shown

    def settle(self, elements: Iterable[Element], turned: Mapping[int, Frame]) -> tuple[Element, ...]:
        """The elements with their lines' boxes on the page as it is shown, and with warnings of unsure lines.

        `turned`: of pages with text of their own that were read turned.
        """
        frames = {number: scan.frame for number, scan in self._scans.items() if scan.words}
        return placed(elements, {**turned, **frames})


def _letters(words: Iterable[Word]) -> int:
    return sum(sum(map(str.isalnum, word.text)) for word in words)


def _inner_letters(words: Sequence[Word], height: float) -> int:
    """Of the words that are no stamp or Bates number at the page's edge."""
    return _letters(word for word in words if _EDGE * height < (word.y0 + word.y1) / 2 < (1 - _EDGE) * height)


def _together(scan: Scan, words: Sequence[Word]) -> Iterator[Word]:
    """The recognised words, and in their place those that the file has as text, which are surely right."""
    frame = scan.frame
    if frame.turns or not words:
        yield from scan.words
        return
    held = [_straight(word, scan) for word in words]
    for word in scan.words:
        x, y = (word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2
        if not any(one.x0 <= x <= one.x1 and one.y0 <= y <= one.y1 for one in held):
            yield word
    yield from held


def _straight(word: Word, scan: Scan) -> Word:
    x, y = (word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2
    now_x, now_y = scan.frame.straight(x, y)
    return replace(word, x0=word.x0 + now_x - x, x1=word.x1 + now_x - x, y0=word.y0 + now_y - y, y1=word.y1 + now_y - y)


def _painted(page: Any, emptied: bool) -> tuple[float, float, bool]:
    """What share of the page pictures cover, the dots an inch of the finest, and whether anything is painted; texts and
    rules do not count where `emptied`."""
    import pypdfium2.raw as pdfium

    frame = frame_of(page)
    area = max(1.0, (frame.right - frame.left) * (frame.top - frame.bottom))
    cover = finest = 0.0
    painted = False
    edges = [ctypes.c_float() for _ in range(4)]
    pixels = [ctypes.c_uint(), ctypes.c_uint()]
    for kind, item, nested in _objects(pdfium, page.raw):
        painted = painted or (kind != _FORM and not (emptied and (kind == _TEXT or _is_rule(pdfium, item))))
        if kind != _IMAGE or not pdfium.FPDFPageObj_GetBounds(item, *edges):
            continue
        left, bottom, right, top = (edge.value for edge in edges)
        if nested:  # in the form's own coordinates, which say little about its place
            cover = 1.0
            continue
        wide = min(right, frame.right) - max(left, frame.left)
        high = min(top, frame.top) - max(bottom, frame.bottom)
        if wide > 0 and high > 0:
            cover += wide * high / area
            if pdfium.FPDFImageObj_GetImagePixelSize(item, *pixels):
                finest = max(finest, 72 * max(pixel.value for pixel in pixels) / max(right - left, top - bottom))
    return min(1.0, cover), finest, painted


def _is_rule(pdfium: Any, item: Any) -> bool:
    left, bottom, right, top = edges = [ctypes.c_float() for _ in range(4)]
    known = pdfium.FPDFPageObj_GetBounds(item, *edges)
    return bool(known) and min(right.value - left.value, top.value - bottom.value) < _HAIR


def _objects(pdfium: Any, page: Any) -> Iterator[tuple[int, Any, bool]]:
    for index in range(pdfium.FPDFPage_CountObjects(page)):
        item = pdfium.FPDFPage_GetObject(page, index)
        kind = pdfium.FPDFPageObj_GetType(item)
        yield kind, item, False
        if kind == _FORM:
            for inner in range(pdfium.FPDFFormObj_CountObjects(item)):
                part = pdfium.FPDFFormObj_GetObject(item, inner)
                yield pdfium.FPDFPageObj_GetType(part), part, True


def _drawn(page: Any, finest: float) -> Any:
    """The page as it is shown, (height, width) uint8."""
    width, height = page.get_size()
    dots = _DPI[1] if 0 < finest < _COARSE else min(max(finest, _DPI[0]), _DPI[1])
    scale = min(dots / 72, (_PIXELS / max(1.0, width * height)) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        return bitmap.to_numpy().reshape(bitmap.height, -1)[:, : bitmap.width].copy()
    finally:
        bitmap.close()
