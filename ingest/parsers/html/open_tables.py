"""The tables that are open while a page is walked through: their parts and cells, and what a table comes to."""

from __future__ import annotations

import re
from typing import Any

from ingest.parsers.html.blocks import Blocks
from ingest.parsers.html.notes import without_mark
from ingest.parsers.html.output import Aside
from ingest.parsers.html.sinks import Sink
from ingest.parsers.html.tables import Survey, Table, is_wide
from ingest.types import Element, ElementKind

_ROW_ENDS = re.compile(r"\s+;\s+|\s+;$")


class OpenTables:
    """What `begin` gives is to be ended with the element: by `end`, or a kind of sink."""

    def __init__(self, blocks: Blocks, surveys: dict[Any, Survey]) -> None:
        self._blocks = blocks
        self._surveys = surveys
        self._open: list[Table | None] = []  # None for one that only lays out, or stands in a cell

    @property
    def _table(self) -> Table | None:
        return self._open[-1] if self._open else None

    def begin(self, node: Any, tag: str) -> tuple[str, ...]:
        if tag == "table":
            return self._begin_table(node)
        table = self._table
        if table is None or self._blocks.sink.kind != "stray":
            return ("row",) if tag == "tr" and self._blocks.sink.kind == "cell" else ()
        if tag in ("tr", "thead", "tbody", "tfoot"):
            table.open(tag)
            return (f"part {tag}",)
        return (self._blocks.push("cell"),) if tag in ("td", "th", "caption") else ()

    def _begin_table(self, node: Any) -> tuple[str, ...]:
        inside = self._blocks.sink.kind != "block" or node not in self._surveys
        kind = "layout" if inside else self._surveys[node].kind
        if kind == "data":
            self._blocks.settle()
            self._open.append(Table())
            return (self._blocks.push("stray"), "table")
        self._open.append(None)
        return (self._blocks.push("line"), "inner") if kind == "line" else ("inner",)

    def end(self, action: str) -> None:
        if action == "row":
            self._blocks.sink.add("; ")
        elif action == "inner":
            self._open.pop()
        elif action == "table":
            self._end_table()
        elif action.startswith("part ") and self._table is not None:
            self._table.close(action.removeprefix("part "))

    def end_cell(self, sink: Sink, node: Any) -> None:
        if sink.opening and self._open and is_wide(node):
            self.next_note(sink)
            return
        text = sink.text()
        if not text:
            self._blocks.sink.add(" " * bool(sink.pieces))
        if self._table is None:
            return
        if node.tag == "caption":
            self._table.caption += [text] * bool(text)
        else:
            self._table.add(node, _ROW_ENDS.sub("; ", text).rstrip("; ") if "; " in f"{text} " else text)

    def next_note(self, sink: Sink) -> None:
        """A note ends where the next one begins, in the same paragraph or cell."""
        if sink.kind != "cell" or self._table is None:
            self._blocks.flush()
            return
        if words := without_mark(sink.text(), sink.opening):
            self._table.notes.append((sink.opening, words))
        sink.clear()

    def _end_table(self) -> None:
        """Its caption, stray words, and rows; one row or column was only a frame."""
        blocks = self._blocks
        stray = blocks.pop().text()
        table = self._open.pop()
        assert table is not None
        aside, blocks.aside = blocks.aside, Aside()
        for words in (*table.caption, stray):
            if words:
                blocks.emit(Element(ElementKind.PARAGRAPH, words))
        text = table.text()
        if blocks.marker and text:
            blocks.emit(Element(ElementKind.LIST_ITEM, blocks.marker))
            blocks.marker = ""
        blocks.aside = aside
        if "\n" in text and " | " in text:
            blocks.emit(Element(ElementKind.TABLE, text))
        else:
            for line in filter(None, text.replace(" | ", " ").split("\n")):
                blocks.emit(Element(ElementKind.PARAGRAPH, line))
        for mark, words in table.notes:
            blocks.loose(mark, words)
        blocks.settle()
