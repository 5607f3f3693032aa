"""One page of a PDF: its words in order, its tables, and what of it is not part of its text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from ingest.parsers.pdf.annotations import Comment, Overlay, overlay_of
from ingest.parsers.pdf.attaching import Aside
from ingest.parsers.pdf.digits import NONE_FALSE, FalseFonts
from ingest.parsers.pdf.fonts import reads_better, unreadable
from ingest.parsers.pdf.objects import Edges
from ingest.parsers.pdf.paint import Paint, paint_of
from ingest.parsers.pdf.raises import joined
from ingest.parsers.pdf.styles import frame_of
from ingest.parsers.pdf.words import Read, Word, words_of
from ingest.types import Box, Element, ElementKind, FileWarning, WarningKind

_FEWEST = 4  # letters that are told as hidden
_LOST = 0.15  # share of words that were cut off and stand nowhere near
_UNKNOWN = 0.5  # share of a page's characters without meaning from which it is not read as text,
_LETTERS = 20  # if it has so many
_TICKS = frozenset("☐☑☒✓✔✗✘□■")
_TURNED = 60  # characters of a page that is turned upright
_DIGIT = re.compile("[0-9]")


@dataclass(frozen=True, slots=True)
class PageRead:
    """`words` are those of the text; `asides` what comes after the passage that it lies on; `warnings` the rest.
    `turns`: quarters clockwise by which the page was turned before it was read; `cut`: words that were cut off."""

    words: list[Word]
    paint: Paint
    asides: list[Aside]
    warnings: list[FileWarning]
    files: tuple[tuple[str, bytes], ...] = ()
    turns: int = 0
    cut: tuple[str, ...] = ()


def read_page(
    document: Any, index: int, form: Any, layers: bool, false: FalseFonts = NONE_FALSE
) -> tuple[Any, PageRead]:
    """The page `index` (from 0) of a pypdfium2 document, still open, and what was read of it.

    `false`: fonts whose signs are not what the file says. A page of sideways text is turned upright.
    """
    page = document[index]
    overlay = Overlay()
    if _annotated(page):
        overlay = overlay_of(page, form, frame_of(page))
        if overlay.flatten:
            _flatten(page)
            page.close()
            page = document[index]
    frame = frame_of(page)
    paint = paint_of(page, frame.box, frame.size)
    read = words_of(page, paint, layers)
    turns = _turns(read.words, paint) if overlay == Overlay() else 0
    if turns:
        page.set_rotation((page.get_rotation() + 90 * turns) % 360)
        frame = frame_of(page)
        paint = paint_of(page, frame.box, frame.size)
        read = words_of(page, paint, layers)
    return page, replace(_sorted_out(read, overlay, paint, index + 1, false), turns=turns)


def _turns(words: Sequence[Word], paint: Paint) -> int:
    """Quarters clockwise that bring a page upright on which nearly all text stands sideways or on its head."""
    aside = [word for word in words if not word.upright]
    letters = sum(len(word.text) for word in words) if 2 * len(aside) > len(words) else 0
    if letters < _TURNED or paint.pictured > 0.5:
        return 0
    for turns, angle in ((1, 90), (2, 180), (3, -90)):
        held = sum(len(word.text) for word in aside if abs((word.angle - angle + 180) % 360 - 180) < 3)
        if held > 0.8 * letters:
            return turns
    return 0


def _flatten(page: Any) -> None:
    """Paints what annotations and fields show into the page."""
    import pypdfium2.raw as pdfium

    pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY)


def _annotated(page: Any) -> bool:
    import pypdfium2.raw as pdfium

    return bool(pdfium.FPDFPage_GetAnnotCount(page.raw) > 0)


def _sorted_out(read: Read, overlay: Overlay, paint: Paint, number: int, false: FalseFonts) -> PageRead:
    asides = [_comment(comment, number) for comment in overlay.comments]
    warnings: list[FileWarning] = []
    words = list(read.words)
    if refused := _refused(read, false):
        said = f"Page {number}: the file gives wrong characters for the font of this page; its text was not read."
        warnings.append(FileWarning(WarningKind.FONT_MAPPING, said, number))
        words = [] if refused is True else [word for word in words if word.font not in refused]
    covered = list(read.covered)
    if overlay.redacted:
        covered += [word for word in words if _inside(word, overlay.redacted)]
        words = [word for word in words if not _inside(word, overlay.redacted)]
    if overlay.struck:
        words = [replace(word, struck=True) if _inside(word, overlay.struck) else word for word in words]
    drawn = [word for word in read.hidden if set(word.text) <= _TICKS and _is_painted(word, paint)]
    words = _with_overlay(joined(words), [*overlay.words, *drawn])
    asides += _covers(covered, words, number)
    if sum(len(word.text) for word in _unseen(read.hidden, words)) >= _FEWEST:
        said = (
            f"Page {number} holds words that it does not show (a hidden layer, or the colour of the paper); left out."
        )
        warnings.append(FileWarning(WarningKind.HIDDEN_TEXT, said, number))
    asides += _revisions(words, number)
    words = [word for word in words if not word.struck]
    cut = tuple(word.text for word in _unseen(read.cut, words))
    return PageRead(words, paint, asides, warnings, tuple(overlay.files), cut=cut)


def cut_off(pages: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Iterator[FileWarning]:
    """Of words that a clipping path took away from a page and that do not stand on the page before or after it, as
    those do that a printer cut at a page's edge. `pages`: of each what was taken away, and its words."""
    for at, (cut, _) in enumerate(pages):
        if sum(map(len, cut)) < _FEWEST:
            continue
        near = {word for _, words in pages[max(0, at - 1) : at + 2] for word in words}
        if sum(word not in near for word in cut) > _LOST * len(cut):
            said = f"Page {at + 1} holds words beyond the edge of a frame that cuts them off; left out."
            yield FileWarning(WarningKind.HIDDEN_TEXT, said, at + 1)


def _refused(read: Read, false: FalseFonts = NONE_FALSE) -> bool | set[int]:
    """Fonts that cannot be read, True where that is most of the page."""
    if read.unknown > _UNKNOWN and read.letters >= _LETTERS:
        return True
    by_font: dict[int, list[str]] = {}
    for word in read.words:
        by_font.setdefault(word.font, []).append(word.text)
    bad = {font for font, texts in by_font.items() if unreadable(" ".join(texts))}
    looks = {font: found for font in by_font if (found := false.letters.get(read.fonts.get(font, "")))}
    bad |= {font for font, found in looks.items() if reads_better(" ".join(by_font[font]), found)}
    digits = [font for font in by_font if read.fonts.get(font) in false.digits]
    bad |= {font for font in digits if _DIGIT.search(" ".join(by_font[font]))}
    lost = sum(len(word.text) for word in read.words if word.font in bad)
    return True if lost > 0.3 * sum(len(word.text) for word in read.words) and bad else bad


def _inside(word: Word, areas: Sequence[Edges]) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2
    return any(area[0] <= x <= area[2] and area[1] <= y <= area[3] for area in areas)


def _is_painted(word: Word, paint: Paint) -> bool:
    """Whether something is drawn in the word's place: a box to tick, over a sign that only a search finds."""
    y = (word.y0 + word.y1) / 2
    return any(patch.edges[0] < word.x1 and patch.edges[2] > word.x0 for patch in paint.patches(y)) or any(
        rule[0] < word.x1 and rule[2] > word.x0 for rule in paint.rules(word.y0, word.y1)
    )


def _with_overlay(words: list[Word], more: Sequence[Word]) -> list[Word]:
    return [*words, *more]


def _unseen(hidden: Sequence[Word], words: Sequence[Word]) -> list[Word]:
    """Hidden words in whose place no words are shown: else they were painted over by newer ones."""
    if len(hidden) * len(words) > 4_000_000:
        return list(hidden)
    return [
        word
        for word in hidden
        if not any(
            other.x0 < word.x1 and other.x1 > word.x0 and other.y0 < (word.y0 + word.y1) / 2 < other.y1
            for other in words
        )
    ]


def _covers(covered: Sequence[Word], words: Sequence[Word], number: int) -> Iterator[Aside]:
    said = f"Page {number}: words under an opaque box were left out here; the box may stand for a name or an amount."
    warning = FileWarning(WarningKind.COVERED_TEXT, said, number)
    for word in _unseen(covered, words):
        yield Aside(_box(number, [word]), warning=warning)


def _revisions(words: Sequence[Word], number: int) -> Iterator[Aside]:
    said = "Words of this passage are struck out in the file. They are kept after it and are no part of it."
    warning = FileWarning(WarningKind.REDLINE, said, number)
    for struck, run in groupby(words, key=lambda word: word.struck):
        if struck:
            held = list(run)
            text = f"[struck out: {' '.join(word.text for word in held)}]"
            yield Aside(_box(number, held), Element(ElementKind.REVISION, text, page=number), warning)


def _comment(comment: Comment, number: int) -> Aside:
    by = f" by {comment.author}" if comment.author else ""
    on = f" on {comment.date}" if comment.date else ""
    text = f"[comment{by}{on}: {comment.text}]"
    element = Element(ElementKind.COMMENT, text, page=number, author=comment.author, date=comment.date)
    return Aside(Box(number, *(round(edge, 2) for edge in comment.edges)), element)


def _box(number: int, words: Sequence[Word]) -> Box:
    """Around the first printed line of the words."""
    line = [word for word in words if word.y0 < words[0].y1 and word.y1 > words[0].y0]
    edges = (
        min(word.x0 for word in line),
        min(word.y0 for word in line),
        max(word.x1 for word in line),
        max(word.y1 for word in line),
    )
    return Box(number, *(round(edge, 2) for edge in edges))
