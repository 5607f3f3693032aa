"""A greedy model can fall into a loop and repeat itself until its tokens are used up."""

from __future__ import annotations

_LONGEST = 160  # characters that are repeated
_TIMES = 4
_LEAST = 40  # characters of a loop in all: rows of dots and short lists are none
TAIL = _LONGEST * _TIMES


def loops(text: str) -> bool:
    """Whether the text ends in `_TIMES` or more copies of the same characters. It needs the last `TAIL` only."""
    for size in range(1, min(_LONGEST, len(text) // _TIMES) + 1):
        times = max(_TIMES, -(-_LEAST // size))
        if text.endswith(text[-size:] * times):
            return True
    return False
