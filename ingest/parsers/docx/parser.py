"""A Word document's blocks in order: paragraphs, tables, and after each what hangs on it."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingest.parsers.captions import one_of_several
from ingest.parsers.clean import clean, rows_to_text, sensible_title, stem
from ingest.parsers.docx import tables
from ingest.parsers.docx.kinds import Kinds, words_of
from ingest.parsers.docx.line import Change, Line, Mention, signed
from ingest.parsers.docx.notes import Comments, Notes
from ingest.parsers.docx.numbering import Label, Numbering
from ingest.parsers.docx.package import Package
from ingest.parsers.docx.reader import IN, RunReader, change_of, drops_cap, end_is_hidden, mark_change
from ingest.parsers.docx.styles import Styles
from ingest.parsers.docx.xml import MC, M, W, chosen
from ingest.reading.detect import DOCX
from ingest.types import Element, ElementKind, FileWarning, ParsedFile, WarningKind

_TEMPLATE_TITLE = "Word Document"  # of files whose program writes no properties
_REPEATED = 2000  # characters of a cell that is merged downwards; longer ones are given once
_FIRST = 5  # paragraphs of which one may be the title
_LITTLE = 40  # characters of a file that is but a picture


class DocxParser:
    media_types = frozenset({DOCX})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `DamagedFile`, and what `check_zip` raises."""
        package = Package(data, name)
        reader = _Reader(package)
        elements = tuple(reader.elements())
        printed = _printed(elements, reader.title)
        printed = _MARKS.sub("", printed).strip()
        stated = sensible_title(package.title)
        title = (stated if stated != _TEMPLATE_TITLE else "") or printed or stem(name)
        return ParsedFile(title, DOCX, elements, warnings=tuple(reader.warnings(elements)))


def _printed(elements: Sequence[Element], other: str) -> str:
    """The title that is printed, or the first heading, if that is not but the first of several of a kind."""
    headings = [element for element in elements if element.kind in (ElementKind.TITLE, ElementKind.HEADING)]
    if not headings:
        return other
    equals = (one.text for one in headings[1:] if one.level == headings[0].level)
    return "" if one_of_several(headings[0].text, equals) else headings[0].text


_MARKS = re.compile(r" ?\(notes? [^()]{1,20}\)")
_NONE = Label()


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph that was read, or a table that was not yet."""

    node: Any
    change: Change | None = None
    line: Line | None = None
    label: Label = _NONE


class _Reader:
    """Walks one document's body in order. Header and footer text is left out."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._styles = Styles(package.part("styles"))
        self._numbering = Numbering(package.part("numbering"), self._styles)
        self._notes = Notes(package)
        self._comments = Comments(package)
        self._runs = RunReader(package, self._styles, self._notes)
        self._runs.expect(package.body)
        self._said = ""
        self.title = ""  # the first of the first words that could be one
        self._begun = 0
        self._hidden = 0  # passages of which nothing is left to hang a warning on
        self._unread: dict[str, str] = {}  # what was not read, and after which words
        self._kinds = Kinds(self._styles, package.body)

    def elements(self) -> Iterator[Element]:
        yield from self._story(self._package.body, None)

    def warnings(self, elements: tuple[Element, ...]) -> Iterator[FileWarning]:
        for what, place in self._unread.items():
            after = f" after “{place}”" if place else ""
            words = f"Not read: {what}{after}; open the original to see it."
            yield FileWarning(WarningKind.UNREAD_PART, words)
        if self._hidden:
            words = (
                "The document has hidden text, left out here; open it in Word and show hidden or white text to see it."
            )
            yield FileWarning(WarningKind.HIDDEN_TEXT, words)
        if self._notes.by_page:
            words = "Notes are numbered anew on each page, so their numbers may differ from the printed ones."
            yield FileWarning(WarningKind.NUMBER_FORMAT, words)
        if self._package.pictures and sum(len(element.text) for element in elements) < _LITTLE:
            words = "The document is mostly pictures, whose words were not read; check it in the original."
            yield FileWarning(WarningKind.UNREAD_PART, words)

    def _story(self, container: Any, change: Change | None) -> Iterator[Element]:
        for block in self._blocks(container, change):
            if block.line is None:
                yield from self._table(block)
            else:
                yield from self._paragraph(block, block.line)
                yield from self._after([block.line])

    def _blocks(self, container: Any, change: Change | None) -> Iterator[_Block]:
        """The paragraphs, read, and tables of a container; a paragraph whose end is deleted runs on in the next."""
        held: _Block | None = None
        for node, out in self._nodes(container, change):
            if node.tag != f"{W}p":
                if held is not None:
                    yield held
                    held = None
                yield _Block(node, out)
                continue
            line = Line() if held is None or held.line is None else held.line
            self._runs.read(node, line, out)
            line.changed = line.changed or any(node.find(f"{W}pPr/{W}rPr/{tag}") is not None for tag in IN)
            if out is not None or mark_change(node) is not None or drops_cap(node):
                line.changed = line.changed or (not drops_cap(node) and not line.empty)
                held = _Block(node, out, line)
                if line.empty:
                    yield held
                    held = None
            else:
                held = None
                yield _Block(node, out, line, self._label(node, line))
            if node.find(f"{W}pPr/{W}sectPr") is not None:
                self._notes.end_section()
        if held is not None:
            yield held

    def _nodes(self, container: Any, change: Change | None) -> Iterator[tuple[Any, Change | None]]:
        """Paragraphs and tables in order, also those in content controls and tracked changes."""
        for child in container:
            tag = child.tag
            if tag in (f"{W}p", f"{W}tbl"):
                yield child, change
            elif tag == f"{MC}AlternateContent":
                branch = chosen(child)
                if branch is not None:
                    yield from self._nodes(branch, change)
            elif tag == f"{W}altChunk":
                self._miss("a document that is embedded in this one")
            elif tag in (f"{M}oMathPara", f"{M}oMath", f"{W}r"):
                yield _wrapped(child), change
            elif not tag.endswith("Pr"):
                yield from self._nodes(child, change or change_of(child))

    def _label(self, paragraph: Any, line: Line) -> Label:
        """The paragraph's number; one that is wholly hidden is not counted."""
        if end_is_hidden(paragraph) and line.hidden and line.empty:
            return Label()
        label = self._numbering.next(paragraph)
        line.doubtful = line.doubtful or not label.known
        return label

    def _paragraph(self, block: _Block, line: Line) -> Iterator[Element]:
        node, label, printed = block.node, block.label, line.text()
        numbered = "" if label.text == "•" else label.text
        text = clean(_joined(label, printed) if numbered else printed)
        self._place(text)
        if not text:
            self._hidden += line.hidden
            return
        kind, level = self._kinds.of(node, text, bool(label.text))
        self._begun += 1
        if not self.title and self._begun <= _FIRST and self._kinds.stands_out(node, text):
            self.title = text
        yield Element(kind, text, level, warnings=line.warnings())

    def _after(self, lines: list[Line]) -> Iterator[Element]:
        """What hangs on lines that were given: words that were taken out, notes, comments, text boxes."""
        for line in lines:
            kept = bool(line.text())
            for change, parts in line.removed:
                if clean("".join(parts)):
                    element = change.element("".join(parts))
                    yield element if kept else replace(element, warnings=line.warnings())
        for line in lines:
            for mention in line.mentions:
                yield from self._mention(mention)

    def _mention(self, mention: Mention) -> Iterator[Element]:
        if mention.kind == "comment":
            for comment in self._comments.take(mention.node):
                words, lines = self._flat(comment.node, None)
                what = signed("reply" if comment.reply else "comment", comment.author, comment.date)
                if words:
                    text = f"[{what}: {words}]"
                    yield Element(ElementKind.COMMENT, text, author=comment.author, date=comment.date)
                yield from self._after(lines)
        elif mention.kind == "note":
            yield from self._note(mention)
        elif isinstance(mention.node, str):
            yield from self._shape(mention)
        else:
            self._runs.expect(mention.node)
            yield from self._story(mention.node, mention.change)

    def _note(self, mention: Mention) -> Iterator[Element]:
        self._runs.expect(mention.node)
        words, lines = self._flat(mention.node, None)
        words = words.removeprefix(mention.label).strip() if not mention.label.isalnum() else words
        if mention.change is not None:
            if words:
                yield mention.change.element(f"note: {words}")
        elif words:
            warnings = _merged(lines)
            yield Element(ElementKind.NOTE, f"Note {mention.label}: {words}", warnings=warnings)
        yield from self._after(lines)

    def _shape(self, mention: Mention) -> Iterator[Element]:
        text = clean(mention.node)
        if text and mention.change is not None:
            yield mention.change.element(text)
        elif text:
            yield Element(ElementKind.PARAGRAPH, text)

    def _table(self, block: _Block) -> Iterator[Element]:
        lines: list[Line] = []
        text = rows_to_text(self._rows(block, lines))
        self._place(text)
        if text:
            yield Element(ElementKind.TABLE, text, warnings=_merged(lines))
        elif any(line.hidden for line in lines):
            self._hidden += 1
        yield from self._after(lines)

    def _rows(self, table: _Block, lines: list[Line]) -> Iterator[list[str]]:
        """Cell texts; one merged downwards is repeated in each row, one merged across is followed by empty cells."""
        above: list[str] = []
        for row, out in tables.inner(table.node, f"{W}tr", table.change):
            gone = tables.is_hidden(row) or self._runs.hides(row)
            own = Line(hidden=gone and bool(words_of(row)), changed=tables.is_new(row))
            lines.append(own)
            if gone:
                continue
            out = out or tables.row_change(row)
            cells = [""] * tables.skipped(row, "gridBefore")
            for cell, cell_out in tables.inner(row, f"{W}tc"):
                span, merged = tables.merge(cell)
                change = None if out is not None else cell_out or tables.cell_change(cell)
                held, found = ("", []) if merged and _is_blank(cell) else self._flat(cell, change)
                lines += found
                if merged and not held and len(cells) < len(above) and len(above[len(cells)]) <= _REPEATED:
                    held = above[len(cells)]
                cells += [held, *[""] * (span - 1)]
            cells += [""] * tables.skipped(row, "gridAfter")
            if out is not None:
                own.remove(" | ".join(cell for cell in cells if cell), out)
                continue
            above = cells
            yield cells

    def _flat(self, container: Any, change: Change | None) -> tuple[str, list[Line]]:
        """The words of a cell, note or comment in one line, with their lines, of which the rest is still to be said."""
        words: list[str] = []
        lines: list[Line] = []
        for block in self._blocks(container, change):
            if block.line is None:
                words += [cell for row in self._rows(block, lines) for cell in row]
            else:
                lines.append(block.line)
                label = "" if block.label.text == "•" else block.label.text
                words.append(_joined(block.label, block.line.text()) if label else block.line.text())
        return " ".join(word for word in words if word), lines

    def _place(self, text: str) -> None:
        """Notes down what was not read in or before the block that ends with `text`."""
        for what in self._runs.unread:
            self._miss(what, text)
        self._runs.unread.clear()
        self._said = text or self._said

    def _miss(self, what: str, text: str = "") -> None:
        place = clean((text or self._said).rsplit("\n", 1)[-1])
        self._unread.setdefault(what, place if len(place) <= 60 else f"{place[:60].rsplit(' ', 1)[0]} ...")


def _joined(label: Label, text: str) -> str:
    """The number before the words. Two that Word prints without a gap would else become one number or word."""
    gap = label.gap or (" " if label.text[-1:].isalnum() and text[:1].isalnum() else "")
    return f"{label.text}{gap}{text}"


def _is_blank(cell: Any) -> bool:
    """Whether nothing was written into a cell; one that goes on from above prints no number either."""
    return next(cell.iter(f"{W}r", f"{M}oMath", f"{W}sdt"), None) is None


def _merged(lines: list[Line]) -> tuple[FileWarning, ...]:
    """The warnings of many lines, each once."""
    return tuple(dict.fromkeys(warning for line in lines for warning in line.warnings()))


def _wrapped(node: Any) -> Any:
    """A run or formula that stands where paragraphs do, as a paragraph."""
    paragraph = node.makeelement(f"{W}p")
    paragraph.append(copy.deepcopy(node))
    return paragraph
