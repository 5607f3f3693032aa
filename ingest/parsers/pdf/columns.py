"""Where a page has columns: pieces of lines to groups that are read one after the other, side notes apart."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from ingest.parsers.captions import CLOSED, MARKER
from ingest.parsers.pdf.words import Word

Row = list[Word]
_DEPTH = 4  # columns in columns
_GUTTERS = 10  # places tried in a block
_ROWS = 3  # lines that make a column of running text
_LOWER = 0.3  # share of the lines in running text that begin in lower case
_EMS = 9  # the width of a column of running text at least, in sizes of its type
_LABEL = re.compile(r"\W*\w{1,5}\W+")  # "(iii.)"
_HEADS = 20  # lines that are tried as headings over both columns
_BLANKS = 4  # between the words of a line, of which the narrowest says how far it was stretched
_STRETCHED = 2.5  # sizes that a blank is stretched to at most
_SAMPLE, _TYPED = 400, 20  # words that are looked at, and that tell a typewriter's face
_NARROW = 0.32  # share of the width that side notes take at most


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of one line with ordinary gaps between them, and their box."""

    words: tuple[Word, ...]
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2


@dataclass(frozen=True, slots=True)
class Column:
    """Pieces that stand under each other; `notes`: groups of pieces that stand beside them in the margin."""

    pieces: list[Piece]
    notes: list[list[Piece]] = field(default_factory=list)


def pieces_of(words: Iterable[Word]) -> list[Piece]:
    """Runs of words with ordinary gaps between them, in the order of the file."""
    held = list(words)
    fixed = _pitch(held)
    runs: list[Row] = []
    for row in _printed(held):
        runs.append(row[:1])
        wide = max(_widest(row), 2.6 * fixed)
        for last, word in pairwise(row):
            if word.x0 - last.x1 < max(1.2 * word.size, wide):
                runs[-1].append(word)
            else:
                runs.append([word])
    return [_piece(run) for run in runs]


def _printed(words: Iterable[Word]) -> list[Row]:
    """Words that follow each other in the file on one line, from left to right."""
    rows: list[Row] = []
    last: Word | None = None
    for word in words:
        if last is not None and same_row(last, word) and -0.5 * word.size < word.x0 - last.x1:
            rows[-1].append(word)
        else:
            rows.append([word])
        last = word
    return rows


def _widest(row: Row) -> float:
    """The widest blank between words of a line that was stretched to the margin: all of its blanks are wide then."""
    gaps = sorted(word.x0 - last.x1 for last, word in pairwise(row))
    if len(gaps) < _BLANKS or gaps[0] < 0.5 * row[0].size:
        return 0.0
    return min(1.4 * gaps[len(gaps) // 4], _STRETCHED * row[0].size)


def _pitch(words: Sequence[Word]) -> float:
    """The width of each letter of a typewriter's face, in points; 0 where letters differ in width."""
    widths = sorted((word.x1 - word.x0) / len(word.text) for word in words[:_SAMPLE] if len(word.text) > 2)
    if len(widths) < _TYPED:
        return 0.0
    usual = widths[len(widths) // 2]
    return usual if sum(abs(width - usual) < 0.03 * usual for width in widths) > 0.9 * len(widths) else 0.0


def same_row(one: Word | Piece, other: Word | Piece) -> bool:
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    return shared > 0.5 * min(one.y1 - one.y0, other.y1 - other.y0)


def rows_of(pieces: Iterable[Piece]) -> list[Row]:
    """Pieces that stand on one line together, lines from top to bottom, words from left to right."""
    rows: list[Row] = []
    for piece in sorted(pieces, key=lambda piece: (piece.middle, piece.x0)):
        if rows and same_row(rows[-1][0], piece.words[0]):
            rows[-1].extend(piece.words)
        else:
            rows.append(list(piece.words))
    for row in rows:
        row.sort(key=lambda word: word.x0)
    return rows


def columns_of(pieces: list[Piece], depth: int = _DEPTH) -> list[Column]:
    """Columns in reading order: what spans several, then the columns under it from left to right."""
    best: tuple[int, list[list[Column] | list[Piece]]] = (0, [])
    for gutter in _gutters(pieces) if depth and len(pieces) > 4 else ():
        held, bands = _bands(pieces, gutter)
        if held > best[0]:
            best = held, bands
    if not best[0]:
        return [Column(pieces)] if pieces else []
    found: list[Column] = []
    for band in best[1]:
        if isinstance(band[0], Piece):
            found += columns_of([piece for piece in band if isinstance(piece, Piece)], depth - 1)
            continue
        for column in band:
            assert isinstance(column, Column)
            found += [column] if column.notes else columns_of(column.pieces, depth - 1)
    return found


def _piece(run: Row) -> Piece:
    return Piece(
        tuple(run),
        min(word.x0 for word in run),
        min(word.y0 for word in run),
        max(word.x1 for word in run),
        max(word.y1 for word in run),
    )


def _gutters(pieces: list[Piece]) -> list[float]:
    """The left edges that most pieces share, the outermost one left out: a gutter ends at such an edge."""
    if not pieces:
        return []
    first = min(piece.x0 for piece in pieces)
    edges = Counter(round(piece.x0 / 2) for piece in pieces if piece.x0 > first + 20)
    return [2 * edge - 2 for edge, count in edges.most_common(_GUTTERS) if count > 1]


def _bands(pieces: list[Piece], gutter: float) -> tuple[int, list[list[Column] | list[Piece]]]:
    """(pieces in columns, bands from top to bottom), a band being its columns, or pieces that have none."""
    ordered = sorted(pieces, key=lambda piece: (piece.middle, piece.x0))
    across = sorted(piece.middle for piece in ordered if piece.x0 < gutter < piece.x1 - 1)
    if len(across) > 0.8 * len(pieces):
        return 0, []
    bands: list[list[Column] | list[Piece]] = []
    loose: list[Piece] = []
    run: list[Piece] = []
    held = 0

    def close() -> None:
        nonlocal held, loose
        columns = _sides(run, gutter)
        if columns:
            if loose:
                bands.append(loose)
            bands.append(columns)
            held += len(run)
            loose = []
        else:
            loose.extend(run)
        run.clear()

    for piece in ordered:
        reach = 0.4 * (piece.y1 - piece.y0)
        at = bisect_left(across, piece.middle - reach)
        if at < len(across) and across[at] <= piece.middle + reach:
            close()
            loose.append(piece)
        else:
            run.append(piece)
    close()
    if loose:
        bands.append(loose)
    return held, bands


def _sides(run: list[Piece], gutter: float) -> list[Column]:
    """The columns left and right of the gutter, none where the two only make rows together."""
    left, right = [p for p in run if p.x0 < gutter], [p for p in run if p.x0 >= gutter]
    if len(left) < 1 or len(right) < 1 or len(run) < 4:
        return []
    rows = rows_of(left), rows_of(right)
    edge = min(piece.x0 for piece in right)
    aligned = sum(row[0].x0 < edge + 3 for row in rows[1])
    if aligned < (len(rows[1]) if len(rows[1]) < 5 else 3):
        return []
    prose = [_is_prose(side) for side in rows]
    width = max(p.x1 for p in run) - min(p.x0 for p in run)
    for place, (body, notes) in enumerate(((right, left), (left, right))):
        narrow = max(p.x1 for p in notes) - min(p.x0 for p in notes) < _NARROW * width
        few = len(rows[place]) < (0.6 if prose[place] else 0.8) * len(rows[1 - place])
        groups = _notes(notes, rows[place], rows[1 - place]) if prose[1 - place] and narrow and few else []
        if groups:
            return [Column(body, groups)]
    if all(prose):
        return _cells(left, right, rows) or _headed(left, right)
    if prose[0] and _is_short_end(rows[0], rows[1]):
        return [Column(left), Column(right)]
    return []


def _headed(left: list[Piece], right: list[Piece]) -> list[Column]:
    """Both columns, or those above and those below a heading that both of them keep clear, though it is as short as a
    heading of the left one: there both end before it and begin side by side again after it."""
    size = median(piece.words[0].size for piece in left)
    for piece in [one for one in left if one.words[0].size > 1.1 * size or all(word.bold for word in one.words)][
        :_HEADS
    ]:
        above = [[other for other in side if other.y1 <= piece.y0 + 1] for side in (left, right)]
        below = [[other for other in side if other.y0 >= piece.y1 - 1] for side in (left, right)]
        if sum(map(len, (*above, *below))) + 1 != len(left) + len(right) or not (all(above) and all(below)):
            continue
        starts = [min(other.y0 for other in side) for side in below]
        if abs(starts[0] - starts[1]) < 0.3 * size and min(len(side) for side in (*above, *below)) > 1:
            return [Column(above[0]), Column(above[1]), Column([piece]), *_headed(*below)]
    return [Column(left), Column(right)]


def _is_prose(rows: Sequence[Row]) -> bool:
    """Lines that are filled and go on from one to the next, as running text does and cells and labels do not."""
    if len(rows) < _ROWS or sum(map(len, rows)) < (4 if len(rows) < 6 else 3) * len(rows):
        return False
    ends = sorted(row[-1].x1 for row in rows)
    edge = ends[int(0.9 * (len(ends) - 1))]
    if edge - min(row[0].x0 for row in rows) < _EMS * rows[0][0].size:
        return False
    pairs = list(pairwise(rows))
    filled = sum(one[-1].x1 + 0.4 * one[-1].size + other[0].x1 - other[0].x0 > edge - 2 for one, other in pairs)
    starts = [row[0].text[0] for row in rows[1:]]
    lower = sum(start.islower() for start in starts)
    cased = sum(start.lower() != start.upper() for start in starts) > 0.3 * len(starts)
    return filled >= 0.45 * len(pairs) and (not cased or lower >= _LOWER * len(starts))


def _is_short_end(full: Sequence[Row], rest: Sequence[Row]) -> bool:
    """Whether the few lines on the right are where the text of the left column goes on."""
    if len(full) < 6 or len(rest) >= _ROWS or abs(rest[0][0].y0 - full[0][0].y0) > full[0][0].size:
        return False
    unclosed = not CLOSED.search(full[-1][-1].text)
    return unclosed and rest[0][0].text[0].islower() and len(rest[0]) > 2


def _cells(left: list[Piece], right: list[Piece], rows: tuple[Sequence[Row], Sequence[Row]]) -> list[Column]:
    """Paragraphs that begin side by side, three times or more, as rows: each left one before its right one."""
    starts = [_starts(side) for side in rows]
    if len(starts[0]) != len(starts[1]) or len(starts[0]) < 3:
        return []
    if any(abs(one - other) > 2 for one, other in zip(*starts, strict=True)):
        return []
    edges = [min(pair) - 1 for pair in zip(*starts, strict=True)][1:]
    groups: list[list[list[Piece]]] = [[[], []] for _ in range(len(edges) + 1)]
    for place, side in enumerate((left, right)):
        for piece in side:
            groups[bisect_left(edges, piece.y0)][place].append(piece)
    return [Column(side) for group in groups for side in group if side]


def _starts(rows: Sequence[Row]) -> list[float]:
    """Where blocks begin that more than a line's pitch sets apart."""
    steps = sorted(other[0].y0 - one[0].y0 for one, other in pairwise(rows))
    pitch = steps[int(0.3 * (len(steps) - 1))]
    return [rows[0][0].y0] + [b[0].y0 for a, b in pairwise(rows) if b[0].y0 - a[0].y0 > 1.3 * pitch]


def _notes(pieces: list[Piece], rows: Sequence[Row], body: Sequence[Row]) -> list[list[Piece]]:
    """The side notes among narrow pieces, block by block; none where they are numbers or labels of the rows."""
    words = [word for row in rows for word in row]
    lettered = [word for word in words if sum(map(str.isalpha, word.text)) > 1]
    smaller = median(word.size for word in words) < 0.93 * median(word.size for row in body for word in row)
    if len(lettered) < 0.6 * len(words) or len(body) < 4:
        return []
    if any(MARKER.match(row[0].text) or (len(row) == 1 and _LABEL.fullmatch(row[0].text)) for row in rows):
        return []
    edge = max(row[-1].x1 for row in body)
    fresh = [b[0].y0 for a, b in pairwise(body) if CLOSED.search(a[-1].text) and a[-1].x1 < edge - 3 * a[-1].size]
    groups: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (piece.middle, piece.x0)):
        near = groups and piece.y0 - groups[-1][-1].y0 < 1.7 * (piece.y1 - piece.y0)
        at = bisect_left(fresh, piece.y0 - 4)
        opens = at < len(fresh) and fresh[at] < piece.y0 + 4 and piece.y0 - groups[-1][-1].y0 > 4 if groups else False
        if near and not opens:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    several = sum(len(rows_of(group)) > 1 for group in groups)
    return groups if smaller or 2 * several >= len(groups) else []
