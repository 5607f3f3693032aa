"""PDF: pdfium's characters become lines, paragraphs, headings and tables, each with its place on the page.

unstructured's PDF reader is not used: without a downloaded model it finds neither heading levels nor tables.
"""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ingest.errors import DamagedFile, EncryptedFile, FileTooLarge
from ingest.parsers.captions import NO_TITLE, is_list_item, is_part
from ingest.parsers.clean import clean, sensible_title, stem
from ingest.parsers.ocr.warned import nothing_read
from ingest.parsers.pdf.headings import Headings, bookmarks_of, fold
from ingest.parsers.pdf.lines import Line, lines_of, without_furniture
from ingest.parsers.pdf.ocr import ScannedPages
from ingest.parsers.pdf.paragraphs import Hyphens, compose, paragraphs_of
from ingest.parsers.pdf.tables import Table, tables_of
from ingest.parsers.pdf.words import Word, surface_of, words_of
from ingest.types import Element, ElementKind, LineBox, PageInfo, ParsedFile

_PASSWORD = 4  # FPDF_ERR_PASSWORD
_PDFIUM = threading.Lock()  # pdfium is not safe for use by several threads
_TAIL = 4096


class PdfParser:
    """`max_pages` bounds the work that one file can ask for."""

    media_types = frozenset({"application/pdf"})

    def __init__(self, max_pages: int = 5000) -> None:
        self._max_pages = max_pages

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `EncryptedFile`, `DamagedFile`, `FileTooLarge`, or `EmptyFile` where there is no text layer."""
        if b"startxref" not in data.rstrip(b"\x00\r\n\t ")[-_TAIL:]:
            raise DamagedFile(f"{name}: cut off; the end of the PDF is missing. Send it again from the original.")
        with _PDFIUM:
            document = _open(data, name)
            try:
                if len(document) > self._max_pages:
                    raise FileTooLarge(f"{name}: {len(document)} pages; the limit is {self._max_pages}. Split it.")
                return _read(document, data, name)
            finally:
                document.close()


def _open(data: bytes, name: str) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD:
            raise EncryptedFile(f"{name}: protected by a password. Remove the password and send it again.") from error
        raise DamagedFile(f"{name}: damaged or cut off; not a readable PDF. Send it again.") from error


def _read(document: Any, data: bytes, name: str) -> ParsedFile:
    pages: list[list[Line]] = []
    tables: list[list[Table]] = []
    scans = ScannedPages()
    with _Plumber(data) as plumber:
        for number, page in enumerate(_shown_pages(document), start=1):
            surface = surface_of(page)
            words = words_of(page, surface)
            found: list[Table] = []
            recognised = scans.read(page, number, words)
            if recognised is not None:
                words = recognised
            elif surface.ruled and words:
                found, words = plumber.tables(number, words)
            pages.append(lines_of(words, number, scans.height(number, page.get_height())))
            tables.append(found)
    if not any(pages) and not any(tables):
        raise nothing_read(name, scans.warnings)
    elements, printed = elements_of(pages, tables, _bookmarks(document))
    title = sensible_title(document.get_metadata_dict().get("Title")) or printed or stem(name)
    return ParsedFile(
        title,
        "application/pdf",
        scans.settle(elements),
        page_count=len(pages),
        warnings=scans.warnings,
        pages=tuple(scans.infos.get(number, PageInfo(number)) for number in range(1, len(pages) + 1)),
    )


def elements_of(
    pages: list[list[Line]], tables: list[list[Table]], bookmarks: dict[str, int]
) -> tuple[tuple[Element, ...], str]:
    """The elements of a file whose pages are these lines and tables, and the title printed on its first page, or ""."""
    return _with_title(tuple(_elements(without_furniture(pages), tables, bookmarks)))


def _shown_pages(document: Any) -> Iterator[Any]:
    """Each page in turn, what is filled into form fields being part of it."""
    has_form = document.get_formtype() != 0
    if has_form:
        document.init_forms()
    for index in range(len(document)):
        page = document[index]
        if has_form:
            page.flatten()
            page.close()
            page = document[index]
        yield page
        page.close()


class _Plumber:
    """Opens the file with pdfplumber when the first ruled page asks for it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._file: Any = None

    def __enter__(self) -> _Plumber:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def tables(self, number: int, words: list[Word]) -> tuple[list[Table], list[Word]]:
        """The page's tables and the words outside them; none where pdfminer stumbles over what pdfium reads."""
        import pdfplumber
        from pdfminer.psexceptions import PSException
        from pdfplumber.utils.exceptions import PdfminerException

        logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns about every odd font
        try:
            if self._file is None:
                self._file = pdfplumber.open(io.BytesIO(self._data))
            return tables_of(self._file.pages[number - 1], number, words)
        except (PdfminerException, PSException, LookupError, ValueError, TypeError, AttributeError, ArithmeticError):
            return [], words


def _bookmarks(document: Any) -> dict[str, int]:
    return bookmarks_of((clean(entry.get_title() or ""), entry.level) for entry in document.get_toc(max_depth=6))


def _elements(pages: list[list[Line]], tables: list[list[Table]], bookmarks: dict[str, int]) -> Iterator[Element]:
    lines = [line for page in pages for line in page]
    headings, hyphens = Headings(lines, bookmarks), Hyphens(lines)
    for part in _stream(pages, tables):
        if isinstance(part, Table):
            text, boxes = part.compose()
            yield Element(ElementKind.TABLE, text, page=part.box.page, lines=boxes)
        else:
            for group in paragraphs_of(part):
                yield from _paragraph(group, headings, hyphens)


def _stream(pages: list[list[Line]], tables: list[list[Table]]) -> Iterator[list[Line] | Table]:
    """Runs of lines and the tables between them, in reading order; tables that go on over a page are joined."""
    run: list[Line] = []
    pending: Table | None = None
    for lines, found in zip(pages, tables, strict=True):
        waiting = list(found)
        for line in [*lines, None]:
            while waiting and (line is None or waiting[0].box.y0 < line.y0):
                table = waiting.pop(0)
                if (
                    pending
                    and not run
                    and table.box.page > pending.rows[-1][1].page
                    and table.columns == pending.columns
                ):
                    pending = pending.continued(table)
                    continue
                yield from _flush(pending, run)
                pending, run = table, []
            if line is not None:
                run.append(line)
    yield from _flush(pending, run)


def _flush(table: Table | None, run: list[Line]) -> Iterator[list[Line] | Table]:
    if table is not None:
        yield table
    if run:
        yield run


def _paragraph(group: list[Line], headings: Headings, hyphens: Hyphens) -> Iterator[Element]:
    text, boxes = compose(group, hyphens)
    if level := headings.level(text, group):
        yield Element(ElementKind.HEADING, text, level, group[0].page, boxes)
        return
    end, level = headings.run_in(text, group)
    if end:
        yield _part(text, boxes, 0, end, ElementKind.HEADING, level)
    kind = ElementKind.LIST_ITEM if not end and is_list_item(text) else ElementKind.PARAGRAPH
    yield _part(text, boxes, end, len(text), kind, 0)


def _part(text: str, boxes: Sequence[LineBox], start: int, end: int, kind: ElementKind, level: int) -> Element:
    """The element of text[start:end]; a printed line that is divided gets a share of its box's width."""
    start += len(text[start:end]) - len(text[start:end].lstrip())
    end = start + len(text[start:end].rstrip())
    lines = tuple(_cut(line, start, end) for line in boxes if line.start < end and line.end > start)
    return Element(kind, text[start:end], level, lines[0].box.page, lines)


def _cut(line: LineBox, start: int, end: int) -> LineBox:
    first, last = max(line.start, start), min(line.end, end)
    step = (line.box.x1 - line.box.x0) / (line.end - line.start)
    x0, x1 = line.box.x0 + step * (first - line.start), line.box.x0 + step * (last - line.start)
    box = replace(line.box, x0=round(x0, 2), x1=round(x1, 2))
    return LineBox(first - start, last - start, box, line.confidence)


def _with_title(elements: tuple[Element, ...]) -> tuple[tuple[Element, ...], str]:
    """The first heading of page one that names the document becomes its TITLE; exhibit labels do not."""
    for position, element in enumerate(elements[:12]):
        if element.kind is not ElementKind.HEADING or element.page != 1:
            continue
        if element.text[0].isdigit() or (is_part(element.text) and not NO_TITLE.search(element.text)):
            break
        if len(fold(element.text)) > 5 and not NO_TITLE.search(element.text):
            title = replace(element, kind=ElementKind.TITLE, level=0)
            return (*elements[:position], title, *elements[position + 1 :]), element.text
    return elements, ""
