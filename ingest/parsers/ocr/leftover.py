"""Short writing beside a recognised line that the search for lines has passed over: an item's number, a lone letter."""

from __future__ import annotations

from typing import Any

_INK = 60  # grey levels, of 255, by which ink is darker than the paper
_ROUND = 0.15  # of a line's height around it: what belongs to it
_TALL = (0.3, 1.1)  # heights of writing, times the height of the page's lines
_LONG = 6.0  # times that height: what is longer has been looked for and is no writing
_GAP = 0.5  # the same: letters that are nearer belong together
_OFF = 0.35  # the same: how far its middle may lie beside the middle of the line
_MARGIN = 0.2  # the same, around what is read


def leftover(picture: Any, found: Any, lines: Any) -> Any:
    """Corners (n, 4, 2) of what may be writing in the rows of level `lines` (m, 4, 2) and in nothing that was `found`.

    `picture`: (height, width) uint8, dark ink on light paper; any other gives none.
    """
    import cv2
    import numpy as np

    none = np.zeros((0, 4, 2), np.float32)
    paper = int(np.median(picture)) if picture.size else 0
    if not len(lines) or paper < 128:
        return none
    heights = np.linalg.norm(lines[:, 3] - lines[:, 0], axis=1)
    usual = float(np.median(heights))
    ink = (picture < paper - _INK).astype(np.uint8)
    free = _untouched(cv2, ink, found, usual * _ROUND)
    size = max(1, round(usual * _GAP))
    joined = cv2.morphologyEx(free, cv2.MORPH_CLOSE, np.ones((1, size), np.uint8))
    count, _, places, _ = cv2.connectedComponentsWithStats(joined)
    boxes = [_box(place, usual) for place in places[1:count] if _like_writing(place, usual, lines)]
    return np.array(boxes, np.float32) if boxes else none


def _untouched(cv2: Any, ink: Any, found: Any, more: float) -> Any:
    """The ink without all that touches what was found, however far it reaches."""
    import numpy as np

    covered = np.zeros_like(ink)
    for line in found:
        middle = line.mean(axis=0)
        cv2.fillPoly(covered, [np.round(line + np.sign(line - middle) * more).astype(np.int32)], 1)
    _, names = cv2.connectedComponents(ink)
    gone = np.zeros(int(names.max()) + 1, bool)
    gone[np.unique(names[covered > 0])] = True
    gone[0] = True
    return (~gone[names]).astype(np.uint8)


def _like_writing(place: Any, usual: float, lines: Any) -> bool:
    """As high as letters, not long, and in the row of a line that is as high."""
    left, top, width, height = (float(value) for value in place[:4])
    if not (_TALL[0] * usual <= height <= _TALL[1] * usual and height / 4 <= width <= _LONG * usual):
        return False
    x, y = left + width / 2, top + height / 2
    starts, ends = (lines[:, 0] + lines[:, 3]) / 2, (lines[:, 1] + lines[:, 2]) / 2
    runs = ends[:, 0] - starts[:, 0]
    level = runs > 2 * usual
    slopes = (ends[level, 1] - starts[level, 1]) / runs[level]
    rows = starts[level, 1] + slopes * (x - starts[level, 0])
    return bool((abs(rows - y) < _OFF * usual).any())


def _box(place: Any, usual: float) -> list[list[float]]:
    left, top, width, height = (float(value) for value in place[:4])
    more = _MARGIN * usual
    x0, y0, x1, y1 = left - more, top - more, left + width + more, top + height + more
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
