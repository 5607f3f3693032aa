"""Fields of a PDF form as words on the page: boxes and radio buttons with their state, values without appearance."""

from __future__ import annotations

import ctypes
from typing import Any

from ingest.parsers.clean import clean
from ingest.parsers.pdf.objects import Edges
from ingest.parsers.pdf.words import Word

TICKED, EMPTY = "☒", "☐"
_PASSWORD = 1 << 13


def field_word(pdfium: Any, form: Any, annotation: Any, edges: Edges) -> Word | None:
    """The word that stands for a field, None where its appearance is painted and read like any other text."""
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON):
        return _word(TICKED if _ticked(pdfium, form, annotation) else EMPTY, edges)
    if kind not in (pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX):
        return None
    flags = pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation)
    text_field = kind == pdfium.FPDF_FORMFIELD_TEXTFIELD
    if text_field and flags & _PASSWORD:
        return _word("•••", edges)
    comb = text_field and flags & (1 << 24)
    whole = kind == pdfium.FPDF_FORMFIELD_LISTBOX  # shows what could be chosen, too
    if _appears(pdfium, annotation) and not comb and not whole:
        return None
    value = clean(_value(pdfium, form, annotation))
    return _word(value, edges) if value else None


def _ticked(pdfium: Any, form: Any, annotation: Any) -> bool:
    size = pdfium.FPDFAnnot_GetStringValue(annotation, b"AS", None, 0)
    if size > 2:
        buffer = (ctypes.c_ushort * (size // 2 + 1))()
        pdfium.FPDFAnnot_GetStringValue(annotation, b"AS", buffer, size)
        return bytes(buffer)[: size - 2].decode("utf-16-le", errors="replace") != "Off"
    return bool(pdfium.FPDFAnnot_IsChecked(form, annotation))


def _appears(pdfium: Any, annotation: Any) -> bool:
    """Whether an appearance holds anything at all; one that is empty, or missing, is made by the viewer."""
    size = pdfium.FPDFAnnot_GetAP(annotation, pdfium.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0)
    if size <= 2:
        return False
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    pdfium.FPDFAnnot_GetAP(annotation, pdfium.FPDF_ANNOT_APPEARANCEMODE_NORMAL, buffer, size)
    stream = bytes(buffer)[: size - 2].decode("utf-16-le", errors="replace")
    return "Tj" in stream or "TJ" in stream or " Do" in stream or "'" in stream


def _value(pdfium: Any, form: Any, annotation: Any) -> str:
    size = pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, None, 0)
    if size <= 2:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", errors="replace")


def _word(text: str, edges: Edges) -> Word:
    """A word in the middle of the field's height, as tall as a line of text."""
    middle = (edges[1] + edges[3]) / 2
    size = round(min(12.0, max(6.0, 0.8 * (edges[3] - edges[1]))), 1)
    y0, y1 = middle - size / 2, middle + size / 2
    return Word(text, edges[0], y0, edges[2], y1, size, False, True, -1, base=middle + 0.3 * size)
