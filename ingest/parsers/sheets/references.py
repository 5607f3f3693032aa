"""Cells, rows and columns by name: as the files write them, and as people do."""

from __future__ import annotations

import re
from collections.abc import Iterable

LAST_COLUMN = 16_384
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")


def letters(column: int) -> str:
    """1 is "A", 27 is "AA"."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def column_number(name: str) -> int:
    """ "A" is 1, "AA" is 27."""
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - 64
    return number


def cell_name(row: int, column: int) -> str:
    return f"{letters(column)}{row}"


def ranges(text: str) -> list[tuple[int, int, int, int]]:
    """ "A1:B3 D4" as (first row, first column, last row, last column)."""
    found = []
    for one in text.split():
        corners = [_REFERENCE.fullmatch(corner) for corner in one.split(":")]
        if corners and all(corners):
            places = [(int(match[2]), column_number(match[1])) for match in corners if match]
            found.append((*places[0], *places[-1]))
    return found


def listed(cells: Iterable[tuple[int, int]], most: int = 8) -> str:
    """Cells as people write them: "cell B3", "cells B3, B4 and 12 more"."""
    names = [cell_name(row, column) for row, column in sorted(set(cells))]
    if len(names) == 1:
        return f"cell {names[0]}"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"cells {', '.join(names[:most])}{more}"


def spans(numbers: Iterable[int], name: str = "row") -> str:
    """ "row 3", "rows 3 to 5, 9"."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    show = letters if name == "column" else str
    texts = [show(first) if first == last else f"{show(first)} to {show(last)}" for first, last in runs]
    more = f" and {len(texts) - 8} more" if len(texts) > 8 else ""
    plural = "s" if len(runs) > 1 or (runs and runs[0][0] != runs[0][1]) else ""
    return f"{name}{plural} {', '.join(texts[:8])}{more}"
