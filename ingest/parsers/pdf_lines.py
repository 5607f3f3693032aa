"""Words to printed lines in reading order, column by column where a page has two; running heads taken off."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import median

from ingest.parsers.pdf_words import Word
from ingest.types import Box

_PAGE_NUMBER = re.compile(r"^[\W_]*(page\s*)?[A-Z]?-?(\d{1,4}|[ivxl]{1,6})(\s*(of|/)\s*\d{1,4})?[\W_]*$", re.IGNORECASE)
_EDGE = 0.12  # share of the page's height at the top and bottom in which running heads stand
_EDGE_LINES = 4
_SHIFT = 6.0  # points by which a running head may move from page to page


@dataclass(frozen=True)
class Line:
    """One printed line. `left` and `right` are the edges of the column it stands in, `height` that of the page."""

    page: int
    words: tuple[Word, ...]
    left: float
    right: float
    height: float

    @cached_property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @cached_property
    def x0(self) -> float:
        return min(word.x0 for word in self.words)

    @cached_property
    def x1(self) -> float:
        return max(word.x1 for word in self.words)

    @cached_property
    def y0(self) -> float:
        return min(word.y0 for word in self.words)

    @cached_property
    def y1(self) -> float:
        return max(word.y1 for word in self.words)

    @cached_property
    def size(self) -> float:
        """The font size of most of its characters, in points."""
        sizes: Counter[float] = Counter()
        for word in self.words:
            sizes[word.size] += len(word.text)
        return sizes.most_common(1)[0][0]

    @cached_property
    def bold(self) -> bool:
        return all(word.bold for word in self.words)

    @cached_property
    def upright(self) -> bool:
        return self.words[0].upright

    @cached_property
    def centred(self) -> bool:
        """Set in from both edges by nearly the same amount."""
        before, after = self.x0 - self.left, self.right - self.x1
        return min(before, after) > 3 * self.size and abs(before - after) < 3 * self.size

    @property
    def box(self) -> Box:
        return Box(self.page, *(round(edge, 2) for edge in (self.x0, self.y0, self.x1, self.y1)))


def lines_of(words: Sequence[Word], page: int, height: float) -> list[Line]:
    """All words of a page as lines in reading order; sideways text last, in the file's own order."""
    upright = [word for word in words if word.upright]
    pieces = _pieces(upright)
    lines = []
    for column in _columns(pieces):
        rows = _rows(column)
        left = min(word.x0 for row in rows for word in row)
        ends = sorted(max(word.x1 for word in row) for row in rows)
        right = ends[int(0.95 * (len(ends) - 1))]
        lines += [Line(page, tuple(row), left, right, height) for row in rows]
    sideways: dict[int, list[Word]] = defaultdict(list)
    for word in words:
        if not word.upright:
            sideways[word.flow].append(word)
    return lines + [Line(page, tuple(run), run[0].x0, run[0].x1, height) for run in sideways.values()]


def _pieces(words: Iterable[Word]) -> list[list[Word]]:
    """Runs of words with ordinary gaps between them, in the order of the file."""
    pieces: list[list[Word]] = []
    last: Word | None = None
    for word in words:
        if last is not None and _same_row(last, word) and -0.5 * word.size < word.x0 - last.x1 < 1.2 * word.size:
            pieces[-1].append(word)
        else:
            pieces.append([word])
        last = word
    return pieces


def _same_row(one: Word, other: Word) -> bool:
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    return shared > 0.5 * min(one.y1 - one.y0, other.y1 - other.y0)


def _rows(pieces: Iterable[list[Word]]) -> list[list[Word]]:
    """Pieces that stand on one line together, lines from top to bottom, words from left to right."""
    rows: list[list[Word]] = []
    for piece in sorted(pieces, key=lambda piece: (piece[0].y0 + piece[0].y1, piece[0].x0)):
        if rows and _same_row(rows[-1][0], piece[0]):
            rows[-1].extend(piece)
        else:
            rows.append(list(piece))
    for row in rows:
        row.sort(key=lambda word: word.x0)
    return rows


def _columns(pieces: list[list[Word]]) -> list[list[list[Word]]]:
    """Groups of pieces to be read one after the other: one group, or bands of left then right columns."""
    if not pieces:
        return []
    gutter = _gutter(pieces)
    if gutter is None:
        return [pieces]
    groups: list[list[list[Word]]] = []
    band: tuple[list[list[Word]], list[list[Word]]] = ([], [])
    across: list[list[Word]] = []
    for piece in sorted(pieces, key=lambda piece: (piece[0].y0 + piece[0].y1, piece[0].x0)):
        if piece[0].x0 < gutter < piece[-1].x1:
            groups += [side for side in band if side]
            band = ([], [])
            across.append(piece)
        else:
            if across:
                groups.append(across)
                across = []
            band[piece[0].x0 >= gutter].append(piece)
    return groups + [side for side in (across, *band) if side]


def _gutter(pieces: list[list[Word]]) -> float | None:
    """The x of a clear vertical strip between two columns of running text, or None."""
    left, right = min(piece[0].x0 for piece in pieces), max(piece[-1].x1 for piece in pieces)
    width = right - left
    best = None
    for step in range(35, 66):
        x = left + width * step / 100
        across = sum(piece[0].x0 < x + 4 and piece[-1].x1 > x - 4 for piece in pieces)
        if best is None or across < best[0]:
            best = (across, x)
    if best is None or best[0] > 0.15 * len(pieces):
        return None
    x = best[1]
    for start, end, side in (
        (left, x, [piece for piece in pieces if piece[-1].x1 <= x]),
        (x, right, [piece for piece in pieces if piece[0].x0 >= x]),
    ):
        if len(side) < 10 or median(piece[-1].x1 - piece[0].x0 for piece in side) < 0.6 * (end - start):
            return None
    return x


def without_furniture(pages: list[list[Line]]) -> list[list[Line]]:
    """Pages without running headers, footers and page numbers."""
    places: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for lines in pages:
        for line in _edge_lines(lines):
            places[_shape(line)].append((line.page, line.y0))
    needed = 3 if len(pages) > 3 else 2
    folios = _folios(pages)

    def running(line: Line) -> bool:
        same = {page for page, y in places.get(_shape(line), ()) if abs(y - line.y0) <= _SHIFT}
        return len(same) >= needed

    kept = []
    for lines in pages:
        edge = {id(line) for line in _edge_lines(lines)}
        kept.append([line for line in lines if id(line) not in folios and not (id(line) in edge and running(line))])
    return kept


def _edge_lines(lines: list[Line]) -> list[Line]:
    """The first and last lines of a page that stand near its top or bottom."""
    by_height = sorted((line for line in lines if line.upright), key=lambda line: line.y0)
    top = [line for line in by_height[:_EDGE_LINES] if line.y0 < _EDGE * line.height]
    bottom = [line for line in by_height[-_EDGE_LINES:] if line.y1 > (1 - _EDGE) * line.height]
    return [*top, *(line for line in bottom if line not in top)]


def _shape(line: Line) -> str:
    return re.sub(r"\d+|\b[ivxl]+\b", "#", line.text.casefold())


def _folios(pages: list[list[Line]]) -> set[int]:
    """Page numbers, known by standing alone as the page's last or first line or counting up in mid-page."""
    found: set[int] = set()
    loose: list[tuple[int, int]] = []
    for lines in pages:
        for position, line in enumerate(lines):
            if not _PAGE_NUMBER.match(line.text) or len(lines) == 1:
                continue
            outermost = position in (0, len(lines) - 1)
            if outermost and (line.y0 < _EDGE * line.height or line.y1 > (1 - _EDGE) * line.height or line.centred):
                found.add(id(line))
            if (outermost or line.centred) and (digits := re.search(r"\d+", line.text)):
                loose.append((id(line), int(digits.group())))
    for (first, low), (second, high) in pairwise(loose):
        if high == low + 1:
            found |= {first, second}
    return found
