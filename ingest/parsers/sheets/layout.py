"""From the cells of a sheet to titles, tables and loose text: which cells belong together, and what heads them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from ingest.parsers.clean import cells_to_text
from ingest.parsers.sheets import doubts
from ingest.parsers.sheets.headers import (
    header_height,
    header_place,
    heads_again,
    is_header,
    joined,
    runs_on,
    stands_alone,
)
from ingest.parsers.sheets.model import Cells, Rows, Sheet
from ingest.parsers.sheets.references import letters
from ingest.types import Element, ElementKind, Grid

_LONGEST_TITLE = 160
_LONGEST_NAME = 60
_MOST_TITLES = 3
_MOST_MERGED = 3_000_000  # steps
_MOST_SIDES = 12


@dataclass(slots=True)
class _Table:
    """Rows under one header. `lines`: the row that a line comes from, and its cells; the header first."""

    lines: list[tuple[int, Cells]]
    columns: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.columns = {column for _, cells in self.lines for column in cells}


_Item = _Table | tuple[int, Element]


def elements(sheet: Sheet, level: int = 1) -> list[Element]:
    """Titles, tables and loose text of one sheet. `level`: that of its titles."""
    layout = _Layout(sheet, level)
    for block in _blocks(sheet):
        layout.add(block)
    return layout.finished()


def _blocks(sheet: Sheet) -> Iterator[list[int]]:
    """Rows between blank ones; a hidden row parts nothing."""
    block: list[int] = []
    for row in sorted(sheet.rows):
        if block and row > block[-1] + 1:
            between = range(block[-1] + 1, row)
            if len(between) > len(sheet.hidden_rows) or not all(one in sheet.hidden_rows for one in between):
                yield block
                block = []
        block.append(row)
    if block:
        yield block


class _Layout:
    def __init__(self, sheet: Sheet, level: int) -> None:
        self._sheet, self._level = sheet, level
        self._items: list[_Item] = []
        self._open: list[_Table] = []
        self._labels: list[int] = []  # rows of one cell below a table: a group's name, or words of their own
        self._wide: set[tuple[int, int]] = set()
        self._tall: set[tuple[int, int]] = set()
        self._one_column = len({column for cells in sheet.rows.values() for column in cells}) == 1
        self._tabular = any(len(cells) > 1 for cells in sheet.rows.values())
        self._doubts = doubts.by_row(sheet)
        self._merge()

    def _merge(self) -> None:
        """A cell merged downwards is repeated in every row that holds anything; one merged to the right is not."""
        rows = self._sheet.rows
        steps = 0
        for first, left, last, right in self._sheet.merged:
            steps += min(last - first, len(rows)) + min(right - left, 400)
            if steps > _MOST_MERGED:
                break
            text = rows.get(first, {}).get(left)
            if not text:
                continue
            if right > left:
                self._wide.update((first, column) for column in range(left + 1, min(right, left + 400) + 1))
            if last > first:
                inside = (
                    range(first + 1, last + 1) if last - first < len(rows) else [r for r in rows if first < r <= last]
                )
                for row in inside:
                    if row in rows:
                        rows[row].setdefault(left, text)
                        self._tall.add((row, left))

    def add(self, block: list[int]) -> None:
        """One block of rows: more of a table above it, a new one, or loose text."""
        rows = self._sheet.rows
        if all(len(rows[row]) == 1 for row in block):
            self._single(block)
            return
        first = next(place for place, row in enumerate(block) if len(rows[row]) > 1)
        titles, rest = block[:first], block[first:]
        parts = self._continued(rows, rest)
        if parts:
            for table, cells in parts:
                labels = [*self._labels, *titles] if len(parts) == 1 else []
                table.lines.extend((row, rows[row]) for row in labels)
                table.lines.extend(cells.items())
                table.columns.update(column for row in labels for column in rows[row])
            if len(parts) > 1:
                self._loose([*self._labels, *titles])
            self._labels = []
            return
        self._loose(self._labels)
        self._labels, self._open = [], []
        self._titles(titles)
        for side in self._sides(rows, rest):
            self._table(side)

    def _continued(self, rows: Rows, block: Sequence[int]) -> list[tuple[_Table, Rows]]:
        """The open tables that these rows go on with, and what goes into each."""
        columns = {column for row in block for column in rows[row]}
        if not self._open:
            return []
        if not columns <= set().union(*(table.columns for table in self._open)):
            if len(self._open) > 1 or not self._runs_on(rows[block[0]], columns):
                return []
            self._open[0].columns |= columns
        parts = []
        for table in self._open:
            cells = {row: {at: text for at, text in rows[row].items() if at in table.columns} for row in block}
            cells = {row: found for row, found in cells.items() if found}
            if cells:
                if len(table.columns) > 1 and (
                    is_header(cells, list(cells), self._sheet.bold) or heads_again(table.lines[0][1], cells)
                ):
                    return []
                parts.append((table, cells))
        return parts

    def _runs_on(self, first: Cells, columns: set[int]) -> bool:
        table = self._open[0]
        return runs_on(table.lines[0][1], table.lines[-1][1], table.columns, first, columns)

    def _sides(self, rows: Rows, block: Sequence[int]) -> list[Rows]:
        """Tables that stand side by side, parted by an empty column; else the block as it is."""
        whole = {row: rows[row] for row in block}
        used = sorted({column for row in block for column in rows[row]})
        covered = {column for row, column in self._wide if row in whole}
        groups: list[list[int]] = []
        for column in used:
            gap = range(groups[-1][-1] + 1, column) if groups else ()
            if not groups or any(one not in self._sheet.hidden_columns and one not in covered for one in gap):
                groups.append([])
            groups[-1].append(column)
        if not 1 < len(groups) <= _MOST_SIDES or any(len(group) < 2 for group in groups):
            return [whole]
        sides = []
        for group in groups:
            inside = set(group)
            cells = {row: {at: text for at, text in whole[row].items() if at in inside} for row in block}
            sides.append({row: found for row, found in cells.items() if found})
        return (
            sides if all(stands_alone(side, set(group)) for side, group in zip(sides, groups, strict=True)) else [whole]
        )

    def _table(self, cells: Rows) -> None:
        """A table with what stands above its header."""
        order = list(cells)
        start = header_place(cells, order, self._wide, self._tall)
        above: list[int] = []
        for row in order[:start]:
            if len(cells[row]) > 1:
                above.append(row)
                continue
            self._pairs(above, cells)
            above = []
            self._titles([row], cells)
        self._pairs(above, cells)
        order = order[start:]
        height = header_height(cells, order, self._wide, self._tall)
        header = order[:height]
        table = _Table(
            [
                (header[-1], joined(cells, header, self._wide, self._tall)),
                *((row, cells[row]) for row in order[height:]),
            ]
        )
        self._items.append(table)
        self._open.append(table)

    def _pairs(self, rows: list[int], cells: Rows) -> None:
        if rows:
            self._items.append(_Table([(row, cells[row]) for row in rows]))

    def _titles(self, titles: Sequence[int], cells: Rows | None = None, above: int = 0) -> None:
        """Rows of one cell above a table: short ones are headings, so that every part of the table is under them."""
        for depth, row in enumerate(titles, start=above):
            (text,) = (cells or self._sheet.rows)[row].values()
            if len(text) <= _LONGEST_TITLE and depth < _MOST_TITLES and not text.endswith((".", ";")):
                self._items.append((row, Element(ElementKind.HEADING, text, level=min(self._level + depth, 6))))
            else:
                self._items.append((row, Element(ElementKind.PARAGRAPH, text)))

    def _single(self, block: list[int]) -> None:
        """Rows of one cell each: a list in one column, or words that belong to what comes next."""
        rows = self._sheet.rows
        texts = [text for row in block for text in rows[row].values()]
        columns = {column for row in block for column in rows[row]}
        if self._open and columns <= self._open[-1].columns:
            self._labels.extend(block)
        elif (
            len(block) > (1 if self._one_column else 2) and len(columns) == 1 and max(map(len, texts)) <= _LONGEST_NAME
        ):
            self._loose(self._labels)
            self._labels = []
            table = _Table([(row, rows[row]) for row in block])
            self._items.append(table)
            self._open = [table]
        elif self._opens(block):
            self._titles(block, above=len(self._items))
        else:
            self._loose([*self._labels, *block])
            self._labels = []

    def _opens(self, block: Sequence[int]) -> bool:
        """Whether these rows are titles at the top of a sheet that holds a table."""
        headed = all(isinstance(item, tuple) and item[1].kind is ElementKind.HEADING for item in self._items)
        return headed and len(self._items) + len(block) <= _MOST_TITLES and self._tabular

    def _loose(self, block: Sequence[int]) -> None:
        for row in block:
            for text in self._sheet.rows[row].values():
                self._items.append((row, Element(ElementKind.PARAGRAPH, text)))

    def finished(self) -> list[Element]:
        self._loose(self._labels)
        firsts = [item.lines[0][0] if isinstance(item, _Table) else item[0] for item in self._items]
        reached = list(accumulate(firsts, max))
        marks: dict[int, list[Element]] = {}
        for row, mark in self._sheet.marks:
            at = bisect_right(reached, row) - 1 if reached and reached[0] <= row else len(reached) - 1
            marks.setdefault(at, []).append(mark)
        found = marks.pop(-1, [])
        for place, item in enumerate(self._items):
            found.append(self._made(item) if isinstance(item, _Table) else self._with_doubts(*item))
            found.extend(marks.get(place, ()))
        return [*found, *self._sheet.after]

    def _with_doubts(self, row: int, element: Element) -> Element:
        return replace(element, warnings=doubts.warnings(self._doubts, [row], None, [(0, len(element.text))]))

    def _made(self, table: _Table) -> Element:
        columns = sorted({column for _, cells in table.lines for column in cells})
        text = cells_to_text([cells.get(column, "") for column in columns] for _, cells in table.lines)
        order = [row for row, _ in table.lines]
        places, start = [], 0
        for line in text.split("\n"):
            places.append((start, start + len(line)))
            start += len(line) + 1
        grid = Grid(self._sheet.name, tuple(map(letters, columns)), tuple(order))
        unsure = doubts.warnings(self._doubts, order, set(columns), places)
        return Element(ElementKind.TABLE, text, grid=grid, warnings=unsure)
