"""Small files made on the spot, and what was read of them: what tests of several formats share."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import pypdf
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject
from reportlab.pdfgen.canvas import Canvas

from ingest.types import ParsedFile, WarningKind

WIDTH, HEIGHT = 612, 792  # points, US letter


def pdf(draw: Callable[[Canvas], None], size: tuple[float, float] = (WIDTH, HEIGHT), **options: object) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=size, **options)
    draw(canvas)
    canvas.save()
    return buffer.getvalue()


def write(canvas: Canvas, text: str, top: float, x: float = 72, size: float = 11, rise: float = 0) -> float:
    """Writes at `top` points from the page's top; returns where the next words would begin."""
    canvas.setFont("Helvetica", size)
    canvas.drawString(x, HEIGHT - top + rise, text)
    return float(x + canvas.stringWidth(text, "Helvetica", size))


def pieces(canvas: Canvas, top: float, *parts: tuple[str, float, float]) -> None:
    """Text, size and rise of each, one after the other."""
    x = 72.0
    for text, size, rise in parts:
        x = write(canvas, text, top, x, size, rise)


def wrapped(text: str, width: int = 90) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def edited(data: bytes, edit: Callable[[pypdf.PdfWriter], None]) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    edit(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def annotated(data: bytes, *annotations: Mapping[str, Any]) -> bytes:
    """With these annotations on the first page, by their keys without a slash."""

    def edit(writer: pypdf.PdfWriter) -> None:
        held = []
        for entries in annotations:
            made = DictionaryObject({NameObject(f"/{key}"): value for key, value in entries.items()})
            made[NameObject("/Type")] = NameObject("/Annot")
            held.append(writer._add_object(made))
        writer.pages[0][NameObject("/Annots")] = ArrayObject(held)

    return edited(data, edit)


def floats(*values: float) -> ArrayObject:
    return ArrayObject([FloatObject(value) for value in values])


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def repacked(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """`change`: name and content of a member to its new content."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        return zipped({name: change(name, old.read(name)) for name in old.namelist()})


def replaced(data: bytes, member: str, content: bytes) -> bytes:
    return repacked(data, lambda name, held: content if name == member else held)


def saved(made: Any) -> bytes:
    """What python-docx, openpyxl or python-pptx made."""
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def all_text(parsed: ParsedFile) -> str:
    return "\n".join(element.text for element in parsed.elements)


def warned(parsed: ParsedFile) -> set[WarningKind]:
    """The kinds of all warnings, of the file and of its elements."""
    return {warning.kind for holder in (parsed, *parsed.elements) for warning in holder.warnings}
