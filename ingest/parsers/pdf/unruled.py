"""Tables without rules: lines of a page whose words stand in columns that white space alone sets apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.parsers.captions import MARKER
from ingest.parsers.pdf.lines import Line, Role
from ingest.parsers.pdf.tables import Table, together
from ingest.parsers.pdf.words import Word
from ingest.types import Box

_GAP = 1.3  # times the size: between two cells of a line
_SEEN = 1.7  # the same in a picture, where the edges of words are not exact
_PITCH = 3.0  # times the size: from one row to the next at most
_ROWS = 3  # lines with cells side by side that make a table
_ALIGNED = 0.8  # share of a column's cells that share an edge,
_EDGE = 4.0  # within so many points
_WORDS = 14  # of a cell on the average: more is running text
_LABEL = re.compile(
    r"[\[(]\w{1,5}[\])]\W*|[A-Z]?\d{1,3}(\.\d{1,3})+\.?|\W{1,2}|(Article|Section|Clause|§) ?[\w.]{1,8}", re.I
)
_FIGURE = re.compile(r"[-–—]|\W*(?:[A-Z]{2,3}\s)?\W*\d[\d.,' %]*\W*", re.I)
_SMALL = frozenset("a an and as at by for from in into is it of on or that the this to was were with".split())
_SENTENCE = 4  # words from which the cell beside a plain number is what the number counts


@dataclass(frozen=True, slots=True)
class Cell:
    """Words of one line without a wide gap between them."""

    words: tuple[Word, ...]
    x0: float
    x1: float

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(slots=True)
class _Run:
    """Lines that may be a table: `rows` with their cells, `spans`: the columns from left to right, `full`: how many
    rows have cells side by side, `last`: how many there are up to the last such one."""

    rows: list[tuple[Line, list[Cell]]] = field(default_factory=list)
    spans: list[tuple[float, float]] = field(default_factory=list)
    last: int = 0
    full: int = 0


def with_tables(lines: Sequence[Line]) -> list[Line | Table]:
    """A page's lines with tables in the places of the lines that make them up."""
    cells = [_cells(line) for line in lines]
    out: list[Line | Table] = []
    at = 0
    while at < len(lines):
        if len(cells[at]) < 2:
            out.append(lines[at])
            at += 1
            continue
        run = _run(lines, cells, at)
        table = _table(run)
        taken = run.last if table is not None else 1
        out += [table] if table is not None else [lines[at]]
        at += taken
    return out


def _cells(line: Line) -> list[Cell]:
    """None for lines that are no text of the page's body."""
    if line.role is not Role.BODY or not line.upright:
        return []
    gap = _GAP if line.words[0].confidence is None else _SEEN
    runs = [[line.words[0]]]
    for one, other in pairwise(line.words):
        if other.x0 - one.x1 > gap * min(one.size, other.size):
            runs.append([other])
        else:
            runs[-1].append(other)
    return [Cell(tuple(run), run[0].x0, max(word.x1 for word in run)) for run in runs]


def _run(lines: Sequence[Line], cells: Sequence[list[Cell]], start: int) -> _Run:
    """The lines from `start` on that keep to columns, up to the last one with cells side by side."""
    run = _Run()
    for at in range(start, len(lines)):
        line = lines[at]
        if not cells[at] or (run.rows and not _near(run.rows[-1][0], line)):
            break
        if _is_item(cells[at]) and not (run.rows and len(run.rows[-1][1]) > 2 and _is_mark(run.rows[-1][1][0].text)):
            break
        spans = _merged(run.spans, cells[at])
        if spans is None:
            break
        run.rows.append((line, cells[at]))
        run.spans = spans
        if len(cells[at]) > 1:
            run.full += 1
            run.last = len(run.rows)
        elif len(run.rows) - run.last > 3:
            break
    kept = run.rows[: run.last + _tail(run)]
    return _Run(kept, _spans(kept), len(kept), run.full)


def _tail(run: _Run) -> int:
    """How many of the lines after the last full row are the rest of its cells."""
    count = 0
    for line, cells in run.rows[run.last :]:
        before = run.rows[run.last + count - 1][0]
        if cells[0].x0 < run.spans[0][1] or line.y0 - before.y0 > 1.35 * line.size:
            break
        count += 1
    return count


def _near(before: Line, line: Line) -> bool:
    pitch = _PITCH if line.confidence is None else 1.3 * _PITCH
    return 0 < line.y0 - before.y0 < pitch * line.size and abs(line.size - before.size) < 0.25 * before.size


def _merged(spans: Sequence[tuple[float, float]], cells: Sequence[Cell]) -> list[tuple[float, float]] | None:
    """The columns with the cells of one more line, None where a cell reaches over two of them, or two into one."""
    merged = list(spans)
    hit: set[int] = set()
    for cell in cells:
        over = [place for place, span in enumerate(merged) if span[0] < cell.x1 and span[1] > cell.x0]
        if len(over) > 1 or (over and over[0] in hit):
            return None
        if over:
            place = over[0]
            merged[place] = min(merged[place][0], cell.x0), max(merged[place][1], cell.x1)
        else:
            merged.append((cell.x0, cell.x1))
            merged.sort()
            place = merged.index((cell.x0, cell.x1))
            hit = {other + (other >= place) for other in hit}
        hit.add(place)
    if any(one[1] + 0.5 > other[0] for one, other in pairwise(merged)):
        return None
    return merged


def _spans(rows: Sequence[tuple[Line, list[Cell]]]) -> list[tuple[float, float]]:
    spans: list[tuple[float, float]] = []
    for _, cells in rows:
        spans = _merged(spans, cells) or spans
    return spans


def _table(run: _Run) -> Table | None:
    """The table, or None where the lines are a list, running text, or do not line up."""
    if run.full < _ROWS or len(run.spans) < 2:
        return None
    grid = [[_at(cells, span) for span in run.spans] for _, cells in run.rows]
    if not all(_lines_up([row[place] for row in grid]) for place in range(len(run.spans))):
        return None
    grid = _one_column(grid)
    if len(grid[0]) < 2 or _is_list(grid) or _is_stretched(grid):
        return None
    rows: list[tuple[list[str], list[Line]]] = []
    for (line, cells), row in zip(run.rows, grid, strict=True):
        texts = [cell.text if cell else "" for cell in row]
        if rows and _continues(rows[-1], line, cells, row[0]):
            rows[-1] = (
                [together(filter(None, pair)) for pair in zip(rows[-1][0], texts, strict=True)],
                [*rows[-1][1], line],
            )
        else:
            rows.append((texts, [line]))
    held = [text for texts, _ in rows for text in texts if text]
    if len(rows) < _ROWS or max(_mean(texts[place] for texts, _ in rows) for place in range(len(grid[0]))) > _WORDS:
        return None
    sure = tuple(_least(lines) for _, lines in rows)
    boxed = tuple((tuple(texts), _around(lines)) for texts, lines in rows)
    return Table(boxed, sure=sure if any(one is not None for one in sure) else ()) if held else None


def _at(cells: Sequence[Cell], span: tuple[float, float]) -> Cell | None:
    return next((cell for cell in cells if span[0] - 0.1 <= cell.x0 and cell.x1 <= span[1] + 0.1), None)


def _lines_up(column: Sequence[Cell | None]) -> bool:
    """Whether the cells share an edge or their middle, or are all figures; a heading may differ."""
    cells = [cell for cell in column if cell]
    if len(cells) < 2:
        return True
    edges = ([c.x0 for c in cells], [c.x1 for c in cells], [(c.x0 + c.x1) / 2 for c in cells])
    near = _EDGE if cells[0].words[0].confidence is None else 2 * _EDGE
    return any(_share(values, near) >= _ALIGNED for values in edges) or sum(
        bool(_FIGURE.fullmatch(cell.text)) for cell in cells
    ) >= _ALIGNED * (len(cells) - 1)


def _share(values: Sequence[float], edge: float) -> float:
    middle = sorted(values)[len(values) // 2]
    near = sum(abs(value - middle) <= edge for value in values)
    return (near + (near < len(values))) / len(values)


def _is_item(cells: Sequence[Cell]) -> bool:
    """Whether a line is an item of a list or a numbered heading: its mark, a gap, and its words."""
    return len(cells) == 2 and _is_mark(cells[0].text)


def _is_mark(text: str) -> bool:
    found = MARKER.match(f"{text} ")
    return bool((found and found.end() >= len(text)) or _LABEL.fullmatch(text))


def _is_list(grid: Sequence[Sequence[Cell | None]]) -> bool:
    """Whether the first of two columns counts sentences: "1", "2", "3"."""
    pairs = [cells for row in grid if len(cells := [cell for cell in row if cell]) == 2]
    counted = [cells for cells in pairs if cells[0].text.isdecimal()]
    long = sum(len(cells[1].words) >= _SENTENCE for cells in counted)
    return len(grid[0]) == 2 and len(counted) >= 0.6 * len(pairs) and long >= 0.6 * len(counted)


def _is_stretched(grid: Sequence[Sequence[Cell | None]]) -> bool:
    """Whether the cells are the single words of sentences that were stretched to the margin."""
    texts = [cell.text for row in grid for cell in row if cell]
    return sum(text in _SMALL for text in texts) > 0.1 * len(texts) and len(grid[0]) > 3


def _one_column(grid: list[list[Cell | None]]) -> list[list[Cell | None]]:
    """Columns side by side of which no row has both are one, as those of a heading that stands beside its column."""
    place = 1
    while place < len(grid[0]):
        pairs = [(row[place - 1], row[place]) for row in grid]
        both = any(one and other for one, other in pairs)
        sums = all(any(cell and _FIGURE.fullmatch(cell.text) for cell in side) for side in zip(*pairs, strict=True))
        if both or sums:
            place += 1
        else:
            grid = [[*row[: place - 1], row[place - 1] or row[place], *row[place + 1 :]] for row in grid]
    return grid


def _continues(before: tuple[list[str], list[Line]], line: Line, cells: Sequence[Cell], first: Cell | None) -> bool:
    """Whether a line is the rest of the row above it: close under it, without a first cell and without figures."""
    if first is not None and len(cells) == 1 and before[0][0]:
        return line.y0 - before[1][-1].y0 < 1.35 * line.size and (first.text[0].islower() or first.text[0] == "(")
    if first is not None or line.y0 - before[1][-1].y0 > 1.5 * line.size:
        return False
    return len(cells) == 1 or not any(_FIGURE.fullmatch(cell.text) or cell.text[0].isupper() for cell in cells)


def _mean(texts: Iterable[str]) -> float:
    counts = [len(text.split()) for text in texts if text]
    return sum(counts) / max(1, len(counts))


def _least(lines: Sequence[Line]) -> float | None:
    """How surely the least sure line was recognised; None for text."""
    return min((line.confidence for line in lines if line.confidence is not None), default=None)


def _around(lines: Sequence[Line]) -> Box:
    edges = (
        min(line.x0 for line in lines),
        min(line.y0 for line in lines),
        max(line.x1 for line in lines),
        max(line.y1 for line in lines),
    )
    return Box(lines[0].page, *(round(edge, 2) for edge in edges))
