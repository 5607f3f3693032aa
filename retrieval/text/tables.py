"""Table rows: the header and unit that they stand under, each cell beside its column's name, and figures that a claim
puts in another column."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

BAR = " | "  # between the cells of a row, as our parsers write it
_NAMED = re.compile(r"[^\W\d_]|^\s*(?:19|20)\d\d\s*$")  # of a column: no mere amount
_BETWEEN = re.compile(r"(?<=\s)\|(?=\s)")
_CELL = re.compile(r"(?:: |; )([^=;]+) = ([^;]+)")
_UNIT = re.compile(
    r"(?i:\b(?:thousand|million|billion)s?\b|['\u2019]000|\b000s\b|\bper ?cent\b)"
    r"|\b(?:[Ii]n|[Aa]mounts in) (?:[£$€]|[A-Z]{3}\b|pounds|euros|dollars)"
)
_CAPTION = 160  # characters of the longest
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_WORD = re.compile(r"\d[\d,.]*\d|\w+")


def header_above(text: str, start: int, header: str = "") -> str:
    """The header row of the table that holds the row at `start` and begins above it, or "". `header` is the first row
    of a table which the text begins inside of.

    The header is the first row that is neither a caption (nothing but a first cell) nor a group of columns (no first
    cell, and fewer than half of the others); if there is no such row, the first one.
    """
    rows, above = _table_above(text, start)
    if header and not above:
        rows = [header, *rows]
    return next((row for row in rows if not _spans_columns(row)), next(iter(rows), ""))


def unit_above(text: str, start: int) -> str:
    """What the table that holds the row at `start` says of all its amounts: its caption, or the line above it, if that
    names a unit or scale ("Thousands of pounds at 31 March 2025."); else ""."""
    rows, above = _table_above(text, start)
    line = text[:above].rstrip().rpartition("\n")[2]
    captions = [cells(row)[0] for row in rows if _spans_columns(row)]
    return next((said for said in (*captions, line) if len(said) <= _CAPTION and _UNIT.search(said)), "")


def framing(text: str, start: int) -> Iterator[tuple[str, int, int]]:
    """What says what the cells of the row at `start` mean, as (what it is, start, end) in the text: the "caption" in
    the table or "unit" line above it that `unit_above` gives, then of each filled cell the "header" of its column.

    Nothing of a row that does not stand under a header of as many columns, three at least and each but the first with a
    name.
    """
    opens = text.rfind("\n", 0, start) + 1
    row = text[opens : len(text) if (end := text.find("\n", opens)) < 0 else end]
    rows, top = _table_above(text, start)
    header = header_above(text, start)
    if not names_columns(cells(header), cells(row)):
        return
    places = dict[str, int]()
    for above in rows:
        places.setdefault(above, top)
        top += len(above) + 1
    yield from _unit_place(text, places, unit_above(text, start))
    filled = [bool(cell) for cell in cells(row)]
    for told, (first, last) in zip(filled, _cell_spans(header), strict=True):
        if told and first < last:
            yield "header", places[header] + first, places[header] + last


def names_columns(names: Sequence[str], values: Sequence[str]) -> bool:
    """Whether the cells of a row stand under these names of columns, three or more, all named but the first."""
    return len(values) > 2 and len(names) == len(values) and all(map(_NAMED.search, names[1:]))


def cells(row: str) -> list[str]:
    """The cells of a row, of which some may be empty ("Total | | 500")."""
    return [cell.strip() for cell in _BETWEEN.split(f" {row} ")]


def told(header: str, rows: str) -> str:
    """Rows ("Rent | 500 | 480") under their header ("Item | 2024 | 2023") as "Item Rent: 2024 = 500; 2023 = 480".

    Encoders bind a value to its column better when both stand together. Where a row has other cells than the header,
    both are left as they stand.
    """
    names = cells(header)
    lines = [cells(row) for row in rows.split("\n")]
    if any(len(line) != len(names) or len(line) < 2 for line in lines):
        return f"{header}\n{rows}"
    return "\n".join(_line(names, line) for line in lines)


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


def _unit_place(text: str, places: Mapping[str, int], unit: str) -> Iterator[tuple[str, int, int]]:
    if not unit:
        return
    caption = next((at for row, at in places.items() if _spans_columns(row) and cells(row)[0] == unit), None)
    at = text.rindex(unit, 0, min(places.values())) if caption is None else text.index(unit, caption)
    yield ("unit" if caption is None else "caption"), at, at + len(unit)


def _cell_spans(row: str) -> list[tuple[int, int]]:
    """Of each cell, without the blanks around it, as `cells` has them."""
    padded = f" {row} "
    bars = [match.start() for match in _BETWEEN.finditer(padded)]
    spans = []
    for first, last in zip([0, *(bar + 1 for bar in bars)], [*bars, len(padded)], strict=True):
        cell = padded[first:last]
        start = first + len(cell) - len(cell.lstrip()) - 1
        spans.append((start, start + len(cell.strip())))
    return spans


def _line(names: list[str], row: list[str]) -> str:
    values = [f"{name} = {cell}" if name else cell for name, cell in zip(names[1:], row[1:], strict=True) if cell]
    return f"{f'{names[0]} {row[0]}'.strip()}: {'; '.join(values)}".strip(": ")


def _table_above(text: str, start: int) -> tuple[list[str], int]:
    """The rows right above the row at `start`, from the top, and where they begin."""
    rows: list[str] = []
    opens = text.rfind("\n", 0, start) + 1
    while opens:
        above = text.rfind("\n", 0, opens - 1) + 1
        if BAR not in (line := text[above : opens - 1]):
            break
        rows.append(line)
        opens = above
    return rows[::-1], opens


def _spans_columns(row: str) -> bool:
    label, *others = cells(row)
    filled = sum(map(bool, others))
    return not filled or (not label and 2 * filled < len(others))
