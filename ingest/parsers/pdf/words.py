"""Words of a PDF page with boxes and fonts, straight from pdfium's characters.

Coordinates are PDF points from the top-left corner of the page as it is shown (crop box, rotation applied).
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.parsers.clean import clean
from ingest.parsers.pdf.paint import Paint
from ingest.parsers.pdf.styles import CLIPPED, COVERED, HIDDEN, Frame, Style, Styles, frame_of

_HYPHEN = 2  # what pdfium writes for a hyphen that ends a line
_NUMBERING = re.compile(r"(\d{1,2}(\.\d{1,3})+\.?|\([a-zA-Z\d]{1,4}\)|\d{1,2}\.)$")
_TOKEN = re.compile(r"\S+")
_STROKES = re.compile("[\u0335-\u0338]")
_UNKNOWN = re.compile("[\ufffd\ue000-\uf8ff\x00\x7f-\x9f]")
# What Wingdings shows for a code, also where it is told as a private character (U+F0xx).
_WINGDINGS = {
    code + high: shown
    for high in (0, 0xF000)
    for code, shown in {
        0x6C: "●", 0x6E: "■", 0x6F: "☐", 0x71: "☐", 0x76: "❖", 0x78: "☒", 0x52: "☑", 0x54: "☒",
        0xA7: "▪", 0xA8: "☐", 0xB7: "•", 0xD8: "➢", 0xE0: "→", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
    }.items()
}  # fmt: skip

__all__ = ["Frame", "Paint", "Read", "Word", "frame_of", "text_of", "words_of"]


@dataclass(frozen=True, slots=True)
class Word:
    """One printed word. `size` is the font size as shown, in points; `flow` counts pdfium's line breaks.

    `angle`: degrees counter-clockwise as shown; `base`: y of its baseline; `order`: its rank in painting; `mark`: the
    mark of a note that it carries, or is; `font`: one number for each font of the page; `confidence`: 0 to 1, of a word
    that was recognised in a picture.
    """

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
class Read:
    """What stands on a page. `covered`, `hidden` and `cut` (by a clipping path) are words that its reader does not see;
    `letters`: how many characters it has, and `unknown` the share of them that the file gives no meaning; `fonts`:
    names by `Word.font`."""

    words: tuple[Word, ...]
    covered: tuple[Word, ...]
    hidden: tuple[Word, ...]
    letters: int
    unknown: float
    fonts: dict[int, str]
    cut: tuple[Word, ...] = ()


def words_of(page: Any, paint: Paint, layers: bool = False) -> Read:
    """The page's words in the order of its content stream. `layers`: whether some may be switched off."""
    import pypdfium2.raw as pdfium

    textpage = page.get_textpage()
    try:
        styles = Styles(pdfium, textpage.raw, frame_of(page), paint, layers)
        text = text_of(pdfium, textpage.raw)
        found: dict[str, list[Word]] = {"": [], COVERED: [], CLIPPED: [], HIDDEN: []}
        for word, out in _words(pdfium, textpage.raw, text, styles):
            found.get(out, found[HIDDEN]).append(word)
        letters = sum(not letter.isspace() for letter in text)
        unknown = len(_UNKNOWN.findall(text)) / max(1, letters)
        seen, covered, cut, hidden = (tuple(found[out]) for out in ("", COVERED, CLIPPED, HIDDEN))
        return Read(seen, covered, hidden, letters, unknown, styles.fonts, cut)
    finally:
        textpage.close()


def text_of(pdfium: Any, textpage: Any) -> str:
    """One letter for each of the page's characters; a space where pdfium has none."""
    count = pdfium.FPDFText_CountChars(textpage)
    buffer = (ctypes.c_ushort * (count + 1))()
    if pdfium.FPDFText_GetText(textpage, 0, count, buffer) == count + 1:  # in one call, where none takes two places
        text = bytes(buffer)[:-2].decode("utf-16-le", errors="ignore")
        if len(text) == count:
            return text.replace("\ufffe", "-")
    codes = [pdfium.FPDFText_GetUnicode(textpage, index) for index in range(count)]
    return "".join("-" if code == _HYPHEN else chr(code) if code < 0x110000 else " " for code in codes)


def _words(pdfium: Any, textpage: Any, text: str, styles: Styles) -> Iterator[tuple[Word, str]]:
    """Words with the reason why their reader does not see them, "" for most."""
    rect = pdfium.FS_RECTF()
    flow = end = 0
    for token in _TOKEN.finditer(text):
        start = token.start()
        if start - end > 1:
            flow += text.count("\r", end, start) + text.count("\n", end, start)
        end = token.end()
        word = _plain(pdfium, textpage, token.group(), start, styles, rect, flow)
        if word is not None:
            yield word, ""
        else:
            yield from _careful(pdfium, textpage, token.group(), start, styles, rect, flow)


def _plain(pdfium: Any, textpage: Any, text: str, start: int, styles: Styles, rect: Any, flow: int) -> Word | None:
    """The word if all of it is one upright run about which there is nothing to ask, else None."""
    if text[0].isdigit() or text[0] == "(":
        return None
    style = styles.at(start)
    if not style.plain or not pdfium.FPDFText_GetLooseCharBox(textpage, start, rect):
        return None
    x0, y0, x1, y1 = styles.frame.box(rect.left, rect.bottom, rect.right, rect.top)
    if len(text) > 1:
        last = start + len(text) - 1
        if styles.at(last) is not style or not pdfium.FPDFText_GetLooseCharBox(textpage, last, rect):
            return None
        left, top, x1, bottom = styles.frame.box(rect.left, rect.bottom, rect.right, rect.top)
        if left < x0 or not -0.2 < top - y0 < 0.2 or x1 - x0 > 0.95 * style.size * len(text):
            return None
        y1 = max(y1, bottom)
    if x0 < 0 or y0 < 0 or x1 > styles.width or y1 > styles.height:
        return None
    if not text.isascii():
        if _STROKES.search(text):
            return None
        text = clean(text)
    return _made(text, (x0, y0, x1, y1), style, flow) if text.isprintable() and text else None


def _careful(
    pdfium: Any, textpage: Any, text: str, start: int, styles: Styles, rect: Any, flow: int
) -> Iterator[tuple[Word, str]]:
    """The words in a run of characters without a space, letter by letter."""
    width, height = styles.frame.size
    letters: list[str] = []
    box = (0.0, 0.0, 0.0, 0.0)
    style: Style | None = None
    state = ("", False)
    for index, letter in enumerate(text, start):
        if not pdfium.FPDFText_GetLooseCharBox(textpage, index, rect):
            continue
        now = styles.at(index)
        edges = styles.frame.box(rect.left, rect.bottom, rect.right, rect.top)
        if edges[2] <= 0 or edges[3] <= 0 or edges[0] >= width or edges[1] >= height:
            continue
        seen = (now.out or now.cut(edges) or now.covered(edges), now.struck(edges))
        if letters and style is not None:
            apart = _apart(box, edges, now) or _after_number(letters, letter, edges[0] - box[2], now)
            if apart or seen != state or _shifted(style, now):
                yield from _word(letters, box, style, flow, state)
                letters = []
        if letters:
            box = min(box[0], edges[0]), min(box[1], edges[1]), max(box[2], edges[2]), max(box[3], edges[3])
        else:
            box, style, state = edges, now, seen
        letters.append(letter)
    yield from _word(letters, box, style, flow, state)


def _shifted(style: Style, now: Style) -> bool:
    """Whether a character of another size stands higher or lower than those before it."""
    return now is not style and style.upright and abs(now.base - style.base) > 0.12 * max(style.size, now.size)


def _apart(word: tuple[float, ...], box: tuple[float, ...], style: Style) -> bool:
    """Whether a character starts a new word although no space is printed: another line, or far off."""
    if not style.upright:
        return False
    middle = (box[1] + box[3]) / 2
    return not word[1] <= middle <= word[3] or box[0] - word[2] > 0.6 * style.size or box[0] < word[0] - style.size


def _after_number(letters: list[str], letter: str, gap: float, style: Style) -> bool:
    """Whether the letter follows a paragraph's number, "1.1" or "(a)", after a gap too small to be a space."""
    return gap > 0.1 * style.size and not letter.islower() and bool(_NUMBERING.match("".join(letters)))


def _word(
    letters: list[str], box: tuple[float, float, float, float], style: Style | None, flow: int, state: tuple[str, bool]
) -> Iterator[tuple[Word, str]]:
    raw = "".join(letters)
    shown = raw.translate(_WINGDINGS) if style is not None and style.symbols else raw
    text = clean(_STROKES.sub("", shown))
    if text and style is not None:
        struck = state[1] or len(_STROKES.findall(raw)) * 2 > len(text)
        yield _made(text, box, style, flow, struck), state[0]


def _made(text: str, box: tuple[float, float, float, float], style: Style, flow: int, struck: bool = False) -> Word:
    x0, y0, x1, y1 = box
    size, bold, upright, angle, base, order, font = style.looks
    return Word(text, x0, y0, x1, y1, size, bold, upright, flow, angle, base, order, struck, "", font)
