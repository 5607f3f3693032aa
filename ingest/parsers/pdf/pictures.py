"""Pictures in pages that have text of their own: which of them hold words, and what these are.

A table that was pasted as a picture, or a scanned exhibit below a typed heading, is read in its place. Words that the
page has as text on top of a picture are wiped out of it first: what is then left is what nobody has read yet.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from ingest.parsers.ocr.page import LEGIBLE, Recogniser, Scan, recogniser
from ingest.parsers.ocr.writing import lines_in
from ingest.parsers.pdf.objects import Edges
from ingest.parsers.pdf.paint import Paint
from ingest.parsers.pdf.words import Word
from ingest.types import FileWarning, WarningKind

_LARGE = 0.04  # share of the page that a picture takes up which may hold words: not a logo, not a signature
_WIDE, _HIGH = 110.0, 36.0  # points
_MOST = 12  # pictures of a page that are read
_NEAR = 2.5  # points between two strips of one picture
_DENSE = 900  # letters a page has, at the density at which nothing can be hidden under them
_LOOK, _READ = 110 / 72, 250 / 72  # dots a point
_PIXELS = 16_000_000  # of a drawn picture
_REMEMBERED = 32  # pictures
_LINES = 3  # of writing in a picture that is worth a warning
_LETTERS = 12  # recognised in a picture that holds words
_SURE = 0.7  # confidence of a line that counts for these


@dataclass(frozen=True, slots=True)
class Pictured:
    """Words on the page as it is shown, how sure they are, and warnings about pictures that were not read."""

    words: tuple[Word, ...] = ()
    confidence: float | None = None
    warnings: tuple[FileWarning, ...] = ()


def pictured(page: Any, number: int, words: Sequence[Word], paint: Paint, size: tuple[float, float]) -> Pictured:
    """What the pictures of the pypdfium2 page `number` say beside its own `words`; `size` in points."""
    found: list[Word] = []
    told: list[FileWarning] = []
    deadline = time.monotonic() + recogniser().page_s
    for place, region in enumerate(regions(paint.images, words, size)):
        lines = lines_in(_drawn(page, region, words, _LOOK, size))
        if lines < 2:
            continue
        if place >= _MOST or time.monotonic() > deadline:
            told.append(_unread(region, number, "was not read, as this page takes too long"))
            continue
        scan = _recognised(_drawn(page, region, words, _READ, size), region, number)
        read = _placed(scan, region, len(words) + len(found))
        if _letters(read) >= _LETTERS:
            found += read
            told += _partly(scan, region, number)
        elif lines >= _LINES and (scan.warning or scan.frame.turns):
            off = "was not read, as reading scans is switched off or not installed"
            told.append(_unread(region, number, "could not be read" if recogniser().ready else off))
    sure = [word.confidence for word in found if word.confidence is not None]
    return Pictured(tuple(found), round(fmean(sure), 3) if sure else None, tuple(dict.fromkeys(told)))


_known: dict[tuple[Recogniser, bytes], Scan] = {}  # of pictures that stand on many pages, as letterheads do


def _recognised(drawn: Any, region: Edges, number: int) -> Scan:
    key = recogniser(), hashlib.sha256(repr(drawn.shape).encode() + drawn.tobytes()).digest()
    if key not in _known:
        if len(_known) >= _REMEMBERED:
            _known.clear()
        _known[key] = recogniser().read(drawn, *_sides(region), number)
    return _known[key]


def regions(images: Sequence[Edges], words: Sequence[Word], size: tuple[float, float]) -> list[Edges]:
    """Boxes of pictures, strips put together, that are large enough for words and not full of the page's own."""
    page = size[0] * size[1]
    large = []
    for edges in _whole([_within(edges, size) for edges in images]):
        wide, high = _sides(edges)
        if wide < _WIDE or high < _HIGH or wide * high < _LARGE * page:
            continue
        own = sum(len(word.text) for word in words if _holds(edges, word))
        if own < _DENSE * wide * high / page:
            large.append(edges)
    return sorted(large, key=lambda edges: (edges[1], edges[0]))


def _whole(boxes: Sequence[Edges]) -> list[Edges]:
    """Boxes that touch are one: scanners and printers cut pictures into strips."""
    whole: list[Edges] = []
    for box in sorted(boxes, key=lambda edges: (edges[1], edges[0])):
        joined = [other for other in whole[-40:] if _touch(box, other)]
        for other in joined:
            whole.remove(other)
            box = min(box[0], other[0]), min(box[1], other[1]), max(box[2], other[2]), max(box[3], other[3])
        whole.append(box)
    return whole


def _touch(one: Edges, other: Edges) -> bool:
    return (
        one[0] < other[2] + _NEAR
        and other[0] < one[2] + _NEAR
        and one[1] < other[3] + _NEAR
        and other[1] < one[3] + _NEAR
    )


def _within(edges: Edges, size: tuple[float, float]) -> Edges:
    return max(edges[0], 0.0), max(edges[1], 0.0), min(edges[2], size[0]), min(edges[3], size[1])


def _sides(edges: Edges) -> tuple[float, float]:
    return edges[2] - edges[0], edges[3] - edges[1]


def _holds(edges: Edges, word: Word) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2
    return edges[0] <= x <= edges[2] and edges[1] <= y <= edges[3]


def _drawn(page: Any, region: Edges, words: Sequence[Word], scale: float, size: tuple[float, float]) -> Any:
    """The region as it is shown, (height, width) uint8, with the page's own words wiped out."""
    import numpy as np

    scale = min(scale, (_PIXELS / max(1.0, _sides(region)[0] * _sides(region)[1])) ** 0.5)
    cut = region[0], size[1] - region[3], size[0] - region[2], region[1]  # off the left, bottom, right and top
    bitmap = page.render(scale=scale, grayscale=True, draw_annots=False, crop=tuple(max(0.0, edge) for edge in cut))
    try:
        drawn = bitmap.to_numpy().reshape(bitmap.height, -1)[:, : bitmap.width].copy()
    finally:
        bitmap.close()
    own = [word for word in words if _holds(region, word)]
    ground = int(np.median(drawn[::4, ::4])) if own and drawn.size else 255
    for word in own:
        x0, x1 = (max(0, int((x - region[0]) * scale)) for x in (word.x0 - 1, word.x1 + 1))
        y0, y1 = (max(0, int((y - region[1]) * scale)) for y in (word.y0, word.y1))
        drawn[y0 : y1 + 1, x0 : x1 + 1] = ground
    return drawn


def _placed(scan: Scan, region: Edges, flow: int) -> list[Word]:
    """The recognised words where they stand on the page; none of a picture that stands sideways in it."""
    if scan.frame.turns:
        return []
    left, top = region[0], region[1]
    return [
        replace(
            word,
            x0=word.x0 + left,
            x1=word.x1 + left,
            y0=word.y0 + top,
            y1=word.y1 + top,
            base=word.base + top,
            flow=word.flow + flow,
        )
        for word in scan.words
    ]


def _letters(words: Sequence[Word]) -> int:
    return sum(sum(map(str.isalnum, word.text)) for word in words if (word.confidence or 0.0) >= max(_SURE, LEGIBLE))


def _partly(scan: Scan, region: Edges, number: int) -> list[FileWarning]:
    """Places in a picture that was read which look like writing and could not be read."""
    if scan.warning is None:
        return []
    said = (
        f"Page {number}: a picture{_measured(region)} has writing that could not all be read. Look at the page itself."
    )
    return [FileWarning(WarningKind.UNREAD_PART, said, number)]


def _unread(region: Edges, number: int, why: str) -> FileWarning:
    said = f"Page {number}: a picture{_measured(region)} that seems to hold words {why}. Look at the page itself."
    return FileWarning(WarningKind.UNREAD_PART, said, number)


def _measured(region: Edges) -> str:
    wide, high = (max(1, round(side / 28.35)) for side in _sides(region))
    return f" of {wide} x {high} cm"
