"""What recognises a picture's words, and which of the engines at hand does it."""

from __future__ import annotations

import importlib.util
import re
import shutil
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Choice = Literal["auto", "rapidocr", "tesseract", "off"]
# A number in which letters stand for the digits that look like them: "1l.6", "2O19".
_MIXED = re.compile(r"(?=.*\d)(?=.*(\d[.,]?[lIiOo]|[lIO&][.,]?\d))[^\w(]*[\dlIiOo&.,:/%-]+[^\w(]*")
_MUDDLED = 0.5
HOW_TO_INSTALL = (
    "Install RapidOCR (pip install -e '.[ocr]' in Footnote's folder) or the program tesseract, and send the file again."
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One word of a recognised line: where it begins and ends, as shares of the line's length, and how sure it is,
    0 to 1: as sure as its least sure character, where the engine tells characters apart."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Read:
    """One recognised line. `corners`: x and y in pixels of the picture, clockwise from the top left one.

    `turns`: quarters clockwise that make the line level, 0 but for lines that stand on end.
    """

    pieces: tuple[Piece, ...]
    corners: tuple[tuple[float, float], ...]
    turns: int = 0

    @property
    def letters(self) -> int:
        return sum(len(piece.text) for piece in self.pieces)

    @property
    def mean(self) -> float:
        """How sure its words are, by their lengths."""
        return sum(piece.confidence * len(piece.text) for piece in self.pieces) / max(1, self.letters)

    @property
    def confidence(self) -> float:
        """A line is as sure as its words are on the whole, and no surer than any number in it."""
        numbers = (
            min(piece.confidence, _MUDDLED if _MIXED.fullmatch(piece.text) else 1.0)
            for piece in self.pieces
            if any(map(str.isdigit, piece.text))
        )
        return min(self.mean, *numbers, 1.0)


class PageTimeout(Exception):
    """Recognising one page took longer than it may."""


class Engine(Protocol):
    """Recognises upright text. One picture gives the same lines each time."""

    name: str

    def read(self, picture: Any, deadline: float) -> list[Read]:
        """`picture`: (height, width) uint8, black on white. `deadline`: of `time.monotonic`; raises `PageTimeout`."""
        ...


def engine(choice: Choice) -> Engine | None:
    """The engine that is chosen, or None where it is not installed. "auto": rapidocr before tesseract."""
    if choice in ("auto", "rapidocr") and importlib.util.find_spec("rapidocr"):
        from ingest.parsers.ocr.rapid import RapidEngine

        return RapidEngine()
    if choice in ("auto", "tesseract") and (program := shutil.which("tesseract")):
        from ingest.parsers.ocr.tesseract import TesseractEngine

        return TesseractEngine(program)
    return None
