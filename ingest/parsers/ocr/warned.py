"""What is said of scans: lines that were not surely recognised, files of which nothing was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ingest.errors import EmptyFile
from ingest.parsers.ocr.layout import Frame
from ingest.types import Element, FileWarning, LineBox, WarningKind

UNSURE = 0.8  # of 441 recognised numbers, 3 in 426 above this were wrong, and 6 in 15 below it


def placed(elements: Iterable[Element], frames: Mapping[int, Frame]) -> tuple[Element, ...]:
    """The elements with their lines' boxes on the pages as they are shown, and with warnings of unsure lines.

    `frames`: of the pages that were recognised, on whose straight pages the lines still lie.
    """
    if not frames:
        return tuple(elements)
    return tuple(warned(replace(one, lines=tuple(_shown(line, frames) for line in one.lines))) for one in elements)


def _shown(line: LineBox, frames: Mapping[int, Frame]) -> LineBox:
    frame = frames.get(line.box.page)
    return replace(line, box=frame.shown(line.box)) if frame else line


def warned(element: Element) -> Element:
    """The element with a warning for each page on which lines of it are unsure, from the first of them to the last."""
    unsure = [line for line in element.lines if line.confidence is not None and line.confidence < UNSURE]
    pages = sorted({line.box.page for line in unsure})
    if not pages:
        return element
    told = tuple(_warning(page, [line for line in unsure if line.box.page == page]) for page in pages)
    return replace(element, warnings=element.warnings + told)


def _warning(page: int, lines: list[LineBox]) -> FileWarning:
    sure = min(line.confidence or 0.0 for line in lines)
    what = "a line of this passage was" if len(lines) == 1 else f"{len(lines)} lines of this passage were"
    words = (
        f"On page {page} {what} recognised in a picture, and not surely ({sure:.0%} sure). "
        "Compare names and numbers with the page."
    )
    return FileWarning(WarningKind.LOW_CONFIDENCE, words, page, lines[0].start, lines[-1].end)


def nothing_read(name: str, warnings: Sequence[FileWarning]) -> EmptyFile:
    """The error for a file without a word: why the first page that shows something was not read."""
    if warnings:
        return EmptyFile(f"{name}: no text in this file. {warnings[0].words}")
    return EmptyFile(f"{name}: no text in this file; its pages are blank. Check that it is the right one.")
