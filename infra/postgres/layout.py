"""What the store gives back about documents, and the compact form in which a version's layout is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count, groupby
from typing import Any

from ingest.types import (
    Box,
    Coverage,
    Document,
    ElementKind,
    FileWarning,
    Grid,
    LineBox,
    PageInfo,
    PageSource,
    PlacedElement,
    WarningKind,
)


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """One version of a document, for lists. `corrects`: the version in which other words of the same bytes were
    read. `version_id` names it for good, "" until somebody is told; numbers are then as they count."""

    version: int
    added_at: datetime
    content_sha256: str
    corrects: int | None = None
    version_id: str = ""


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document as its current version shows it. `pages` is None without pages, `date` as ingestion gave it;
    `deleted_at` and `restorable_until` are of those in the recycle bin alone. `behind`: read by older rules than
    today's; `chunking`: as `ingest.types.Chunking` is spelled; `language`: of its words, a BCP 47 code,
    "und" where none is known; `version_id`: as in `VersionInfo`."""

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
    warnings: tuple[FileWarning, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    behind: bool = False
    chunking: str = "structure"
    language: str = "und"
    version_id: str = ""


@dataclass(frozen=True, slots=True)
class ElementSpan:
    """A structural element at characters [start, end) of the text; `level` 1 to 6 for headings, else 0. The last
    three as in `Element`."""

    kind: ElementKind
    level: int
    start: int
    end: int
    page: int | None
    grid: Grid | None = None
    author: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class PageSpan:
    """A page and its characters [start, end)."""

    page: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class VersionView:
    """The canonical text of one version, where everything lies in it, and what was unsure. Offsets count code points.
    `page_infos`: every page of the file, also those without text; empty where they are not told apart."""

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
    warnings: tuple[FileWarning, ...] = ()
    page_infos: tuple[PageInfo, ...] = ()
    language: str = "und"

    @property
    def pages(self) -> tuple[PageSpan, ...]:
        """The pages that hold text, each reaching to where the next one begins; empty without pages."""
        starts: dict[int, int] = {}
        places = [(e.start, e.page) for e in self.elements if e.page is not None]
        for start, page in sorted(places + [(line.start, line.box.page) for line in self.lines]):
            starts.setdefault(page, start)
        return spans_of(starts, len(self.text))


@dataclass(frozen=True, slots=True)
class PlacedText:
    """As `VersionView`, without the printed lines; of the elements headings and tables alone."""

    document_id: str
    version: int
    title: str
    media_type: str
    text: str
    pages: tuple[PageSpan, ...]
    elements: tuple[ElementSpan, ...]
    warnings: tuple[FileWarning, ...]
    page_infos: tuple[PageInfo, ...]
    language: str


def spans_of(starts: Mapping[int, int], length: int) -> tuple[PageSpan, ...]:
    """Of pages by where each begins, in a text of this length."""
    order = sorted(starts.items(), key=lambda item: item[1])
    ends = [*(start for _, start in order[1:]), length]
    return tuple(PageSpan(page, start, end) for (page, start), end in zip(order, ends, strict=False))


def pack_layout(document: Document) -> dict[str, list[list[Any]]]:
    """`{"lines": [[start, end, page, x0, y0, x1, y1], ...], "elements": [[kind, level, start, end, page], ...]}`, with
    the confidence at the end of a line that was recognised, and of an element whatever else is known of it."""
    return {
        "lines": [_line(line) for line in document.lines()],
        "elements": [_element(placed) for placed in document.elements],
    }


def _line(line: LineBox) -> list[Any]:
    box = line.box
    sure = [] if line.confidence is None else [round(line.confidence, 3)]
    return [line.start, line.end, box.page, box.x0, box.y0, box.x1, box.y1, *sure]


def _element(placed: PlacedElement) -> list[Any]:
    element = placed.element
    more = {
        name: value
        for name, value in (
            ("grid", _packed_grid(element.grid) if element.grid else None),
            ("author", element.author),
            ("date", element.date),
        )
        if value
    }
    place = [element.kind.value, element.level, placed.start, placed.end, element.page]
    return [*place, more] if more else place


def _packed_grid(grid: Grid) -> list[Any]:
    """Sheet, columns, and runs of rows that follow each other: `[first row, how many]`."""
    steps = count()
    runs = [list(run) for _, run in groupby(grid.rows, key=lambda row: row - next(steps))]
    return [grid.sheet, list(grid.columns), [[run[0], len(run)] for run in runs]]


def _grid(packed: list[Any]) -> Grid:
    sheet, columns, runs = packed
    return Grid(sheet, tuple(columns), tuple(first + step for first, length in runs for step in range(length)))


def unpack_lines(layout: dict[str, list[list[Any]]]) -> tuple[LineBox, ...]:
    """The printed lines of a packed layout."""
    return tuple(
        LineBox(start, end, Box(*place[:5]), place[5] if len(place) > 5 else None)
        for start, end, *place in layout["lines"]
    )


def unpack_elements(layout: dict[str, list[list[Any]]]) -> tuple[ElementSpan, ...]:
    """The elements of a packed layout."""
    return tuple(_span(ElementKind(kind), *place) for kind, *place in layout["elements"])


def _span(
    kind: ElementKind, level: int, start: int, end: int, page: int | None, more: dict[str, Any] | None = None
) -> ElementSpan:
    known = dict(more or {})
    grid = _grid(known.pop("grid")) if "grid" in known else None
    return ElementSpan(kind, level, start, end, page, grid, **known)


def pack_warnings(warnings: Sequence[FileWarning]) -> list[list[Any]]:
    """`[[kind, words, page, start, end], ...]`"""
    return [[one.kind.value, one.words, one.page, one.start, one.end] for one in warnings]


def unpack_warnings(packed: list[list[Any]]) -> tuple[FileWarning, ...]:
    return tuple(FileWarning(WarningKind(kind), *rest) for kind, *rest in packed)


def pack_pages(pages: Sequence[PageInfo]) -> dict[str, Any]:
    """`{"counts": {source: pages, ...}, "pages": [[number, source, label, bates, confidence], ...]}`; {} without."""
    if not pages:
        return {}
    sources = [page.source.value for page in pages]
    return {
        "counts": {source: sources.count(source) for source in dict.fromkeys(sources)},
        "pages": [[page.number, page.source.value, page.label, page.bates, page.confidence] for page in pages],
    }


def unpack_pages(packed: dict[str, Any]) -> tuple[PageInfo, ...]:
    return tuple(PageInfo(number, PageSource(source), *rest) for number, source, *rest in packed.get("pages", ()))


def unpack_coverage(counts: dict[str, int] | None) -> Coverage:
    """The `counts` of packed pages; None: pages were not told apart."""
    return Coverage(**(counts or {}))
