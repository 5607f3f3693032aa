"""Fonts whose digits look like other digits than the file says: "48,250" is drawn, and "59,361" is stored.

The digits of embedded fonts are drawn and compared with digits of known fonts. A font lies where its digits are changed
round ("1" looks like 7, and "7" like 1), or where most of them look like others.
"""

from __future__ import annotations

import ctypes
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

_PAGES = 12  # looked at
_SAMPLES = 2  # of each digit of a font
_ENOUGH = 7  # different digits of a font
_SIDE = 20  # points of a drawn digit's square
_TALL = 26.0  # dots of a digit as it is drawn
_MARGIN = 0.75  # times the distance to its own shape, at which a digit looks like another
_FEWEST = 3  # digits that look like others,
_MOST = 0.6  # and their share of those seen
_FACES = (b"Helvetica", b"Helvetica-Bold", b"Times-Roman", b"Times-Bold", b"Times-Italic", b"Courier")
_DIGIT = re.compile("[0-9]")


def false_digits(document: Any) -> frozenset[str]:
    """Names of the embedded fonts of a pypdfium2 document whose digits are not what the file says."""
    import pypdfium2

    seen: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for index in _spread(len(document)):
        try:
            page = document[index]
        except pypdfium2.PdfiumError:
            continue
        try:
            _look(page, seen)
        finally:
            page.close()
    return frozenset(name for name, digits in seen.items() if _lies(digits))


def _spread(count: int) -> Sequence[int]:
    """The first pages, and others from all over the file."""
    first = _PAGES // 2
    if count <= _PAGES:
        return range(count)
    return sorted({*range(first), *(first + step * (count - first) // first for step in range(first))})


def _look(page: Any, seen: dict[str, dict[str, list[Any]]]) -> None:
    """Adds the shapes of a page's digits, by font and digit, where they are still wanted."""
    import pypdfium2.raw as pdfium

    if page.get_rotation():
        return
    textpage = page.get_textpage()
    try:
        wanted = list(_wanted(pdfium, textpage, seen))
    finally:
        textpage.close()
    if not wanted:
        return
    left, bottom, right, top = page.get_bbox()
    heights = sorted(box[3] - box[1] for _, _, box in wanted)
    scale = min(8.0, max(1.0, _TALL / max(1.0, heights[len(heights) // 2])))
    scale = min(scale, (16_000_000 / max(1.0, (right - left) * (top - bottom))) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        drawn = bitmap.to_numpy().reshape(bitmap.height, -1)
        for name, digit, (x0, y0, x1, y1) in wanted:
            across = int((x0 - left) * scale) - 1, int((x1 - left) * scale) + 2
            down = int((top - y1) * scale) - 1, int((top - y0) * scale) + 2
            shape = _shape(drawn[max(0, down[0]) : down[1], max(0, across[0]) : across[1]])
            if shape is not None:
                seen[name][digit].append(shape)
    finally:
        bitmap.close()


def _wanted(
    pdfium: Any, textpage: Any, seen: Mapping[str, Mapping[str, Sequence[Any]]]
) -> Iterator[tuple[str, str, tuple[float, float, float, float]]]:
    """(font, digit, box on the page) of upright digits of embedded fonts of which few have been seen."""
    text = textpage.get_text_range(errors="ignore") if hasattr(textpage, "get_text_range") else ""
    if not _DIGIT.search(text):
        return
    fonts: dict[int, str] = {}
    taken: dict[tuple[str, str], int] = defaultdict(int)
    edges = [ctypes.c_double() for _ in range(4)]
    matrix = pdfium.FS_MATRIX()
    for index in range(min(20_000, pdfium.FPDFText_CountChars(textpage.raw))):
        code = pdfium.FPDFText_GetUnicode(textpage.raw, index)
        if not 48 <= code <= 57:
            continue
        name = _name(pdfium, textpage.raw, index, fonts)
        digit = chr(code)
        if not name or taken[(name, digit)] >= _SAMPLES:
            continue
        known = seen.get(name, {})
        if digit in known or len(known) >= _ENOUGH:
            continue
        pdfium.FPDFText_GetMatrix(textpage.raw, index, matrix)
        if abs(matrix.b) > 0.01 or abs(matrix.c) > 0.4 * abs(matrix.d) or matrix.a <= 0 or matrix.d <= 0:
            continue
        left, right, bottom, top = edges
        if pdfium.FPDFText_GetCharBox(textpage.raw, index, left, right, bottom, top):
            box = left.value, bottom.value, right.value, top.value
            if 2 < box[3] - box[1] < 100 and 0 < box[2] - box[0] < 100:
                taken[(name, digit)] += 1
                yield name, digit, box


def _name(pdfium: Any, textpage: Any, index: int, fonts: dict[int, str]) -> str:
    """Of the embedded font of a character, "" for other fonts."""
    item = pdfium.FPDFText_GetTextObject(textpage, index)
    if not item:
        return ""
    pointer = pdfium.FPDFTextObj_GetFont(item)
    key = ctypes.cast(pointer, ctypes.c_void_p).value or 0
    if key not in fonts:
        name = ctypes.create_string_buffer(128)
        pdfium.FPDFFont_GetBaseFontName(pointer, name, 128)
        fonts[key] = name.value.decode("latin-1") if pdfium.FPDFFont_GetIsEmbedded(pointer) == 1 else ""
    return fonts[key]


def _shape(drawn: Any) -> Any:
    """(_SIDE, _SIDE) float32, 1 for ink: a digit at full height in the middle of a square. None for no ink."""
    import numpy as np
    from PIL import Image

    if not drawn.size:
        return None
    low, high = int(drawn.min()), int(drawn.max())
    if high - low < 60:
        return None
    ink = 1.0 - (drawn.astype(np.float32) - low) / (high - low)
    rows, columns = np.where(ink.max(axis=1) > 0.5)[0], np.where(ink.max(axis=0) > 0.5)[0]
    if len(rows) < 8 or not len(columns):
        return None
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    width = min(_SIDE, max(1, round(_SIDE * ink.shape[1] / ink.shape[0])))
    small = Image.fromarray((ink * 255).astype(np.uint8)).resize((width, _SIDE), Image.Resampling.BOX)
    square = np.zeros((_SIDE, _SIDE), np.float32)
    start = (_SIDE - width) // 2
    square[:, start : start + width] = np.asarray(small, np.float32) / 255
    return square


@cache
def _known() -> dict[str, list[Any]]:
    """The shapes of the ten digits in fonts that pdfium brings along."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    shapes: dict[str, list[Any]] = defaultdict(list)
    document = pypdfium2.PdfDocument.new()
    try:
        for face in _FACES:
            page = document.new_page(600, 60)
            font = pdfium.FPDFText_LoadStandardFont(document.raw, face)
            for place in range(10):
                item = pdfium.FPDFPageObj_CreateTextObj(document.raw, font, 40.0)
                letters = (ctypes.c_ushort * 2)(48 + place, 0)
                pdfium.FPDFText_SetText(item, letters)
                pdfium.FPDFPageObj_Transform(item, 1, 0, 0, 1, 10 + 60 * place, 15)
                pdfium.FPDFPage_InsertObject(page.raw, item)
            pdfium.FPDFPage_GenerateContent(page.raw)
            bitmap = page.render(scale=1, grayscale=True)
            drawn = bitmap.to_numpy().reshape(bitmap.height, -1).copy()
            bitmap.close()
            for place in range(10):
                shape = _shape(drawn[:, 60 * place : 60 * place + 60])
                if shape is not None:
                    shapes[str(place)].append(shape)
            page.close()
    finally:
        document.close()
    return dict(shapes)


def _lies(digits: Mapping[str, Sequence[Any]]) -> bool:
    looks = {digit: _looks_like(digit, shapes[0]) for digit, shapes in digits.items()}
    wrong = {digit: like for digit, like in looks.items() if like != digit}
    if len(wrong) >= _FEWEST and len(wrong) >= _MOST * len(looks) and len(set(wrong.values())) >= len(wrong) - 1:
        return True
    return any(_returns(digit, wrong) for digit in wrong)


def _returns(digit: str, wrong: Mapping[str, str]) -> bool:
    """Whether digits are changed round: this one for another, and so on, back to this one."""
    at = digit
    for _ in range(len(wrong)):
        at = wrong.get(at, "")
        if at in (digit, ""):
            break
    return at == digit


def _looks_like(digit: str, shape: Any) -> str:
    """The digit that a shape is nearest to; its own unless another is clearly nearer."""
    apart = {other: min(float(((shape - known) ** 2).mean()) for known in shapes) for other, shapes in _known().items()}
    nearest = min(apart, key=lambda other: apart[other])
    return nearest if apart[nearest] < _MARGIN * apart[digit] else digit
