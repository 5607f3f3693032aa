"""Warnings of lines that were not surely recognised."""

from __future__ import annotations

from dataclasses import replace

from ingest.types import Element, FileWarning, LineBox, WarningKind

UNSURE = 0.7


def warned(element: Element) -> Element:
    """The element with one warning for each page on which lines of it are unsure, from the first of them to the last."""
    unsure = [line for line in element.lines if line.confidence is not None and line.confidence < UNSURE]
    pages = sorted({line.box.page for line in unsure})
    if not pages:
        return element
    told = tuple(_warning(page, [line for line in unsure if line.box.page == page]) for page in pages)
    return replace(element, warnings=element.warnings + told)


def _warning(page: int, lines: list[LineBox]) -> FileWarning:
    sure = min(line.confidence or 0.0 for line in lines)
    what = "a line of this passage is" if len(lines) == 1 else f"{len(lines)} lines of this passage are"
    words = (
        f"Page {page} is a scan, and {what} not surely recognised ({sure:.0%} sure). "
        "Compare names and numbers with the page."
    )
    return FileWarning(WarningKind.LOW_CONFIDENCE, words, page, lines[0].start, lines[-1].end)
