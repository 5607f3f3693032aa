"""From a parsed file to its canonical text, and from that to chunks which are spans of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from ingest.cutting import untied
from ingest.languages import language_of
from ingest.naming import named
from ingest.types import Chunk, Document, ElementKind, FileWarning, ParsedFile, PlacedElement, chunk_id, reading_of

SEPARATOR = "\n\n"


def assemble(parsed: ParsedFile, *, source: str, content_sha256: str, language: str = "") -> Document:
    """Joins the elements into the canonical text, records where each one lies, what people call it all, and in which
    language it is, unless a person said so."""
    placed: list[PlacedElement] = []
    position = 0
    for element in parsed.elements:
        placed.append(PlacedElement(element, position, position + len(element.text)))
        position += len(element.text) + len(SEPARATOR)
    text = SEPARATOR.join(element.text for element in parsed.elements)
    title, names = named(source, parsed.title, parsed.media_type, text, _headings(parsed))
    return Document(
        source=source,
        title=title,
        media_type=parsed.media_type,
        content_sha256=content_sha256,
        text=text,
        elements=tuple(placed),
        page_count=parsed.page_count,
        names=names,
        warnings=(*parsed.warnings, *(warning for one in placed for warning in _warnings(one))),
        pages=parsed.pages,
        reading=reading_of(content_sha256, text),
        language=language or language_of(text),
        language_set=bool(language),
    )


def _warnings(placed: PlacedElement) -> Iterator[FileWarning]:
    """An element's warnings with offsets into the canonical text."""
    for warning in placed.element.warnings:
        start, end = (warning.start, warning.end) if warning.start >= 0 else (0, len(placed.element.text))
        page = warning.page or placed.element.page
        yield replace(warning, page=page, start=placed.start + start, end=placed.start + end)


def _headings(parsed: ParsedFile) -> Iterator[str]:
    """Titles and headings of the first two pages; where there are none, of the first elements."""
    for element in parsed.elements[:80]:
        if element.kind in {ElementKind.TITLE, ElementKind.HEADING} and (element.page or 1) <= 2:
            yield element.text


@dataclass(frozen=True, slots=True)
class _Piece:
    """A span that is not split further, with where it stands in the outline."""

    start: int
    end: int
    section_path: tuple[str, ...]
    page: int | None
    is_heading: bool = False
    is_table: bool = False
    table_header: str = ""


class Chunker:
    """Structure-aware chunker: a chunk never crosses a heading, and a table stays whole while it fits.

    `target_chars` is where a chunk is closed, `max_chars` what no chunk exceeds except an unbreakable
    word. A heading opens the chunk of the text below it. A long table is split between rows, and the
    later parts carry its first row as `table_header`.
    """

    def __init__(self, *, target_chars: int = 800, max_chars: int = 1200) -> None:
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        self._target = target_chars
        self._max = max_chars
        self._prose = RecursiveCharacterTextSplitter(
            chunk_size=target_chars,
            chunk_overlap=0,
            separators=["\n", ". ", "。", "; ", "；", ", ", "，", "、", " ", ""],
            keep_separator="end",
            strip_whitespace=False,
        )

    def chunks(self, document: Document) -> tuple[Chunk, ...]:
        """Chunks in reading order; together they cover every element exactly once."""
        groups = self._groups(self._pieces(document))
        return tuple(self._chunk(document, ordinal, group) for ordinal, group in enumerate(groups))

    def _pieces(self, document: Document) -> Iterator[_Piece]:
        path: list[tuple[int, str]] = []
        for placed in document.elements:
            element = placed.element
            if element.kind is ElementKind.HEADING:
                path = [entry for entry in path if entry[0] < element.level]
                path.append((element.level, element.text))
            section = tuple(title for _, title in path)
            if element.kind in {ElementKind.HEADING, ElementKind.TITLE} and len(element.text) <= self._max:
                yield _Piece(placed.start, placed.end, section, element.page, is_heading=True)
            elif element.kind is ElementKind.TABLE:
                yield from self._table(placed, section)
            else:
                for start, end in self._split(element.text):
                    page = _page_at(placed, start)
                    yield _Piece(placed.start + start, placed.start + end, section, page)

    def _table(self, placed: PlacedElement, section: tuple[str, ...]) -> Iterator[_Piece]:
        """Whole rows as long as they fit, under the header row; the first part leaves room for the headings above."""
        text = placed.element.text
        header = _shortened(text.split("\n", 1)[0], self._max // 2) if len(text) > self._max else ""
        for start, end in self._rows(text):
            page = _page_at(placed, start)
            first = "" if start == 0 else header
            yield _Piece(placed.start + start, placed.start + end, section, page, is_table=True, table_header=first)

    def _rows(self, text: str) -> Iterator[tuple[int, int]]:
        """Spans of a table: of whole rows, or of parts of a row that is longer than a chunk."""
        if len(text) <= self._max:
            yield 0, len(text)
            return
        start = position = 0
        for row in text.split("\n"):
            end = position + len(row)
            if position > start and end - start > (self._target if start == 0 else self._max):
                yield start, position - 1
                start = position
            if len(row) > self._max:
                yield from ((start + a, start + b) for a, b in _parts(row, self._target))
                start = end + 1
            position = end + 1
        if start < len(text):
            yield start, len(text)

    def _split(self, text: str) -> Iterator[tuple[int, int]]:
        """Spans of a paragraph, cut at the mildest boundary that fits, without the blanks between them."""
        if len(text) <= self._max:
            yield 0, len(text)
            return
        ends = list(accumulate(map(len, self._prose.split_text(text))))
        start = 0
        for place, end in enumerate(ends):
            after = ends[place + 1] if place + 1 < len(ends) else len(text)
            cut = untied(text, end, start) if end < len(text) else end
            cut = cut if after - cut <= self._max else end
            piece = text[start:cut]
            yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
            start = cut

    def _groups(self, pieces: Iterator[_Piece]) -> Iterator[list[_Piece]]:
        """Neighbouring pieces of one section, closed at the target size."""
        group: list[_Piece] = []
        for piece in pieces:
            if group and self._closes(group, piece):
                yield group
                group = []
            group.append(piece)
        if group:
            yield group

    def _closes(self, group: list[_Piece], piece: _Piece) -> bool:
        if piece.end - group[0].start > self._max:
            return True
        if all(member.is_heading for member in group):
            return False
        if piece.is_heading or piece.table_header or piece.section_path != group[-1].section_path:
            return True
        return piece.end - group[0].start > self._target

    @staticmethod
    def _chunk(document: Document, ordinal: int, group: list[_Piece]) -> Chunk:
        start, end = group[0].start, group[-1].end
        body = next((piece for piece in group if not piece.is_heading), group[-1])
        return Chunk(
            id=chunk_id(document.id, document.read_as, start, end),
            document_id=document.id,
            ordinal=ordinal,
            start=start,
            end=end,
            text=document.text[start:end],
            title=document.title,
            section_path=body.section_path,
            page=group[0].page,
            table_header=group[0].table_header,
        )


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
        piece = row[start:end]
        yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
        start = end
    yield start + len(row[start:]) - len(row[start:].lstrip()), len(row)


def _shortened(header: str, limit: int) -> str:
    """A header row that is longer than `limit`, without the cells or words that go over it."""
    if len(header) <= limit:
        return header
    head = header[: limit + 1]
    return head[: max(head.rfind(" | "), 0)] or head[: max(head.rfind(" "), 0)] or header[:limit]


def _page_at(placed: PlacedElement, offset: int) -> int | None:
    """The page on which character `offset` of the element is printed."""
    pages = [line.box.page for line in placed.element.lines if line.start <= offset]
    return pages[-1] if pages else placed.element.page
