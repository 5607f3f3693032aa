"""One picture of a page: which way up it is, whether anything is on it, and its words."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.parsers.ocr.engine import HOW_TO_INSTALL, Choice, Engine, PageTimeout, Read, engine
from ingest.parsers.ocr.layout import Frame, laid_out
from ingest.parsers.pdf.words import Word
from ingest.types import FileWarning, PageInfo, PageSource, WarningKind

LEGIBLE = 0.5  # a line that is recognised less surely is taken for no writing
_A_WORD = 4  # letters of illegible writing that are worth a word
_SURE = 0.8  # what lines that stand upright are recognised with, and others are not
_MOSTLY = 0.6  # share of a page's letters
_INK = 60  # grey levels, of 255, by which ink is darker than the paper
_FAINT, _GRAIN = 20, 9  # the same at least, and times the grain of the paper
_BLANK = 2e-5  # share of a page that is ink, below which it is empty without a closer look
_BARE = 1e-3  # the same where no words were found: specks and the scanner's edges
_RIM = 0.02  # share of the page on each side where scanners leave shadows


@dataclass(frozen=True, slots=True)
class Scan:
    """What a picture of a page says: words on the frame's straight page, and a warning where not all could be read."""

    info: PageInfo
    frame: Frame
    words: tuple[Word, ...] = ()
    warning: FileWarning | None = None


class Recogniser:
    """`page_s`: seconds that one page may take. `progress`: told True before a page is read, and False after it."""

    def __init__(
        self, choice: Choice = "auto", page_s: float = 240.0, progress: Callable[[bool], None] = lambda busy: None
    ) -> None:
        self._choice = choice
        self._page_s = page_s
        self._progress = progress
        self._engine: Engine | None = None

    @property
    def page_s(self) -> float:
        """Seconds that one page may take."""
        return self._page_s

    @property
    def ready(self) -> bool:
        """Whether there is an engine to read with."""
        self._engine = self._engine or engine(self._choice)
        return self._engine is not None

    def read(self, picture: Any, width: float, height: float, number: int) -> Scan:
        """`picture`: (height, width) uint8 of page `number`, which is shown `width` by `height` points large."""
        frame = Frame(width, height)
        if _ink(picture, faint=True) < _BLANK:
            return Scan(PageInfo(number, PageSource.BLANK), frame)
        if not self.ready or self._engine is None:
            return _unread(frame, number, _missing(self._choice))
        self._progress(True)
        try:
            turns, reads = _upright(self._engine, picture, time.monotonic() + self._page_s)
        except PageTimeout:
            return _unread(
                frame, number, f"took longer than {self._page_s:g} seconds to recognise, so it was not read."
            )
        finally:
            self._progress(False)
        lost = sum(read.mean < LEGIBLE and read.letters >= _A_WORD for read in reads)
        reads = [read for read in reads if read.mean >= LEGIBLE]
        if not reads and _ink(picture) < _BARE:
            return Scan(PageInfo(number, PageSource.BLANK), frame)
        if not reads:
            return _unread(frame, number, "in which no words were found. Look at the page itself if it matters.")
        upright = Frame(height, width, turns) if turns % 2 else Frame(width, height, turns)
        rows, columns = picture.shape
        layout = laid_out(reads, (rows, columns) if turns % 2 else (columns, rows), upright)
        mean = sum(read.mean * read.letters for read in reads) / sum(read.letters for read in reads)
        info = PageInfo(number, PageSource.OCR, confidence=round(mean, 3))
        return Scan(info, layout.frame, layout.words, _partly(number, lost) if lost else None)


_current = Recogniser()


def recogniser() -> Recogniser:
    """The one of this process."""
    return _current


def use(chosen: Recogniser) -> None:
    """What `recogniser` gives from now on."""
    global _current
    _current = chosen


def _missing(choice: Choice) -> str:
    if choice == "off":
        return "and reading scans is switched off (FOOTNOTE_OCR), so its words are missing."
    return f"and nothing that reads scans is installed, so its words are missing. {HOW_TO_INSTALL}"


def _unread(frame: Frame, number: int, why: str) -> Scan:
    comma = "," if why.startswith("and ") else ""
    words = f"Page {number} is a picture{comma} {'that ' if why.startswith('took') else ''}{why}"
    warning = FileWarning(WarningKind.UNREAD_PAGE, words, number)
    return Scan(PageInfo(number, PageSource.UNREAD), frame, (), warning)


def _partly(number: int, lost: int) -> FileWarning:
    places = "one place that looks" if lost == 1 else f"{lost} places that look"
    words = f"Page {number} is a scan with {places} like writing and could not be read. Look at the page itself."
    return FileWarning(WarningKind.UNREAD_PART, words, number)


def _ink(picture: Any, *, faint: bool = False) -> float:
    """The share of the page that is much darker than its paper, or lighter where the paper is dark.

    `faint`: all that stands out from the paper's grain.
    """
    import numpy as np

    rows, columns = (int(_RIM * side) for side in picture.shape)
    inner = picture[rows : picture.shape[0] - rows, columns : picture.shape[1] - columns]
    if not inner.size:
        return 0.0
    paper = int(np.median(inner))
    grain = float(np.median(np.abs(inner[::4, ::4].astype(np.int16) - paper)))
    step = min(_INK, int(max(_FAINT, _GRAIN * grain))) if faint else _INK
    away = (inner < paper - step) if paper >= 128 else (inner > paper + step)
    return float(np.count_nonzero(away) / inner.size)


def _upright(engine: Engine, picture: Any, deadline: float) -> tuple[int, list[Read]]:
    """Quarters clockwise that bring the page upright, and what it then says."""
    import numpy as np

    best: tuple[int, list[Read]] = (0, engine.read(picture, deadline))
    waiting = [2, 1, 3]
    if not best[1]:
        return best
    on_end = Counter[int]()
    for read in best[1]:
        on_end[read.turns] += read.letters
    if most := on_end.most_common(1)[0][0]:
        best, waiting = (0, []), [most, 4 - most]
    while waiting and not _settled(best[1]):
        turns = waiting.pop(0)
        reads = engine.read(np.ascontiguousarray(np.rot90(picture, -turns)), deadline)
        if _legible(reads) > _legible(best[1]):
            best = turns, reads
    return best


def _settled(reads: Sequence[Read]) -> bool:
    return _legible(reads) > _MOSTLY * sum(read.letters for read in reads)


def _legible(reads: Sequence[Read]) -> int:
    """Letters of the lines that are surely what they were recognised as."""
    return sum(read.letters for read in reads if not read.turns and read.mean >= _SURE)
