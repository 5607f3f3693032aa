"""In which order the shapes of a slide are read: by where they stand, and by the file's order where that decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

_DEEPEST = 24  # cuts in cuts
_SLACK = 0.12  # of a box's side that may overlap with its neighbour


@dataclass(frozen=True, slots=True)
class Box:
    """In EMU from the slide's top-left corner."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def area(self) -> float:
        return max(0.0, self.x1 - self.x0) * max(0.0, self.y1 - self.y0)

    def holds(self, other: Box) -> bool:
        return self.x0 <= other.x0 and self.y0 <= other.y0 and self.x1 >= other.x1 and self.y1 >= other.y1

    def meets(self, other: Box) -> bool:
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing on the slide, its place, and its number in the file's order."""

    thing: Any
    box: Box
    at: int


def ordered(placed: Sequence[Placed], depth: int = 0) -> list[Placed]:
    """The slide is cut along gaps into rows or columns, and each of these again.

    Where both can be, boxes side by side may be cards, read one by one, or cells, read row by row: that which agrees
    better with the order in the file is taken.
    """
    if len(placed) < 2:
        return list(placed)
    rows, columns = _cut(placed, "y0", "y1"), _cut(placed, "x0", "x1")
    ways = [cut for cut in (rows, columns) if len(cut) > 1]
    if not ways or depth > _DEEPEST:
        return sorted(placed, key=lambda one: (one.box.y0, one.box.x0, one.at))
    read = [[one for part in cut for one in ordered(part, depth + 1)] for cut in (ways if depth < 4 else ways[:1])]
    return min(read, key=_breaks)


def _cut(placed: Sequence[Placed], low: str, high: str) -> list[list[Placed]]:
    """Parts between which nothing stands."""
    parts: list[list[Placed]] = []
    reached = 0.0
    for one in sorted(placed, key=lambda one: (getattr(one.box, low), one.at)):
        start, end = getattr(one.box, low), getattr(one.box, high)
        slack = _SLACK * (end - start)
        if not parts or start + slack >= reached:
            parts.append([])
            reached = end - slack
        reached = max(reached, end - slack)
        parts[-1].append(one)
    return parts


def _breaks(read: Sequence[Placed]) -> int:
    """How often the file's order goes back."""
    return sum(later.at < earlier.at for earlier, later in pairwise(read))
