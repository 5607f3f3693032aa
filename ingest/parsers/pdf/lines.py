"""Words to printed lines in reading order, column by column, side notes and sideways text apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from ingest.parsers.captions import CLOSED, MARKER
from ingest.parsers.pdf.columns import Row, columns_of, pieces_of, rows_of
from ingest.parsers.pdf.margins import line_numbers, slanted, stacked, without_watermarks
from ingest.parsers.pdf.words import Word
from ingest.types import Box, FileWarning, WarningKind

_ASIDE = 0.3  # share of a page's words that sideways text takes at most if it stands beside the page's text
_BACK = 3  # lines up to which a side note may stand below the line that its paragraph begins with


class Role(StrEnum):
    """What a line is to the page's text. Only lines of the body are ever one paragraph over another line."""

    BODY = "body"
    NOTE = "note"  # of a footnote
    ASIDE = "aside"  # beside the text: side notes, stamps, heads that change
    COUNT = "count"  # the numbers of a page's lines, which furniture takes off


@dataclass(frozen=True)
class Line:
    """One printed line. `left` and `right` are the edges of the column it stands in, `height` that of the page."""

    page: int
    words: tuple[Word, ...]
    left: float
    right: float
    height: float
    role: Role = Role.BODY

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
    words = without_watermarks(words)
    level = [word for word in words if word.upright and not slanted(word)]
    numbers = line_numbers(level)
    stacks = stacked(level)
    numbers |= {id(word) for run in stacks for word in run}
    lines: list[Line] = []
    for column in columns_of(pieces_of(word for word in level if id(word) not in numbers)):
        notes = [_column(rows_of(group), page, height, Role.ASIDE) for group in column.notes]
        lines += _beside(_column(rows_of(column.pieces), page, height, Role.BODY), notes)
    sideways: dict[int, list[Word]] = defaultdict(list)
    for word in words:
        if not word.upright or slanted(word):
            sideways[word.flow].append(word)
    count = sum(map(len, sideways.values()))
    role = Role.ASIDE if count < _ASIDE * len(words) else Role.BODY
    lines += [Line(page, tuple(run), run[0].x0, run[0].x1, height, role) for run in sideways.values()]
    for run in stacks:
        letter = replace(run[0], text="".join(word.text for word in run), y1=run[-1].y1, upright=False)
        lines.append(Line(page, (letter,), run[0].x0, run[0].x1, height, Role.ASIDE))
        numbers -= {id(word) for word in run}
        level = [word for word in level if all(word is not other for other in run)]
    counting = tuple(word for word in level if id(word) in numbers)
    return [*lines, Line(page, counting, 0, 0, height, Role.COUNT)] if counting else lines


def _column(rows: Sequence[Row], page: int, height: float, role: Role) -> list[Line]:
    left = min(word.x0 for row in rows for word in row)
    ends = sorted(max(word.x1 for word in row) for row in rows)
    right = ends[int(0.95 * (len(ends) - 1))]
    return [Line(page, tuple(row), left, right, height, role) for row in rows]


def _beside(body: list[Line], notes: Sequence[list[Line]]) -> list[Line]:
    """Side notes put before the paragraphs that they begin beside."""
    merged: list[Line] = []
    done = 0
    for note in notes:
        at = done
        while at < len(body) and body[at].y1 < note[0].y0 + 0.5 * note[0].size:
            at += 1
        opener = at
        while opener > max(done, at - _BACK) and not _opens(body, opener):
            opener -= 1
        at = opener if _opens(body, opener) else at
        merged += [*body[done:at], *note]
        done = at
    return merged + body[done:]


def _opens(body: Sequence[Line], at: int) -> bool:
    if at == 0 or at == len(body) or MARKER.match(body[at].text):
        return True
    before = body[at - 1]
    ended = CLOSED.search(before.text) and before.x1 < before.right - 3 * before.size
    return body[at].y0 - before.y0 > 2.2 * body[at].size or bool(ended)


def order_doubts(pages: Sequence[Sequence[Line]]) -> tuple[FileWarning, ...]:
    """A warning for each page on which columns run into each other, so that the order of the words is a guess."""
    return tuple(
        FileWarning(
            WarningKind.READING_ORDER,
            f"On page {lines[0].page} lines run over each other; the order of the words there is a guess. "
            "Compare the page with the original.",
            lines[0].page,
        )
        for lines in pages
        if _overlapping(lines)
    )


def _overlapping(lines: Sequence[Line]) -> bool:
    over = 0
    for line in lines:
        if line.role is Role.BODY and line.upright:
            over += any(
                b.x0 < a.x1 - 0.8 * a.size and b.x1 > a.x1 and b.size == a.size for a, b in pairwise(line.words)
            )
    return over > 2
