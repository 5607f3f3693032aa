"""Which rows of a table are its header, which stand above it, and which go on with it or begin another."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.parsers.sheets.model import Cells, Rows

_PERIOD = re.compile(
    r"[A-Za-z]{0,4}\.?\s?(?:\d{1,2}[\s/-])?(?:19|20)\d\d|(?:19|20)\d\d[/-]\d\d(?:\d\d)?|[A-Za-z]\d{1,2}[\s/-](?:19|20)?\d\d"
)
_LOOKED_AT = 15  # rows at the top of a table


def is_value(text: str) -> bool:
    """Whether a cell is a number, date or truth value and not a name; a year or quarter may head a column."""
    if text.upper() in ("TRUE", "FALSE"):
        return True
    digits = sum(character.isdigit() for character in text)
    return digits > sum(character.isalpha() for character in text) and not _PERIOD.fullmatch(text)


def is_header(rows: Rows, order: Sequence[int], bold: set[int]) -> bool:
    """Whether the first of these rows heads the others: all of it names, and what is under it is something else."""
    first = rows[order[0]]
    if len(first) < 2 or len(order) < 2 or any(is_value(text) for text in first.values()):
        return False
    below = [rows[row] for row in order[1:_LOOKED_AT]]
    if any(is_value(cells.get(column, "")) for cells in below for column in first):
        return True
    return order[0] in bold and not any(row in bold for row in order[1:_LOOKED_AT])


def header_place(rows: Rows, order: Sequence[int], wide: set[tuple[int, int]], tall: set[tuple[int, int]]) -> int:
    """The place in `order` of the first header row: the first that is about as full as those after it.

    `wide`: cells that a merged one reaches over from the left, `tall` from above.
    """
    head = order[:_LOOKED_AT]
    columns = {column for row in head for column in rows[row]}
    fills = [_fill(rows[row], min(columns)) + sum((row, column) in wide for column in columns) for row in head]
    named: list[int] = []  # rows that could be the header of longer ones
    for place in range(len(head) - 1):
        cells = rows[head[place]]
        if len(cells) == 1 and all(column in cells or (head[place], column) in wide for column in columns):
            continue
        later = max(fills[place + 1 :])
        if fills[place] >= 2 and (fills[place] >= 0.75 * later or _upper(rows, order, place, tall)):
            return named[-1] if named and _holds_value(cells) else place
        heads = len(cells) > 1 and min(cells) == min(columns) and not _holds_value(cells)
        if heads and _is_data(rows[head[place + 1]]):
            named.append(place)
    return named[-1] if named else 0


def _holds_value(cells: Cells) -> bool:
    return any(is_value(text) for text in cells.values())


def _is_data(cells: Cells) -> bool:
    """Whether a row is one of several columns with a value in it."""
    return len(cells) > 2 and _holds_value(cells)


def _fill(cells: Cells, corner: int) -> int:
    """How many cells are filled; the corner above row labels may be blank."""
    return len(cells) + (corner not in cells and len(cells) > 1)


def _upper(rows: Rows, order: Sequence[int], place: int, tall: set[tuple[int, int]]) -> bool:
    """Whether a row with gaps is the upper one of two header rows: it reaches over the table and all is names."""
    upper, lower = rows[order[place]], rows[order[place + 1]]
    columns = sorted(set(upper) | set(lower))
    names = not any(is_value(text) for text in (*upper.values(), *lower.values()))
    return (
        names
        and len(upper) >= 2
        and columns.index(max(upper)) >= len(columns) / 2
        and not any(text.endswith(":") for text in upper.values())
        and (columns[0] not in lower or (order[place + 1], columns[0]) in tall)
    )


def header_height(rows: Rows, order: Sequence[int], wide: set[tuple[int, int]], tall: set[tuple[int, int]]) -> int:
    """1, or 2 to 3 where rows below say more of each column: under wide cells, or units below names."""
    height = 1
    while height < 3 and height + 1 < len(order):
        upper, lower = order[height - 1], order[height]
        cells = {column: text for column, text in rows[lower].items() if (lower, column) not in tall}
        corner = min(min(rows[row]) for row in order[: height + 2])
        below = rows[order[height + 1]]
        if not cells or corner in cells or any(is_value(text) for text in cells.values()):
            break
        if any(
            (upper, column) in wide or column not in rows[upper] or is_value(below.get(column, "")) for column in cells
        ):
            height += 1
        else:
            break
    return height


def joined(rows: Rows, header: Sequence[int], wide: set[tuple[int, int]], tall: set[tuple[int, int]]) -> Cells:
    """Header rows as one: "Rent 2023". Upper cells reach over the empty ones to their right, merged or not."""
    if len(header) == 1:
        return rows[header[0]]
    columns = sorted({column for row in header for column in rows[row]})
    parts: dict[int, list[str]] = {column: [] for column in columns}
    for row in header:
        reach = ""
        for column in columns:
            text = "" if (row, column) in tall else rows[row].get(column, "")
            covered = (row, column) in tall
            under_label = column != columns[0] and row != header[-1] and not covered
            reach = text or (reach if (row, column) in wide or under_label else "")
            if reach and reach not in parts[column]:
                parts[column].append(reach)
    return {column: " ".join(texts) for column, texts in parts.items() if texts}


def runs_on(header: Cells, last: Cells, known: set[int], first: Cells, columns: set[int]) -> bool:
    """Whether rows in one column more than a table's `known` ones, such as a remark, go on with it: the `first` of
    them and the `last` row above have values, and the header has none."""
    return (
        len(columns - known) == 1
        and min(columns) == min(known)
        and any(is_value(text) and is_value(last.get(column, "")) for column, text in first.items())
        and not any(map(is_value, header.values()))
    )


def heads_again(header: Cells, cells: Rows) -> bool:
    """Whether the first of these rows is a header, because a column has the same name in it as above."""
    first = next(iter(cells.values()))
    same = any(text == header.get(column) and not is_value(text) for column, text in first.items())
    return same and len(cells) > 1 and len(first) > 1 and not any(map(is_value, (*first.values(), *header.values())))


def stands_alone(side: Rows, columns: set[int]) -> bool:
    """Whether these columns are a table of their own: a full row of names, above rows that begin with a name."""
    order = [row for row, cells in side.items() if len(cells) > 1]
    if len(order) < 2 or set(side[order[0]]) != columns:
        return False
    first = min(columns)
    names = [side[row].get(first, "") for row in order]
    return all(not is_value(text) for text in side[order[0]].values()) and any(
        text and not is_value(text) for text in names[1:]
    )
