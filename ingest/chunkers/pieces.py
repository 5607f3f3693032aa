"""What chunks are made of: spans of a document that stand in one section, and how neighbouring ones go together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from ingest.cutting import untied
from ingest.types import Chunk, Document, ElementKind, PlacedElement, chunk_id

if TYPE_CHECKING:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

MILDEST = ("\n", ". ", "。", "; ", "；", ", ", "，", "、", " ", "")  # where prose is cut, best first


@dataclass(frozen=True, slots=True)
class Piece:
    """A span [start, end) of the canonical text that is not cut further, with where it stands in the outline."""

    start: int
    end: int
    section_path: tuple[str, ...]
    page: int | None
    is_heading: bool = False
    is_table: bool = False
    table_header: str = ""


@dataclass(frozen=True)
class Cutter:
    """Cuts what is too long. `target`: characters at which a part is closed, `limit`: what none exceeds except an
    unbreakable word."""

    target: int
    limit: int

    @cached_property
    def _prose(self) -> RecursiveCharacterTextSplitter:
        return splitter(self.target, MILDEST)

    def pieces(self, document: Document) -> Iterator[Piece]:
        """Paragraphs, headings and tables in order, the long ones in parts; they cover every element once."""
        for placed, section in outlined(document):
            element = placed.element
            if element.kind in {ElementKind.HEADING, ElementKind.TITLE} and len(element.text) <= self.limit:
                yield Piece(placed.start, placed.end, section, element.page, is_heading=True)
            elif element.kind is ElementKind.TABLE:
                yield from self._table(placed, section)
            else:
                for start, end in self.split(element.text):
                    page = page_at(placed, start)
                    yield Piece(placed.start + start, placed.start + end, section, page)

    def split(self, text: str) -> Iterator[tuple[int, int]]:
        """Spans of a paragraph, cut at the mildest boundary that fits, without the blanks between them."""
        if len(text) <= self.limit:
            yield 0, len(text)
            return
        yield from cut_spans(text, self._prose, self.limit)

    def rows(self, text: str) -> Iterator[tuple[int, int]]:
        """Spans of a table: of whole rows, or of parts of a row that is longer than a chunk."""
        if len(text) <= self.limit:
            yield 0, len(text)
            return
        start = position = 0
        for row in text.split("\n"):
            end = position + len(row)
            if position > start and end - start > (self.target if start == 0 else self.limit):
                yield start, position - 1
                start = position
            if len(row) > self.limit:
                yield from ((start + a, start + b) for a, b in _parts(row, self.target))
                start = end + 1
            position = end + 1
        if start < len(text):
            yield start, len(text)

    def header(self, table: str) -> str:
        """What the later parts of a table stand under: its first row, "" for a table that stays whole."""
        return shortened(table.split("\n", 1)[0], self.limit // 2) if len(table) > self.limit else ""

    def _table(self, placed: PlacedElement, section: tuple[str, ...]) -> Iterator[Piece]:
        """Whole rows as long as they fit, under the header row; the first part leaves room for the headings above."""
        text = placed.element.text
        header = self.header(text)
        for start, end in self.rows(text):
            page = page_at(placed, start)
            first = "" if start == 0 else header
            yield Piece(placed.start + start, placed.start + end, section, page, is_table=True, table_header=first)

    def groups(self, pieces: Iterator[Piece]) -> Iterator[list[Piece]]:
        """Neighbouring pieces of one section, closed at the target size."""
        for run in runs(pieces):
            yield from self.packed(run)

    def packed(self, run: Sequence[Piece]) -> Iterator[list[Piece]]:
        """A run in groups of the target size; headings stay with what follows them, if that fits."""
        group: list[Piece] = []
        for piece in run:
            size = piece.end - group[0].start if group else 0
            if size > self.limit or (size > self.target and not all(member.is_heading for member in group)):
                yield group
                group = []
            group.append(piece)
        if group:
            yield group


def outlined(document: Document) -> Iterator[tuple[PlacedElement, tuple[str, ...]]]:
    """The elements with the headings that they stand under, outermost first; a heading is under itself."""
    path: list[tuple[int, str]] = []
    for placed in document.elements:
        element = placed.element
        if element.kind is ElementKind.HEADING:
            path = [entry for entry in path if entry[0] < element.level]
            path.append((element.level, element.text))
        yield placed, tuple(title for _, title in path)


def runs(pieces: Iterator[Piece]) -> Iterator[list[Piece]]:
    """Neighbouring pieces that may stand in one chunk: of one section, after its headings; a later part of a table
    begins a run."""
    run: list[Piece] = []
    body = False
    for piece in pieces:
        apart = (
            piece.is_heading or bool(piece.table_header) or (bool(run) and piece.section_path != run[-1].section_path)
        )
        if body and apart:
            yield run
            run, body = [], False
        run.append(piece)
        body = body or not piece.is_heading
    if run:
        yield run


def chunk(document: Document, ordinal: int, group: Sequence[Piece], parent: tuple[int, int] | None = None) -> Chunk:
    """A group as a chunk; its section is that of what stands under its headings."""
    body = next((piece for piece in group if not piece.is_heading), group[-1])
    first = group[0]
    return made(
        document, ordinal, (first.start, group[-1].end), body.section_path, first.page, first.table_header, parent
    )


def made(
    document: Document,
    ordinal: int,
    span: tuple[int, int],
    section_path: tuple[str, ...],
    page: int | None,
    table_header: str = "",
    parent: tuple[int, int] | None = None,
) -> Chunk:
    start, end = span
    return Chunk(
        id=chunk_id(document.id, document.read_as, start, end),
        document_id=document.id,
        ordinal=ordinal,
        start=start,
        end=end,
        text=document.text[start:end],
        title=document.title,
        section_path=section_path,
        page=page,
        table_header=table_header,
        parent=parent,
    )


def splitter(size: int, separators: Sequence[str]) -> RecursiveCharacterTextSplitter:
    """Parts of at most `size` characters that are the text again when put together."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    return RecursiveCharacterTextSplitter(
        chunk_size=size, chunk_overlap=0, separators=list(separators), keep_separator="end", strip_whitespace=False
    )


def cut_spans(text: str, prose: RecursiveCharacterTextSplitter, limit: int) -> Iterator[tuple[int, int]]:
    """Spans of the parts, none of which ends within an amount, without the blanks between them."""
    ends = list(accumulate(map(len, prose.split_text(text))))
    start = 0
    for place, end in enumerate(ends):
        after = ends[place + 1] if place + 1 < len(ends) else len(text)
        cut = untied(text, end, start) if end < len(text) else end
        cut = cut if after - cut <= limit else end
        yield from trimmed(text, start, cut)
        start = cut


def trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span without blanks at its ends; none if it holds nothing else."""
    piece = text[start:end]
    if body := piece.strip():
        begin = start + len(piece) - len(piece.lstrip())
        yield begin, begin + len(body)


def shortened(header: str, limit: int) -> str:
    """A header row that is longer than `limit`, without the cells or words that go over it."""
    if len(header) <= limit:
        return header
    head = header[: limit + 1]
    return head[: max(head.rfind(" | "), 0)] or head[: max(head.rfind(" "), 0)] or header[:limit]


def page_at(placed: PlacedElement, offset: int) -> int | None:
    """The page on which character `offset` of the element is printed."""
    lines = placed.element.lines
    at = bisect_right(lines, offset, key=lambda line: line.start)
    return lines[at - 1].box.page if at else placed.element.page


def _parts(row: str, limit: int) -> Iterator[tuple[int, int]]:
    """Spans of a row, cut between cells, else sentences, else words; within a word only where one is over `limit`."""
    start = 0
    while len(row) - start > limit:
        end = start + limit
        for boundary in (" | ", ". ", "。", "; ", "；", ", ", "，", "、", " "):
            at = row.rfind(boundary, start + (limit // 3 if boundary != " " else 1), end)
            if at > 0:
                end = at + len(boundary)
                break
        end = untied(row, end, start)
        yield from trimmed(row, start, end)
        start = end
    yield from trimmed(row, start, len(row))
