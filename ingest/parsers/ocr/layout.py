"""Recognised lines in pixels to words in points, upright and straight, and the way back onto the page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ingest.parsers.clean import clean
from ingest.parsers.ocr.engine import Read
from ingest.parsers.pdf.words import Word
from ingest.types import Box

_TALL = 1.3  # height of a line's box over the font size in it
_BELOW = 0.25  # share of a line's box below its baseline
_STEEP = 10.0  # degrees: what leans more is no skew of the page
_SAME_SIZE = (0.72, 1.4)  # times the page's usual size: what recognised boxes of one size differ by
_STEPS = (1.6, 2.2, 3.0, 5.0)  # larger sizes that can be told apart, times the usual one


@dataclass(frozen=True, slots=True)
class Frame:
    """How the straight, upright page that words are laid out on lies on the page as it is shown.

    `width` and `height` of the upright page in points; `turns` quarters clockwise that bring the shown page upright;
    `skew` in degrees, by which its lines fall to the right.
    """

    width: float
    height: float
    turns: int = 0
    skew: float = 0.0

    def straight(self, x: float, y: float) -> tuple[float, float]:
        """A point of the upright page on the straight one."""
        return self._rotated(x, y, -self.skew)

    def shown(self, box: Box) -> Box:
        """A box on the straight page as the box around it on the page as it is shown."""
        corners = [(x, y) for x in (box.x0, box.x1) for y in (box.y0, box.y1)]
        points = [self._unturned(*self._rotated(x, y, self.skew)) for x, y in corners]
        wide, high = (self.height, self.width) if self.turns % 2 else (self.width, self.height)
        xs, ys = [min(max(x, 0.0), wide) for x, _ in points], [min(max(y, 0.0), high) for _, y in points]
        return Box(box.page, *(round(edge, 2) for edge in (min(xs), min(ys), max(xs), max(ys))))

    def _rotated(self, x: float, y: float, degrees: float) -> tuple[float, float]:
        sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
        x, y = x - self.width / 2, y - self.height / 2
        return self.width / 2 + x * cosine - y * sine, self.height / 2 + x * sine + y * cosine

    def _unturned(self, x: float, y: float) -> tuple[float, float]:
        if self.turns == 1:
            return y, self.width - x
        if self.turns == 2:
            return self.width - x, self.height - y
        return (self.height - y, x) if self.turns == 3 else (x, y)


@dataclass(frozen=True, slots=True)
class Layout:
    """The words of a page on its straight, upright frame."""

    words: tuple[Word, ...]
    frame: Frame


def laid_out(reads: Sequence[Read], pixels: tuple[int, int], frame: Frame) -> Layout:
    """`pixels`: width and height of the upright picture that fills `frame`, whose skew is found here."""
    frame = replace(frame, skew=_skew(reads))
    scale = frame.width / max(1, pixels[0]), frame.height / max(1, pixels[1])
    boxed = [(read, _straight(read, scale, frame)) for read in reads]
    usual = _usual([(read, (box[3] - box[1]) / _TALL) for read, box in boxed])
    words = [word for flow, (read, box) in enumerate(boxed) for word in _words(read, box, usual, flow)]
    return Layout(tuple(words), frame)


def _skew(reads: Sequence[Read]) -> float:
    """The slope of most of the text, in degrees, weighted by the lines' lengths."""
    slopes = []
    for read in reads:
        (x0, y0), (x1, y1) = read.corners[0], read.corners[1]
        angle = math.degrees(math.atan2(y1 - y0, x1 - x0))
        if abs(angle) < _STEEP and len(read.pieces) > 3:
            slopes.append((angle, math.hypot(x1 - x0, y1 - y0)))
    half = sum(length for _, length in slopes) / 2
    for angle, length in sorted(slopes):
        half -= length
        if half <= 0:
            return round(angle, 2)
    return 0.0


def _straight(read: Read, scale: tuple[float, float], frame: Frame) -> tuple[float, float, float, float]:
    """The line's box on the straight page: as long and as high as the line is, around its middle."""
    points = [frame.straight(x * scale[0], y * scale[1]) for x, y in read.corners]
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
    return min(ax, dx), (ay + by) / 2, max(bx, cx), (cy + dy) / 2


def _usual(sizes: list[tuple[Read, float]]) -> float:
    """The size of the middle character of the page."""
    weighed = [size for read, size in sizes if not read.turns for piece in read.pieces for _ in piece.text]
    return round(median(weighed), 1) if weighed else 0.0


def _size(measured: float, usual: float) -> float:
    """Recognised boxes are not exact: what is near to the usual size has it, what is larger comes in steps."""
    ratio = measured / usual if usual else 1.0
    if ratio < _SAME_SIZE[0]:
        return round(measured, 1)
    if ratio < _SAME_SIZE[1]:
        return usual
    return round(usual * min(_STEPS, key=lambda step: abs(step - ratio)), 1)


def _words(read: Read, box: tuple[float, float, float, float], usual: float, flow: int) -> Iterator[Word]:
    x0, y0, x1, y1 = box
    sure = round(read.confidence, 3)
    if read.turns:
        for piece in read.pieces:
            if text := clean(piece.text):
                yield Word(text, x0, y0, x1, y1, usual, False, False, flow, confidence=sure)
        return
    size = _size((y1 - y0) / _TALL, usual)
    for piece in read.pieces:
        if text := clean(piece.text):
            left, right = x0 + piece.start * (x1 - x0), x0 + piece.end * (x1 - x0)
            base = y1 - _BELOW * (y1 - y0)
            yield Word(text, left, y0, right, y1, size, False, True, flow, base=base, confidence=sure)
