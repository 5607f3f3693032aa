"""The fonts that travel in the file, and the characters that they cannot show.

Liberation Serif (SIL Open Font License 1.1, in `api/exports/fonts`): Latin, Greek, Cyrillic. What is written from right
to left needs shaping that a PDF writer like this does not do, and counts as lacking.
"""

from __future__ import annotations

import threading
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FAMILY, BOLD, ITALIC = "FootnoteSerif", "FootnoteSerif-Bold", "FootnoteSerif-Italic"
_FOLDER = Path(__file__).parents[1] / "fonts"
_FILES = {FAMILY: "Regular", BOLD: "Bold", ITALIC: "Italic"}
_RIGHT_TO_LEFT = {"R", "AL", "AN"}
_SHAPELESS = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")  # nothing is lost without them
_turn = threading.Lock()


@lru_cache(maxsize=1)
def known() -> frozenset[int]:
    """Registers the fonts and tells the code points that all of them have."""
    with _turn:
        found = []
        for name, style in _FILES.items():
            font = TTFont(name, str(_FOLDER / f"LiberationSerif-{style}.ttf"))
            pdfmetrics.registerFont(font)
            found.append(frozenset(font.face.charToGlyph))
        pdfmetrics.registerFontFamily(FAMILY, normal=FAMILY, bold=BOLD, italic=ITALIC, boldItalic=BOLD)
    return frozenset.intersection(*found)


@dataclass(slots=True)
class Letters:
    """Words as markup of a paragraph. `lacking`: characters that were left out, each of which the words say."""

    lacking: Counter[str] = field(default_factory=Counter)

    def markup(self, words: str) -> str:
        """Escaped, on one line; in the place of what the font lacks it is told how many characters stand there."""
        composed = unicodedata.normalize("NFC", " ".join(words.split()))
        told = []
        for shown, run in groupby(composed, self._can):
            part = "".join(run)
            if shown:
                told.append(escape("".join(one for one in part if one not in _SHAPELESS)))
                continue
            self.lacking.update(part)
            name = "character" if len(part) == 1 else "characters"
            told.append(f"[{len(part)} {name} not in this font]")
        return "".join(told)

    @staticmethod
    def _can(letter: str) -> bool:
        shown = ord(letter) in known() and unicodedata.bidirectional(letter) not in _RIGHT_TO_LEFT
        return shown or letter in _SHAPELESS
