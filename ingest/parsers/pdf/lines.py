"""Words to printed lines in reading order, column by column where a page has two; running heads taken off."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from statistics import median

from ingest.parsers.pdf.words import Word
from ingest.types import Box

_PAGE_NUMBER = re.compile(r"^[\W_]*(page\s*)?[A-Z]?-?(\d{1,4}|[ivxl]{1,6})(\s*(of|/)\s*\d{1,4})?[\W_]*$", re.IGNORECASE)
_EDGE = 0.12  # share of the page's height at the top and bottom in which running heads stand
_OUTER = 4  # lines at either end of a page that can be running heads
_FOLIO_GAP = 15  # lines that lie at least between one page number and the next
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

    @cached_property
    def confidence(self) -> float | None:
        """The mean of the words that were recognised in a picture, by length; None where none was."""
        told = [(word.confidence, len(word.text)) for word in self.words if word.confidence is not None]
        return round(sum(sure * size for sure, size in told) / sum(size for _, size in told), 3) if told else None

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
        for line in chain(*_outer_lines(lines)):
            places[_shape(line)].append((line.page, line.y0))
    folios = _folios(pages)

    def running(line: Line, last: bool) -> bool:
        """Seen on several pages at one height near the edge, or on many as the last words of the page."""
        shape = _shape(line)
        at_edge = line.y0 < _EDGE * line.height or line.y1 > (1 - _EDGE) * line.height
        level = {page for page, y in places[shape] if abs(y - line.y0) <= _SHIFT}
        if at_edge and len(level) >= (3 if len(pages) > 3 else 2):
            return True
        pages_with_it = len({page for page, _ in places[shape]})
        return last and pages_with_it >= max(4, 0.3 * len(pages)) and sum(map(str.isalpha, shape)) >= 8

    kept = []
    for lines in pages:
        first, last = _outer_lines(lines)
        furniture = {id(line) for line in first if running(line, False)}
        furniture |= {id(line) for line in last if running(line, True)}
        kept.append([line for line in lines if id(line) not in furniture | folios])
    return kept


def _outer_lines(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """The first and the last few lines of a page, by height."""
    by_height = sorted((line for line in lines if line.upright), key=lambda line: line.y0)
    return by_height[:_OUTER], by_height[_OUTER:][-_OUTER:]


def _shape(line: Line) -> str:
    return re.sub(r"\d+|\b[ivxl]+\b", "#", line.text.casefold())


def _folios(pages: list[list[Line]]) -> set[int]:
    """Page numbers: alone at a page's edge, or counting up from one to the next at least a few lines apart."""
    found: set[int] = set()
    seen: dict[int, tuple[int, int]] = {}  # number -> position in the document, line
    position = 0
    for lines in pages:
        for place, line in enumerate(lines):
            position += 1
            if not _PAGE_NUMBER.match(line.text) or len(lines) == 1:
                continue
            outermost = place in (0, len(lines) - 1)
            if outermost and (line.y0 < _EDGE * line.height or line.y1 > (1 - _EDGE) * line.height or line.centred):
                found.add(id(line))
            if digits := re.search(r"\d+", line.text):
                number = int(digits.group())
                before = seen.get(number - 1)
                if before is not None and position - before[0] > _FOLIO_GAP:
                    found |= {before[1], id(line)}
                seen[number] = (position, id(line))
    return found
