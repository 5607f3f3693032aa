"""Table rows as sentences, each cell beside its column's name, and figures that a claim puts in another column."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

_CELL = re.compile(r"(?:: |; )([^=;]+) = ([^;]+)")
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_WORD = re.compile(r"\d[\d,.]*\d|\w+")


def told(header: str, rows: str) -> str:
    """Rows ("Rent | 500 | 480") under their header ("Item | 2024 | 2023") as "Item Rent: 2024 = 500; 2023 = 480".

    Encoders bind a value to its column better when both stand together. Where a row has other cells than the header,
    both are left as they stand.
    """
    names = _cells(header)
    lines = [_cells(row) for row in rows.split("\n")]
    if any(len(cells) != len(names) or len(cells) < 2 for cells in lines):
        return f"{header}\n{rows}"
    return "\n".join(_line(names, cells) for cells in lines)


def misplaced(claim: str, evidence: str) -> Iterator[str]:
    """The figures of a claim that names a column of `told` rows, which stand in other columns only.

    A claim may name several columns; which of its figures belongs to which is left to the judge.
    """
    columns = defaultdict[str, set[str]](set)
    for line in evidence.split("\n"):
        for label, value in _CELL.findall(line):
            columns[label.strip()].update(_NUMBER.findall(value))
    said = set(_WORD.findall(claim.casefold()))
    named = {label for label in columns if set(_WORD.findall(label.casefold())) <= said}
    if not named:
        return
    labels = set(_NUMBER.findall(" ".join(columns)))
    for number in dict.fromkeys(_NUMBER.findall(claim)):
        under = {label for label, numbers in columns.items() if number in numbers}
        if number not in labels and under and not under & named:
            yield f"{number} in this column"


def _line(names: list[str], cells: list[str]) -> str:
    values = [f"{name} = {cell}" if name else cell for name, cell in zip(names[1:], cells[1:], strict=True) if cell]
    return f"{f'{names[0]} {cells[0]}'.strip()}: {'; '.join(values)}".strip(": ")


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in f" {line} ".split(" | ")]
