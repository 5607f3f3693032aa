"""A greedy model can fall into a loop and repeat itself until its tokens are used up."""

from __future__ import annotations

_LONGEST = 160  # characters that are repeated
_TIMES = 4
_LEAST = 40  # characters of a loop in all
TAIL = _LONGEST * _TIMES


def loops(text: str) -> bool:
    """Whether the text ends in `_TIMES` or more copies of the same words. It needs the last `TAIL` characters only.

    What holds no letter is none: rows of dots, blanks of a form, rules of a table.
    """
    for size in range(1, min(_LONGEST, len(text) // _TIMES) + 1):
        unit, times = text[-size:], max(_TIMES, -(-_LEAST // size))
        if text.endswith(unit * times):
            return any(character.isalpha() for character in unit)
    return False
