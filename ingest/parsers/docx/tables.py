"""The rows and cells of a Word table, also those in content controls and tracked changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.parsers.docx.line import Change
from ingest.parsers.docx.reader import OUT, change_of
from ingest.parsers.docx.xml import MC, W, chosen, switch, value, whole

_WIDEST = 63  # columns that Word allows
_HELD = frozenset((f"{W}tr", f"{W}tc"))


def inner(node: Any, tag: str, change: Change | None = None) -> Iterator[tuple[Any, Change | None]]:
    """The rows of a table, or the cells of a row, with the change that takes each out."""
    for child in node:
        if child.tag == tag:
            yield child, change
        elif child.tag == f"{MC}AlternateContent":
            branch = chosen(child)
            if branch is not None:
                yield from inner(branch, tag, change)
        elif not child.tag.endswith("Pr") and child.tag not in _HELD:
            yield from inner(child, tag, change or change_of(child))


def row_change(row: Any) -> Change | None:
    marks = row.find(f"{W}trPr")
    found = (change_of(mark) for mark in (() if marks is None else marks) if mark.tag in OUT)
    return next(found, None)


def is_new(row: Any) -> bool:
    return row.find(f"{W}trPr/{W}ins") is not None or row.find(f".//{W}tcPr/{W}cellIns") is not None


def is_hidden(row: Any) -> bool:
    return bool(switch(row.find(f"{W}trPr"), "hidden"))


def cell_change(cell: Any) -> Change | None:
    found = cell.find(f"{W}tcPr/{W}cellDel")
    return None if found is None else Change("deleted", found.get(f"{W}author", ""), found.get(f"{W}date", ""))


def skipped(row: Any, where: str) -> int:
    """Columns that a row leaves out at its start ("gridBefore") or end ("gridAfter")."""
    return min(whole(value(row.find(f"{W}trPr"), where), 0), _WIDEST)


def merge(cell: Any) -> tuple[int, bool]:
    """How many columns a cell spans, and whether it goes on from the cell above."""
    marks = cell.find(f"{W}tcPr")
    if marks is None:
        return 1, False
    down = marks.find(f"{W}vMerge")
    span = max(1, min(whole(value(marks, "gridSpan"), 1), _WIDEST))
    return span, down is not None and down.get(f"{W}val") != "restart"
