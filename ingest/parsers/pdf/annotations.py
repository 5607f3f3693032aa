"""What is put on top of a PDF page: shown text, comments, struck-out and redacted areas, form fields."""

from __future__ import annotations

import ctypes
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.parsers.clean import clean
from ingest.parsers.pdf.forms import field_word
from ingest.parsers.pdf.objects import Edges
from ingest.parsers.pdf.styles import Frame
from ingest.parsers.pdf.words import Word

_HIDDEN, _NO_VIEW = 2, 32
_LINE = 1.2  # times the size, from line to line of a text without an appearance
_DATE = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?")
_MOST = 5_000  # annotations on one page
_DARK = 70  # of 255: a highlight in such a colour blackens
_OPAQUE = 250
_TAGS = re.compile(r"<[^<>]{0,2000}>")


@dataclass(frozen=True, slots=True)
class Comment:
    """What a person wrote onto the page, which is no part of its text."""

    text: str
    author: str
    date: str
    edges: Edges


@dataclass(slots=True)
class Overlay:
    """`words`: shown, but in no content of the page; `flatten`: whether appearances are still to be painted."""

    words: list[Word] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    struck: list[Edges] = field(default_factory=list)
    redacted: list[Edges] = field(default_factory=list)
    files: list[tuple[str, bytes]] = field(default_factory=list)
    flatten: bool = False


def overlay_of(page: Any, form: Any, frame: Frame) -> Overlay:
    """The annotations of a pypdfium2 page. Those that are told here are hidden, so that none comes twice."""
    import pypdfium2.raw as pdfium

    overlay = Overlay()
    silent = {pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP}
    for annotation in _annotations(pdfium, page):
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        flags = pdfium.FPDFAnnot_GetFlags(annotation)
        if kind in silent or flags & (_HIDDEN | _NO_VIEW):
            continue
        edges = _edges(pdfium, annotation, frame)
        if kind == pdfium.FPDF_ANNOT_WIDGET:
            word = field_word(pdfium, form, annotation, edges) if form is not None else None
            overlay.words += [word] if word else []
            told = word is not None
        elif kind == pdfium.FPDF_ANNOT_FREETEXT:
            told = not pdfium.FPDFAnnot_HasKey(annotation, b"AP")
            if told:
                size = _size(_string(pdfium, annotation, b"DA"))
                overlay.words += _written(_contents(pdfium, annotation), edges, size)
        else:
            told = _mark(pdfium, annotation, kind, edges, frame, overlay)
        if told:
            pdfium.FPDFAnnot_SetFlags(annotation, flags | _HIDDEN)
        overlay.flatten = overlay.flatten or not told
    return overlay


def _mark(pdfium: Any, annotation: Any, kind: int, edges: Edges, frame: Frame, overlay: Overlay) -> bool:
    """Adds what a mark on the page means; whether that is all there is to it, and nothing is to be painted."""
    marks = {pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_HIGHLIGHT, pdfium.FPDF_ANNOT_UNDERLINE}
    marks |= {pdfium.FPDF_ANNOT_SQUIGGLY, pdfium.FPDF_ANNOT_STRIKEOUT, pdfium.FPDF_ANNOT_CARET}
    marks |= {pdfium.FPDF_ANNOT_REDACT, pdfium.FPDF_ANNOT_FILEATTACHMENT}
    drawn = {pdfium.FPDF_ANNOT_INK, pdfium.FPDF_ANNOT_SQUARE, pdfium.FPDF_ANNOT_CIRCLE, pdfium.FPDF_ANNOT_LINE}
    drawn |= {pdfium.FPDF_ANNOT_POLYGON, pdfium.FPDF_ANNOT_POLYLINE}
    if not pdfium.FPDFAnnot_HasKey(annotation, b"AP"):
        drawn.add(pdfium.FPDF_ANNOT_STAMP)
    if kind == pdfium.FPDF_ANNOT_FILEATTACHMENT:
        overlay.files += _file(pdfium, pdfium.FPDFAnnot_GetFileAttachment(annotation))
    elif kind == pdfium.FPDF_ANNOT_STRIKEOUT:
        overlay.struck += _quads(pdfium, annotation, frame) or [edges]
    elif kind == pdfium.FPDF_ANNOT_REDACT or _blackens(pdfium, annotation, kind):
        overlay.redacted += _quads(pdfium, annotation, frame) or [edges]
    text = clean(_string(pdfium, annotation, b"Contents"))
    if text and kind in marks | drawn and kind != pdfium.FPDF_ANNOT_REDACT:
        author, changed, made = (_string(pdfium, annotation, key) for key in (b"T", b"M", b"CreationDate"))
        overlay.comments.append(Comment(text, clean(author), _day(changed or made), edges))
    return kind in marks


def _blackens(pdfium: Any, annotation: Any, kind: int) -> bool:
    """Whether a mark hides what it lies on: a dark highlight, or a filled shape that has no appearance to paint."""
    colour = [ctypes.c_uint() for _ in range(4)]
    if kind == pdfium.FPDF_ANNOT_HIGHLIGHT:
        pdfium.FPDFAnnot_SetAP(annotation, pdfium.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None)  # else no colour is told
        known = pdfium.FPDFAnnot_GetColor(annotation, pdfium.FPDFANNOT_COLORTYPE_Color, *colour)
        return bool(known) and max(part.value for part in colour[:3]) < _DARK <= colour[3].value
    if kind not in (pdfium.FPDF_ANNOT_SQUARE, pdfium.FPDF_ANNOT_CIRCLE, pdfium.FPDF_ANNOT_POLYGON):
        return False
    if not pdfium.FPDFAnnot_HasKey(annotation, b"IC"):
        return False
    known = pdfium.FPDFAnnot_GetColor(annotation, pdfium.FPDFANNOT_COLORTYPE_InteriorColor, *colour)
    return bool(known) and colour[3].value >= _OPAQUE


def attached(document: Any) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the files that a document carries as a whole, as a portfolio does."""
    import pypdfium2.raw as pdfium

    for index in range(min(1_000, max(0, pdfium.FPDFDoc_GetAttachmentCount(document.raw)))):
        yield from _file(pdfium, pdfium.FPDFDoc_GetAttachment(document.raw, index))


def _annotations(pdfium: Any, page: Any) -> Iterator[Any]:
    for index in range(min(_MOST, pdfium.FPDFPage_GetAnnotCount(page.raw))):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, index)
        if annotation:
            try:
                yield annotation
            finally:
                pdfium.FPDFPage_CloseAnnot(annotation)


def _edges(pdfium: Any, annotation: Any, frame: Frame) -> Edges:
    rect = pdfium.FS_RECTF()
    pdfium.FPDFAnnot_GetRect(annotation, rect)
    return frame.box(
        min(rect.left, rect.right), min(rect.bottom, rect.top), max(rect.left, rect.right), max(rect.bottom, rect.top)
    )


def _quads(pdfium: Any, annotation: Any, frame: Frame) -> list[Edges]:
    found = []
    points = pdfium.FS_QUADPOINTSF()
    for index in range(min(_MOST, pdfium.FPDFAnnot_CountAttachmentPoints(annotation))):
        if pdfium.FPDFAnnot_GetAttachmentPoints(annotation, index, points):
            xs = points.x1, points.x2, points.x3, points.x4
            ys = points.y1, points.y2, points.y3, points.y4
            found.append(frame.box(min(xs), min(ys), max(xs), max(ys)))
    return found


def _string(pdfium: Any, annotation: Any, key: bytes) -> str:
    size = pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    if size <= 2:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    pdfium.FPDFAnnot_GetStringValue(annotation, key, buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", errors="replace")


def _file(pdfium: Any, attachment: Any) -> list[tuple[str, bytes]]:
    if not attachment:
        return []
    size = pdfium.FPDFAttachment_GetName(attachment, None, 0)
    name = (ctypes.c_ushort * (size // 2 + 1))()
    pdfium.FPDFAttachment_GetName(attachment, name, size)
    length = ctypes.c_ulong()
    if not pdfium.FPDFAttachment_GetFile(attachment, None, 0, length) or not length.value:
        return []
    data = ctypes.create_string_buffer(length.value)
    pdfium.FPDFAttachment_GetFile(attachment, data, length.value, length)
    title = clean(bytes(name)[: max(0, size - 2)].decode("utf-16-le", errors="replace"))
    return [(title or "attachment", data.raw[: length.value])]


def _contents(pdfium: Any, annotation: Any) -> str:
    """The text of an annotation, from its rich text where there is no plain one."""
    plain = _string(pdfium, annotation, b"Contents")
    if plain.strip():
        return plain
    rich = re.sub(r"</p>|<br ?/?>", "\n", _string(pdfium, annotation, b"RC"))
    return html.unescape(_TAGS.sub("", rich)).strip()


def _size(appearance: str) -> float:
    found = re.search(r"(\d+(?:\.\d+)?)\s+Tf", appearance)
    size = float(found[1]) if found else 0.0
    return size if 4 <= size <= 72 else 10.0


def _written(contents: str, edges: Edges, size: float) -> Iterator[Word]:
    """Words of a text that has a place and no appearance: lines as wide as the place allows."""
    x, y = edges[0], edges[1]
    for paragraph in re.split(r"[\r\n]+", contents):
        for text in clean(paragraph).split():
            width = 0.5 * size * len(text)
            if x > edges[0] and x + width > max(edges[2], edges[0] + 4 * size):
                x, y = edges[0], y + _LINE * size
            yield Word(text, x, y, x + width, y + size, round(size, 1), False, True, -1, base=y + 0.8 * size)
            x += width + 0.28 * size
        x, y = edges[0], y + _LINE * size


def _day(date: str) -> str:
    """ "D:20240301..." as 2024-03-01; other writings as they are."""
    found = _DATE.match(date)
    return "-".join(part for part in found.groups() if part) if found else clean(date)
