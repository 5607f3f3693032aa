"""Whether a picture looks like writing: seen without recognising it, in a few milliseconds.

Writing is rows of many small strokes on a plain ground, with bare rows between them. Photographs have no ground, logos
and signatures few rows, drawings few strokes.
"""

from __future__ import annotations

from typing import Any

_SIDE = 1200  # dots of the longer side that are looked at
_GROUND = 20  # grey levels around that of the ground
_PLAIN = 0.45  # share of the picture that is ground
_INK = 60  # grey levels by which ink differs from it
_STROKES = 10  # in a row of dots that is written on
_BARE = 0.35  # times the strokes of the fullest rows: between two lines
_FULL = 0.85  # share of the rows that are written on, above which it is a pattern
_HIGH, _TALL = 3, 0.34  # dots, and share of the picture's height, that a line takes up


def lines_in(picture: Any) -> int:
    """How many lines of writing a picture seems to hold, 0 for a photograph. `picture`: (height, width) uint8."""
    import numpy as np

    step = max(1, round(max(picture.shape) / _SIDE))
    small = _smaller(picture, step)
    if min(small.shape) < 8:
        return 0
    ground = int(np.argmax(np.bincount(small[::2, ::2].ravel() // 8, minlength=32))) * 8 + 4
    away = np.abs(small.astype(np.int16) - ground)
    if float((away <= _GROUND).mean()) < _PLAIN:
        return 0
    ink = away > _INK
    strokes = (ink[:, 1:] & ~ink[:, :-1]).sum(axis=1)
    written = strokes >= _STROKES
    if not written.any() or float(written.mean()) > _FULL:
        return 0
    bare = strokes < max(2.0, _BARE * float(np.quantile(strokes[written], 0.75)))
    return _bands(written, bare)


def _smaller(picture: Any, step: int) -> Any:
    """Squares of dots by the mean of their darkest and their middle, so that thin strokes are kept."""
    if step == 1:
        return picture
    rows, columns = (side // step * step for side in picture.shape)
    return picture[:rows, :columns].reshape(rows // step, step, columns // step, step).mean(axis=(1, 3)).astype("uint8")


def _bands(written: Any, bare: Any) -> int:
    """Runs of rows that are written on, between rows that are nearly bare."""
    count = height = start = 0
    tallest = _TALL * len(written)
    for row in range(len(written) + 1):
        if row == len(written) or bare[row]:
            count += height >= _HIGH and row - start <= tallest
            height, start = 0, row + 1
        else:
            height += bool(written[row])
    return count
