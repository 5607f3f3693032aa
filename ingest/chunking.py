"""From a parsed file to its canonical text, of which chunks are spans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ingest.facts import facts_of
from ingest.languages import language_of
from ingest.naming import named
from ingest.types import Document, ElementKind, FileWarning, ParsedFile, PlacedElement, reading_of

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
        facts=facts_of(text),
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
