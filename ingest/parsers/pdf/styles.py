"""How each text object of a PDF page looks, and whether the page's reader sees it."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.parsers.pdf.layers import HIDDEN_KEY
from ingest.parsers.pdf.objects import Edges
from ingest.parsers.pdf.paint import Paint

COVERED, HIDDEN, LAYER, CLIPPED = "covered", "hidden", "layer", "clipped"
_INVISIBLE = 3  # text rendering mode
_MIN_SIZE = 1.0
_DOUBLE = 2  # rules that strike the same words
_MOST_RULES = 100  # looked at for one line of text
_CUT = 0.2  # share of a letter's box, which is taller than the letter, that must be there to see
_NOTHING = 2  # bytes of a text that is empty
_SAME = 10  # steps of 256 by which two colours look alike


@dataclass(frozen=True, slots=True)
class Frame:
    """Maps page space (origin at bottom left, unrotated) to the shown page (origin at top left)."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Edges:
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
class Style:
    """Of one text object. `out`: why no reader sees it, "" for most; `over`: boxes that were painted on top of it at
    this height; `strokes`: thin rules through the middle of its letters; `plain`: nothing to ask about it; `symbols`:
    set in Wingdings, whose letters stand for boxes and bullets; `clips`: what clipping paths leave to see of it, if not
    all."""

    size: float
    bold: bool
    upright: bool
    angle: float
    base: float
    order: int
    font: int
    out: str
    over: tuple[Edges, ...] = ()
    strokes: tuple[Edges, ...] = ()
    plain: bool = False
    symbols: bool = False
    clips: tuple[Edges, ...] = ()

    @property
    def looks(self) -> tuple[float, bool, bool, float, float, int, int]:
        return self.size, self.bold, self.upright, self.angle, self.base, self.order, self.font

    def covered(self, edges: Edges) -> str:
        x, y = (edges[0] + edges[2]) / 2, (edges[1] + edges[3]) / 2
        hit = any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for box in self.over)
        return COVERED if hit else ""

    def cut(self, edges: Edges) -> str:
        """Of a letter of which clipping paths leave next to nothing."""
        if not self.clips:
            return ""
        seen = 0.0
        for clip in self.clips:
            wide, high = (
                min(edges[2], clip[2]) - max(edges[0], clip[0]),
                min(edges[3], clip[3]) - max(edges[1], clip[1]),
            )
            seen += max(0.0, wide) * max(0.0, high)
        return CLIPPED if seen < _CUT * (edges[2] - edges[0]) * (edges[3] - edges[1]) else ""

    def struck(self, edges: Edges) -> bool:
        x = (edges[0] + edges[2]) / 2
        return any(rule[0] <= x <= rule[2] for rule in self.strokes)


def frame_of(page: Any) -> Frame:
    """The visible part of a pypdfium2 page."""
    left, bottom, right, top = page.get_mediabox()
    crop = page.get_cropbox()
    shown = max(left, crop[0]), max(bottom, crop[1]), min(right, crop[2]), min(top, crop[3])
    if shown[0] >= shown[2] or shown[1] >= shown[3]:
        shown = (left, bottom, right, top)
    return Frame(*shown, rotation=page.get_rotation())


class Styles:
    """Looks each text object of a page up once."""

    def __init__(self, pdfium: Any, textpage: Any, frame: Frame, paint: Paint, layers: bool) -> None:
        self.frame = frame
        self.width, self.height = frame.size
        self.fonts: dict[int, str] = {}
        self._pdfium, self._textpage, self._paint, self._layers = pdfium, textpage, paint, layers
        self._known: dict[int, Style] = {}
        self._bold: dict[int, bool] = {}
        # A number instead of a ctypes pointer: this is asked twice for each word.
        where = ctypes.cast(pdfium.FPDFText_GetTextObject, ctypes.c_void_p).value or 0
        self._object = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)(where)
        self._page = ctypes.cast(textpage, ctypes.c_void_p).value

    def at(self, index: int) -> Style:
        key = self._object(self._page, index) or 0
        style = self._known.get(key)
        if style is None:
            style = self._known[key] = self._read(index, key)
        return style

    def _read(self, index: int, key: int) -> Style:
        pdfium, page = self._pdfium, self._textpage
        matrix, rect = pdfium.FS_MATRIX(), pdfium.FS_RECTF()
        pdfium.FPDFText_GetMatrix(page, index, matrix)
        size = pdfium.FPDFText_GetFontSize(page, index) * (matrix.c**2 + matrix.d**2) ** 0.5
        if not math.isfinite(size):
            size = 0.0
        turned = math.degrees(math.atan2(matrix.b, matrix.a)) - self.frame.rotation
        angle = (turned + 180) % 360 - 180
        upright = abs(angle) < 45
        item = ctypes.cast(key, pdfium.FPDF_PAGEOBJECT)
        font, bold = self._font(index, item) if key else (0, False)
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(page, index, x, y)
        origin = self.frame.box(x.value, y.value, x.value, y.value)
        pdfium.FPDFText_GetLooseCharBox(page, index, rect)
        box = self.frame.box(rect.left, rect.bottom, rect.right, rect.top)
        order = max((self._paint.order.get(one, 1 << 30) for one in (key, *self._twins(key))), default=1 << 30)
        mode = pdfium.FPDFTextObj_GetTextRenderMode(item) if key else 0
        out = self._out(item, key, mode, size, order, box)
        over: tuple[Edges, ...] = ()
        strokes: tuple[Edges, ...] = ()
        if mode != _INVISIBLE:
            top, bottom = (box[1], box[3]) if upright else (0.0, self.frame.size[1])
            over = self._over(order, top, bottom, upright)
            if abs(angle) < 2:
                strokes = self._strokes(origin[1], size)
        symbols = "wingdings" in self.fonts.get(font, "").lower()
        clips = self._clips(key) if key in self._paint.clips else ()
        plain = upright and abs(angle) < 10 and not (out or over or strokes or symbols or clips)
        return Style(
            round(size, 1),
            bold,
            upright,
            round(angle, 1),
            origin[1],
            order,
            font,
            out,
            over,
            strokes,
            plain,
            symbols,
            clips,
        )

    def _twins(self, key: int) -> list[int]:
        """Texts that pdfium left out because they say the same at the same place."""
        pdfium = self._pdfium
        items = [(one, ctypes.cast(one, pdfium.FPDF_PAGEOBJECT)) for one in self._paint.twins.get(key, ())]
        return [one for one, item in items if pdfium.FPDFTextObj_GetText(item, self._textpage, None, 0) <= _NOTHING]

    def _clips(self, key: int) -> tuple[Edges, ...]:
        """What is left to see of a text and of those that are left out in its favour; () for all."""
        shown = self._paint.clips
        twins = self._twins(key)
        return () if any(one not in shown for one in twins) else tuple(shown[one] for one in (key, *twins))

    def _font(self, index: int, item: Any) -> tuple[int, bool]:
        pointer = self._pdfium.FPDFTextObj_GetFont(item)
        font = ctypes.cast(pointer, ctypes.c_void_p).value or 0
        if font not in self._bold:
            name = ctypes.create_string_buffer(128)
            self._pdfium.FPDFFont_GetBaseFontName(pointer, name, 128)
            self.fonts[font] = name.value.decode("latin-1")
            heavy = any(mark in name.value.lower() for mark in (b"bold", b"black", b"heavy"))
            self._bold[font] = heavy or self._pdfium.FPDFText_GetFontWeight(self._textpage, index) >= 600
        return font, self._bold[font]

    def _over(self, order: int, top: float, bottom: float, upright: bool) -> tuple[Edges, ...]:
        """Opaque boxes painted later over the middle of the letters; of turned text, over any height."""
        patches = self._paint.patches((top + bottom) / 2) if upright else self._paint.all_patches()
        return tuple(patch.edges for patch in patches if patch.opaque and patch.order > order)

    def _strokes(self, base: float, size: float) -> tuple[Edges, ...]:
        """Rules that run through small letters, neither under the line nor over it; more than two are a ground."""
        rules = self._paint.rules(base - 0.52 * size, base - 0.13 * size)[:_MOST_RULES]
        return tuple(
            rule
            for rule in rules
            if rule[2] - rule[0] > 0.3 * size
            and sum(other[0] < rule[2] and other[2] > rule[0] for other in rules) <= _DOUBLE
        )

    def _out(self, item: Any, key: int, mode: int, size: float, order: int, box: Edges) -> str:
        if not key:
            return ""
        if self._layers and self._switched_off(item):
            return LAYER
        if size < _MIN_SIZE:
            return HIDDEN
        if mode == _INVISIBLE:
            return "" if self._paint.image else HIDDEN
        colour = [ctypes.c_uint() for _ in range(4)]
        if mode in (1, 5) or not self._pdfium.FPDFPageObj_GetFillColor(item, *colour):
            return ""
        red, green, blue, alpha = (part.value for part in colour)
        if not alpha:
            return HIDDEN
        ground = self._ground(order, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        if ground is None:
            return ""
        if not _alike((red, green, blue), ground):
            return ""
        outlined = mode in (2, 6) and self._pdfium.FPDFPageObj_GetStrokeColor(item, *colour) and colour[3].value
        return "" if outlined and not _alike([part.value for part in colour[:3]], ground) else HIDDEN

    def _ground(self, order: int, x: float, y: float) -> tuple[int, int, int] | None:
        """The colour on which a text stands, None where it has none of its own."""
        under = [
            patch for patch in self._paint.patches(y) if patch.order < order and patch.edges[0] <= x <= patch.edges[2]
        ]
        return under[-1].colour if under else None if self._paint.full else (255, 255, 255)

    def _switched_off(self, item: Any) -> bool:
        value = ctypes.c_int()
        for index in range(max(0, self._pdfium.FPDFPageObj_CountMarks(item))):
            mark = self._pdfium.FPDFPageObj_GetMark(item, index)
            if self._pdfium.FPDFPageObjMark_GetParamIntValue(mark, HIDDEN_KEY, value) and value.value:
                return True
        return False


def _alike(colour: Sequence[int], ground: Sequence[int]) -> bool:
    return all(abs(one - other) <= _SAME for one, other in zip(colour, ground, strict=True))
