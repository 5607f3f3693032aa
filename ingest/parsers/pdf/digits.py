"""Fonts whose signs look like others than the file says: "48,250" is drawn, and "59,361" is stored.

Digits and small letters of fonts are drawn and compared with those of known fonts. A font lies where its
digits are changed round ("1" looks like 7, and "7" like 1), or where most of them look like others; and where small
letters are changed round.
"""

from __future__ import annotations

import ctypes
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ingest.parsers.pdf.words import text_of

_PAGES = 12  # looked at
_SAMPLES = 2  # of each digit of a font
_ENOUGH = 7  # different digits of a font
_SIDE = 20  # points of a drawn digit's square
_FINEST = 5.0  # dots a point
_TALL = 26.0  # dots of a digit as it is drawn
_MARGIN = 0.75  # times the distance to its own shape, at which a digit looks like another
_FEWEST = 3  # digits that look like others,
_MOST = 0.6  # and their share of those seen
_FACES = (b"Helvetica", b"Helvetica-Bold", b"Times-Roman", b"Times-Bold", b"Times-Italic", b"Courier")
_DIGIT = re.compile("[0-9]")
_SIGNS = re.compile(rb"symbol|dings|webding|math|cmsy|cmmi|cmex|barcode|icon|awesome", re.IGNORECASE)
_DIGITS = "0123456789"
_LETTERS = "abcdefghkmnopqrstuvwxyz"  # without those that are but a stroke
_PLENTY = 18  # different letters of a font
_TRIES = 8  # places of a letter on a page whose font is asked for
_PAGES_OF_LETTERS = 3
_SURE = 0.85  # as _MARGIN, for letters; the text must read better for it too (`reads_better`)


@dataclass(frozen=True, slots=True)
class FalseFonts:
    """Names of fonts whose digits are not what the file says, and of those whose letters look like others: which."""

    digits: frozenset[str] = frozenset()
    letters: Mapping[str, dict[str, str]] = field(default_factory=dict)


NONE_FALSE = FalseFonts()


def false_fonts(document: Any) -> FalseFonts:
    """Those of a pypdfium2 document."""
    import pypdfium2

    seen: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for looked, index in enumerate(_spread(len(document))):
        try:
            page = document[index]
        except pypdfium2.PdfiumError:
            continue
        try:
            _look(page, seen, letters=looked < _PAGES_OF_LETTERS)
        finally:
            page.close()
    return FalseFonts(
        frozenset(name for name, signs in seen.items() if _lies(_those(signs, _DIGITS))),
        {name: swaps for name, signs in seen.items() if (swaps := _swaps(_those(signs, _LETTERS)))},
    )


def _those(signs: Mapping[str, Sequence[Any]], wanted: str) -> dict[str, Sequence[Any]]:
    return {sign: shapes for sign, shapes in signs.items() if sign in wanted}


def _spread(count: int) -> Sequence[int]:
    """The first pages, and others from all over the file."""
    first = _PAGES // 2
    if count <= _PAGES:
        return range(count)
    return sorted({*range(first), *(first + step * (count - first) // first for step in range(first))})


def _look(page: Any, seen: dict[str, dict[str, list[Any]]], letters: bool) -> None:
    """Adds the shapes of a page's digits and letters, by font and sign, where they are still wanted."""
    import pypdfium2.raw as pdfium

    if page.get_rotation():
        return
    textpage = page.get_textpage()
    try:
        text = text_of(pdfium, textpage.raw)
        wanted = list(_wanted(pdfium, textpage, text, seen))
        wanted += _wanted_letters(pdfium, textpage, text, seen) if letters else []
    finally:
        textpage.close()
    if not wanted:
        return
    left, bottom, right, top = page.get_bbox()
    heights = sorted(box[3] - box[1] for _, _, box in wanted)
    scale = min(_FINEST, max(1.0, _TALL / max(1.0, heights[len(heights) // 2])))
    scale = min(scale, (16_000_000 / max(1.0, (right - left) * (top - bottom))) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True, draw_annots=False)  # which would change the annotations
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
    pdfium: Any, textpage: Any, text: str, seen: Mapping[str, Mapping[str, Sequence[Any]]]
) -> Iterator[tuple[str, str, tuple[float, float, float, float]]]:
    """(font, digit, box on the page) of upright digits of fonts of which few have been seen."""
    fonts: dict[int, str] = {}
    taken: dict[tuple[str, str], int] = defaultdict(int)
    for found in _DIGIT.finditer(text[:20_000]):
        index, digit = found.start(), found.group()
        name = _name(pdfium, textpage.raw, index, fonts)
        if not name or taken[(name, digit)] >= _SAMPLES:
            continue
        known = seen.get(name, {})
        if digit in known or len(_those(known, _DIGITS)) >= _ENOUGH:
            continue
        if box := _box(pdfium, textpage, index):
            taken[(name, digit)] += 1
            yield name, digit, box


def _wanted_letters(
    pdfium: Any, textpage: Any, text: str, seen: Mapping[str, Mapping[str, Sequence[Any]]]
) -> Iterator[tuple[str, str, tuple[float, float, float, float]]]:
    """As `_wanted`, of small letters, one of each that a font has."""
    fonts: dict[int, str] = {}
    taken: set[tuple[str, str]] = set()
    for letter in _LETTERS:
        at = -1
        for _ in range(_TRIES):
            at = text.find(letter, at + 1 + (len(text) // 50 if at >= 0 else 0))
            if at < 0:
                break
            name = _name(pdfium, textpage.raw, at, fonts)
            known = seen.get(name, {})
            if not name or letter in known or (name, letter) in taken or len(_those(known, _LETTERS)) >= _PLENTY:
                continue
            if box := _box(pdfium, textpage, at):
                taken.add((name, letter))
                yield name, letter, box


def _box(pdfium: Any, textpage: Any, index: int) -> tuple[float, float, float, float] | None:
    """Of an upright character of ordinary size on its page."""
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(textpage.raw, index, matrix)
    if abs(matrix.b) > 0.01 or abs(matrix.c) > 0.4 * abs(matrix.d) or matrix.a <= 0 or matrix.d <= 0:
        return None
    left, right, bottom, top = edges = [ctypes.c_double() for _ in range(4)]
    if not pdfium.FPDFText_GetCharBox(textpage.raw, index, left, right, bottom, top):
        return None
    x0, x1, y0, y1 = (edge.value for edge in edges)
    return (x0, y0, x1, y1) if 2 < y1 - y0 < 100 and 0 < x1 - x0 < 100 else None


def _name(pdfium: Any, textpage: Any, index: int, fonts: dict[int, str]) -> str:
    """Of the font of a character, "" for fonts of signs, in which letters stand for something else."""
    item = pdfium.FPDFText_GetTextObject(textpage, index)
    if not item:
        return ""
    pointer = pdfium.FPDFTextObj_GetFont(item)
    key = ctypes.cast(pointer, ctypes.c_void_p).value or 0
    if key not in fonts:
        name = ctypes.create_string_buffer(128)
        pdfium.FPDFFont_GetBaseFontName(pointer, name, 128)
        fonts[key] = "" if _SIGNS.search(name.value) else name.value.decode("latin-1")
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
    if float(ink[:: ink.shape[0] - 1 or 1, :: ink.shape[1] - 1 or 1].mean()) > 0.6:  # its corners
        ink = 1.0 - ink  # light on a dark ground
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
def _known(signs: str) -> tuple[tuple[str, ...], Any]:
    """Signs in fonts that pdfium brings along: which each shape is, and the shapes, (count, dots) float32."""
    import numpy as np
    import pypdfium2
    import pypdfium2.raw as pdfium

    names: list[str] = []
    shapes: list[Any] = []
    document = pypdfium2.PdfDocument.new()
    try:
        for face in _FACES:
            page = document.new_page(60 * len(signs), 60)
            font = pdfium.FPDFText_LoadStandardFont(document.raw, face)
            for place, sign in enumerate(signs):
                item = pdfium.FPDFPageObj_CreateTextObj(document.raw, font, 40.0)
                letters = (ctypes.c_ushort * 2)(ord(sign), 0)
                pdfium.FPDFText_SetText(item, letters)
                pdfium.FPDFPageObj_Transform(item, 1, 0, 0, 1, 10 + 60 * place, 15)
                pdfium.FPDFPage_InsertObject(page.raw, item)
            pdfium.FPDFPage_GenerateContent(page.raw)
            bitmap = page.render(scale=1, grayscale=True)
            drawn = bitmap.to_numpy().reshape(bitmap.height, -1).copy()
            bitmap.close()
            for place, sign in enumerate(signs):
                shape = _shape(drawn[:, 60 * place : 60 * place + 60])
                if shape is not None:
                    names.append(sign)
                    shapes.append(shape.ravel())
            page.close()
    finally:
        document.close()
    return tuple(names), np.stack(shapes)


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


def _apart(shape: Any, signs: str) -> dict[str, float]:
    """How far a shape is from each sign, in the known font that is nearest."""
    names, known = _known(signs)
    apart: dict[str, float] = {}
    for name, distance in zip(names, ((known - shape.ravel()) ** 2).mean(axis=1).tolist(), strict=True):
        apart[name] = min(distance, apart.get(name, distance))
    return apart


def _looks_like(digit: str, shape: Any) -> str:
    """The digit that a shape is nearest to; its own unless another is clearly nearer."""
    apart = _apart(shape, _DIGITS)
    nearest = min(apart, key=lambda other: apart[other])
    return nearest if apart[nearest] < _MARGIN * apart[digit] else digit


def _swaps(letters: Mapping[str, Sequence[Any]]) -> dict[str, str]:
    """Letters that are changed round, and what they look like: "a" more like e than like a, and "e" more like a; or
    three in a ring."""
    like: dict[str, list[str]] = {}
    for letter, shapes in letters.items():
        apart = _apart(shapes[0], _LETTERS)
        nearer = [other for other in letters if apart[other] < _SURE * apart[letter]]
        like[letter] = sorted(nearer, key=lambda other: apart[other])
    found: dict[str, str] = {}
    for one, others in like.items():
        for other in others:
            third = next((last for last in like[other] if one in like[last]), "")
            if one in like[other] or third:
                found.setdefault(one, other)
    return found
