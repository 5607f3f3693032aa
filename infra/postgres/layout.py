"""What the store gives back about documents, and the compact form in which a version's layout is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.types import Box, Document, ElementKind, LineBox


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """One version of a document, for lists."""

    version: int
    added_at: datetime
    content_sha256: str


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document as its current version shows it. `pages` is None without pages, `date` as ingestion gave it;
    `deleted_at` and `restorable_until` are of those in the recycle bin alone."""

    document_id: str
    title: str
    source: str
    version: int
    media_type: str
    pages: int | None
    bytes: int
    date: str | None
    added_at: datetime
    allow: frozenset[str]
    versions: tuple[VersionInfo, ...]
    deleted_at: datetime | None = None
    restorable_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ElementSpan:
    """A structural element at characters [start, end) of the text; `level` 1 to 6 for headings, else 0."""

    kind: ElementKind
    level: int
    start: int
    end: int
    page: int | None


@dataclass(frozen=True, slots=True)
class PageSpan:
    """A page and its characters [start, end)."""

    page: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class VersionView:
    """The canonical text of one version and where everything lies in it. Offsets count code points."""

    document_id: str
    version: int
    title: str
    source: str
    media_type: str
    page_count: int | None
    content_sha256: str
    text: str
    lines: tuple[LineBox, ...]
    elements: tuple[ElementSpan, ...]

    @property
    def pages(self) -> tuple[PageSpan, ...]:
        """The pages that hold text, each reaching to where the next one begins; empty without pages."""
        starts: dict[int, int] = {}
        places = [(e.start, e.page) for e in self.elements if e.page is not None]
        for start, page in sorted(places + [(line.start, line.box.page) for line in self.lines]):
            starts.setdefault(page, start)
        order = sorted(starts.items(), key=lambda item: item[1])
        ends = [*(start for _, start in order[1:]), len(self.text)]
        return tuple(PageSpan(page, start, end) for (page, start), end in zip(order, ends, strict=False))


def pack_layout(document: Document) -> dict[str, list[list[Any]]]:
    """`{"lines": [[start, end, page, x0, y0, x1, y1], ...], "elements": [[kind, level, start, end, page], ...]}`."""
    return {
        "lines": [
            [line.start, line.end, line.box.page, line.box.x0, line.box.y0, line.box.x1, line.box.y1]
            for line in document.lines()
        ],
        "elements": [
            [placed.element.kind.value, placed.element.level, placed.start, placed.end, placed.element.page]
            for placed in document.elements
        ],
    }


def unpack_lines(layout: dict[str, list[list[Any]]]) -> tuple[LineBox, ...]:
    """The printed lines of a packed layout."""
    return tuple(LineBox(start, end, Box(*box)) for start, end, *box in layout["lines"])


def unpack_elements(layout: dict[str, list[list[Any]]]) -> tuple[ElementSpan, ...]:
    """The elements of a packed layout."""
    return tuple(ElementSpan(ElementKind(kind), *place) for kind, *place in layout["elements"])
