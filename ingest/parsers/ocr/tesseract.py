"""The program tesseract, if the system has it: a picture in, a table of words out."""

from __future__ import annotations

import csv
import io
import math
import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable
from statistics import median
from typing import Any

from ingest.parsers.ocr.engine import PageTimeout, Piece, Read

_WORD = "5"  # level of a word in the table
_PARENT_DIES = 1  # PR_SET_PDEATHSIG
_SIGKILL = 9


class TesseractEngine:
    """`program`: path of the executable."""

    name = "tesseract"

    def __init__(self, program: str) -> None:
        self._command = [program, "stdin", "stdout", "--psm", "3", "-l", "eng", "tsv"]
        self._tie = _tie_to_parent()

    def read(self, picture: Any, deadline: float) -> list[Read]:
        from PIL import Image

        packed = io.BytesIO()
        Image.fromarray(picture).save(packed, "PNG", compress_level=1)
        left = deadline - time.monotonic()
        if left <= 0:
            raise PageTimeout
        try:
            done = subprocess.run(
                self._command,
                input=packed.getvalue(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=left,
                env=os.environ | {"OMP_THREAD_LIMIT": "1"},
                preexec_fn=self._tie,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise PageTimeout from error
        return _lines(done.stdout.decode("utf-8", "replace")) if done.returncode == 0 else []


def _tie_to_parent() -> Callable[[], None] | None:
    """What makes a new process end with this one, where the system can do that (Linux)."""
    import ctypes
    import sys

    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PARENT_DIES, _SIGKILL) and None


def _lines(table: str) -> list[Read]:
    rows = csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE)
    lines: dict[tuple[str, ...], list[tuple[str, float, float, float, float, float]]] = defaultdict(list)
    for row in rows:
        if row["level"] == _WORD and (row["text"] or "").strip():
            x, y, width, height, sure = (float(row[name]) for name in ("left", "top", "width", "height", "conf"))
            place = tuple(row[name] for name in ("block_num", "par_num", "line_num"))
            lines[place].append((row["text"].strip(), x, y, x + width, y + height, max(0.0, sure) / 100))
    return [_line(words) for words in lines.values()]


def _line(words: list[tuple[str, float, float, float, float, float]]) -> Read:
    left, right = min(word[1] for word in words), max(word[3] for word in words)
    slope = _slope([((word[1] + word[3]) / 2, (word[2] + word[4]) / 2) for word in words])
    middle = median((word[2] + word[4]) / 2 - slope * (word[1] + word[3]) / 2 for word in words)
    half = max(word[4] - word[2] for word in words) / 2 + 1
    width = max(1.0, right - left)
    pieces = tuple(Piece(word[0], (word[1] - left) / width, (word[3] - left) / width, word[5]) for word in words)
    y0, y1 = middle + slope * left, middle + slope * right
    return Read(pieces, ((left, y0 - half), (right, y1 - half), (right, y1 + half), (left, y0 + half)))


def _slope(centres: list[tuple[float, float]]) -> float:
    """Of the straight line through the words' centres; 0 for a few words, whose ascenders would decide."""
    width = centres[-1][0] - centres[0][0]
    if len(centres) < 6 or width <= 0:
        return 0.0
    half = len(centres) // 2
    one, other = centres[:half], centres[-half:]
    run = sum(x for x, _ in other) / half - sum(x for x, _ in one) / half
    rise = sum(y for _, y in other) / half - sum(y for _, y in one) / half
    slope = rise / run if run > 0 else 0.0
    return slope if abs(slope) < math.tan(math.radians(10)) else 0.0
