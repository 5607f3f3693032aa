"""Where a text that is too long for one chunk may be cut: never inside an amount, a date or a reference."""

from __future__ import annotations

import re

_NEAR = 64  # characters on both sides of a cut that are looked at
_WORD = 24
_TIED = re.compile(
    r"(?:\b(?:[A-Z]{3}|US\$|CHF|Rs\.?|[A-Z][a-z]{0,3}\.|(?:approx|art|ca|cl|no|nr|p|para|pp|sec)\.)\s|[$€£¥₹§#+-]\s?)*"
    r"(?<![\d.,])[^\s\w]?\d+(?:[.,'’:/-]\d+|\s\d{2,4}(?!\d))*"
    r"(?:\s?(?:[%‰€$£¥₹°]|[A-Z]{3}\b|(?:million|billion|trillion|thousand|bn|mn|Mio|Mrd|percent|per\scent|"
    r"(?:(?:business|calendar|working)\s)?(?:day|week|month|year|hour|minute)s?|[kmcµμ]?[glm]|kWh?|MW|ha|"
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)(?:\s\d{4})?)\b))*"
)


def untied(text: str, at: int, start: int) -> int:
    """`at`, or where the amount begins that a cut there would go through: "EUR 1 250 000", "No. 5", "12 March 2024".

    It stays after `start`.
    """
    for found in _TIED.finditer(text, max(start, at - _NEAR), at + _NEAR):
        if found.start() < at < found.end():
            begin = _word(text, found.start())
            return begin if begin > start else at
        if found.start() >= at:
            break
    return at


def _word(text: str, at: int) -> int:
    """Where the word begins in which `at` lies; `at` where that is far away, as in writing without blanks."""
    begin = max((text.rfind(blank, max(0, at - _WORD), at) for blank in (" ", "\n")), default=-1) + 1
    return begin or at
