"""Tables in plain text: columns by spaces, tabs or bars."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.parsers import captions
from ingest.parsers.clean import rows_to_text

_RULE = re.compile(r"^[\s\-=_+|:─━═┼│*.]*$")
_NUMERIC = re.compile(
    r"[(\[]?[-+–$€£]?\s?(?:[A-Z]{3}\s)?[\d.,'’]*\d[\d.,'’]*\s?[%)\]]*(?:\s?[A-Z]{3})?|[-–—]|n/?a", re.IGNORECASE
)
_MAX_WIDTH = 400
_MAX_LEAD = 3  # lines above a table in the same block


def split_off(lines: Sequence[str]) -> tuple[Sequence[str], str, Sequence[str]]:
    """(lines before, the table as text or "", lines after) of one block without blank lines."""
    if len(lines) < 2 or not any("  " in line.strip() or "\t" in line.strip() or line.count("|") > 1 for line in lines):
        return lines, "", ()
    for end in (len(lines), len(lines) - 1):
        for start in range(min(_MAX_LEAD + 1, end - 1)):
            if table := _table(lines[start:end]):
                return lines[:start], table, lines[end:]
    return lines, "", ()


def _table(lines: Sequence[str]) -> str:
    rows = [line for line in lines if not _RULE.match(line)]
    ruled = len(rows) < len(lines)
    if len(rows) < 2 or (_RULE.match(lines[0]) and not ruled):
        return ""
    cells = _barred(rows) or _tabbed(rows) or _spaced(rows, ruled)
    return rows_to_text(cells) if cells else ""


def _barred(rows: Sequence[str]) -> list[list[str]]:
    counts = {row.strip().strip("|│").count("|") + row.strip().strip("|│").count("│") for row in rows}
    if len(counts) != 1 or counts == {0}:
        return []
    return [[cell.strip() for cell in re.split(r"[|│]", row.strip().strip("|│"))] for row in rows]


def _tabbed(rows: Sequence[str]) -> list[list[str]]:
    split = [re.split(r"\t+", row.strip()) for row in rows]
    if len({len(cells) for cells in split}) != 1 or len(split[0]) < 2:
        return []
    return [] if _is_list(split) else split


def _spaced(rows: Sequence[str], ruled: bool) -> list[list[str]]:
    """Cells between columns of two or more blanks that run through all rows."""
    rows = [row.expandtabs(8).rstrip() for row in rows]
    width = max(map(len, rows))
    if width > _MAX_WIDTH:
        return []
    spans = _columns(rows, width)
    if len(spans) < 2:
        return []
    cells = [[row[begin:end].strip() for begin, end in spans] for row in rows]
    full = sum(sum(map(bool, row)) > 1 for row in cells)
    if full < 0.75 * len(cells) or _is_list(cells):
        return []
    numeric = any(
        all(_NUMERIC.fullmatch(row[column]) for row in cells[1:] if row[column])
        and any(row[column] for row in cells[1:])
        for column in range(1, len(spans))
    )
    return cells if ruled or numeric or (len(cells) > 2 and len(spans) > 1 and _are_short(cells)) else []


def _columns(rows: Sequence[str], width: int) -> list[tuple[int, int]]:
    """[start, end) of what lies between two or more blanks in every row."""
    filled = [False] * (width + 1)
    for row in rows:
        for at, character in enumerate(row):
            if character != " ":
                filled[at] = True
    spans: list[tuple[int, int]] = []
    start = None
    for at in range(width + 1):
        if filled[at]:
            start = at if start is None else start
        elif start is not None and not (at + 1 <= width and filled[at + 1]):
            spans.append((start, at))
            start = None
    if start is not None:
        spans.append((start, width))
    return spans


def _is_list(cells: Sequence[Sequence[str]]) -> bool:
    """Whether the first column has nothing but list markers, and there is only text beside it."""
    return all(len(row) == 2 and (not row[0] or captions.MARKER.match(f"{row[0]} ")) for row in cells)


def _are_short(cells: Sequence[Sequence[str]]) -> bool:
    """Cells, not the two columns of a printed page."""
    texts = [cell for row in cells for cell in row if cell]
    return sum(len(cell.split()) for cell in texts) <= 4 * len(texts)
