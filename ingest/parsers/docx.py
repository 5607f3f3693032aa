"""Word documents with python-docx.

unstructured's reader is not used: it keeps hidden and deleted text, drops list numbers and merges away cells.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from ingest.errors import DamagedFile
from ingest.parsers import captions
from ingest.parsers.clean import clean, rows_to_text, sensible_title, stem
from ingest.parsers.docx_numbering import Numbering, value
from ingest.reading.detect import DOCX, check_zip
from ingest.types import Element, ElementKind, ParsedFile

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DELETED = {f"{_W}del", f"{_W}moveFrom", f"{_W}pPr", f"{_W}rPr", _MC_FALLBACK}
_BLANKS = {f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_W}ptab"}
_NOTES = (("footnotes", "footnote"), ("endnotes", "endnote"))
_OFF = ("0", "false", "off", "none")


class DocxParser:
    media_types = frozenset({DOCX})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `DamagedFile`, and what `check_zip` raises."""
        import docx
        import docx.opc.exceptions
        import lxml.etree

        check_zip(data)
        try:
            document = docx.Document(io.BytesIO(data))
        except (docx.opc.exceptions.OpcError, lxml.etree.LxmlError, KeyError, ValueError) as error:
            raise DamagedFile(f"{name}: damaged; not a readable Word document. Save it again in Word.") from error
        elements = tuple(_Reader(document).elements())
        printed = next((e.text for e in elements if e.kind in (ElementKind.TITLE, ElementKind.HEADING)), "")
        title = sensible_title(document.core_properties.title) or printed or stem(name)
        return ParsedFile(title, DOCX, elements)


class _Reader:
    """Walks one document's body in order. Header and footer text is left out, notes follow the body."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._styles = {style.style_id: style for style in document.styles}
        parts = {relation.reltype.rsplit("/", 1)[-1]: relation for relation in document.part.rels.values()}
        numbering = parts.get("numbering")
        self._numbering = Numbering(None if numbering is None else numbering.target_part.element)
        self._notes = {kind: parts[kind].target_part for kind, _ in _NOTES if kind in parts}
        paragraphs = document.element.body.iter(f"{_W}p")
        self._styled = any(self._heading_level(paragraph) for paragraph in paragraphs)

    def elements(self) -> Iterator[Element]:
        for block in _blocks(self._document.element.body):
            if block.tag == f"{_W}tbl":
                text = rows_to_text(self._rows(block))
                if text:
                    yield Element(ElementKind.TABLE, text)
            else:
                yield from self._paragraph(block)
        yield from self._note_elements()

    def _paragraph(self, paragraph: Any) -> Iterator[Element]:
        printed = clean(self._text(paragraph))
        if not printed:
            return
        label = self._label(paragraph)
        text = f"{label} {printed}" if label and label != "•" else printed
        style = self._style_name(paragraph)
        if style == "title":
            yield Element(ElementKind.TITLE, text)
        elif level := self._heading_level(paragraph) or self._guessed_level(paragraph, text):
            yield Element(ElementKind.HEADING, text, level)
        elif label or style.startswith("list") or captions.is_list_item(text):
            yield Element(ElementKind.LIST_ITEM, text)
        else:
            yield Element(ElementKind.PARAGRAPH, text)

    def _rows(self, table: Any) -> Iterator[list[str]]:
        """Cell texts; one merged downwards is repeated in each row, one merged across is followed by empty cells."""
        above: list[str] = []
        for row in table.iterchildren(f"{_W}tr"):
            cells: list[str] = []
            for cell in row.iter(f"{_W}tc"):
                if next(cell.iterancestors(f"{_W}tbl")) is not table:
                    continue
                span, merged = _merge(cell)
                held = " ".join(self._text(part) for part in cell.iter(f"{_W}p"))
                if merged and len(cells) < len(above):
                    held = above[len(cells)]
                cells += [held, *[""] * (span - 1)]
            above = cells
            yield cells

    def _text(self, node: Any) -> str:
        """What a reader sees of a paragraph: no deleted, hidden or field code text."""
        parts: list[str] = []
        for child in node:
            if child.tag in _DELETED or (child.tag == f"{_W}r" and self._is_hidden(child)):
                continue
            if child.tag == f"{_W}t":
                parts.append(child.text or "")
            elif child.tag in _BLANKS:
                parts.append(" ")
            elif child.tag == f"{_W}noBreakHyphen":
                parts.append("-")
            else:
                parts.append(self._text(child))
        return "".join(parts)

    def _is_hidden(self, run: Any) -> bool:
        marks = run.find(f"{_W}rPr")
        if marks is None:
            return False
        if marks.find(f"{_W}vanish") is not None:
            return value(marks, "vanish") not in _OFF
        style = self._styles.get(value(marks, "rStyle") or "")
        return bool(style is not None and style.font.hidden)

    def _chain(self, paragraph: Any) -> Iterator[Any]:
        """The property elements that hold for a paragraph: its own, then those of its styles."""
        own = paragraph.find(f"{_W}pPr")
        if own is not None:
            yield own
        style = self._styles.get((value(own, "pStyle") if own is not None else None) or "")
        for _ in range(20):
            if style is None:
                return
            marks = style.element.find(f"{_W}pPr")
            if marks is not None:
                yield marks
            style = getattr(style, "base_style", None)

    def _style_name(self, paragraph: Any) -> str:
        own = paragraph.find(f"{_W}pPr")
        style = self._styles.get((value(own, "pStyle") if own is not None else None) or "")
        return (style.name or "").lower() if style is not None else ""

    def _heading_level(self, paragraph: Any) -> int:
        name = self._style_name(paragraph)
        if name.startswith("heading ") and name[8:9].isdigit():
            return min(6, int(name[8]))
        outline = next((found for marks in self._chain(paragraph) if (found := value(marks, "outlineLvl"))), "9")
        return min(6, int(outline) + 1) if outline.isdecimal() and int(outline) < 9 else 0

    def _guessed_level(self, paragraph: Any, text: str) -> int:
        """By wording and bold type, only in documents that use no heading styles."""
        if self._styled or not captions.could_be_heading(text):
            return 0
        runs = [run for run in paragraph.iter(f"{_W}r") if clean(self._text(run))]
        bold = bool(runs) and all(run.find(f"{_W}rPr/{_W}b") is not None for run in runs)
        centred = any(value(marks, "jc") == "center" for marks in self._chain(paragraph))
        return captions.level(text, False, bold, centred)

    def _label(self, paragraph: Any) -> str:
        for marks in self._chain(paragraph):
            numbers = marks.find(f"{_W}numPr")
            if numbers is not None and (list_id := value(numbers, "numId")) is not None:
                level = value(numbers, "ilvl") or "0"
                return self._numbering.label(list_id, int(level)) if level.isdecimal() else ""
        return ""

    def _note_elements(self) -> Iterator[Element]:
        import docx.oxml

        for kind, tag in _NOTES:
            if kind in self._notes:
                for note in docx.oxml.parse_xml(self._notes[kind].blob).iterchildren(f"{_W}{tag}"):
                    text = clean(" ".join(self._text(part) for part in note.iter(f"{_W}p")))
                    if text:
                        yield Element(ElementKind.PARAGRAPH, f"[{note.get(f'{_W}id')}] {text}")


def _blocks(body: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, also those in content controls and insertions."""
    for child in body:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif child.tag not in _DELETED:
            yield from _blocks(child)


def _merge(cell: Any) -> tuple[int, bool]:
    """How many columns a cell spans, and whether it goes on from the cell above."""
    marks = cell.find(f"{_W}tcPr")
    if marks is None:
        return 1, False
    span = value(marks, "gridSpan") or "1"
    merge = marks.find(f"{_W}vMerge")
    return int(span) if span.isdecimal() else 1, merge is not None and merge.get(f"{_W}val") != "restart"
