"""From an OpenDocument text to elements: its paragraphs, lists, tables, and what hangs on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingest.parsers import captions
from ingest.parsers.asides import comment
from ingest.parsers.clean import clean, rows_to_text, sensible_title, stem
from ingest.parsers.docx.line import Line
from ingest.parsers.odt.lines import Lines, who
from ingest.parsers.odt.numbering import Lists
from ingest.parsers.odt.styles import DC, OFFICE, TABLE, TEXT, Styles, count
from ingest.parsers.packages import opendocument
from ingest.reading.detect import ODT
from ingest.types import Element, ElementKind, FileWarning, ParsedFile, WarningKind

_ROW_HOLDERS = frozenset(f"{TABLE}{name}" for name in ("table-header-rows", "table-rows", "table-row-group"))
_MARKS = re.compile(r" ?\(notes? [^()]{1,20}\)")  # of notes, in a title
_FALSE = ("none", "false")
_REPEATED = 100  # rows or cells that are the same


class OdtParser:
    media_types = frozenset({ODT})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `DamagedFile`, and what `opendocument.opened` raises."""
        package = opendocument.opened(data, name, "OpenDocument text")
        content, styles = package.xml("content.xml"), package.xml("styles.xml")
        text = None if content is None else content.find(f"{OFFICE}body/{OFFICE}text")
        if text is None:
            raise package.damaged()
        reader = _Reader(text, Styles([root for root in (styles, content) if root is not None]))
        elements = tuple(reader.story(text))
        stated = sensible_title(opendocument.title(package))
        printed = next((e.text for e in elements if e.kind in (ElementKind.TITLE, ElementKind.HEADING)), "")
        printed = _MARKS.sub("", printed).strip()
        return ParsedFile(stated or printed or stem(name), ODT, elements, warnings=tuple(reader.warnings()))


class _Reader:
    def __init__(self, text: Any, styles: Styles) -> None:
        self._styles = styles
        self._lists = Lists(styles)
        self._hidden = 0
        self._lines = Lines(text, styles)

    def warnings(self) -> Iterator[FileWarning]:
        if self._hidden:
            words = "The document has hidden text, which was left out; show hidden text in LibreOffice to see it."
            yield FileWarning(WarningKind.HIDDEN_TEXT, words)
        for what in dict.fromkeys(self._lines.unread):
            yield FileWarning(WarningKind.UNREAD_PART, f"Not read: {what}; open the original to see it.")

    def story(self, container: Any) -> Iterator[Element]:
        for node in container:
            if node.tag in (f"{TEXT}p", f"{TEXT}h"):
                yield from self._paragraph(node)
            elif node.tag == f"{TEXT}list":
                yield from self._list(node, "", 0)
            elif node.tag == f"{TABLE}table":
                yield from self._table(node)
            elif node.tag == f"{TEXT}tracked-changes" or node.tag.endswith(("-source", "sequence-decls")):
                continue
            elif self._is_hidden(node):
                self._hidden += bool("".join(node.itertext()).strip())
            elif (line := self._lines.loose(node)) is not None:
                yield from self._after(line)
            else:
                yield from self.story(node)

    def _paragraph(self, node: Any, label: str = "", listed: bool = False) -> Iterator[Element]:
        line = self._lines.line(node)
        words = line.text()
        if node.tag == f"{TEXT}h" and not listed and words:
            label = self._lists.heading(node)
        text = clean(f"{label} {words}" if label != "•" else words)
        if text:
            yield Element(*self._kind(node, text, listed), warnings=line.warnings())
        else:
            self._hidden += line.hidden
        yield from self._after(line)

    def _kind(self, node: Any, text: str, listed: bool) -> tuple[ElementKind, str, int]:
        if "title" in self._styles.names(node.get(f"{TEXT}style-name") or ""):
            return ElementKind.TITLE, text, 0
        if node.tag == f"{TEXT}h":
            return ElementKind.HEADING, text, max(1, min(6, count(node, f"{TEXT}outline-level")))
        kind = ElementKind.LIST_ITEM if listed or captions.is_list_item(text) else ElementKind.PARAGRAPH
        return kind, text, 0

    def _list(self, node: Any, style: str, depth: int) -> Iterator[Element]:
        style = self._lists.enter(node, style, depth)
        for item in node:
            label = self._lists.next(style, depth, item) if item.tag == f"{TEXT}list-item" and _has_own(item) else ""
            for child in item:
                if child.tag == f"{TEXT}list":
                    yield from self._list(child, style, depth + 1)
                elif child.tag in (f"{TEXT}p", f"{TEXT}h"):
                    yield from self._paragraph(child, label, listed=child.tag == f"{TEXT}p" or bool(label))
                    label = ""
                elif child.tag == f"{TABLE}table":
                    yield from self._table(child)

    def _after(self, line: Line) -> Iterator[Element]:
        for change, parts in line.removed:
            if clean("".join(parts)):
                element = change.element("".join(parts))
                alone = line.warnings() if line.empty else ()
                yield Element(element.kind, element.text, warnings=alone, author=change.author, date=change.date)
        for mention in line.mentions:
            if mention.kind == "box":
                yield from self.story(mention.node)
                continue
            body = mention.node.find(f"{TEXT}note-body") if mention.kind == "note" else mention.node
            words, lines = self._flat(body)
            if words and mention.kind == "note":
                yield Element(ElementKind.NOTE, f"Note {mention.label}: {words}")
            elif words:
                yield comment(words, *who(mention.node))
            for other in lines:
                yield from self._after(other)

    def _flat(self, container: Any) -> tuple[str, list[Line]]:
        """The words of a note, comment or cell in one line, and its lines."""
        if container is None:
            return "", []
        words: list[str] = []
        lines: list[Line] = []
        for node, label in self._paragraphs(container, "", -1):
            line = self._lines.line(node)
            lines.append(line)
            words.append(clean(f"{label} {line.text()}" if label != "•" else line.text()))
        return " ".join(word for word in words if word), lines

    def _paragraphs(self, container: Any, style: str, depth: int) -> Iterator[tuple[Any, str]]:
        for node in container:
            if node.tag == f"{TEXT}list":
                inner = self._lists.enter(node, style, depth + 1)
                for item in node:
                    label = self._lists.next(inner, depth + 1, item) if _has_own(item) else ""
                    for held, own in self._paragraphs(item, inner, depth + 1):
                        yield held, own or label
                        label = ""
            elif node.tag in (f"{TEXT}p", f"{TEXT}h"):
                yield node, ""
            elif node.tag not in (f"{TEXT}tracked-changes", f"{DC}creator", f"{DC}date"):
                yield from self._paragraphs(node, style, depth)

    def _table(self, node: Any) -> Iterator[Element]:
        lines: list[Line] = []
        text = rows_to_text(self._rows(node, lines))
        if text:
            warnings = tuple(dict.fromkeys(warning for line in lines for warning in line.warnings()))
            yield Element(ElementKind.TABLE, text, warnings=warnings)
        for line in lines:
            yield from self._after(line)

    def _rows(self, table: Any, lines: list[Line]) -> Iterator[list[str]]:
        """Cell texts; one merged downwards is repeated in each row, one merged across is followed by empty cells."""
        above: list[tuple[str, int]] = []
        for row in _table_rows(table):
            cells: list[tuple[str, int]] = []
            for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                text, found = self._flat(cell)
                lines += found
                rows = count(cell, f"{TABLE}number-rows-spanned") - 1
                at = len(cells)
                if cell.tag == f"{TABLE}covered-table-cell" and at < len(above) and above[at][1] > 0:
                    text, rows = above[at][0], above[at][1] - 1
                cells += [(text, rows)] * min(count(cell, f"{TABLE}number-columns-repeated"), _REPEATED)
            above = cells
            for _ in range(min(count(row, f"{TABLE}number-rows-repeated"), _REPEATED)):
                yield [text for text, _ in cells]

    def _is_hidden(self, node: Any) -> bool:
        if node.tag != f"{TEXT}section":
            return False
        return node.get(f"{TEXT}display") in _FALSE or node.get(f"{TEXT}is-hidden") == "true"


def _has_own(item: Any) -> bool:
    """Whether an item has words of its own: one that only holds a deeper list prints no number."""
    return item.tag == f"{TEXT}list-item" and len(item) > 0 and item[0].tag != f"{TEXT}list"


def _table_rows(table: Any) -> Iterator[Any]:
    for child in table:
        if child.tag == f"{TABLE}table-row":
            if child.get(f"{TABLE}visibility") not in ("collapse", "filter"):
                yield child
        elif child.tag in _ROW_HOLDERS:
            yield from _table_rows(child)
