"""PDF: pdfium's characters become lines, paragraphs, headings and tables, each with its place on the page.

unstructured's PDF reader is not used: without a downloaded model it finds neither heading levels nor tables.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ingest.errors import DamagedFile, EncryptedFile, FileTooLarge
from ingest.parsers.clean import clean, sensible_title, stem
from ingest.parsers.ocr.layout import Frame
from ingest.parsers.ocr.warned import nothing_read
from ingest.parsers.pdf.annotations import attached
from ingest.parsers.pdf.assembly import elements_of
from ingest.parsers.pdf.attaching import Aside, attach
from ingest.parsers.pdf.digits import FalseFonts, false_fonts
from ingest.parsers.pdf.folios import bates_of, folios_of
from ingest.parsers.pdf.furniture import without_furniture
from ingest.parsers.pdf.headings import bookmarks_of
from ingest.parsers.pdf.layers import without_layers
from ingest.parsers.pdf.lines import Line, lines_of, order_doubts
from ingest.parsers.pdf.notes import with_notes
from ingest.parsers.pdf.ocr import ScannedPages
from ingest.parsers.pdf.pages import PageRead, cut_off, read_page
from ingest.parsers.pdf.paint import Paint
from ingest.parsers.pdf.pictures import pictured
from ingest.parsers.pdf.ruling import ruling_of
from ingest.parsers.pdf.styles import frame_of
from ingest.parsers.pdf.tables import Table, tables_of
from ingest.types import FileWarning, PageInfo, PageSource, ParsedFile, Part, WarningKind

_PASSWORD = 4  # FPDF_ERR_PASSWORD
_XFA_FULL = 2  # FORMTYPE_XFA_FULL
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
            marked = without_layers(data)
            document = _open(marked or data, name)
            try:
                if len(document) > self._max_pages:
                    raise FileTooLarge(f"{name}: {len(document)} pages; the limit is {self._max_pages}. Split it.")
                return _read(document, name, layers=marked is not None)
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


def _read(document: Any, name: str, layers: bool) -> ParsedFile:
    pages: list[list[Line]] = []
    tables: list[list[Table]] = []
    infos: list[PageInfo] = []
    asides: list[Aside] = []
    warnings: list[FileWarning] = []
    files = list(attached(document))
    form = _form(document)
    scans = ScannedPages()
    turned: dict[int, Frame] = {}
    cut: list[tuple[Sequence[str], Sequence[str]]] = []
    known = (form, layers, false_fonts(document))
    for number in range(1, len(document) + 1):
        read, found, info, height = _page(document, number, known, scans)
        warnings += read.warnings
        cut.append((read.cut, [word.text for word in read.words]))
        asides += read.asides
        files += read.files
        if info.source is PageSource.TEXT and (read.turns or info.confidence is not None):
            turned[number] = Frame(read.paint.width, height, read.turns)
        pages.append(lines_of(read.words, number, height))
        tables.append(found)
        infos.append(replace(info, label=_label(document, number)))
    warnings += cut_off(cut)
    if not any(pages) and not any(tables) and not files:
        lies = [warning for warning in warnings if warning.kind is WarningKind.FONT_MAPPING]
        raise nothing_read(name, [*lies, *scans.warnings, *warnings])
    elements, printed = elements_of(with_notes(without_furniture(pages), tables), tables, _bookmarks(document))
    elements, loose = attach(elements, asides)
    title = sensible_title(document.get_metadata_dict().get("Title")) or printed or stem(name)
    return ParsedFile(
        title,
        "application/pdf",
        scans.settle(elements, turned),
        page_count=len(pages),
        warnings=_distinct([*scans.warnings, *_dynamic(document), *warnings, *order_doubts(pages), *loose]),
        pages=tuple(_labelled(infos, pages)),
        parts=tuple(Part(title, content) for title, content in files),
    )


def _labelled(infos: Sequence[PageInfo], pages: list[list[Line]]) -> Iterator[PageInfo]:
    """Each page with the label and the Bates number that are printed on it."""
    labels, bates = folios_of(pages), bates_of(pages)
    for info in infos:
        label = labels.get(info.number, info.label)
        yield replace(info, label=label, bates=bates.get(info.number, ""))


def _page(
    document: Any, number: int, known: tuple[Any, bool, FalseFonts], scans: ScannedPages
) -> tuple[PageRead, list[Table], PageInfo, float]:
    """What was read of a page, its tables, where its words come from, and its height in points."""
    import pypdfium2

    try:
        page, read = read_page(document, number - 1, *known)
    except pypdfium2.PdfiumError:
        said = f"Page {number} is damaged and was not read. Look at the page itself."
        lost = FileWarning(WarningKind.UNREAD_PAGE, said, number)
        return PageRead([], Paint(), [], [lost]), [], PageInfo(number, PageSource.UNREAD), 0.0
    try:
        recognised = scans.read(page, number, read.words, emptied=bool(read.cut))
        if recognised is None:
            more = pictured(page, number, read.words, read.paint, frame_of(page).size)
            read, tables = _with_tables(page, number, read)
            read = replace(read, words=[*read.words, *more.words], warnings=[*read.warnings, *more.warnings])
            return read, tables, PageInfo(number, confidence=more.confidence), page.get_height()
        info, height = scans.infos[number], scans.height(number, page.get_height())
        told = [_recognised(warning) if info.source is PageSource.OCR else warning for warning in read.warnings]
        return replace(read, words=recognised, warnings=told), [], info, height
    finally:
        page.close()


def _with_tables(page: Any, number: int, read: PageRead) -> tuple[PageRead, list[Table]]:
    if not (read.words and read.paint.shapes):
        return read, []
    frame = frame_of(page)
    ruling = ruling_of(page, frame.box, frame.size)
    if ruling.drawing:
        said = (
            f"Page {number} has so many lines that tables on it could not be made out; their words are in plain text."
        )
        return replace(read, warnings=[*read.warnings, FileWarning(WarningKind.CUT_TABLE, said, number)]), []
    if not ruling.crossed:
        return read, []
    found, words = tables_of(ruling, number, read.words)
    return replace(read, words=words), found


def _recognised(warning: FileWarning) -> FileWarning:
    """Of a page that was recognised from its picture after all."""
    if warning.kind is not WarningKind.FONT_MAPPING:
        return warning
    said = (
        f"Page {warning.page}: the file gives wrong characters for its font; the words were recognised from a picture."
    )
    return replace(warning, words=said)


def _form(document: Any) -> Any:
    """The form's environment, in which fields know their values; None without fields."""
    if document.get_formtype() == 0:
        return None
    document.init_forms()
    return document.formenv.raw if document.formenv else None


def _dynamic(document: Any) -> Iterator[FileWarning]:
    """Of a form whose pages are made by a program inside it, only what lies on the fixed pages is read."""
    if document.get_formtype() == _XFA_FULL:
        said = "This is a dynamic form (XFA), of which only the fixed pages were read. Print it to a PDF and send that."
        yield FileWarning(WarningKind.UNREAD_PART, said)


def _label(document: Any, number: int) -> str:
    """The page's number as the file has it for its viewers, "" where it has none."""
    return clean(document.get_page_label(number - 1) or "")


def _distinct(warnings: list[FileWarning]) -> tuple[FileWarning, ...]:
    return tuple(dict.fromkeys(warnings))


def _bookmarks(document: Any) -> dict[str, int]:
    return bookmarks_of((clean(entry.get_title() or ""), entry.level) for entry in document.get_toc(max_depth=6))
