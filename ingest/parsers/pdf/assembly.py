"""Lines and tables of all pages become elements in reading order, one of which may be the document's title."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.parsers.captions import NO_TITLE, depth, is_list_item, is_part, one_of_several
from ingest.parsers.pdf.headings import Headings, fold
from ingest.parsers.pdf.lines import Line, Role
from ingest.parsers.pdf.paragraphs import Hyphens, compose, paragraphs_of
from ingest.parsers.pdf.tables import Table
from ingest.parsers.pdf.unruled import with_tables
from ingest.types import Element, ElementKind, LineBox

_SAME = 1.5  # points by which headings that stand at the same place differ at most


def elements_of(
    pages: list[list[Line]], tables: list[list[Table]], bookmarks: dict[str, int]
) -> tuple[tuple[Element, ...], str]:
    """The elements, and the printed title, "" where none was found."""
    return _with_title(tuple(_elements(pages, tables, bookmarks)))


def _elements(pages: list[list[Line]], tables: list[list[Table]], bookmarks: dict[str, int]) -> Iterator[Element]:
    parted = [with_tables(page) for page in pages]
    lines = [line for page in parted for line in page if isinstance(line, Line)]
    headings, hyphens = Headings(lines, bookmarks), Hyphens(lines)
    for part in _stream(parted, tables):
        if isinstance(part, Table):
            text, boxes = part.compose()
            yield Element(ElementKind.TABLE, text, page=part.box.page, lines=boxes)
        else:
            for group in paragraphs_of(part):
                yield from _paragraph(group, headings, hyphens)


def _stream(pages: list[list[Line | Table]], tables: list[list[Table]]) -> Iterator[list[Line] | Table]:
    """Runs of lines and the tables between them, in reading order; tables that go on over a page are joined."""
    run: list[Line] = []
    pending: Table | None = None
    for lines, found in zip(pages, tables, strict=True):
        for part in _in_order(lines, found):
            if isinstance(part, Line):
                run.append(part)
            elif pending and not run and part.follows(pending):
                pending = pending.continued(part)
            else:
                yield from _flush(pending, run)
                pending, run = part, []
    yield from _flush(pending, run)


def _in_order(lines: Sequence[Line | Table], tables: Sequence[Table]) -> Iterator[Line | Table]:
    """One page's lines, and its ruled tables before the first line below their upper edge."""
    waiting = list(tables)
    for part in lines:
        top = part.y0 if isinstance(part, Line) else part.box.y0
        while waiting and waiting[0].box.y0 < top:
            yield waiting.pop(0)
        yield part
    yield from waiting


def _flush(table: Table | None, run: list[Line]) -> Iterator[list[Line] | Table]:
    if table is not None:
        yield table
    if run:
        yield run


def _paragraph(group: list[Line], headings: Headings, hyphens: Hyphens) -> Iterator[Element]:
    text, boxes = compose(group, hyphens)
    if group[0].role is not Role.BODY:
        kind = ElementKind.NOTE if group[0].role is Role.NOTE else ElementKind.PARAGRAPH
        yield Element(kind, text, page=group[0].page, lines=boxes)
        return
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
    return replace(line, start=first - start, end=last - start, box=box)


def _with_title(elements: tuple[Element, ...]) -> tuple[tuple[Element, ...], str]:
    """The first heading of page one that names the document becomes its TITLE; exhibit labels do not, nor does the
    first of headings that are equal."""
    for position, element in enumerate(elements[:12]):
        if element.kind is not ElementKind.HEADING or element.page != 1:
            continue
        if element.text[0].isdigit() or (is_part(element.text) and not NO_TITLE.search(element.text)):
            break
        if len(fold(element.text)) > 5 and not NO_TITLE.search(element.text):
            if _has_equals(element, elements[position + 1 :]):
                break
            title = replace(element, kind=ElementKind.TITLE, level=0)
            return (*elements[:position], title, *elements[position + 1 :]), element.text
    return elements, ""


def _has_equals(element: Element, later: Sequence[Element]) -> bool:
    """Whether others of its kind follow by their wording, or most pages begin with a heading that looks the same and
    is no part of what the first one names."""
    equals = [other for other in later if other.kind is ElementKind.HEADING and other.level == element.level]
    if one_of_several(element.text, (other.text for other in equals)):
        return True
    plain = [other for other in equals if not (is_part(other.text) or depth(other.text, False))]
    alike = {other.page for other in plain if _stands_alike(element, other)}
    pages = max((other.page or 0 for other in later), default=0)
    return len(alike) > 1 and 2 * len(alike) >= pages - 1


def _stands_alike(one: Element, other: Element) -> bool:
    """Whether two elements on two pages stand at the same height, in the same size, under each other."""
    if not (one.lines and other.lines) or one.page == other.page:
        return False
    box, more = one.lines[0].box, other.lines[0].box
    level = abs(box.y0 - more.y0) < _SAME and abs(box.y1 - more.y1) < _SAME
    return level and min(abs(box.x0 - more.x0), abs(box.x0 + box.x1 - more.x0 - more.x1) / 2) < _SAME
